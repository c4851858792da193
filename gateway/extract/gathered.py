"""What reading one message has brought so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.core.message import Ambiguity, Coverage, InnerFile, Opaque, OpaqueReason, Segment
from gateway.extract.budget import Budget
from gateway.extract.further import Room, further


@dataclass(slots=True)
class Gathered:
    """`room`: bytes of text that may still be read."""

    room: int
    budget: Budget
    segments: list[Segment] = field(default_factory=list)
    opaque: list[Opaque] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    ledger: list[Coverage] = field(default_factory=list)
    files: list[InnerFile] = field(default_factory=list)
    readings: Room = field(default_factory=Room)

    def take(self, path: str, octets: bytes) -> tuple[bytes, int]:
        """As much as the limit on text allows, and how much is missing."""
        missing = max(len(octets) - self.room, 0)
        if missing:
            octets = octets[: self.room]
            self.opaque.append(Opaque(path, OpaqueReason.LIMIT_BYTES))
        self.room -= len(octets)
        self.readings.grow(len(octets))
        return octets, missing

    def read(self, path: str, segments: Iterable[Segment]) -> None:
        """Text that no reader of formats has seen, with what it says in other forms."""
        known = list(segments)
        self.readings.grow(sum(len(segment.text) for segment in known))
        more = further(known, self.readings)
        self.segments += (*known, *more.segments)
        if more.cut or more.files:  # nobody puts a file there
            self.opaque.append(Opaque(path, OpaqueReason.LIMIT_BYTES if more.cut else OpaqueReason.UNSUPPORTED_FORMAT))

    def reasons(self, path: str, among: frozenset[OpaqueReason]) -> tuple[OpaqueReason, ...]:
        """Why a part is unread so far, as far as it is for one of these reasons."""
        return tuple(dict.fromkeys(one.reason for one in self.opaque if one.part_path == path and one.reason in among))
