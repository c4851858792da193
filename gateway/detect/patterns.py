"""The patterns of all detectors: one Hyperscan pass says which can occur, RE2 says where.

Rule authors write RE2 syntax (https://github.com/google/re2/wiki/Syntax). Both engines take time linear in the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2

from gateway.core.detector import Pattern
from gateway.detect.database import Expression, Occurrences
from gateway.detect.relaxing import is_bytewise, relaxed

_WINDOW = 65_536  # bytes that one search looks at, so that no pattern takes more than linear time
_REACH = 16_384  # the longest value, surroundings included, that is found whole


class RefusedPattern(ValueError):
    """RE2 does not take this pattern. The text is RE2's reason."""


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """A pattern ready to search UTF-8 bytes."""

    spec: Pattern
    regex: Any = field(repr=False)
    group: int = 0  # number of the group `value`, 0 for the whole

    def spans(self, octets: bytes, low: int = 0, high: int | None = None) -> Iterator[tuple[int, int]]:
        """Byte ranges of all values within [low, high), in order.

        The search goes on behind each value, so separators may be shared. Each search sees a window: an open end
        (`x.*`) after each of many values would otherwise read the rest of the text as many times.
        """
        start, last = low, len(octets) if high is None else high
        while start <= last:
            edge = min(start + _WINDOW, last)
            found = self.regex.search(octets, start, edge)
            if found is None:
                if edge == last:
                    return
                start = edge - _REACH
                continue
            if edge < last and found.start() > edge - _REACH:
                start = found.start()  # it may be cut off: once more, with room behind it
                continue
            span = found.span(self.group)
            if span[0] < 0:  # the group took no part
                span = found.span()
            if span[1] > span[0]:
                yield span
            start = max(span[1], start + 1)


def compile_regex(regex: str, *, case_sensitive: bool = False) -> Any:
    """An RE2 over UTF-8 bytes. Raises RefusedPattern with RE2's reason."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = case_sensitive
    try:
        return re2.compile(regex.encode(), options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else b"not RE2 syntax"
        raise RefusedPattern(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    except UnicodeEncodeError:
        raise RefusedPattern("it has a lone surrogate in it") from None


def compile_pattern(spec: Pattern) -> CompiledPattern:
    """Raises RefusedPattern."""
    regex = compile_regex(spec.regex, case_sensitive=spec.case_sensitive)
    return CompiledPattern(spec, regex, regex.groupindex.get(b"value", 0))


def prefilter(patterns: Sequence[Pattern]) -> Occurrences:
    """What says, of all these patterns at once, which can occur."""
    return Occurrences([_expression(pattern) for pattern in patterns])


def _expression(pattern: Pattern) -> Expression:
    sought = pattern.hint or relaxed(pattern.regex)
    return Expression(sought.encode(), pattern.case_sensitive, utf8=not is_bytewise(sought))
