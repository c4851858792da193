"""Tables in plain text: what the heading of a column says holds for every row below it.

Cells stand between tabs, commas, semicolons or bars, and may be quoted (RFC 4180); or they are set apart by two spaces
and more, and a cell is of the column whose heading begins nearest to it. Columns that say nothing of
patients by themselves (name, phone, city) count where another column of the table does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.detect.patterns import compile_regex
from gateway.detect.structures.headings import ABOUT_PATIENTS, BESIDE_PATIENTS, OF_CARE
from gateway.detect.structures.value import Value

_KNOWN = {**BESIDE_PATIENTS, **ABOUT_PATIENTS}
_ENOUGH = 3  # headings, those about patients counted twice, that make a line a heading
_ID = re.compile(rb"(?=[^\s]*\d)[0-9A-Za-z][0-9A-Za-z\-./# ]{2,29}")
_DATE = re.compile(
    rb"(?:\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}(?:[ T][\d:.]{4,15}(?: ?[AaPp][Mm])?Z?)?|\d{8}|[0-9A-Za-z ,.\-]{6,20}\d{4})"
)
_SHAPES = {
    "DATE_OF_BIRTH": _DATE,
    "DATE_TIME": _DATE,
    "US_SSN": re.compile(rb"\d{3}[ .\-]?\d{2}[ .\-]?\d{4}"),
    "PERSON": re.compile(rb"[A-Za-z\x80-\xff][A-Za-z\x80-\xff'\-. ,]{0,59}"),
    "PHONE_NUMBER": re.compile(rb"\+?[(\d][\d()./ x\-]{6,22}"),
    "EMAIL_ADDRESS": re.compile(rb"[^\s@,;]{1,64}@[^\s@,;]{3,120}"),
    "STREET_ADDRESS": re.compile(rb"(?=.*[A-Za-z])[0-9A-Za-z][^<>]{3,99}"),
    "LOCATION": re.compile(rb"[0-9A-Za-z][0-9A-Za-z .'\-]{1,39}"),
}  # fmt: skip
_DELIMITERS = (b"\t", b",", b";", b"|")
_NAMES = "|".join(name.replace(" ", "[ _./-]{0,2}") for name in sorted(ABOUT_PATIENTS))
_BEHIND = r"[^0-9a-z\t,;|\r\n]{0,3}(?:[\t,;|\r\n]|  |$)"
HEADING = rf"(?:^|[\t,;|\r\n]|  )[ \"']{{0,3}}(?:{_NAMES}){_BEHIND}"
# Wider, each name by itself: Hyperscan takes a quarter of the time for these that it takes for HEADING.
SIGN = "|".join(rf"(?:^|[\t,;|\r\n \"']){name}{_BEHIND}" for name in _NAMES.split("|"))
_HEADING = compile_regex(HEADING)
_LINE = re.compile(rb"[^\r\n]+")
_QUOTED = re.compile(rb'\s*"((?:[^"]|"")*)"\s*')
_APART = re.compile(rb"\S+(?: \S+)*")  # a cell, where two spaces end one
_SPACES = re.compile(r"[^0-9a-z]+")
_MOST_CELLS = 200
_LONGEST_ROW = 20_000
_GAP = 3  # rows of another shape in a row that end a table


@dataclass(frozen=True, slots=True)
class _Columns:
    """Number of a column to entity and heading, and what tells columns apart: a sign, or where each begins."""

    known: Mapping[int, tuple[str, str]]
    delimiter: bytes = b""
    starts: tuple[int, ...] = ()

    def cells(self, line: bytes) -> Iterator[tuple[int, bytes, int]]:
        """The cells of a row: number of the column, text, where it stands."""
        if not self.starts:
            yield from ((number, cell, at) for number, (cell, at) in enumerate(_cells(line, self.delimiter)))
            return
        for found in _APART.finditer(line):
            number = min(range(len(self.starts)), key=lambda n: abs(self.starts[n] - found.start()))
            yield number, found[0], found.start()

    def fit(self, line: bytes) -> bool:
        """Whether a line can be a row of the table."""
        if not self.starts:
            return line.count(self.delimiter) >= max(self.known)
        return sum(1 for _ in _APART.finditer(line)) >= min(3, len(self.starts))


def table_values(octets: bytes) -> Iterator[Value]:
    """The cells below the headings that are about patients."""
    done = 0
    while (heading := _HEADING.search(octets, done)) is not None:
        low, high = _line_at(octets, heading.start() + 1, done)
        columns = _columns(octets[low:high])
        done = max(high, heading.start() + 1)
        if columns is not None:
            for line in _rows(octets, done, columns):
                done = line.end()
                yield from _row(line, columns)


def _line_at(octets: bytes, place: int, least: int) -> tuple[int, int]:
    low = max(octets.rfind(b"\n", least, place), octets.rfind(b"\r", least, place)) + 1
    ends = [end for mark in (b"\n", b"\r") if (end := octets.find(mark, place, place + _LONGEST_ROW)) >= 0]
    return max(low, least), min(ends, default=min(len(octets), place + _LONGEST_ROW))


def _columns(line: bytes) -> _Columns | None:
    """None where the line is no heading about patients."""
    delimiter = max(_DELIMITERS, key=line.count)
    if known := _known([cell for cell, _ in _cells(line, delimiter)]):
        return _Columns(known, delimiter)
    apart = list(_APART.finditer(line[:_LONGEST_ROW]))
    if len(apart) > 2 and (known := _known([found[0] for found in apart])):
        return _Columns(known, starts=tuple(found.start() for found in apart))
    return None


def _known(cells: Sequence[bytes]) -> dict[int, tuple[str, str]]:
    """The columns that a heading of these cells tells about; none where they are no heading about patients."""
    words = [_SPACES.sub(" ", cell.decode("utf-8", "replace").lower()).strip() for cell in cells]
    if not 1 < len(words) <= _MOST_CELLS or sum(len(word) > 40 for word in words):
        return {}
    known = {n: (_KNOWN[word], word) for n, word in enumerate(words) if word in _KNOWN}
    strong = sum(word in ABOUT_PATIENTS for word in words)
    if not strong or strong + len(known) + sum(word in OF_CARE for word in words) < _ENOUGH:
        return {}
    return known


def _rows(octets: bytes, start: int, columns: _Columns) -> Iterator[re.Match[bytes]]:
    """Lines with enough cells, up to the next heading or a few lines of another shape."""
    other = 0
    for line in _LINE.finditer(octets, start):
        if len(line[0]) > _LONGEST_ROW or not columns.fit(line[0]):
            other += columns.delimiter != b"\t"  # rows of a sheet end with their last cell
            if other >= _GAP:
                return
        elif _HEADING.search(line[0]) and _columns(line[0]) is not None:
            return
        else:
            other = 0
            yield line


def _row(line: re.Match[bytes], columns: _Columns) -> Iterator[Value]:
    for number, cell, at in columns.cells(line[0]):
        if number in columns.known and cell and _fits(columns.known[number][0], cell):
            entity, heading = columns.known[number]
            low = line.start() + at
            yield Value(entity, low, low + len(cell), f"column '{heading}' of a table")


def _cells(line: bytes, delimiter: bytes) -> Iterator[tuple[bytes, int]]:
    """Cells without quotes and spaces around them, and where each starts."""
    start = 0
    while start <= len(line):
        quoted = _QUOTED.match(line, start)
        end = quoted.end() if quoted else line.find(delimiter, start)
        if end < 0 or (quoted and line[end : end + 1] not in (delimiter, b"")):
            end = line.find(delimiter, start)
            end, quoted = (len(line) if end < 0 else end), None
        low, high = quoted.span(1) if quoted else (start, end)
        text = line[low:high]
        yield text.strip(), low + len(text) - len(text.lstrip())
        start = end + 1


def _fits(entity: str, cell: bytes) -> bool:
    """Whether a cell can be what its heading says: an empty one, a dash or a remark is not."""
    return _SHAPES.get(entity, _ID).fullmatch(cell) is not None
