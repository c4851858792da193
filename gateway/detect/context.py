"""Context words: whole words near a value that make it believable."""

import re
from dataclasses import dataclass, field
from typing import Any

from gateway.core.detector import Context
from gateway.detect.patterns import compile_regex
from gateway.detect.text import FoldedText


@dataclass(frozen=True, slots=True)
class ContextSearch:
    """The words of one detector as one pattern; case does not matter, `_` separates words as a space does."""

    before: int
    after: int
    expression: str = field(repr=False)
    regex: Any = field(repr=False)

    def nearest(self, text: FoldedText, start: int, end: int) -> str:
        """What stands nearest to the bytes [start, end), in plain words; "" where there is no context."""
        low, high = text.window(start, end, self.before, self.after)
        ahead = self._last(text.octets, low, start)
        behind = self._first(text.octets, end, high)
        near: list[tuple[int, str]] = []
        if ahead:
            distance = text.count(ahead[1], start)
            near.append((distance, f"context word '{_word(text, *ahead)}' {distance} characters before"))
        if behind:
            distance = text.count(end, behind[0])
            near.append((distance, f"context word '{_word(text, *behind)}' {distance} characters after"))
        return min(near)[1] if near else ""

    def _last(self, octets: bytes, low: int, high: int) -> tuple[int, int] | None:
        last = None
        while low < high and (found := self.regex.search(octets, low, high)) is not None:
            last = found.span(1)
            low = max(last[1], low + 1)
        return last

    def _first(self, octets: bytes, low: int, high: int) -> tuple[int, int] | None:
        found = self.regex.search(octets, low, high)
        return found.span(1) if found else None


def context_search(context: Context) -> ContextSearch | None:
    """None where the detector has no context words."""
    if not context.words:
        return None
    words = sorted(context.words, key=lambda word: (-len(word), word))
    expression = "(" + "|".join(_expression(word) for word in words) + ")"
    return ContextSearch(context.before, context.after, expression, compile_regex(expression))


def _expression(word: str) -> str:
    """Whole words only, any white space between the words of a phrase."""
    inner = r"\s+".join(re.escape(piece) for piece in word.split())
    head = r"(?:\b|_)" if word[:1].isalnum() else ""
    tail = r"(?:\b|_)" if word[-1:].isalnum() else ""
    return f"{head}{inner}{tail}"


def _word(text: FoldedText, start: int, end: int) -> str:
    return " ".join(text.text(start, end).lower().strip("_").split())
