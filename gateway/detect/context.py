"""Context words: whole words near a value that make it believable."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.core.detector import Context
from gateway.detect.patterns import Regex, regex_of
from gateway.detect.text import FoldedText

_MOST_PLACES = 100_000  # context words of one detector remembered in one text
_REACH = 1_000  # bytes of a label and a value that may lie outside the distance of the words


@dataclass(frozen=True, slots=True)
class Places:
    """Where the context words of one detector stand in one text: byte ranges in order, apart."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    complete: bool = True


NOWHERE = Places()


@dataclass(frozen=True, slots=True)
class ContextSearch:
    """The words of one detector as one pattern; case does not matter, `_` separates words as a space does."""

    before: int
    after: int
    groups: frozenset[str]
    expression: str = field(repr=False)
    regex: Regex | None = field(repr=False)

    def places(self, octets: bytes) -> Places:
        """All context words of a text, up to a limit."""
        starts: list[int] = []
        ends: list[int] = []
        if self.regex is None:
            return NOWHERE
        for found in self.regex.compiled.finditer(octets):
            if len(starts) == _MOST_PLACES:
                return Places(starts, ends, complete=False)
            start, end = found.span()
            starts.append(start)
            ends.append(end)
        return Places(starts, ends)

    def windows(self, text: FoldedText, places: Places) -> Iterator[tuple[int, int]]:
        """Byte ranges, in order and apart, that hold every value with a context word near it."""
        width = 4 if text.checkpoints else 1
        ahead, behind = self.after * width + _REACH, self.before * width + _REACH
        low = high = 0
        for start, end in zip(places.starts, places.ends, strict=True):
            if start - ahead > high:
                if high:
                    yield low, high
                low = start - ahead
            high = min(end + behind, len(text.octets))
        if high:
            yield low, high

    def nearest(self, text: FoldedText, places: Places, start: int, end: int, what: str = "") -> str:
        """What stands nearest to the bytes [start, end), in plain words; "" where there is no context.

        `what` says what the places are, where they are no context words: a value in one of them has it around it, and
        one that is long is near where its nearer end is.
        """
        if what and (around := bisect_right(places.starts, start) - 1) >= 0 and places.ends[around] > start:
            return f"in {what}"
        low, high = text.window(start, end, self.before, self.after)
        near: list[tuple[int, str]] = []
        ahead = bisect_right(places.ends, start) - 1
        if ahead >= 0 and (places.ends[ahead] if what else places.starts[ahead]) >= low:
            distance = text.count(places.ends[ahead], start)
            near.append((distance, f"{what or _word(text, places, ahead)} {_characters(distance)} before"))
        behind = bisect_left(places.starts, end)
        if behind < len(places.starts) and (places.starts[behind] if what else places.ends[behind]) <= high:
            distance = text.count(end, places.starts[behind])
            near.append((distance, f"{what or _word(text, places, behind)} {_characters(distance)} after"))
        return min(near)[1] if near else ""


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def context_search(context: Context, *, later: bool = False) -> ContextSearch | None:
    """None where the detector asks for no context. `later`: compiled when the first text needs it."""
    if not context.words and not context.groups:
        return None
    return _search(context.words, context, frozenset(context.groups), later=later)


def against_search(context: Context, *, later: bool = False) -> ContextSearch | None:
    """What makes a value worth little; None where the detector names nothing."""
    return _search(context.against, context, frozenset(), later=later) if context.against else None


def _search(words: Iterable[str], context: Context, groups: frozenset[str], *, later: bool) -> ContextSearch:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    expression = "(?:" + "|".join(_expression(word) for word in longest_first) + ")" if longest_first else ""
    regex = regex_of(expression, later=later) if expression else None
    return ContextSearch(context.before, context.after, groups, expression, regex)


def _expression(word: str) -> str:
    """Whole words only, any white space between the words of a phrase."""
    inner = r"\s+".join(re.escape(piece) for piece in word.split())
    head = r"(?:\b|_)" if word[:1].isalnum() else ""
    tail = r"(?:\b|_)" if word[-1:].isalnum() else ""
    return f"{head}{inner}{tail}"


def _word(text: FoldedText, places: Places, index: int) -> str:
    word = " ".join(text.text(places.starts[index], places.ends[index]).lower().strip("_").split())
    return f"context word '{word}'"
