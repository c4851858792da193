"""Worksheets of SpreadsheetML (ECMA-376 part 1 section 18): cells as they show, rows as lines, tabs between cells."""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget
from gateway.extract.formats.cellformat import LITERAL, form_of, show
from gateway.extract.formats.formula import solved
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.labelled import labelled
from gateway.extract.formats.xmltext import attribute_text, parse_xml

_MOST_COLUMNS = 300
_CHECK_EVERY = 2_000  # rows
_MOST_FORMULAS = 1_000  # of a sheet that are worked out
_LEAST_DIGITS = 4  # of a result that is worth it
_HEAD = 5  # rows among which the headings are
# Headers and footers of pages, and the codes in them (18.3.1.39): the zones of a line, looks, fields.
_MARGINS = frozenset(f"{pages}{place}" for pages in ("odd", "even", "first") for place in ("Header", "Footer"))
_CODES = re.compile(r'&(?:"[^"]*"|[0-9]{1,3}|K[0-9A-Fa-f+\-]{5,6}|[A-Z]|(&))')
_ZONES = frozenset({"&L", "&C", "&R"})
_BREAKS = str.maketrans("\t\r\n", "   ")


@dataclass(slots=True)
class Book:
    """What the sheets of a workbook share."""

    strings: list[str] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)  # numbers of the strings that a cell shows
    formats: list[str] = field(default_factory=list)  # of each cell style: "date", a mask, ""
    epoch: datetime.datetime = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zone


def read_strings(octets: bytes, book: Book) -> bool:
    """The shared strings (18.4.9); whether the part is well formed."""
    pieces: list[str] = []
    local = _Locals()

    def start(name: str, _: object) -> None:
        if local(name) == "si":
            pieces.clear()

    def end(name: str) -> None:
        if local(name) == "si":
            book.strings.append("".join(pieces))

    return parse_xml(octets, start, end, pieces.append)


def unused_strings(book: Book) -> str:
    """Strings that no cell shows any more, a line each."""
    return "\n".join(words for number, words in enumerate(book.strings) if number not in book.shown)


def read_styles(octets: bytes, book: Book) -> bool:
    """Which cell styles show dates or masks (18.8)."""
    custom: dict[str, str] = {}
    state = {"cells": False}
    local = _Locals()

    def start(name: str, attributes: dict[str, str]) -> None:
        kind = local(name)
        if kind == "numFmt":
            custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif kind == "cellXfs":
            state["cells"] = True
        elif kind == "xf" and state["cells"]:
            number = attributes.get("numFmtId", "0")
            book.formats.append(form_of(number, custom.get(number, "")))

    def end(name: str) -> None:
        if local(name) == "cellXfs":
            state["cells"] = False

    return parse_xml(octets, start, end, None)


class _Locals(dict[str, str]):
    """Local names by qualified ones."""

    def __call__(self, name: str) -> str:
        return self[name]

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(":")[2]
        return local


