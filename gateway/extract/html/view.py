"""Events of a page as one text that leads back to its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from gateway.core.message import Runs
from gateway.extract.html.events import CELL, ENTITY, HIDDEN, KEPT, LINE, TEXT, Event
from gateway.extract.html.names import REFERENCES
from gateway.extract.woven import Weaver


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a document and how it leads back to the source."""

    text: str
    runs: Runs


def weave(source: str, events: Sequence[Event], *, apart: bool = False) -> View:
    """One view. `apart`: a line end of our own where hidden text begins or ends."""
    weaver = Weaver(source)
    copy, gap = weaver.copy, weaver.gap
    before = False
    for kind, start, end, seen in events:
        if apart and (seen is HIDDEN) is not before:
            gap("\n")
            before = seen is HIDDEN
        if kind is TEXT:
            copy(start, end)
        elif kind is LINE:
            gap("\n")
        elif kind is ENTITY:
            weaver.whole(unescape(source[start:end]), start, end)
        elif kind is KEPT:
            weaver.keep(start, end)
        elif kind is CELL:
            gap("\t")
        else:
            _extra(weaver, source, start, end)
    return View(*weaver.result())


def _extra(weaver: Weaver, source: str, start: int, end: int) -> None:
    """An attribute or comment on a line of its own, entities decoded."""
    weaver.gap("\n")
    position = start
    for entity in REFERENCES.finditer(source, start, end):
        weaver.copy(position, entity.start())
        weaver.whole(unescape(entity[0]), entity.start(), entity.end())
        position = entity.end()
    weaver.copy(position, end)
    weaver.gap("\n")
