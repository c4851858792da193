"""What a reader of a format gets and gives."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, Part, Segment
from gateway.parse.transfer import Decoded


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts of its own. `octets` may be cut at the limit on text."""

    part: Part
    decoded: Decoded = field(repr=False)
    cut: bool = False

    @property
    def octets(self) -> bytes:
        return self.decoded.octets

    @property
    def content_type(self) -> str:
        return self.part.content_type

    @property
    def extension(self) -> str:
        """Of the file name, lower case, without the dot."""
        name, dot, extension = self.part.filename.rpartition(".")
        return extension.strip().lower() if dot and name else ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader made of a leaf: text, or why there is none, or both."""

    segments: tuple[Segment, ...] = ()
    opaque: tuple[OpaqueReason, ...] = ()
    ambiguous: bool = False  # programs could take another charset


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: `accepts` looks at type, name and first bytes; `read` never raises."""

    name: str
    accepts: Callable[[Leaf], bool]
    read: Callable[[Leaf], Read]
