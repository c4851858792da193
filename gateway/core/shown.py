"""A message as it can be shown to a person: its parts, and the text of each that is text."""

from dataclasses import dataclass, field

from gateway.core.message import Segment


@dataclass(frozen=True, slots=True)
class ShownPart:
    """`html`: the mark-up as it came, not cleaned; "" where the part is none."""

    part_path: str
    content_type: str
    name: str = field(repr=False)
    disposition: str
    size: int  # as transferred
    html: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands around a finding. `start`: the code point of its segment's text that it begins with."""

    start: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Display:
    """`segments` as the detectors saw them: a finding's span counts in the text of its segment.

    A text that is longer than is shown is cut at its end.
    """

    parts: tuple[ShownPart, ...]
    segments: tuple[Segment, ...] = field(repr=False)
