"""What the engine asks of a names stage, and what the stage asks of a model."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from gateway.core.finding import DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Segment, Span


@dataclass(frozen=True, slots=True)
class Mark:
    """A label that a model puts on the code points [start, end) of a text."""

    start: int
    end: int
    label: str


NOWHERE: Mapping[int, Sequence[Span]] = MappingProxyType({})


class Tagger(Protocol):
    """A model. Same texts, same marks."""

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        """The marks of each text, in order."""
        ...


class Elsewhere(Protocol):
    """Another process, which may have loaded a model already."""

    def tag(self, model: Path, digest: str, texts: Sequence[str]) -> list[tuple[Mark, ...]] | None:
        """The marks of each text; None where the model has to be loaded here."""
        ...


class Names(Protocol):
    """The stage after patterns and word lists."""

    def detect(
        self,
        segments: Sequence[Segment],
        found: Sequence[Finding],
        limits: Limits,
        half_read: Collection[int] = (),
        doubtful: Mapping[int, Sequence[Span]] = NOWHERE,
    ) -> tuple[list[Finding], list[DetectorFailure], list[Finding]]:
        """Further findings, given those so far; a failure where not all of the text could be looked at.

        The last are names that gave way to another at the same place, of which they hold a part.

        `half_read`: the segments in which there may be passages that no classifier looked for.
        `doubtful`: where in a segment somebody's care may be told of all the same: all of a note, or paragraphs.
        """
        ...
