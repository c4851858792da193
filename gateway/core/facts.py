"""All that a policy may ask about one message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from gateway.core.envelope import EPOCH, Envelope, Session
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.message import Ambiguity, Coverage, Opaque, OpaqueReason
from gateway.core.verdict import Method

LOCKED = frozenset(
    {
        OpaqueReason.ENCRYPTED_SMIME,
        OpaqueReason.ENCRYPTED_PGP,
        OpaqueReason.ENCRYPTED_ARCHIVE,
        OpaqueReason.ENCRYPTED_DOCUMENT,
    }
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf that is no body text. `content_type` is what its first bytes bear out, not merely what it claims to be.

    `is_inline`: it claims to be part of the body, like a logo; rules that count attachments leave it out.
    """

    part_path: str
    filename: str = field(repr=False)
    content_type: str
    size: int  # bytes, as transferred
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """`headers` are those of the message itself: (name in lower case, decoded value) in order.

    `encrypted`: the sender encrypted the whole message already; by structure, never by what a header claims.
    """

    session: Session
    envelope: Envelope
    size: int  # bytes of the raw message
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    header_from: str = ""  # addr-spec of the From field, "" where it cannot be read
    attachments: tuple[Attachment, ...] = ()
    findings: tuple[Finding, ...] = ()  # with their echoes: each in every text that shows it
    opaque: tuple[Opaque, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()
    ledger: tuple[Coverage, ...] = ()  # empty where nothing was read
    capabilities: Mapping[str, frozenset[Method]] = field(default_factory=dict)  # by recipient address
    received: datetime = EPOCH  # aware
    encrypted: bool = False

    @property
    def day(self) -> date:
        """The day of the message (UTC): entries of lists begin and end by it."""
        return self.received.astimezone(UTC).date()

    @property
    def subject(self) -> str:
        return next((value for name, value in self.headers if name == "subject"), "")

    @property
    def sender(self) -> str:
        """The envelope's sender; for the null reverse-path, the address in From."""
        return self.envelope.mail_from or self.header_from


def is_unread(part_path: str, opaque: Iterable[Opaque]) -> bool:
    """Whether a part, or something inside it, could not be read."""
    return any(_is_at_or_below(part.part_path, part_path) for part in opaque)


def is_locked(part_path: str, opaque: Iterable[Opaque]) -> bool:
    """Whether a part, or something inside it, is encrypted."""
    return is_unread(part_path, (part for part in opaque if part.reason in LOCKED))


def _is_at_or_below(path: str, above: str) -> bool:
    return path == above or path.startswith(tuple(f"{above}{sign}" for sign in "./!"))
