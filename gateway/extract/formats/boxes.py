"""Numbers of which each field of a form holds a part, as paper forms have a box for each digit."""

import re
from collections.abc import Iterable, Iterator

_PART = re.compile(r"[0-9]{1,5}")
_COUNT = "0123456789_[]()-. "  # what tells the fields of one number apart


def boxes(fields: Iterable[tuple[str, str]]) -> Iterator[str]:
    """For parts in a row what they say together, behind the name of the first. `fields`: name and value."""
    row: list[tuple[str, str]] = []
    for name, value in (*fields, ("", "")):
        if _PART.fullmatch(value):
            row.append((name, value))
            continue
        if len(row) > 1:
            yield f"{row[0][0].rstrip(_COUNT).rpartition('.')[2]} {' '.join(part for _, part in row)}"
        row = []
