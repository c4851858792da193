"""Days of the calendar, however they are written, as eight digits: 19840301."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import AnyStr

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBERS = r"([0-9]{1,4}) ?[-/.] ?([0-9]{1,2}) ?[-/.] ?([0-9]{1,4})"
_DAY_FIRST = (
    rf"([0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)?[ .\-/]{{0,2}}({_MONTH})[a-z]{{0,6}}[ ,.\-/]{{0,3}}([0-9]{{4}}|[0-9]{{2}})"
)
_WORD_FIRST = (
    rf"({_MONTH})[a-z]{{0,6}}[ .\-/]{{0,2}}([0-9]{{1,2}})(?:st|nd|rd|th)?[ ,.\-/]{{0,3}}([0-9]{{4}}|[0-9]{{2}})"
)
_COMPACT = r"([0-9]{8})"
SHAPES = (_NUMBERS, _DAY_FIRST, _WORD_FIRST, _COMPACT)
_VALUE = tuple(re.compile(rf"\s*{shape}(?![0-9])") for shape in SHAPES)
FIRST_YEAR, LAST_YEAR = 1850, 2099


class Order(StrEnum):
    """Which of the numbers of 03/04/1984 is the month. A date that begins with a year of four digits needs none."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"
    EITHER = "either"


def days_of(value: str, order: Order) -> frozenset[str]:
    """The day that a value begins with (a time may follow it); two where a year has but two digits."""
    for shape, regex in enumerate(_VALUE):
        found = regex.match(value.lower())
        if found is not None:
            return days(shape, found, order)
    return frozenset()


def days(shape: int, found: "re.Match[AnyStr]", order: Order) -> frozenset[str]:
    """What a match of SHAPES[shape] (without case) may mean."""
    fields = [(f.decode("ascii") if isinstance(f, bytes) else f).lower() for f in found.groups()]
    return frozenset(f"{y:04}{m:02}{d:02}" for y, m, d in _readings(shape, fields, order) if _is_day(y, m, d))


def orders_shown(values: Iterable[str]) -> tuple[int, int, int]:
    """How many values can only be month first, only day first, or both ways (days with two readings)."""
    month_first = day_first = both = 0
    for value in values:
        one, other = days_of(value, Order.MONTH_FIRST), days_of(value, Order.DAY_FIRST)
        if one == other:
            continue
        month_first += bool(one and not other)
        day_first += bool(other and not one)
        both += bool(one and other)
    return month_first, day_first, both


def _readings(shape: int, fields: list[str], order: Order) -> Iterator[tuple[int, int, int]]:
    if shape == 1:
        day, month, year = fields
        yield from ((y, _MONTHS[month], int(day)) for y in _years(year))
    elif shape == 2:
        month, day, year = fields
        yield from ((y, _MONTHS[month], int(day)) for y in _years(year))
    elif shape == 3:
        yield from _compact(fields[0], order)
    else:
        yield from _numbers(fields[0], fields[1], fields[2], order)


def _numbers(a: str, b: str, c: str, order: Order) -> Iterator[tuple[int, int, int]]:
    if len(a) == 4:
        if len(c) <= 2:
            yield int(a), int(b), int(c)
        return
    if len(a) > 2:
        return
    for year in _years(c):
        if order is not Order.DAY_FIRST:
            yield year, int(a), int(b)
        if order is not Order.MONTH_FIRST:
            yield year, int(b), int(a)


def _compact(digits: str, order: Order) -> Iterator[tuple[int, int, int]]:
    year = int(digits[:4])
    if FIRST_YEAR <= year <= LAST_YEAR and _is_day(year, int(digits[4:6]), int(digits[6:])):
        yield year, int(digits[4:6]), int(digits[6:])
        return
    yield from _numbers(digits[:2], digits[2:4], digits[4:], order)


def _years(field: str) -> tuple[int, ...]:
    if len(field) == 4:
        return (int(field),)
    return (1900 + int(field), 2000 + int(field)) if len(field) == 2 else ()


def _is_day(year: int, month: int, day: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
