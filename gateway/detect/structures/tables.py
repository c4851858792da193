"""Tables in plain text: what the heading of a column says holds for every row below it.

Cells stand between tabs, commas, semicolons or bars; a cell may be quoted (RFC 4180). Columns that say nothing of
patients by themselves (name, phone, city) count where another column of the table does.
"""

import re
from collections.abc import Iterator

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
HEADING = rf"(?:^|[\t,;|\r\n])[ \"']{{0,3}}(?:{_NAMES})[^0-9a-z\t,;|\r\n]{{0,3}}(?:[\t,;|\r\n]|$)"
_HEADING = compile_regex(HEADING)
_LINE = re.compile(rb"[^\r\n]+")
_QUOTED = re.compile(rb'\s*"((?:[^"]|"")*)"\s*')
_SPACES = re.compile(r"[^0-9a-z]+")
_MOST_CELLS = 200
_LONGEST_ROW = 20_000
_GAP = 3  # rows of another shape in a row that end a table


def table_values(octets: bytes) -> Iterator[Value]:
    """The cells below the headings that are about patients."""
    done = 0
    while (heading := _HEADING.search(octets, done)) is not None:
        low, high = _line_at(octets, heading.start() + 1, done)
        columns, delimiter = _columns(octets[low:high])
        done = max(high, heading.start() + 1)
        if columns:
            for line in _rows(octets, done, max(columns), delimiter):
                done = line.end()
                yield from _row(line, columns, delimiter)


def _line_at(octets: bytes, place: int, least: int) -> tuple[int, int]:
    low = max(octets.rfind(b"\n", least, place), octets.rfind(b"\r", least, place)) + 1
    ends = [end for mark in (b"\n", b"\r") if (end := octets.find(mark, place, place + _LONGEST_ROW)) >= 0]
    return max(low, least), min(ends, default=min(len(octets), place + _LONGEST_ROW))


def _columns(line: bytes) -> tuple[dict[int, tuple[str, str]], bytes]:
    """Number of a column to entity and heading; empty where the line is no heading about patients."""
    delimiter = max(_DELIMITERS, key=line.count)
    cells = [_SPACES.sub(" ", text.decode("utf-8", "replace").lower()).strip() for text, _ in _cells(line, delimiter)]
    if not 1 < len(cells) <= _MOST_CELLS or sum(len(cell) > 40 for cell in cells):
        return {}, delimiter
    known = {n: (_KNOWN[cell], cell) for n, cell in enumerate(cells) if cell in _KNOWN}
    strong = sum(cell in ABOUT_PATIENTS for cell in cells)
    if not strong or strong + len(known) + sum(cell in OF_CARE for cell in cells) < _ENOUGH:
        return {}, delimiter
    return known, delimiter


def _rows(octets: bytes, start: int, last: int, delimiter: bytes) -> Iterator[re.Match[bytes]]:
    """Lines with enough cells, up to the next heading or a few lines of another shape."""
    other = 0
    for line in _LINE.finditer(octets, start):
        if line[0].count(delimiter) < last or len(line[0]) > _LONGEST_ROW:
            other += 1
            if other >= _GAP:
                return
        elif _HEADING.search(line[0]) and _columns(line[0])[0]:
            return
        else:
            other = 0
            yield line


def _row(line: re.Match[bytes], columns: dict[int, tuple[str, str]], delimiter: bytes) -> Iterator[Value]:
    for number, (cell, at) in enumerate(_cells(line[0], delimiter)):
        if number in columns and cell and _fits(columns[number][0], cell):
            entity, heading = columns[number]
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
