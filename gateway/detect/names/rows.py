"""Names in rows: of several cells on a line, one is a name and another a date, an age, a number or a code."""

import re
from collections.abc import Iterator

_LEAST_CELLS, _LONGEST_LINE = 3, 400
_SEPARATORS = ('","', "\t", "|", ";", ",", "  ")  # tried in this order; the first that makes enough cells
_CELL_NAME = re.compile(
    r"(?:[A-Z][A-Za-z'’\-]+(?: [A-Z]\.?)?(?: [A-Z][A-Za-z'’\-]+){1,2}|"
    r"[A-Z][A-Za-z'’\-]+, ?[A-Z][A-Za-z'’\-]*\.?(?: [A-Z]\.?)?)"
)
_CELL_WORD = re.compile(r"[A-Z][A-Za-z'’\-]{1,20}")
_CELL_FACT = re.compile(
    r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}-\d\d-\d\d|[A-Z][a-z]{2,8} \d{1,2},? \d{4}|"
    r"\d{1,2}-?[A-Z][a-z]{2}-?\d{2,4}|"
    r"[A-Z]{0,5}[ \-]?\d{4,12}|[A-TV-Z]\d[0-9AB]\.?\d{0,3}"
)


def names(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans in one window, line by line."""
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        if stop - at <= _LONGEST_LINE:
            yield from _of_line(text, at, stop)
        at = stop + 1


def _of_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    line = text[start:end]
    for separator in _SEPARATORS:
        if line.count(separator) < _LEAST_CELLS - 1:
            continue
        cells = list(_cells(line, separator, start))
        if len(cells) >= _LEAST_CELLS and any(_CELL_FACT.fullmatch(text, *cell) for cell in cells):
            yield from _of_cells(text, cells)
            return


def _cells(line: str, separator: str, start: int) -> Iterator[tuple[int, int]]:
    """Those with something in them, without quotes and spaces around it."""
    at = 0
    for piece in line.split(separator):
        value = piece.strip(' \t"|*-')
        if value:
            low = start + at + piece.index(value)
            yield low, low + len(value)
        at += len(piece) + len(separator)


def _of_cells(text: str, cells: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A cell that is a full name; else two words beside one another that a date follows: family and given name."""
    full = [cell for cell in cells[:4] if _CELL_NAME.fullmatch(text, *cell)]
    if full:
        yield full[0]
        return
    for one, other, fact in zip(cells, cells[1:], cells[2:], strict=False):
        if (
            _CELL_WORD.fullmatch(text, *one)
            and _CELL_WORD.fullmatch(text, *other)
            and _CELL_FACT.fullmatch(text, *fact)
        ):
            yield one
            yield other
            return
