"""What the milter hands to the one who decides, and what it gets back."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from gateway.arriving.spool import Spool
from gateway.core.envelope import Envelope, Session
from gateway.core.plan import Reply


class Trouble(Enum):
    """What went wrong while collecting, told at the end of the message."""

    NONE = "none"
    TOO_LARGE = "too-large"
    SPOOL = "spool"
    ADDRESS = "address"  # a sender or recipient that programs could read differently
    TOO_LATE = "too-late"  # it began to arrive after the gateway was told to stop


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that has arrived completely, its bytes in `spool`. `header_size` counts the empty line after it too.

    `local`: it came by sendmail(1). Postfix tells its recipients rewritten, but takes one off by the original address
    alone: nobody can be taken off.
    """

    session: Session
    envelope: Envelope
    queue_id: str
    spool: Spool
    header_size: int
    trouble: Trouble = Trouble.NONE
    local: bool = False


class Edits(Protocol):
    """What may be done to the message that Postfix holds, before it is answered."""

    def add_header(self, name: str, value: str) -> None: ...

    def change_header(self, name: str, index: int, value: str | None) -> None: ...

    def remove_recipient(self, address: str) -> None: ...

    def replace_body(self, chunks: Iterable[bytes]) -> None: ...

    def progress(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply for the client. `discard`: Postfix says 250 and forgets the message."""

    reply: Reply
    discard: bool = False
