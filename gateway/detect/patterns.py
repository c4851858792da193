"""The patterns of all detectors: one Hyperscan pass says which can occur, RE2 says where.

Rule authors write RE2 syntax (https://github.com/google/re2/wiki/Syntax). Both engines take time linear in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import hyperscan
import re2

from gateway.core.detector import Pattern

_COUNTED = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}", re.DOTALL
)  # an escape, a class or a count
_GROUP = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[A-Za-z]{3}")
_COUNT = 4  # higher counts cost Hyperscan seconds of compiling and gain nothing
_FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY


class RefusedPattern(ValueError):
    """RE2 does not take this pattern. The text is RE2's reason."""


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """A pattern ready to search UTF-8 bytes."""

    spec: Pattern
    regex: Any = field(repr=False)
    group: int = 0  # number of the group `value`, 0 for the whole

    def spans(self, octets: bytes) -> Iterator[tuple[int, int]]:
        """Byte ranges of all values, in order. The search goes on behind each value, so separators may be shared."""
        start = 0
        while (found := self.regex.search(octets, start)) is not None:
            low, high = found.span(self.group)
            if low < 0:  # the group took no part
                low, high = found.span()
            if high > low:
                yield low, high
            start = max(high, start + 1)
            if start > len(octets):
                return


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


class Prefilter:
    """One Hyperscan database over all patterns. Not for two threads at once: its scratch is its own."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._always: tuple[int, ...] = ()
        self._database: Any = None
        if patterns:
            self._build(patterns)

    def occurring(self, octets: bytes) -> list[int]:
        """Indexes of the patterns that can occur in these bytes, ascending; a superset of those that do."""
        if self._database is None:
            return list(self._always)
        hits: list[int] = []
        self._database.scan(octets, match_event_handler=_note, context=hits)
        hits.extend(self._always)
        hits.sort()
        return hits

    def _build(self, patterns: Sequence[Pattern]) -> None:
        """All at once; only where that fails is each tried alone, prefiltering or left to RE2 where it must be."""
        flags = [_flags(pattern) for pattern in patterns]
        try:
            self._database = _compile(patterns, list(range(len(patterns))), flags)
        except hyperscan.error:
            taken: list[int] = []
            always: list[int] = []
            for index, pattern in enumerate(patterns):
                flags[index] = _acceptable(pattern, flags[index])
                (taken if flags[index] else always).append(index)
            self._always = tuple(always)
            if taken:
                self._database = _compile([patterns[i] for i in taken], taken, [flags[i] for i in taken])


def relaxed(regex: str) -> str:
    """A pattern that occurs wherever `regex` does, and more; small, since Hyperscan has only to say what can occur.

    Of a label and a value only the label is left, of a value between boundaries only the value; high counts are taken
    as "this many or more".
    """
    return _COUNTED.sub(_without_count, _core(regex))


def _core(regex: str) -> str:
    head, value, rest = regex.partition("(?P<value>")
    alternative = "|" in _outside_groups(regex)
    inside_group = set("()") & set(_outside_groups(head))
    if not value or alternative or inside_group:
        return regex
    if _has_words(head):
        return head
    end = _closing(rest)
    return regex if _has_words(rest[end:]) else rest[:end]


def _has_words(regex: str) -> bool:
    return _WORD.search(_COUNTED.sub("", regex)) is not None


def _closing(rest: str) -> int:
    """Where the group that is open at the start of `rest` closes."""
    depth, plain = 0, _COUNTED.sub(lambda found: "." * len(found[0]), rest)
    for index, character in enumerate(plain):
        if character == ")" and depth == 0:
            return index
        depth += {"(": 1, ")": -1}.get(character, 0)
    return len(rest)


def _outside_groups(regex: str) -> str:
    bare = _COUNTED.sub("", regex)
    while bare != (shorter := _GROUP.sub("", bare)):
        bare = shorter
    return bare


def _without_count(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    low = int(found[1])
    high = low if found[2] is None else int(found[2]) if found[2] else None
    if high is not None and high <= _COUNT:
        return found[0]
    return f"{{{min(low, _COUNT)},}}"


def _note(index: int, _start: int, _end: int, _flags: int, hits: object) -> None:
    hits.append(index)  # type: ignore[attr-defined]  # the context object given to scan(): a list


def _flags(pattern: Pattern) -> int:
    return _FLAGS | (0 if pattern.case_sensitive else hyperscan.HS_FLAG_CASELESS)


def _acceptable(pattern: Pattern, flags: int) -> int:
    """Flags that Hyperscan takes this pattern with; 0 where it takes it with none."""
    for candidate in (flags, flags | hyperscan.HS_FLAG_PREFILTER):
        try:
            _compile([pattern], [0], [candidate])
        except hyperscan.error:
            continue
        return candidate
    return 0


def _compile(patterns: Sequence[Pattern], ids: list[int], flags: list[int]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = [relaxed(pattern.regex).encode() for pattern in patterns]
    database.compile(expressions=expressions, ids=ids, elements=len(ids), flags=flags)
    return database
