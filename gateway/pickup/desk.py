"""What a recipient can do: ask for a code, open a message with it, look at it, close it. Everything leaves evidence."""

import logging
import queue
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from gateway import logs
from gateway.actions import Notices
from gateway.actions.notices import compose_plain
from gateway.core.errors import GatepostError, TransactionError
from gateway.pickup.codes import HOLDS, Codes, TooManyCodes
from gateway.pickup.evidence import Deed, Evidence
from gateway.pickup.model import Pickup, PickupUnknown
from gateway.pickup.sessions import Sessions
from gateway.pickup.store import Pickups
from gateway.store.clock import Clock
from gateway.store.errors import StoreUnavailable

MOST_ASKED = 200  # requests for codes that wait at once
READERS = 4  # messages in memory at once
SENDERS = 8  # attachments that are on their way to somebody, and in memory until they are there
READ_SECONDS = 20.0  # to wait for a turn
T = TypeVar("T")


class CodeRefused(GatepostError):
    """The code does not open this link; it never says why, nor whether anything waits there."""


class NotOpen(GatepostError):
    """Nobody showed the code of this message, or it was too long ago."""


class Busy(GatepostError):
    """Too many want the same; later."""


class Postbox(Protocol):
    """Hands a message to Postfix on the listener that has no filter."""

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes]) -> str: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    link: str = field(repr=False)
    browser: str = field(repr=False)
    client: str


class Mailer:
    """Mails codes beside the requests: the answer to a browser comes as quickly whether or not anything waits."""

    def __init__(self, send: Callable[[str, str, str], object]) -> None:
        self._send = send
        self._asked: queue.Queue[_Asked | None] = queue.Queue(MOST_ASKED)
        self._thread = threading.Thread(target=self._run, name="codes", daemon=True)
        self._thread.start()

    def ask(self, link: str, browser: str, client: str) -> None:
        """Raises Busy."""
        try:
            self._asked.put_nowait(_Asked(link, browser, client))
        except queue.Full:
            raise Busy("too many people ask for a code at this moment: try again in a minute") from None

    def close(self) -> None:
        """Mail what was asked for, then stop."""
        self._asked.put(None)
        self._thread.join(30)

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            try:
                self._send(asked.link, asked.browser, asked.client)
            except Exception as error:  # noqa: BLE001 - the next one who asks is another one
                logs.event("code-not-sent", level=logging.ERROR, failure=error)


@dataclass(frozen=True, slots=True)
class PickupDesk:
    """Safe for many threads. Everything raises StoreUnavailable, AuditUnavailable."""

    pickups: Pickups
    codes: Codes
    sessions: Sessions
    postbox: Postbox
    notices: Notices
    evidence: Evidence
    now: Clock
    _readers: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(READERS))
    _senders: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(SENDERS))

    def send_code(self, link: str, browser: str, client: str) -> bool:
        """Mail a code to the one who has this link, where a message waits under it; False where none was sent.

        One that Postfix surely did not take does not count. Raises SubmitFailed, SubmitUncertain.
        """
        try:
            pickup = self.pickups.find(link)
            code = self.codes.new(pickup, browser)
        except PickupUnknown:
            return False
        except TooManyCodes:
            logs.event("codes-throttled", level=logging.WARNING, pickup=pickup.id)
            return False
        if code is None:
            return False
        try:
            self.evidence.note(Deed.CODE_SENT, pickup, client)
            self._mail(pickup, code)
        except TransactionError:  # SubmitUncertain is none: that code may be on its way
            self.codes.take_back(pickup, browser, code)
            raise
        return True

    def _mail(self, pickup: Pickup, code: str) -> None:
        values = {"code": f"{code[:4]} {code[4:]}", "minutes": f"{HOLDS.total_seconds() // 60:.0f}"}
        now = self.now()
        mark = f"code-{secrets.token_hex(16)}"  # another Message-ID each time
        octets = compose_plain(self.notices, "recipient-code", values, now, mark, pickup.recipient)
        self.postbox.submit("", [pickup.recipient], [octets])

    def open(self, link: str, browser: str, code: str, client: str) -> str:
        """The secret of a session for whoever shows the code. Raises CodeRefused.

        A failure of ours gives the code back.
        """
        try:
            pickup = self.pickups.find(link)
        except PickupUnknown:
            raise CodeRefused("the code is not right") from None
        digits = "".join(sign for sign in code if sign in "0123456789")
        secret = self.codes.spend(pickup, browser, digits)
        if not secret:
            self.evidence.note(Deed.CODE_REFUSED, pickup, client)
            raise CodeRefused("the code is not right")
        try:
            self.evidence.note(Deed.OPENED, pickup, client)
            self.pickups.open(pickup.id)
        except TransactionError:
            with suppress(StoreUnavailable):
                self.codes.give_back(pickup, browser, digits)
            raise
        return secret

    def known(self, link: str, secret: str) -> Pickup:
        """What this session may see. Raises NotOpen: ended, or the message is no longer there."""
        with suppress(PickupUnknown):
            pickup = self.pickups.find(link)
            if secret and self.sessions.holds(secret, pickup):
                return pickup
        raise NotOpen("this message is closed")

    def read(self, pickup: Pickup, make: Callable[[bytes], T]) -> T:
        """What `make` makes of the whole message. Raises NotOpen: destroyed meanwhile; BlobDamaged, Busy."""
        if not self._readers.acquire(timeout=READ_SECONDS):
            raise Busy("too many people read at this moment: try again in a minute")
        try:
            return make(b"".join(self.pickups.read(pickup)))
        except PickupUnknown:
            raise NotOpen("this message is closed") from None
        finally:
            self._readers.release()

    def stream(self, pickup: Pickup) -> Iterator[bytes]:
        """The whole message in chunks, for whoever takes them slowly. Raises NotOpen: destroyed; BlobDamaged."""
        try:
            return self.pickups.read(pickup)
        except PickupUnknown:
            raise NotOpen("this message is closed") from None

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Around what is kept in memory until somebody has taken it. Raises Busy."""
        if not self._senders.acquire(timeout=READ_SECONDS):
            raise Busy("too many people download at this moment: try again in a minute")
        try:
            yield
        finally:
            self._senders.release()

    def fetched(self, pickup: Pickup, part: str) -> None:
        """Evidence, before anything of it leaves; `part` "" is the whole message."""
        self.evidence.note(Deed.FETCHED, pickup, part=part)

    def close(self, link: str, secret: str, client: str) -> None:
        """Sign out; nothing where nobody was signed in."""
        with suppress(NotOpen):
            pickup = self.known(link, secret)
            self.sessions.end(secret)
            self.evidence.note(Deed.CLOSED, pickup, client)
