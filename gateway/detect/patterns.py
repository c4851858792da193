"""The patterns of all detectors: one Hyperscan pass says which can occur, RE2 says where.

Rule authors write RE2 syntax (https://github.com/google/re2/wiki/Syntax). Both engines take time linear in the text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import re2

from gateway.core.detector import Pattern
from gateway.detect.database import Expression, Occurrences
from gateway.detect.relaxing import has_words, is_bytewise, relaxed

_MOST_AT_ONCE = 64  # expressions that one RE2 can tell apart quickly
_MEMORY = 64 << 20  # bytes it may take for that
# A word so long stands within few others: to look for it without its edges costs no text, and its edges a third of the
# seconds that Hyperscan takes to compile all.
_LONG_WORD = re.compile(r"\(\?:\\b\|_\)((?:[a-z]|\\s\+){6,})\(\?:\\b\|_\)")
_WINDOW = 65_536  # bytes that one search looks at, so that no pattern takes more than linear time
_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
_REACH = 16_384  # the longest value, surroundings included, that is found whole


class RefusedPattern(ValueError):
    """RE2 does not take this pattern. The text is RE2's reason."""


class Regex:
    """An RE2 over UTF-8 bytes, compiled when it is first asked for: most texts need few of hundreds."""

    __slots__ = ("_case_sensitive", "_compiled", "_written", "group")

    def __init__(self, written: str, *, case_sensitive: bool = False) -> None:
        self._written = written
        self._case_sensitive = case_sensitive
        self._compiled: Any = None
        self.group = 0  # number of the group `value`, 0 for the whole; known once it is compiled

    @property
    def compiled(self) -> Any:
        """Raises RefusedPattern with RE2's reason."""
        if self._compiled is None:
            self._compiled = compile_regex(self._written, case_sensitive=self._case_sensitive)
            self.group = self._compiled.groupindex.get(b"value", 0)
        return self._compiled


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """A pattern to search UTF-8 bytes for. Its group `value`, where it has one, is the value."""

    spec: Pattern
    regex: Regex = field(repr=False)

    def spans(self, octets: bytes, low: int = 0, high: int | None = None) -> Iterator[tuple[int, int]]:
        """Byte ranges of all values within [low, high), in order.

        The search goes on behind each value, so separators may be shared. Each search sees a window: an open end
        (`x.*`) after each of many values would otherwise read the rest of the text as many times.
        """
        start, last = low, len(octets) if high is None else high
        regex, group = self.regex.compiled, self.regex.group
        while start <= last:
            edge = min(start + _WINDOW, last)
            found = regex.search(octets, start, edge)
            if found is None:
                if edge == last:
                    return
                start = edge - _REACH
                continue
            if edge < last and found.start() > edge - _REACH:
                start = found.start()  # it may be cut off: once more, with room behind it
                continue
            span = found.span(group)
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


def compile_pattern(spec: Pattern, *, later: bool = False) -> CompiledPattern:
    """`later`: when the first text needs it, for patterns that were checked before. Raises RefusedPattern."""
    return CompiledPattern(spec, regex_of(spec.regex, case_sensitive=spec.case_sensitive, later=later))


def regex_of(regex: str, *, case_sensitive: bool = False, later: bool = False) -> Regex:
    """As `compile_pattern`."""
    made = Regex(regex, case_sensitive=case_sensitive)
    if not later:
        _ = made.compiled
    return made


class Prefilter:
    """Says, of many patterns at once, which can occur. Not for two threads at once.

    Expressions with a word in them cost Hyperscan next to nothing where the word is missing. Those of classes alone
    (digits and dashes) each read every byte; so RE2 is asked first whether any of them occurs, in one pass for all.
    Most texts, and tables of plain numbers, have none.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        sought = [_expression(pattern) for pattern in patterns]
        self._worded = [index for index, expression in enumerate(sought) if has_words(expression.regex.decode())]
        self._bare = sorted(set(range(len(sought))) - set(self._worded))
        bare = [sought[index] for index in self._bare]
        self._of_worded, self._of_bare = _at_once(Occurrences, [sought[index] for index in self._worded], bare)
        self._any_bare = _any_of(bare) if 0 < len(bare) <= _MOST_AT_ONCE else None

    def of(self, octets: bytes) -> list[int]:
        """Indexes of the patterns that can occur in these bytes, ascending; a superset of those that do."""
        occurring = [self._worded[index] for index in self._of_worded.of(octets)]
        if self._any_bare is None or self._any_bare.search(octets) is not None:
            occurring.extend(self._bare[index] for index in self._of_bare.of(octets))
            occurring.sort()
        return occurring


def prefilters(*patterns: Sequence[Pattern]) -> list[Prefilter]:
    """One of each. A cold start waits for them more than for anything else."""
    return _at_once(Prefilter, *patterns)


def _at_once(make: Callable[[Sequence[_Given]], _Made], *given: Sequence[_Given]) -> list[_Made]:
    """In threads: while Hyperscan compiles, others may run."""
    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(make, given))


def _any_of(expressions: Sequence[Expression]) -> Any:
    """None where RE2 does not take them together."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY
    if not any(expression.utf8 for expression in expressions):
        options.encoding = re2.Options.Encoding.LATIN1
    parts = (b"(?%b:%b)" % (b"" if e.case_sensitive else b"i", e.regex) for e in expressions)
    try:
        return re2.compile(b"|".join(parts), options=options)
    except re2.error:
        return None


def _expression(pattern: Pattern) -> Expression:
    sought = _LONG_WORD.sub(r"(?:_?)\1(?:_?)", pattern.hint or relaxed(pattern.regex))
    return Expression(sought.encode(), pattern.case_sensitive, utf8=not is_bytewise(sought))
