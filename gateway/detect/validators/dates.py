"""Dates of birth."""

import re
from calendar import monthrange

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS = re.compile(r"[0-9]+|[a-z]{3,}")
_CENTURIES = ("18", "19", "20")
_FIRST_YEAR, _LAST_YEAR = 1895, 2035  # nobody older lives; no clock here, so the upper bound is generous


def birth_date(value: str) -> bool:
    """A day of the calendar between 1895 and 2035; month first (US), day first or year first, month also as a word."""
    fields = _FIELDS.findall(value.lower())
    if len(fields) == 1 and len(fields[0]) == 8:
        digits = fields[0]
        year_first = digits[:2] in _CENTURIES
        fields = [digits[:4], digits[4:6], digits[6:]] if year_first else [digits[:2], digits[2:4], digits[4:]]
    fields = [field for field in fields if field[0].isdigit() or field[:3] in _MONTHS]
    return len(fields) == 3 and any(_is_day(*order) for order in _orders(fields))


def _orders(fields: list[str]) -> list[tuple[int, int, int]]:
    """Readings as (year, month, day)."""
    words = [index for index, field in enumerate(fields) if not field[0].isdigit()]
    if len(words) > 1:
        return []
    if words:
        month = _MONTHS.index(fields[words[0]][:3]) + 1
        first, second = (field for index, field in enumerate(fields) if index != words[0])
        return [(_year(second), month, _number(first)), (_year(first), month, _number(second))]
    a, b, c = fields
    if len(a) == 4:
        return [(_year(a), _number(b), _number(c))]
    return [(_year(c), _number(a), _number(b)), (_year(c), _number(b), _number(a))]


def _number(field: str) -> int:
    return int(field) if len(field) <= 2 else 0


def _year(field: str) -> int:
    """Two digits are of this century up to 35, of the last one above."""
    if len(field) == 4:
        return int(field)
    if len(field) == 2:
        return int(field) + (2000 if int(field) <= _LAST_YEAR % 100 else 1900)
    return 0


def _is_day(year: int, month: int, day: int) -> bool:
    return _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
