"""All readings of a page that differ in what somebody sees."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from gateway.core.message import Runs
from gateway.extract.html.events import ALWAYS, FAINT, HIDDEN, LITERAL, WORDS, Event
from gateway.extract.html.generated import written_out
from gateway.extract.html.mosaic import put_together
from gateway.extract.html.page import events_of
from gateway.extract.html.view import View, weave

_SHOWN = frozenset({ALWAYS})
_BESIDE = frozenset({HIDDEN, LITERAL})  # what other views than the visible one have to show
_NUMBER_ENDS = re.compile(r"(?:[0-9]|&#?\w{1,8};)[ .\-]{0,3}\Z")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is visible, and other readings that add to it.

    First of the others is everything, hidden text apart from what stands beside it; then, where that makes a difference
    within a line, hidden text joined to it, as a program shows it that knows nothing of styles.
    `cut`: the page writes more into itself than is read, or its numbers can be put together in too many ways.
    """

    visible: View
    others: tuple[View, ...] = ()
    cut: bool = False

    @property
    def everything(self) -> View | None:
        """None: it would add nothing to what is visible."""
        return self.others[0] if self.others else None


def shown(source: str) -> View:
    """What is visible of an HTML document, for those who want no more."""
    events = events_of(source)
    return weave(source, [event for event in events if event[3] is not HIDDEN])


def render(source: str) -> Rendered:
    """All views of an HTML document."""
    rendered = _render(source)
    written = written_out(source)
    if not written:
        return rendered
    views = dict.fromkeys(shown(one.source).text for one in written)
    cut = rendered.cut or any(one.cut for one in written)
    return replace(rendered, others=(*rendered.others, *(View(text, Runs([])) for text in views)), cut=cut)


def _render(source: str) -> Rendered:
    events = events_of(source)
    together, cut = put_together(source, events)
    if {event[3] for event in events} <= _SHOWN:
        return Rendered(weave(source, events), together, cut)
    visible = weave(source, [event for event in events if event[3] is not HIDDEN])
    clear: tuple[View, ...] = ()
    if _splits_numbers(source, events):
        clear = (weave(source, [event for event in events if event[3] in (ALWAYS, LITERAL)]),)
    clear += together
    if not any(event[3] in _BESIDE and source[event[1] : event[2]].strip() for event in events):
        return Rendered(visible, clear, cut)
    whole = [event for event in events if event[3] is not LITERAL]
    everything = weave(source, whole, apart=True)
    if not _joins(whole):
        return Rendered(visible, (everything, *clear), cut)
    return Rendered(visible, (everything, weave(source, whole), *clear), cut)


def _joins(events: list[Event]) -> bool:
    """Whether hidden and shown text meet within a line."""
    return any(event[3] is HIDDEN and event[0] in WORDS for event in events) and any(
        (one[3] is HIDDEN) is not (other[3] is HIDDEN) and one[0] in WORDS and other[0] in WORDS
        for one, other in pairwise(events)
    )


def _splits_numbers(source: str, events: list[Event]) -> bool:
    """Whether text that nobody reads stands right behind a digit that everybody does."""
    if not any(event[3] is FAINT for event in events):
        return False
    words = [event for event in events if event[0] in WORDS and event[3] is not HIDDEN]
    return any(
        other[3] is FAINT and one[3] is ALWAYS and _NUMBER_ENDS.search(source, max(one[1], one[2] - 4), one[2])
        for one, other in pairwise(words)
    )
