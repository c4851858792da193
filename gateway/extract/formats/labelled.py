"""Values of a table beside the headings of their columns, as a form would show them."""

import re
from collections.abc import Sequence

_HEADING = re.compile(r"(?=[^\W\d_])[^\t\r\n]{2,40}")
_VALUE = re.compile(r"(?=.*[0-9]).{4,40}")
_GLANCE = 5  # rows among which the headings are looked for
_MOST = 2_000_000  # characters


def labelled(rows: Sequence[Sequence[str]]) -> str:
    """Lines "heading: value" for the values with digits in columns that have a heading; "" where none has."""
    start, headings = _headings(rows)
    if not headings:
        return ""
    lines: list[str] = []
    size = 0
    for row in rows[start:]:
        for column, heading in headings.items():
            if column < len(row) and _VALUE.fullmatch(row[column]):
                lines.append(f"{heading}: {row[column]}")
                size += len(lines[-1])
        if size > _MOST:
            break
    return "\n".join(lines)


def _headings(rows: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]]:
    """The first row in which all cells could be headings, and the number of the row after it."""
    for number, row in enumerate(rows[:_GLANCE], 1):
        filled = {column: cell.strip() for column, cell in enumerate(row) if cell.strip()}
        if filled and all(_HEADING.fullmatch(cell) for cell in filled.values()) and len(rows) > number:
            below = rows[number]
            if any(column < len(below) and _VALUE.fullmatch(below[column]) for column in filled):
                return number, filled
    return 0, {}
