"""Worksheets of SpreadsheetML (ECMA-376 part 1 section 18): cells as they show, rows as lines, tabs between cells."""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from gateway.core.message import OpaqueReason, View
from gateway.extract.asked import LABEL
from gateway.extract.budget import Budget
from gateway.extract.formats.cellformat import LITERAL, form_of, show
from gateway.extract.formats.formula import only_counts, solved
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.labelled import labelled
from gateway.extract.formats.xmlread import parse_xml
from gateway.extract.formats.xmlvalues import attribute_text

_MOST_COLUMNS = 300
_CHECK_EVERY = 2_000  # rows
_MOST_FORMULAS, _MOST_WITHOUT = 1_000, 5_000  # of a sheet that are worked out: with a value in the file, without
_MOST_WORKED_OUT = 1_000_000  # characters that the formulas of a sheet may show
_MOST_CELLS = 100_000  # of sheets that wait until all are read, since formulas fetch from one another
_RELATIVE = re.compile(r"[A-Z]\$?[0-9]")  # moves with the cell that shares a formula
_UNKNOWN = "?"  # no formula
_LEAST_DIGITS = 4  # of a result that is worth it
_HEAD = 5  # rows among which the headings are
# Headers and footers of pages, and the codes in them (18.3.1.39): the zones of a line, looks, fields.
_MARGINS = frozenset(f"{pages}{place}" for pages in ("odd", "even", "first") for place in ("Header", "Footer"))
_CODES = re.compile(r'&(?:"[^"]*"|[0-9]{1,3}|K[0-9A-Fa-f+\-]{5,6}|[A-Z]|(&))')
_ZONES = frozenset({"&L", "&C", "&R"})
_BREAKS = str.maketrans("\t\r\n", "   ")


_PLACES_OF_STYLES = {"cellXfs": "cells", "cellStyleXfs": "named", "dxf": "conditional"}


@dataclass(slots=True)
class Book:
    """What the sheets of a workbook share."""

    strings: list[str] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)  # numbers of the strings that a cell shows
    formats: list[str] = field(default_factory=list)  # of each cell style: "date", a mask, ""
    epoch: datetime.datetime = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zone
    names: dict[str, str] = field(default_factory=dict)  # formulas by the names that the workbook has for them
    titles: dict[str, str] = field(default_factory=dict)  # names of sheets by those of their parts
    sheets: dict[str, "_Sheet"] = field(default_factory=dict)  # those that wait, by their names in small letters
    cells: int = 0  # of these
    untold: bool = False  # a sheet speaks of a number, and has a formula that nobody here can work out
    hides: bool = False  # a format that shows digits of its own, where a condition holds


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
    named: list[str] = []  # numbers of the formats of styles that those of cells stand on
    state = {"cells": False, "named": False, "conditional": False}
    local = _Locals()

    def start(name: str, attributes: dict[str, str]) -> None:
        kind = local(name)
        if kind == "numFmt":
            code = attributes.get("formatCode", "")
            if state["conditional"]:
                book.hides = book.hides or form_of("", code).startswith(LITERAL)
            else:
                custom[attributes.get("numFmtId", "")] = code
        elif kind in _PLACES_OF_STYLES:
            state[_PLACES_OF_STYLES[kind]] = True
        elif kind == "xf" and state["named"]:
            named.append(attributes.get("numFmtId", "0"))
        elif kind == "xf" and state["cells"]:
            below = attributes.get("xfId", "")
            inherited = named[int(below)] if below.isdecimal() and int(below) < len(named) else "0"
            number = attributes.get("numFmtId", inherited)
            book.formats.append(form_of(number, custom.get(number, "")))

    def end(name: str) -> None:
        if local(name) in _PLACES_OF_STYLES:
            state[_PLACES_OF_STYLES[local(name)]] = False

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
        self._formulas: list[_Formula] = []
        self._without = self._count = 0  # formulas without a value, cells
        self._formula = ""
        self._shared: dict[str, str] = {}
        self._share = ""
        self.told = False  # its formulas are worked out
        self.unsolved = False  # a formula has no value, and is not worked out
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
        elif local == "f" and attributes.get("t") == "shared":
            self._share = attributes.get("si", "")
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
        elif local == "f" and self._share and not self._text:
            shared = self._shared.get(self._share, "")
            self._formula = _UNKNOWN if _RELATIVE.search(shared) else shared or _UNKNOWN
            self._share = ""
        elif self._text and local not in ("r", "is"):
            words = "".join(self._text).strip()
            if local == "f":
                self._formula = words
                self._shared[self._share] = words
                self._share = ""
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
        shown = self._shown().translate(_BREAKS)
        if column < len(self._row) and not self._row[column]:
            self._row[column] = shown  # cells may stand in any order
        else:
            column = len(self._row)
            self._row.append(shown)
        self._count += 1
        if self._formula:
            self._note(_Formula(self._number, column, self._formula, kept=bool(self._value)))

    def _note(self, formula: "_Formula") -> None:
        """Keep a formula to be worked out, unless there are too many."""
        self._without += not formula.kept
        if len(self._formulas) - self._without < _MOST_FORMULAS if formula.kept else self._without < _MOST_WITHOUT:
            self._formulas.append(formula)
        else:
            self.unsolved = self.unsolved or not formula.kept

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

    @property
    def count(self) -> int:
        """How many cells it has."""
        return self._count

    @property
    def fetches(self) -> bool:
        """Whether formulas may ask for cells of other sheets."""
        return any("!" in one.formula for one in self._formulas) or bool(self._formulas and self._book.names)

    def value(self, letters: str, number: int) -> str:
        """What a cell shows."""
        row = self._numbered.get(number, [])
        column = column_of(letters)
        return row[column] if column < len(row) else ""

    def worked_out(self) -> list[list[str]]:
        """Rows whose formulas show something else than the file keeps, below those that may be headings."""
        changed: dict[int, list[str]] = {}
        sheets = self._book.sheets

        def cell(sheet: str, letters: str, number: int) -> str:
            if sheet and (other := sheets.get(sheet)) is not self:
                if other is None:
                    raise LookupError
                return other.value(letters, number)
            return shown(number, column_of(letters))

        def shown(number: int, column: int) -> str:
            row = changed.get(number) or self._numbered.get(number, [])
            return row[column] if column < len(row) else ""

        room = _MOST_WORKED_OUT
        for number, column, formula, kept in self._formulas:
            self._budget.check_time()
            if room < 0:
                self.unsolved = True
                break
            value = solved(formula, cell, self._book.names, kept=kept)
            self.unsolved = self.unsolved or (value is None and not kept and not only_counts(formula))
            if not value or value == shown(number, column):
                continue
            if sum(map(str.isdecimal, value)) >= _LEAST_DIGITS:
                row = changed.get(number) or [*self._numbered.get(number, [])]
                row.extend([""] * (column + 1 - len(row)))  # of two rows with one number the later may be shorter
                row[column] = value.translate(_BREAKS)
                changed[number] = row
                room -= len(value)
        if not changed:
            return []
        head = islice(self._numbered.items(), _HEAD)
        return [*(changed.pop(number, row) for number, row in head), *changed.values()]

    def is_labelled(self) -> bool:
        """Whether anything in it names a number of a person."""
        text = "\n".join((*self.beside, *("\t".join(row) for row in self.rows)))
        return LABEL.search(text) is not None


