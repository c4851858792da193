"""Text of an XML part as it is gathered, and what it says when more is taken into account than its order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.message import View
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.looks import without_looks
from gateway.extract.formats.placed import Placed, side_by_side

_EQUATION = re.compile(r"\bEQ\s+\\", re.IGNORECASE)
_IN_EQUATION = re.compile(r"\bEQ\s+|\\[A-Za-z]+[0-9]*|[(),;{}]", re.IGNORECASE)
BEFORE = 300  # characters


@dataclass(slots=True)
class Woven:
    """Text as it is gathered; `unseen` are the numbers of the pieces that do not show."""

    pieces: list[str] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)
    looks: dict[int, tuple[str, ...]] = field(default_factory=dict)  # of pieces, by their number
    drawn: dict[int, str] = field(default_factory=dict)  # what a font of symbols draws for pieces, by their number
    turned: list[str] = field(default_factory=list)  # stretches that are shown from their end, with what is before them
    shapes: list[Placed] = field(default_factory=list)
    inserted: set[int] = field(default_factory=set)  # pieces of remarks, notes and boxes that begin within a line
    splits: bool = False  # one of these begins within a number
    # pieces for programs that know an extension, and for those that do not (ECMA-376 part 3, 7.5)
    chosen: set[int] = field(default_factory=set)
    fallen: set[int] = field(default_factory=set)

    def views(self, *, shown: bool) -> Iterator[Item]:
        """`shown`: programs show the text as that of the document."""
        whole = "".join(self.pieces)
        if not whole.strip():
            return
        if self.unseen and shown:
            seen = "".join(piece for number, piece in enumerate(self.pieces) if number not in self.unseen)
            if seen.strip():
                yield Text(seen)
            yield Text(whole, View.ALL)
        else:
            yield Text(whole, View.VISIBLE if shown else View.ALL)
        yield from (Text(other, View.ALL) for other in self._others(whole) if other)

    def beside(self) -> Iterator[str]:
        """What the text says without some look, and without what is inserted into a line."""
        yield without_looks(self.pieces, self.looks)
        if self.splits:
            yield self._without(self.inserted)

    def _others(self, whole: str) -> Iterator[str]:
        """What the text says when its looks, its direction and its formulas are taken into account."""
        yield from self.beside()
        if self.drawn:  # beside the letters: a font may be named for other letters than these
            yield "".join(self.drawn.get(number, piece) for number, piece in enumerate(self.pieces))
        if self.chosen and self.fallen:
            yield from (self._without(self.fallen), self._without(self.chosen))
        yield "\n".join(self.turned)
        if len(self.shapes) > 1:
            moved = "\n".join(side_by_side(self.shapes))
            yield f"{whole[:BEFORE]}\n{moved}\n{whole[-BEFORE:]}" if moved else ""
        if _EQUATION.search(whole):
            yield _IN_EQUATION.sub("", whole)

    def _without(self, pieces: set[int]) -> str:
        return "".join(
            piece for number, piece in enumerate(self.pieces) if number not in pieces and number not in self.unseen
        )
