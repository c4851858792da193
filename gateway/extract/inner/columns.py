"""A number that a table has in several columns: an SSN whose groups stand under labels of their own."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

_NAME = r"(?:ssn|soc(?:ial)?[ _.\-]?sec(?:urity)?)"
_LABEL = re.compile(rf"(?<![a-z]){_NAME}", re.IGNORECASE)
_MARKS = ("\t", ";", "|", ",")
_CELL = re.compile(r"[^\s]+")
_PLACE = re.compile(r"(?P<one>1|first|area)|(?P<two>2|mid|group)|(?P<three>3|last|serial)", re.IGNORECASE)
_THREE, _TWO = re.compile(r"(\d{1,3})/(\d{1,2})/(\d{1,4})"), re.compile(r"(\d{3})-?(\d{2})/(\d{4})")
_FURTHER = rf"\W[^0-9]{{0,30}}{_NAME}[ \w.\-]{{0,9}}?"
_NUMBERED = re.compile(
    rf"{_NAME}[ \w.\-]{{0,9}}?1\W{{1,6}}(?P<number>(\d{{1,3}})"
    rf"{_FURTHER}2\W{{1,6}}(\d{{1,2}}){_FURTHER}3\W{{1,6}}(\d{{1,4}}))\b",
    re.IGNORECASE,
)
_WIDEST, _MOST_ROWS, _MOST_OTHERS = 4_000, 5_000, 20  # characters of a line; rows; rows in a row that are none

# What an ASCII text has wherever one is found in it, for one look at all of them.
SIGNS_OF_COLUMNS = (rb"(?i)ssn", rb"(?i)soc(?:ial)?[ _.\-]?sec")


class _Cell(NamedTuple):
    start: int
    end: int
    said: str


def columns(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with the groups of such a number in one place, with a label."""
    if len(_LABEL.findall(text)) > 1:
        yield from changed(text, _joined(text), margin)


def _joined(text: str) -> Iterator[Change]:
    done = 0
    for label in _LABEL.finditer(text):
        if label.start() < done:
            continue
        if numbered := _NUMBERED.match(text, label.start()):
            done = numbered.end()
            yield Change(*numbered.span("number"), _number(numbered.groups()[1:]))
            continue
        start = text.rfind("\n", 0, label.start()) + 1
        done = _line_end(text, start)
        head = text[start:done]
        mark = next((mark for mark in _MARKS if mark in head), "")
        if len(head) <= _WIDEST and (order := _order(_cells(head, mark, 0))):
            for change in _rows(text, done, mark, order):
                done = change.end
                yield change


def _order(head: Sequence[_Cell]) -> list[int]:
    """The columns that a number is in, its first group first; [] where it is in one."""
    found = [(number, cell.said) for number, cell in enumerate(head) if _LABEL.search(cell.said)]
    if not 2 <= len(found) <= 3:
        return []
    places = [_PLACE.search(_LABEL.sub("", said)) for _, said in found]
    if all(places):
        return [
            number
            for _, number in sorted(
                (("one", "two", "three").index(str(place.lastgroup)), number)
                for place, (number, _) in zip(places, found, strict=True)
                if place is not None
            )
        ]
    return [number for number, _ in found]


def _rows(text: str, start: int, mark: str, order: Sequence[int]) -> Iterator[Change]:
    """Each row below with the number in one place, and what stands between its groups behind it."""
    others = 0
    for _ in range(_MOST_ROWS):
        start = text.find("\n", start) + 1
        if not start or others > _MOST_OTHERS:
            return
        end = _line_end(text, start)
        cells = _cells(text[start:end], mark, start) if end - start <= _WIDEST else []
        others += 1
        if len(cells) <= max(order):
            continue
        flat = "/".join(cells[number].said for number in order)
        found = (_THREE if len(order) > 2 else _TWO).fullmatch(flat)
        if found is not None:
            others = 0
            first, last = min(order), max(order)
            between = [cells[number].said for number in range(first, last) if number not in order]
            said = " ".join(("SSN", _number(found.groups()), *between))
            yield Change(cells[first].start, cells[last].end, said)


def _number(groups: Sequence[str]) -> str:
    area, group, serial = groups
    return f"{area.zfill(3)}-{group.zfill(2)}-{serial.zfill(4)}"


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _cells(line: str, mark: str, start: int) -> list[_Cell]:
    """The cells of a line, without quotes; of one without marks its words."""
    if not mark:
        return [_Cell(start + word.start(), start + word.end(), word[0]) for word in _CELL.finditer(line)]
    cells: list[_Cell] = []
    for said in line.split(mark):
        cells.append(_Cell(start, start + len(said), said.strip(" \r\"'")))
        start += len(said) + 1
    return cells