class _Formula(NamedTuple):
    """`kept`: the file has a value for it."""

    row: int
    column: int
    formula: str
    kept: bool


def column_of(reference: str) -> int:
    """Number from 0 of the column in a reference such as "BC12"; -1 where there is none."""
    number = 0
    for sign in reference:
        if not "A" <= sign <= "Z":
            break
        number = number * 26 + ord(sign) - 64
    return number - 1


def read_sheet(octets: bytes, book: Book, budget: Budget, name: str = "") -> Iterator[Item]:
    """The cells of a worksheet, hidden ones too, then what stands beside them. `name`: of its part."""
    sheet = _Sheet(book, budget)
    sound = parse_xml(octets, sheet.start, sheet.end, sheet.text)
    yield from table_text(sheet.rows)
    said = attribute_text(_without_cells(octets))
    beside = "\n".join(words for words in (*sheet.beside, said) if words)
    if beside:
        yield Text(beside, View.ALL)
    if not sound:
        yield OpaqueReason.DAMAGED
    waits = book.cells + sheet.count <= _MOST_CELLS
    if waits:
        book.cells += sheet.count
        book.sheets[book.titles.get(name, name).lower()] = sheet
    if not (waits and sheet.fetches):
        yield from _formulas(sheet, book)
        sheet.told = True


def _formulas(sheet: _Sheet, book: Book) -> Iterator[Item]:
    """What the formulas of a sheet show."""
    more = sheet.worked_out()
    if more:
        yield from (Text(table.text, View.ALL) for table in table_text(more))
    book.untold = book.untold or (sheet.unsolved and sheet.is_labelled())


def read_formulas(book: Book) -> Iterator[Item]:
    """What formulas show that fetch from other sheets, once all are read; and that some formulas do not tell.

    Programs work such a formula out when they open the file. Where the sheet speaks of the number of a person, one that
    nobody here can work out is held.
    """
    for sheet in book.sheets.values():
        if not sheet.told:
            yield from _formulas(sheet, book)
    if book.untold or book.hides:
        yield OpaqueReason.READERS_DISAGREE


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