class _Sheet:
    """Handlers of expat for one worksheet."""

    def __init__(self, book: Book, budget: Budget) -> None:
        self.rows: list[list[str]] = []
        self.beside: list[str] = []  # formulas, headers and footers, prompts
        self._book = book
        self._budget = budget
        self._local = _Locals()
        self._numbered: dict[int, list[str]] = {}  # rows by their number
        self._number = 0
        self._formulas: list[tuple[int, int, str]] = []  # row, column, formula
        self._formula = ""
        self._row: list[str] = []
        self._text: list[str] = []
        self._cell: dict[str, str] = {}
        self._value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._local(name)
        if local == "c":
            self._cell = attributes
            self._value = self._formula = ""
        elif local == "row":
            self._row = []
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() else self._number + 1
        if local != "r":
            self._text.clear()

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        local = self._local(name)
        if local in ("v", "t"):
            self._value += "".join(self._text)
        elif local == "c":
            self._put()
        elif local == "row":
            self._end_row()
        elif self._text and local not in ("r", "is"):
            words = "".join(self._text).strip()
            if local == "f":
                self._formula = words
            if local in _MARGINS:
                words = _CODES.sub(lambda code: " " if code[0] in _ZONES else code[1] or "", words)
            if words and (local != "f" or '"' in words):
                self.beside.append(words)
        self._text.clear()

    def _put(self) -> None:
        column = column_of(self._cell.get("r", ""))
        if column < 0:
            column = len(self._row)
        if len(self._row) < column:
            self._row.extend([""] * (min(column, _MOST_COLUMNS) - len(self._row)))
        self._row.append(self._shown().translate(_BREAKS))
        if self._formula and len(self._formulas) < _MOST_FORMULAS:
            self._formulas.append((self._number, len(self._row) - 1, self._formula))

    def _shown(self) -> str:
        kind = self._cell.get("t", "n")
        if kind == "s":
            number = int(self._value) if self._value.isdigit() else -1
            if not 0 <= number < len(self._book.strings):
                return self._value
            self._book.shown.add(number)
            return self._formed(self._book.strings[number], is_text=True)
        return self._formed(self._value, is_text=kind != "n") if self._value else ""

    def _formed(self, value: str, *, is_text: bool) -> str:
        style = self._cell.get("s", "0")
        forms = self._book.formats
        form = forms[int(style)] if style.isdigit() and int(style) < len(forms) else ""
        return value if is_text and not form.startswith(LITERAL) else show(value, form, self._book.epoch)

    def _end_row(self) -> None:
        if any(self._row):
            self.rows.append(self._row)
            self._numbered[self._number] = self._row
            if len(self.rows) % _CHECK_EVERY == 0:
                self._budget.check_time()

    def worked_out(self) -> list[list[str]]:
        """Rows whose formulas show something else than the file keeps, below those that may be headings."""
        changed: dict[int, list[str]] = {}

        def cell(letters: str, number: int) -> str:
            row = changed.get(number) or self._numbered.get(number, [])
            column = column_of(letters)
            return row[column] if column < len(row) else ""

        for number, column, formula in self._formulas:
            self._budget.check_time()
            value = solved(formula, cell)
            row = changed.get(number) or [*self._numbered.get(number, [])]
            row.extend([""] * (column + 1 - len(row)))  # of two rows with one number the later may be shorter
            if value and value != row[column] and sum(map(str.isdecimal, value)) >= _LEAST_DIGITS:
                row[column] = value.translate(_BREAKS)
                changed[number] = row
        if not changed:
            return []
        head = islice(self._numbered.items(), _HEAD)
        return [*(changed.pop(number, row) for number, row in head), *changed.values()]


def column_of(reference: str) -> int:
    """Number from 0 of the column in a reference such as "BC12"; -1 where there is none."""
    number = 0
    for sign in reference:
        if not "A" <= sign <= "Z":
            break
        number = number * 26 + ord(sign) - 64
    return number - 1


def read_sheet(octets: bytes, book: Book, budget: Budget) -> Iterator[Item]:
    """The cells of a worksheet, hidden ones too, then what stands beside them."""
    sheet = _Sheet(book, budget)
    sound = parse_xml(octets, sheet.start, sheet.end, sheet.text)
    yield from table_text(sheet.rows)
    more = sheet.worked_out()
    if more:
        yield from (Text(table.text, View.ALL) for table in table_text(more))
    said = attribute_text(_without_cells(octets))
    beside = "\n".join(words for words in (*sheet.beside, said) if words)
    if beside:
        yield Text(beside, View.ALL)
    if not sound:
        yield OpaqueReason.DAMAGED


def _without_cells(octets: bytes) -> bytes:
    """Attributes of cells say where they stand and nothing else; without them a large sheet is quickly searched."""
    start, end = octets.find(b"sheetData"), octets.rfind(b"sheetData")
    return octets if start < 0 or start == end else octets[:start] + octets[end:]


def table_text(rows: Sequence[Sequence[str]]) -> Iterator[Text]:
    """Rows as lines with tabs; where a column has a heading, each of its values beside it in a second view."""
    text = "\n".join("\t".join(row) for row in rows)
    if text.strip():
        yield Text(text)
    beside = labelled(rows)
    if beside:
        yield Text(beside, View.ALL)
