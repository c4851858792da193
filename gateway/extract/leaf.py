"""What a reader of a format gets and gives."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.message import Coverage, OpaqueReason, Part, Segment
from gateway.extract.formats.items import Inner
from gateway.parse.transfer import Decoded


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts of its own. `missing`: so many octets more were cut off at the limit on text.

    `member`: which file inside the part this is, as in the ledger; "" for the part itself.
    """

    part: Part
    decoded: Decoded = field(repr=False)
    missing: int = 0
    member: str = ""

    @property
    def path(self) -> str:
        """Where its text is said to stand."""
        return f"{self.part.part_path}/{self.member}" if self.member else self.part.part_path

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
    """What a reader made of a leaf: text, or why there is none, or both.

    `ledger`: lines for the leaf, where a reader knows more than that it took all or nothing. `inner`: files in it.
    """

    segments: tuple[Segment, ...] = ()
    opaque: tuple[OpaqueReason, ...] = ()
    ambiguous: bool = False  # programs could take another charset
    ledger: tuple[Coverage, ...] = ()
    inner: tuple[Inner, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: `accepts` looks at type, name and first bytes; `read` never raises."""

    name: str
    accepts: Callable[[Leaf], bool]
    read: Callable[[Leaf], Read]


def covered(leaf: Leaf, reader: str, read: Read) -> Coverage:
    """The line of the ledger for a leaf that was read as a whole, or not at all."""
    octets = len(leaf.octets)
    unread = read.opaque if not leaf.missing else (*read.opaque, OpaqueReason.LIMIT_BYTES)
    taken = octets if read.segments else 0
    return Coverage(leaf.part.part_path, reader, octets + leaf.missing, taken, unread, leaf.member)
