"""Pieces of a number that stand side by side on a page, or a slide, and in another order in the file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_NUMBER = re.compile(r"\s*[0-9.\-][0-9\-. /]{0,10}\s*")
_DIGIT = re.compile("[0-9]")
_LEAST = 9  # digits of a number that is worth it
_MOST = 2_000  # pieces that are looked at


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of text and where it is drawn; `top` grows downwards."""

    text: str = field(repr=False)
    left: float
    right: float
    top: float
    height: float


def is_number(text: str) -> bool:
    """Whether a piece could be a part of a number, and nothing else."""
    return _NUMBER.fullmatch(text) is not None


def side_by_side(pieces: Sequence[Placed], widest: float | None = None) -> Iterator[str]:
    """What pieces of numbers say from left to right, where they come in another order.

    `widest` gap between two of them, as a share of their height; None: no matter how wide.
    """
    numbers = [piece for piece in pieces[:_MOST] if is_number(piece.text)]
    order = {id(piece): place for place, piece in enumerate(numbers)}
    for line in _lines(numbers):
        row: list[Placed] = []
        for piece in (*sorted(line, key=lambda piece: piece.left), None):
            if piece is not None and (not row or widest is None or piece.left - row[-1].right <= widest * piece.height):
                row.append(piece)
                continue
            said = "".join(part.text.strip() for part in row)
            places = [order[id(part)] for part in row]
            if places != sorted(places) and len(_DIGIT.findall(said)) >= _LEAST:
                yield said
            row = [] if piece is None else [piece]


def _lines(pieces: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Pieces of the same height on the page."""
    line: list[Placed] = []
    for piece in sorted(pieces, key=lambda piece: piece.top):
        if line and piece.top - line[0].top > max(line[0].height, 0.0) / 2:
            yield line
            line = []
        line.append(piece)
    if line:
        yield line
