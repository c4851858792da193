"""A copy that is replaced by a notification: the message waits in the sealed store, the mail has a link to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.actions import Notices
from gateway.actions.notices import laid_out
from gateway.encrypt.entity import CRLF, without_fields

TEMPLATE = "recipient-waiting"
# Whom else it went to and how it came: nothing of that is for the recipient. Postfix takes these out of what it sends.
_UNSEEN = frozenset({"bcc", "resent-bcc", "return-path"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message comes from, for the evidence."""

    mail_from: str = ""
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is kept: its id, the https address where its recipient finds it, and until when (aware)."""

    id: str
    link: str
    until: datetime


class Store(Protocol):
    """Keeps messages until they are fetched; durable on return, the same message for the same recipient once."""

    def keep(self, recipient: str, octets: bytes, origin: Origin) -> Waiting:
        """Raises TransactionError."""
        ...


@dataclass(frozen=True, slots=True)
class Notification:
    """What takes the place of a message: its own subject, header fields and body, and the id of what waits."""

    subject: str
    fields: bytes
    body: bytes
    id: str


@dataclass(frozen=True, slots=True)
class Portal:
    """`notices` have the words."""

    store: Store
    notices: Notices

    def notification(self, recipient: str, octets: bytes, origin: Origin) -> Notification:
        """Keep the message, durably, for this one recipient. Raises TransactionError."""
        waiting = self.store.keep(recipient, without_fields(octets, _UNSEEN), origin)
        values = {"link": waiting.link, "until": f"{waiting.until:%-d %B %Y}"}
        subject, text = laid_out(self.notices, TEMPLATE, values)
        kind = "7bit" if text.isascii() else "8bit"
        fields = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {kind}\r\n"
        return Notification(subject, fields.encode("ascii"), f"{text}\n".encode().replace(b"\n", CRLF), waiting.id)
