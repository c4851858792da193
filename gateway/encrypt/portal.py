"""A copy that is replaced by a notification: the message waits in the sealed store, the mail has a link to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.encrypt.entity import CRLF, without_fields

SUBJECT = "A protected message is waiting for you"
TEXT = """\
{organization} has a message for you that may not travel by ordinary mail.
You can read it until {until} here:

{link}

On that page you ask for a code. It is mailed to this address, and with it
the message opens. There is no account, and nobody asks you for a password.

The link is for you alone: do not pass this mail on. If you did not expect
it, ask the sender before you open it, by telephone for example.
"""
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
    """What takes the place of a message: its own header fields and body, and the id of what waits."""

    fields: bytes
    body: bytes
    id: str


@dataclass(frozen=True, slots=True)
class Portal:
    """`organization` is named in the notification."""

    store: Store
    organization: str

    def notification(self, recipient: str, octets: bytes, origin: Origin) -> Notification:
        """Keep the message, durably, for this one recipient. Raises TransactionError."""
        waiting = self.store.keep(recipient, without_fields(octets, _UNSEEN), origin)
        text = TEXT.format(
            organization=self.organization or "The sender", link=waiting.link, until=f"{waiting.until:%-d %B %Y}"
        )
        kind = "7bit" if text.isascii() else "8bit"
        fields = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {kind}\r\n"
        return Notification(fields.encode("ascii"), text.encode().replace(b"\n", CRLF), waiting.id)
