"""One look at octets, before anything is searched for in them: what could be there at all.

Signs of every kind are looked for in one pass of Hyperscan. A sign is wider than what it stands for, and never
narrower: where none of its signs occurs, nothing of a kind is there. Tests hold that against the finders themselves.
"""

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import Any

import hyperscan

_FLAGS = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL


class Glance:
    """Says which kinds of things may occur. Safe for many threads; compiled when it is first asked, in milliseconds."""

    def __init__(self, signs: Sequence[Sequence[bytes]]) -> None:
        """The signs of each kind, as regular expressions over octets."""
        self._signs = [(kind, sign) for kind, all_ in enumerate(signs) for sign in all_]
        self._lock = Lock()

    @property
    def is_ready(self) -> bool:
        """Whether asking takes no compiling first."""
        return "_database" in self.__dict__

    @cached_property
    def _database(self) -> Any:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(
            expressions=[sign for _, sign in self._signs],
            ids=list(range(len(self._signs))),
            elements=len(self._signs),
            flags=[_FLAGS] * len(self._signs),
        )
        return database

    def of(self, octets: bytes) -> list[int]:
        """The kinds of which a sign occurs, by their numbers, ascending."""
        found: set[int] = set()
        with self._lock:
            self._database.scan(octets, match_event_handler=_note, context=found)
        return sorted({self._signs[number][0] for number in found}) if found else []


def _note(number: int, _start: int, _end: int, _flags: int, found: Any) -> None:
    found.add(number)


class Places:
    """Where one string occurs in many octets: Hyperscan says so in a tenth of the time that Python takes."""

    def __init__(self, sign: bytes, most: int) -> None:
        """`sign`: as a regular expression; nothing is said of more than so many places."""
        self._sign = sign
        self._most = most
        self._lock = Lock()

    @cached_property
    def _database(self) -> Any:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(expressions=[self._sign], ids=[0], elements=1, flags=[0])
        return database

    def of(self, octets: bytes | memoryview) -> list[int] | None:
        """The end of each, ascending; None where there are too many."""
        ends: list[int] = []
        try:
            with self._lock:
                self._database.scan(octets, match_event_handler=self._note, context=ends)
        except hyperscan.ScanTerminated:
            return None
        return ends

    def _note(self, _number: int, _start: int, end: int, _flags: int, ends: list[int]) -> bool:
        ends.append(end)
        return len(ends) > self._most
