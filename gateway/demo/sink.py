"""Where the demo's and the tests' mail ends: an SMTP server (RFC 5321) on loopback that keeps envelope and exact bytes.

Written on plain sockets instead of aiosmtpd: lines of any length pass, no byte is touched, and `gatepost demo` works
where only the product's own dependencies are installed.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from gateway.demo.ports import LOOPBACK

EXTENSIONS = ("sink.example", "PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1073741824")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One SMTP transaction: addresses without angle brackets, the message with dot-stuffing undone, CRLF line ends."""

    mail_from: str
    recipients: tuple[str, ...]
    octets: bytes = field(repr=False)
    tls: str = ""  # protocol version; "" for plain

    @property
    def message(self) -> bytes:
        """Without the Received fields on top, which each Postfix on the way has added."""
        rest = self.octets
        while rest.startswith(b"Received: "):
            rest = _after_field(rest)
        return rest

    @property
    def body(self) -> bytes:
        """What follows the header; empty where there is none."""
        return (b"\r\n" + self.octets).partition(b"\r\n\r\n")[2]


def _after_field(octets: bytes) -> bytes:
    """What follows the first header field, with its folded lines (RFC 5322 section 2.2.3)."""
    end = octets.find(b"\r\n") + 2
    while octets[end : end + 1] in {b" ", b"\t"}:
        end = octets.find(b"\r\n", end) + 2
    return octets[end:]


def _everybody(address: str) -> bytes:
    return b""


class Sink:
    """Takes every message. `on_recipient` is asked for each RCPT: a reply such as b"450 4.2.0 not now" refuses it.

    It may take its time: the client waits.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, *, offered: bool = True) -> None:
        """With `tls` it does STARTTLS; `offered` False: it does not say so, as behind somebody who strips it."""
        self.on_recipient: Callable[[str], bytes] = _everybody
        self.tls = tls
        self.offered = offered
        self.on_starttls: Callable[[socket.socket], None] | None = None  # does what it likes instead, then hangs up
        self.sniffed: bytearray | None = None  # give it one to see all that comes in plain, as others on the way would
        self._deliveries: list[Delivery] = []
        self._arrived = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._listener = socket.create_server((LOOPBACK, 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="sink", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        with self._arrived:
            for connection in self._connections:
                connection.close()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All that came, in order."""
        with self._arrived:
            return tuple(self._deliveries)

    def clear(self) -> None:
        with self._arrived:
            self._deliveries.clear()

    def to(self, address: str) -> tuple[Delivery, ...]:
        """The deliveries that have this recipient."""
        return tuple(delivery for delivery in self.deliveries if address in delivery.recipients)

    def wait(self, enough: Callable[[tuple[Delivery, ...]], bool], seconds: float = 30) -> tuple[Delivery, ...]:
        """Until `enough(deliveries)`; returns them. TimeoutError after `seconds`."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: enough(tuple(self._deliveries)), seconds):
                raise TimeoutError(f"the sink has {len(self._deliveries)} deliveries after {seconds:g} s")
            return tuple(self._deliveries)

    def wait_for(self, count: int, seconds: float = 30) -> tuple[Delivery, ...]:
        """Until there are at least `count` deliveries; returns all. TimeoutError after `seconds`."""
        return self.wait(lambda deliveries: len(deliveries) >= count, seconds)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._arrived:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="sink-session", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                conversation = _Conversation(connection, self)
                with closing(conversation):
                    conversation.run()
        except OSError:  # the other side went away: what it had not finished was never taken
            return
        finally:
            with self._arrived:
                self._connections.discard(connection)

    def keep(self, delivery: Delivery) -> None:
        """A whole message came."""
        with self._arrived:
            self._deliveries.append(delivery)
            self._arrived.notify_all()


class _Conversation:
    """One connection, from greeting to QUIT."""

    def __init__(self, connection: socket.socket, sink: Sink) -> None:
        self._connection = connection
        self._sink = sink
        self._tls = ""
        self._buffer = bytearray()
        self._mail_from = ""
        self._recipients: list[str] = []

    def run(self) -> None:
        self._say(b"220 sink.example ESMTP")
        while (line := self._line()) is not None:
            verb = line[:4].upper()
            if verb == b"QUIT":
                self._say(b"221 2.0.0 bye")
                return
            self._answer(verb, line)

    def close(self) -> None:
        """The connection, also where it was wrapped in TLS meanwhile."""
        self._connection.close()

    def _answer(self, verb: bytes, line: bytes) -> None:
        if verb == b"EHLO":
            words = list(EXTENSIONS)
            if self._sink.tls and self._sink.offered and not self._tls:
                words.append("STARTTLS")
            lines = [*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"]
            self._say("\r\n".join(lines).encode("ascii"))
        elif verb == b"MAIL":
            self._mail_from, self._recipients = _path(line), []
            self._say(b"250 2.1.0 ok")
        elif verb == b"RCPT":
            self._recipient(line)
        elif verb == b"DATA":
            self._data()
        elif verb == b"STAR" and self._sink.on_starttls:
            self._sink.on_starttls(self._connection)
            raise ConnectionError("hung up")
        elif verb == b"STAR" and self._sink.tls and not self._tls:
            self._start_tls(self._sink.tls)
        else:  # HELO, RSET, NOOP
            self._say(b"250 2.0.0 ok")

    def _start_tls(self, context: ssl.SSLContext) -> None:
        self._say(b"220 2.0.0 go on")
        self._connection = context.wrap_socket(self._connection, server_side=True)
        self._tls = self._connection.version() or ""

    def _recipient(self, line: bytes) -> None:
        address = _path(line)
        if refusal := self._sink.on_recipient(address):
            self._say(refusal)
            return
        self._recipients.append(address)
        self._say(b"250 2.1.5 ok")

    def _data(self) -> None:
        if not self._recipients:
            self._say(b"503 5.5.1 no recipients")
            return
        self._say(b"354 go on")
        octets = self._message()
        self._sink.keep(Delivery(self._mail_from, tuple(self._recipients), octets, self._tls))
        self._say(b"250 2.0.0 taken")

    def _say(self, line: bytes) -> None:
        self._connection.sendall(line + b"\r\n")

    def _more(self) -> bool:
        chunk = self._connection.recv(1 << 18)
        if self._sink.sniffed is not None and not self._tls:
            self._sink.sniffed += chunk
        self._buffer += chunk
        return bool(chunk)

    def _line(self) -> bytes | None:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if not self._more():
                return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _message(self) -> bytes:
        """Up to the line with a single dot (RFC 5321 section 4.5.2); OSError when the client goes away before it."""
        self._buffer[:0] = b"\r\n"  # so that the end and the stuffed dot of the first line look like all others
        searched = 0
        while (end := self._buffer.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(self._buffer) - 4)
            if not self._more():
                raise ConnectionError("the client left in the middle of a message")
        octets = bytes(self._buffer[: end + 2]).replace(b"\r\n..", b"\r\n.")
        del self._buffer[: end + 5]
        return octets[2:]


def _path(line: bytes) -> str:
    """The address between the first angle brackets of a MAIL or RCPT command."""
    return line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")
