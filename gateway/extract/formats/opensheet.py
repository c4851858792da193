"""Tables of OpenDocument as a program shows them: cells that stand for several, formulas, values without their words.

ISO/IEC 26300-1, 9.1 (tables), 19.642 and 19.675 (cells and rows that are repeated), 19.385 (values), 16.29 (formats).
What a table says in its own words is read elsewhere; here is told what that leaves out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, View
from gateway.extract.asked import LABEL
from gateway.extract.budget import Budget
from gateway.extract.formats.formula import of_open_document, only_counts, solved
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.sheet import column_of, table_text
from gateway.extract.formats.xmlread import parse_xml

_SIGNS = (b"-repeated", b":formula", b"office:value=", b"string-value=", b"embedded-text")
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_LONGEST_REPEATED = 12  # characters of a cell that may be a piece of a number
_MOST_REPEATED = 20  # times that one is told
_MOST_COLUMNS = 300
_MOST_MORE = 200_000  # cells in all that stand for others
_MOST_FORMULAS = 5_000
_MOST_STYLES = 2_000
_LEAST_DIGITS = 7  # of a value that its words do not tell
_BREAKS = str.maketrans("\t\r\n", "   ")


@dataclass(slots=True)
class _Table:
    name: str
    rows: dict[int, list[str]] = field(default_factory=dict)  # by their number, from 1
    formulas: list[tuple[int, int, str]] = field(default_factory=list)  # row, column, formula
    last: int = 0


@dataclass(slots=True)
class _Format:
    """A number as it is shown: the words before and behind it, those within it by the digits that follow them."""

    before: str = ""
    behind: str = ""
    digits: int = 0
    within: list[tuple[int, str]] = field(default_factory=list)

    @property
    def has_digits(self) -> bool:
        """Whether its own words have some."""
        return any(
            sign.isdecimal() for words in (self.before, self.behind, *(one for _, one in self.within)) for sign in words
        )

    def shown(self, value: str) -> str:
        number = _plain(value).rjust(self.digits, "0")
        for place, words in sorted(self.within[:_MOST_REPEATED]):
            at = max(len(number) - place - sum(len(one) for other, one in self.within if other < place), 0)
            number = f"{number[:at]}{words}{number[at:]}"
        return f"{self.before}{number}{self.behind}"


class _Reader:
    """Handlers of expat."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self.says_more = False  # than its words
        self.unsolved = False  # a formula has no value, and there are too many
        self._styles: dict[str, str] = {}  # the format of each style of cells
        self._formats: dict[str, _Format] = {}
        self._format: _Format | None = None
        self._place = 0  # of words within a number
        self._times = 1  # that the row is shown
        self._row: list[str] = []
        self._cell: dict[str, str] | None = None
        self._words: list[str] = []
        self._text: list[str] | None = None  # within a paragraph, or the words of a format
        self._more = _MOST_MORE
        self._formulas = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        attributes = {key.rpartition(":")[2]: value for key, value in given.items()}
        if local == "table":
            self.tables.append(_Table(attributes.get("name", "").lower()))
        elif local == "table-row":
            self._row = []
            self._times = _times(attributes, "number-rows-repeated")
        elif local in _CELLS:
            self._cell, self._words = attributes, []
        elif local == "p" or (local in ("text", "embedded-text") and self._format is not None):
            self._text = []
            self._place = _times(attributes, "position")
        elif local == "style" and len(self._styles) < _MOST_STYLES:
            self._styles[attributes.get("name", "")] = attributes.get("data-style-name", "")
        elif name.startswith("number:") and local.endswith("-style") and len(self._formats) < _MOST_STYLES:
            self._format = self._formats[attributes.get("name", "")] = _Format()
        elif local == "number" and self._format is not None:
            self._format.digits = min(_times(attributes, "min-integer-digits"), _MOST_REPEATED)

    def text(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if self._text is not None and local in ("p", "text", "embedded-text"):
            words, self._text = "".join(self._text), None
            if self._format is not None:
                self._put_format(self._format, local, words[:_MOST_REPEATED])
            elif self._cell is not None:
                self._words.append(words)
        elif name.startswith("number:") and local.endswith("-style"):
            self._format = None
        elif local in _CELLS and self._cell is not None and self.tables:
            self._put(self._cell)
            self._cell = None
        elif local == "table-row" and self.tables:
            self._end_row(self.tables[-1])

    def _put_format(self, form: _Format, local: str, words: str) -> None:
        if local == "embedded-text":
            if len(form.within) < _MOST_REPEATED:
                form.within.append((self._place, words))
        elif form.digits:
            form.behind = words
        else:
            form.before = words

    def _put(self, cell: dict[str, str]) -> None:
        words = " ".join(self._words).strip().translate(_BREAKS)
        shown = self._shown(cell, words)
        formula = cell.get("formula", "")
        table = self.tables[-1]
        if formula and not shown:
            self._formulas += 1
            if self._formulas <= _MOST_FORMULAS:
                table.formulas.append((table.last + 1, len(self._row), formula))
            else:
                self.unsolved = True
        self.says_more = self.says_more or shown != words
        times = _times(cell, "number-columns-repeated")
        if not shown:
            self._row.extend([""] * max(min(times, _MOST_COLUMNS - len(self._row)), 1))
            return
        self._row.extend([shown] * self._told(shown, times))

    def _shown(self, cell: dict[str, str], words: str) -> str:
        """What a program makes of a cell: its words, or its value, in the format of its style."""
        value = cell.get("value", "")
        form = self._formats.get(self._styles.get(cell.get("style-name", ""), "")) if value else None
        if form is not None and form.has_digits:
            said = form.shown(value)
            return words if said in words else f"{words} {said}".strip()
        if not words:
            return cell.get("string-value", "").translate(_BREAKS) or _plain(value)
        digits = _plain(value).partition(".")[0]
        if len(digits) >= _LEAST_DIGITS and digits.lstrip("-") not in "".join(filter(str.isdecimal, words)):
            return f"{words} {digits}"
        return words

    def _told(self, words: str, times: int) -> int:
        """How often a cell, or a row of one, is told."""
        if times == 1 or len(words) > _LONGEST_REPEATED or self._more <= 0:
            return 1
        times = min(times, _MOST_REPEATED)
        self._more -= times
        self.says_more = True
        return times

    def _end_row(self, table: _Table) -> None:
        table.last += 1
        said = "".join(self._row)
        if said or (table.formulas and table.formulas[-1][0] == table.last):
            for more in range(self._told(said, self._times) if said else 1):
                table.rows[table.last + more] = self._row if more == 0 else [*self._row]
        table.last += self._times - 1


def _times(attributes: dict[str, str], name: str) -> int:
    count = attributes.get(name, "1")
    return max(int(count), 1) if count.isdecimal() and len(count) < 9 else 1


def _plain(value: str) -> str:
    """A number without an exponent or a fraction that is none."""
    try:
        number = float(value)
    except ValueError:
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e16 else value


def read_tables(octets: bytes, budget: Budget) -> Iterator[Item]:
    """What the tables of a document show beyond their words."""
    if b"table-cell" not in octets or not any(sign in octets for sign in _SIGNS):
        return
    reader = _Reader()
    parse_xml(octets, reader.start, reader.end, reader.text)
    if _work_out(reader, budget) or reader.says_more:
        for table in reader.tables:
            yield from (Text(one.text, View.ALL) for one in table_text(list(table.rows.values())))
    if reader.unsolved and LABEL.search(octets.decode("utf-8", "replace")) is not None:
        yield OpaqueReason.READERS_DISAGREE


def _work_out(reader: _Reader, budget: Budget) -> bool:
    """Put what formulas show into their cells; whether any shows something."""
    tables = {table.name: table for table in reader.tables}
    worked = False
    for table in reader.tables:

        def cell(sheet: str, letters: str, number: int, here: _Table = table) -> str:
            row = (tables[sheet] if sheet else here).rows.get(number, [])
            column = column_of(letters)
            return row[column] if column < len(row) else ""

        for number, column, formula in table.formulas:
            budget.check_time()
            formula = of_open_document(formula)
            value = solved(formula, cell, kept=False)
            reader.unsolved = reader.unsolved or (value is None and not only_counts(formula))
            row = table.rows.get(number, [])  # one that nobody ended has none
            if value and column < len(row):
                row[column], worked = value.translate(_BREAKS), True
    return worked
