"""Hyperscan databases: which of many expressions occur in some bytes. Compiled once for the same expressions.

Compiling takes seconds, and the samples of a rule set are tried with the same expressions that its mail is: the second
engine gets the first one's work back, in another process too (`compiled`, `adopt`), and from a shelf on disk where the
edge gave one (`keep_on`). Hyperscan takes time linear in the bytes.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from threading import Lock
from typing import Any, Protocol

import hyperscan

from gateway.detect.relaxing import alternatives

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


class Shelf(Protocol):
    """Where serialised databases outlive a process. What it gives back is trusted like code: `gateway.cli.keeping`."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, octets: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Compiled:
    """Indexes of the expressions that Hyperscan cannot answer for, and the database of the others; b"" for none.

    `is_squeezed`: its octets take a sixth of their size, and some milliseconds before they can be loaded.
    """

    always: tuple[int, ...]
    octets: bytes = field(repr=False)
    is_squeezed: bool = False

    @property
    def squeezed(self) -> "Compiled":
        """The same for a process that keeps it for long and loads it seldom."""
        if self.is_squeezed or not self.octets:
            return self
        return replace(self, octets=zlib.compress(self.octets, 1), is_squeezed=True)

    @property
    def database(self) -> bytes:
        """As Hyperscan wrote it."""
        return zlib.decompress(self.octets) if self.is_squeezed else self.octets

    @property
    def packed(self) -> bytes:
        """As one string of bytes."""
        return ",".join(map(str, self.always)).encode() + b"\n" + self.database

    @classmethod
    def unpacked(cls, packed: bytes) -> "Compiled":
        """ValueError for what `packed` did not make."""
        head, _, octets = packed.partition(b"\n")
        return cls(tuple(int(index) for index in head.split(b",") if index), octets)


class _Memory:
    """The databases of this process, the latest `most`, and the shelf behind them."""

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._lock = Lock()
        self._compiled: dict[str, Compiled] = {}
        self.shelf: Shelf | None = None
        self.asked: set[str] | None = None

    def find(self, key: str) -> Compiled | None:
        with self._lock:
            if self.asked is not None:
                self.asked.add(key)
            return self._compiled.get(key)

    def keep(self, key: str, compiled: Compiled) -> None:
        with self._lock:
            self._compiled.pop(key, None)
            self._compiled[key] = compiled
            while len(self._compiled) > self._most:
                del self._compiled[next(iter(self._compiled))]

    def all(self) -> dict[str, Compiled]:
        with self._lock:
            return dict(self._compiled)


_memory = _Memory()


def compiled() -> Mapping[str, Compiled]:
    """What this process has compiled, to hand to another of ours."""
    return _memory.all()


def adopt(databases: Mapping[str, Compiled]) -> None:
    """Take over what another process of ours has compiled."""
    for key, database in databases.items():
        _memory.keep(key, database)


def keep_on(shelf: Shelf | None) -> None:
    """Look on this shelf before compiling, and put there what was compiled."""
    _memory.shelf = shelf


@contextmanager
def asked_for() -> Iterator[set[str]]:
    """The keys of the databases that are asked for meanwhile, by whatever thread."""
    keys: set[str] = set()
    _memory.asked = keys
    try:
        yield keys
    finally:
        _memory.asked = None


def recalled(keys: Iterable[str]) -> bool:
    """Whether all of these are in the memory of this process, or could be taken from the shelf."""
    for key in keys:
        if _memory.find(key) is None:
            database = _from_shelf(key)
            if database is None:
                return False
            _memory.keep(key, database)
    return True


class Occurrences:
    """Says which expressions occur. Not for two threads at once: its scratch is its own."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        apart, self._owners = _taken_apart(expressions)
        self._always, self._database = _ready(apart)

    def of(self, octets: bytes) -> list[int]:
        """Indexes of the expressions that can occur in these bytes, ascending; a superset of those that do."""
        found: list[int] = list(self._always)
        if self._database is not None:
            self._database.scan(octets, match_event_handler=_note, context=found)
        if self._owners is not None:
            return sorted({self._owners[index] for index in found})
        found.sort()
        return found


def _taken_apart(expressions: Sequence[Expression]) -> tuple[tuple[Expression, ...], list[int] | None]:
    """Each alternative by itself, and which expression each belongs to; None where nothing was to be taken apart."""
    apart: list[Expression] = []
    owners: list[int] = []
    for index, expression in enumerate(expressions):
        parts = alternatives(expression.regex.decode()) if b"|" in expression.regex else []
        if len(parts) > 1:
            apart += (replace(expression, regex=part.encode()) for part in parts)
            owners += [index] * len(parts)
        else:
            apart.append(expression)
            owners.append(index)
    return tuple(apart), owners if len(apart) > len(expressions) else None


def _ready(expressions: tuple[Expression, ...]) -> tuple[tuple[int, ...], Any]:
    """The database of these expressions, loaded: of this process, else from the shelf, else compiled now."""
    key, number = _key(expressions), len(expressions)
    ready = _usable(_memory.find(key), number) or _usable(_from_shelf(key), number)
    if ready is None:
        database = _compiled(expressions)
        if _memory.shelf is not None:
            _memory.shelf.put(key, database.packed)
        ready = database, _loaded(database)
    _memory.keep(key, ready[0])
    return ready[0].always, ready[1]


def _from_shelf(key: str) -> Compiled | None:
    packed = _memory.shelf.get(key) if _memory.shelf is not None else None
    try:
        return None if packed is None else Compiled.unpacked(packed)
    except ValueError:
        return None


def _usable(database: Compiled | None, number: int) -> tuple[Compiled, Any] | None:
    """None for what was made by a Hyperscan or a processor that this one does not agree with."""
    if database is None:
        return None
    try:
        loaded = _loaded(database)
    except hyperscan.error:
        return None
    return (database, loaded) if loaded is not None or len(database.always) == number else None


def _loaded(database: Compiled) -> Any:
    if not database.octets:
        return None
    loaded = hyperscan.loadb(database.database, hyperscan.HS_MODE_BLOCK)
    loaded.scratch = hyperscan.Scratch(loaded)
    return loaded


def _key(expressions: tuple[Expression, ...]) -> str:
    """Over everything that makes a database what it is."""
    named = [b"%d %d %b" % (len(each.regex), each.flags, each.regex) for each in expressions]
    return sha256(b"1 %b%b" % (_version(), b"".join(named))).hexdigest()


@cache
def _version() -> bytes:
    return version("hyperscan").encode()


def _compiled(expressions: tuple[Expression, ...]) -> Compiled:
    """All at once; only where that fails is each tried alone, prefiltering or left out where it must be."""
    if not expressions:
        return Compiled((), b"")
    flags = {index: expression.flags for index, expression in enumerate(expressions)}
    try:
        return Compiled((), _compile(expressions, flags))
    except hyperscan.error:
        taken = {index: kept for index, flag in flags.items() if (kept := _acceptable(expressions[index], flag))}
    always = tuple(index for index in flags if index not in taken)
    return Compiled(always, _compile(expressions, taken) if taken else b"")


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
