"""One connection of Postfix: collects what it says and asks the judge at the end of each message.

Nothing is inspected here: libmilter runs these callbacks in changing threads of its own pool. Replies to envelope,
header and body callbacks are waived (`Milter.noreply`), since nothing can be answered there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import Milter

from gateway.arriving.arrival import Answer, Arrival, Edits, Trouble
from gateway.arriving.spool import Spool
from gateway.core.envelope import Envelope, Recipient, Session
from gateway.milter.paths import addr_spec

LINE_FEED = b"\n"
LINE_END = b"\r\n"


class Judge(Protocol):
    """Who decides at the end of a message. Must not raise."""

    def judge(self, arrival: Arrival, edits: Edits) -> Answer: ...

    def began(self) -> bool: ...

    def ended(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Collecting:
    """How a message is collected. `spool` makes an empty one; `largest` in bytes."""

    spool: Callable[[], Spool]
    largest: int


class Connection(Milter.Base):
    """The callbacks of one SMTP connection."""

    def __init__(self, judge: Judge, collecting: Collecting) -> None:
        self._judge = judge
        self._collecting = collecting
        self._address = ""
        self._local = False
        self._helo = ""
        self._spool: Spool | None = None
        self._forget()

    def _forget(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._judge.ended()
        self._spool = None
        self._mail_from = ""
        self._mail_parameters: tuple[str, ...] = ()
        self._recipients: list[Recipient] = []
        self._header_size = 0
        self._trouble = Trouble.NONE

    @Milter.noreply
    def connect(self, hostname: str, family: int, hostaddr: Any) -> Any:
        self._address = hostaddr[0] if isinstance(hostaddr, tuple) else ""
        # cleanup(8), which speaks for pickup(8), has no client and says port 0; so does whoever hides behind XCLIENT
        self._local = not isinstance(hostaddr, tuple) or not hostaddr[1]
        return Milter.CONTINUE

    @Milter.noreply
    def hello(self, hostname: str) -> Any:
        self._helo = hostname
        return Milter.CONTINUE

    @Milter.noreply
    def envfrom(self, address: str, *parameters: str) -> Any:
        self._forget()
        self._spool = self._collecting.spool()
        if not self._judge.began():
            self._trouble = Trouble.TOO_LATE
        self._mail_from = self._taken(address)
        self._mail_parameters = parameters
        return Milter.CONTINUE

    @Milter.noreply
    def envrcpt(self, address: str, *parameters: str) -> Any:
        self._recipients.append(Recipient(self._taken(address), parameters))
        return Milter.CONTINUE

    def _taken(self, path: str) -> str:
        """The address of a path; one without a single reading is remembered, since nothing can be answered here."""
        address = addr_spec(path)
        if address is None and self._trouble is Trouble.NONE:
            self._trouble = Trouble.ADDRESS
        return address or ""

    @Milter.noreply
    @Milter.decode("bytes")
    def header(self, name: str, value: bytes) -> Any:
        # with header_leading_space the value has its white space, and LF where it was folded
        if LINE_FEED in value:
            value = value.replace(LINE_END, LINE_FEED).replace(LINE_FEED, LINE_END)
        self._collect(b"%b:%b\r\n" % (name.encode("utf-8", "surrogateescape"), value))
        return Milter.CONTINUE

    header.error_strategy = "bytes"  # Milter.noreply hides what Milter.decode set

    @Milter.noreply
    def eoh(self) -> Any:
        self._collect(LINE_END)
        self._header_size = self._spool.size if self._spool else 0
        return Milter.CONTINUE

    @Milter.noreply
    def body(self, chunk: bytes) -> Any:
        self._collect(chunk)
        return Milter.CONTINUE

    def _collect(self, octets: bytes) -> None:
        if self._spool is None or self._trouble is not Trouble.NONE:
            return
        if self._spool.size + len(octets) > self._collecting.largest:
            self._trouble = Trouble.TOO_LARGE
            return
        try:
            self._spool.append(octets)
        except Exception:  # noqa: BLE001 - nothing may leave a callback without reply; the end of the message tells
            self._trouble = Trouble.SPOOL

    def eom(self) -> Any:
        if self._spool is None:
            return Milter.TEMPFAIL
        answer = self._judge.judge(self._arrival(self._spool), ContextEdits(self))
        self._forget()
        return self._say(answer)

    def _arrival(self, spool: Spool) -> Arrival:
        return Arrival(
            session=self._session(),
            envelope=Envelope(self._mail_from, tuple(self._recipients), self._mail_parameters),
            queue_id=self._macro("i"),
            spool=spool,
            header_size=self._header_size,
            trouble=self._trouble,
            local=self._local,
        )

    def _session(self) -> Session:
        return Session(
            listener=self._macro("{daemon_name}"),
            client_address=self._address,
            helo=self._helo,
            auth_authen=self._macro("{auth_authen}"),
        )

    def _macro(self, name: str) -> str:
        """Its value; "" where there is none, or octets that are no text: whoever says so is nobody that is known."""
        try:
            return self.getsymval(name) or ""
        except UnicodeDecodeError:
            return ""

    def _say(self, answer: Answer) -> Any:
        reply = answer.reply
        if answer.discard:
            return Milter.DISCARD
        if reply.code < 400:
            return Milter.ACCEPT
        self.setreply(str(reply.code), reply.enhanced, reply.text.replace("%", "%%"))
        return Milter.TEMPFAIL if reply.code < 500 else Milter.REJECT

    def abort(self) -> Any:
        self._forget()
        return Milter.CONTINUE

    def close(self) -> Any:
        self._forget()
        return Milter.CONTINUE


class AnswersData(Connection):
    """For TCP: without an answer to DATA, Nagle against delayed ACK costs each message 40 ms."""

    def data(self) -> Any:
        return Milter.CONTINUE


class ContextEdits:
    """The Edits of a connection at the end of a message."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_header(self, name: str, value: str) -> None:
        self._connection.addheader(name, " " + value)

    def change_header(self, name: str, index: int, value: str | None) -> None:
        self._connection.chgheader(name, index, None if value is None else " " + value)

    def remove_recipient(self, address: str) -> None:
        self._connection.delrcpt(f"<{address}>")

    def replace_body(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._connection.replacebody(chunk)

    def progress(self) -> None:
        self._connection.progress()
