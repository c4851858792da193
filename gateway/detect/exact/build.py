"""From the rows of a list to the file of an index.

One pass over the rows; only hashes are kept, in files without a name, and sorted column by column at the end. So memory
is bounded by the entries of the largest column (about 40 bytes each), whatever the size of the list.
"""

import contextlib
import hashlib
import shutil
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, BinaryIO

import numpy as np

from gateway.core.errors import SetupError
from gateway.detect.exact.index import Column, Hashes, Header, lay_out
from gateway.detect.exact.kinds import Kind, Ways, forms, pairs_of

WHOLE_NAME = "name"
MOST_ROWS = (1 << 32) - 1
_AT_ONCE = 65_536  # entries held before they are written out
_BITS_PER_ENTRY = 12
_FEWEST_BITS = 15
_ANY_LENGTH = 1 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column to be indexed, by its name in rules."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: values by name of column. `line` is for people."""

    line: int
    values: Mapping[str, str] = field(repr=False)


class Builder:
    """Takes rows, then writes the file. Raises SetupError for a list without a usable row."""

    def __init__(self, columns: Sequence[Wanted], key: bytes, salt: str, ways: Ways, *, most_noted: int = 5) -> None:
        self._columns = list(columns)
        names = {wanted.name for wanted in columns}
        self._makes_names = WHOLE_NAME not in names and {"given", "family"} <= names
        if self._makes_names:
            self._columns.append(Wanted(WHOLE_NAME, Kind.NAMES))
        self._hashes = Hashes(key, salt)
        self._identity = Hashes(key, "")
        self._ids = [wanted.name for wanted in columns if wanted.kind is Kind.ID]
        self._salt, self._ways, self._most_noted = salt, ways, most_noted
        self._files = contextlib.ExitStack()
        self._spills = {wanted.name: _Spill(self._files) for wanted in self._columns}
        self._people = _Spill(self._files)
        self.rows = 0
        self.given: Counter[str] = Counter()  # values that are not empty, by column
        self.unusable: dict[str, list[int]] = {wanted.name: [] for wanted in columns}  # lines, up to the most noted
        self.unread: Counter[str] = Counter()

    def __enter__(self) -> "Builder":
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, row: Row) -> bool:
        """Take one row; False where it has fewer than two values to be known by, and is left out."""
        found = {w.name: forms(w.kind, row.values.get(w.name, ""), self._ways) for w in self._columns}
        if self._makes_names:
            found[WHOLE_NAME] = pairs_of(row.values.get("given", ""), row.values.get("family", ""))
        for name, value in row.values.items():
            if value.strip():
                self._count(name, row.line, read=bool(found[name]))
        if sum(bool(some) for some in found.values()) < 2 or self.rows >= MOST_ROWS:
            return False
        for wanted in self._columns:
            for form in found[wanted.name]:
                self._spills[wanted.name].add(self._hashes.of(wanted.kind, form), self.rows, len(form))
        self._people.add(self._person(found), self.rows, 0)
        self.rows += 1
        return True

    def _count(self, name: str, line: int, *, read: bool) -> None:
        self.given[name] += 1
        if not read:
            self.unread[name] += 1
            if len(self.unusable[name]) < self._most_noted:
                self.unusable[name].append(line)

    def _person(self, found: Mapping[str, Iterable[str]]) -> int:
        """Of the first number that belongs to one person, else of all that is known."""
        names = [name for name in self._ids if found[name]][:1] or sorted(found)
        told = "\0".join(f"{name}\0{min(found[name], default='')}" for name in names)
        return self._identity.of(Kind.ID, told)

    def write(self, file: BinaryIO, created: str) -> Header:
        """Sort and write all of it; the header."""
        if not self.rows:
            raise SetupError("the list has no usable row: check --columns, the separator and the encoding")
        with tempfile.TemporaryFile() as body:
            header = self._body(body, created)
            header = replace(header, body=_digest(body))
            header = replace(header, seal=self._hashes.seal(header))
            file.write(lay_out(header.plain()))
            body.seek(0)
            shutil.copyfileobj(body, file, 1 << 20)
        return header

    def _body(self, body: IO[bytes], created: str) -> Header:
        entries = sum(spill.count for spill in self._spills.values())
        bits = max(_FEWEST_BITS, (entries * _BITS_PER_ENTRY - 1).bit_length())
        bitmap = np.zeros(1 << bits >> 3, dtype=np.uint8)
        people_at = bitmap.nbytes
        body.seek(people_at)
        people, _ = self._people.sorted(by_row=True)
        body.write(people.tobytes())
        columns = []
        for wanted in self._columns:
            spill = self._spills[wanted.name]
            hashes, rows = spill.sorted()
            at = body.tell()
            body.write(hashes.tobytes())
            rows_at = body.tell()
            body.write(rows.tobytes())
            body.write(bytes(-body.tell() % 8))
            _, counts = np.unique(hashes, return_counts=True)
            _mark(bitmap, hashes, bits)
            filled = len(np.unique(rows))
            widest = int(counts.max()) if len(counts) else 0
            columns.append(
                Column(
                    name=wanted.name,
                    kind=wanted.kind,
                    filled=filled,
                    distinct=len(counts),
                    widest=widest,
                    shortest=spill.shortest,
                    longest=spill.longest,
                    entries=spill.count,
                    hashes_at=at,
                    rows_at=rows_at,
                )
            )
        body.seek(0)
        body.write(bitmap.tobytes())
        order, calling = self._ways.order.value, self._ways.calling
        return Header(created, self._salt, self.rows, people_at, 0, bits, order, calling, tuple(columns), "")


class _Spill:
    """Hashes and rows of one column, in two files."""

    def __init__(self, files: contextlib.ExitStack) -> None:
        self._hashes, self._rows = array("Q"), array("I")
        self._files = tuple(files.enter_context(tempfile.TemporaryFile()) for _ in range(2))  # noqa: SIM115
        self.count = 0
        self.shortest, self.longest = _ANY_LENGTH, 0

    def add(self, number: int, row: int, length: int) -> None:
        self.shortest, self.longest = min(length, self.shortest), max(length, self.longest)
        self._hashes.append(number)
        self._rows.append(row)
        self.count += 1
        if len(self._rows) == _AT_ONCE:
            self._flush()

    def sorted(self, *, by_row: bool = False) -> tuple[Any, Any]:
        self._flush()
        for file in self._files:
            file.flush()
            file.seek(0)
        hashes = np.fromfile(self._files[0], dtype="<u8")
        rows = np.fromfile(self._files[1], dtype="<u4")
        if by_row:
            return hashes, rows
        order = np.argsort(hashes, kind="stable")  # rows came ascending, and stay so
        return hashes[order], rows[order]

    def _flush(self) -> None:
        self._hashes.tofile(self._files[0])
        self._rows.tofile(self._files[1])
        self._hashes, self._rows = array("Q"), array("I")


def _mark(bitmap: Any, hashes: Any, bits: int) -> None:
    places = hashes & np.uint64((1 << bits) - 1)
    ones = np.left_shift(np.uint8(1), (places & np.uint64(7)).astype(np.uint8))
    np.bitwise_or.at(bitmap, (places >> np.uint64(3)).astype(np.int64), ones)


def _digest(body: IO[bytes]) -> str:
    body.seek(0)
    return hashlib.file_digest(body, "sha256").hexdigest()  # type: ignore[arg-type]  # a binary file is enough
