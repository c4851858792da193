"""Hyperscan databases: which of many expressions occur in some bytes. Compiled once a process for the same expressions.

Compiling takes a second, and the samples of a rule set are tried with the same expressions that its mail is: the
second engine gets the first one's work back. Hyperscan takes time linear in the bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import hyperscan

_ALWAYS = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY


@dataclass(frozen=True, slots=True)
class Expression:
    """One thing to look for. `utf8`: its classes mean code points, not bytes."""

    regex: bytes = field(repr=False)
    case_sensitive: bool = False
    utf8: bool = False

    @property
    def flags(self) -> int:
        caseless = 0 if self.case_sensitive else hyperscan.HS_FLAG_CASELESS
        return int(_ALWAYS | caseless | (hyperscan.HS_FLAG_UTF8 if self.utf8 else 0))


class Occurrences:
    """Says which expressions occur. Not for two threads at once: its scratch is its own."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._always, octets = _compiled(tuple(expressions))
        self._database: Any = None
        if octets:
            self._database = hyperscan.loadb(octets, hyperscan.HS_MODE_BLOCK)
            self._database.scratch = hyperscan.Scratch(self._database)

    def of(self, octets: bytes) -> list[int]:
        """Indexes of the expressions that can occur in these bytes, ascending; a superset of those that do."""
        if self._database is None:
            return list(self._always)
        found: list[int] = list(self._always)
        self._database.scan(octets, match_event_handler=_note, context=found)
        found.sort()
        return found


@lru_cache(maxsize=8)
def _compiled(expressions: tuple[Expression, ...]) -> tuple[tuple[int, ...], bytes]:
    """Indexes that Hyperscan cannot answer for, and the database of the others, serialised; b"" for none.

    All at once; only where that fails is each tried alone, prefiltering or left out where it must be.
    """
    if not expressions:
        return (), b""
    flags = {index: expression.flags for index, expression in enumerate(expressions)}
    try:
        return (), _compile(expressions, flags)
    except hyperscan.error:
        taken = {index: kept for index, flag in flags.items() if (kept := _acceptable(expressions[index], flag))}
    always = tuple(index for index in flags if index not in taken)
    return always, _compile(expressions, taken) if taken else b""


def _acceptable(expression: Expression, flags: int) -> int:
    """Flags that Hyperscan takes this with; 0 where it takes it with none."""
    for candidate in (flags, flags | hyperscan.HS_FLAG_PREFILTER):
        try:
            _compile((expression,), {0: candidate})
        except hyperscan.error:
            continue
        return int(candidate)
    return 0


def _compile(expressions: Sequence[Expression], flags: dict[int, int]) -> bytes:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[expressions[index].regex for index in flags],
        ids=list(flags),
        elements=len(flags),
        flags=list(flags.values()),
    )
    return bytes(hyperscan.dumpb(database))


def _note(index: int, _start: int, _end: int, _flags: int, found: object) -> None:
    found.append(index)  # type: ignore[attr-defined]  # the context object given to scan(): a list
