"""A copy that is replaced by a notification: the message waits in the sealed store, the mail has a link to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.encrypt.entity import CRLF

SUBJECT = "A protected message is waiting for you"
TEXT = """\
{organization} has a message for you that may not travel by ordinary mail. You can read it here:

{link}

Nobody else has this link. If you did not expect it, ask the sender before you open it, by telephone for example.
"""


class Store(Protocol):
    """Keeps messages until they are fetched; durable on return, the same message for the same recipients once."""

    def keep(self, recipients: Sequence[str], octets: bytes) -> str:
        """Where its recipients find it: an https address. Raises TransactionError."""
        ...


@dataclass(frozen=True, slots=True)
class Portal:
    """`organization` is named in the notification."""

    store: Store
    organization: str

    def notification(self, recipients: Sequence[str], octets: bytes) -> tuple[bytes, bytes]:
        """Keep the message; the header fields and the body of what takes its place. Raises TransactionError."""
        link = self.store.keep(recipients, octets)
        text = TEXT.format(organization=self.organization or "The sender", link=link)
        kind = "7bit" if text.isascii() else "8bit"
        fields = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {kind}\r\n"
        return fields.encode("ascii"), text.encode().replace(b"\n", CRLF)
