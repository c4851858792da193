"""All that a policy may ask about one message."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.envelope import Envelope, Session
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.message import Ambiguity, Coverage, Opaque
from gateway.core.verdict import Method


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
    """`headers` are those of the message itself: (name in lower case, decoded value) in order."""

    session: Session
    envelope: Envelope
    size: int  # bytes of the raw message
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    header_from: str = ""  # addr-spec of the From field, "" where it cannot be read
    attachments: tuple[Attachment, ...] = ()
    findings: tuple[Finding, ...] = ()
    opaque: tuple[Opaque, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()
    ledger: tuple[Coverage, ...] = ()  # empty where nothing was read
    capabilities: Mapping[str, frozenset[Method]] = field(default_factory=dict)  # by recipient address

    @property
    def subject(self) -> str:
        return next((value for name, value in self.headers if name == "subject"), "")
