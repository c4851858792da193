"""What a report consists of, before anybody knows whether it becomes a page, a PDF or tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["text", "code", "number", "share", "seconds", "time", "day"]
Value = str | int | float | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: Kind = "text"

    @property
    def is_number(self) -> bool:
        return self.kind in ("number", "share", "seconds")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. `name` is that of its CSV file. `most` rows are shown to people, all of them in CSV."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    empty: str = "None in this period."
    most: int = 40


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs. A `tone` of "good", "bad" or "note" makes a box with a word in front.

    "blank" leaves room to write in; "command" is a line to type.
    """

    paragraphs: tuple[str, ...]
    tone: Literal["", "good", "bad", "note", "blank", "command"] = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a reader should take away."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    items: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values, such as those of one incident."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked columns over time, or bars where there is one series. `alt` says in words what it shows."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]
    alt: str
    form: Literal["columns", "bars"] = "columns"


Block = Table | Words | Figures | Pairs | Chart


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What the report was made of: lines `first` to `last` of the audit log, and the SHA-256 of these lines.

    `verified` says in words what checking the chain gave.
    """

    first: int
    last: int
    digest: str
    verified: str
    is_whole: bool = True  # the chain was found whole


@dataclass(frozen=True, slots=True)
class Document:
    """`kind` names it in file names, such as "quarterly"; `period` is in words."""

    kind: str
    title: str
    organization: str
    period: str
    made: datetime
    source: Source
    sections: tuple[Section, ...]
    lead: tuple[str, ...] = field(default=())  # under the title: what this is, in a sentence or two

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Table))


def shown(value: Value, kind: Kind) -> str:
    """A value for people."""
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if kind == "day" else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return value
    if kind == "share":
        return f"{100 * value:.1f} %"
    return duration(value) if kind == "seconds" else f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def duration(seconds: float) -> str:
    """Such as "40 s", "12 min", "3.5 h", "2.1 days"."""
    for limit, divisor, unit in ((90, 1, "s"), (5_400, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            amount = seconds / divisor
            return f"{amount:.0f} {unit}" if unit != "h" or amount >= 10 else f"{amount:.1f} {unit}"
    return f"{seconds / 86_400:.1f} days"


def counted(number: int, one: str, many: str = "") -> str:
    """Such as "1 message", "1,204 messages"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str], most: int = 6) -> str:
    """Such as "a, b and c", "a, b and 7 more"."""
    head = list(words[:most])
    if len(words) > most:
        head.append(f"{len(words) - most} more")
    return " and ".join((", ".join(head[:-1]), head[-1])) if len(head) > 1 else "".join(head)
