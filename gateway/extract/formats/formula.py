"""Formulas of a sheet that put a text together: what a program shows once it has worked them out.

Strings, numbers and cells are joined, reckoned with, chosen and formatted (ECMA-376 part 1, 18.17; OpenFormula,
ISO/IEC 26300-2). All else is left to the values that the file keeps.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.extract.formats.cellformat import whole
from gateway.extract.formats.functions import Area, Unsolved, call, is_so, number, power, said, short

_TOKEN = re.compile(
    r"\s*(?:\"((?:[^\"]|\"\")*)\"|([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?:('(?:[^']|'')*'|[A-Za-z0-9_.]{1,60})!)?\$?([A-Z]{1,3})\$?([0-9]{1,7})(?![0-9A-Za-z_(!.])"
    r"|(?:_xlfn\.|_xlws\.)*([A-Za-z][A-Za-z0-9.]{0,30})\s*\(|([A-Za-z_][A-Za-z0-9_.]{0,60})"
    r"|(<=|>=|<>|[&+\-*/^%=<>(),;:{}|@]))\s*"
)
_STRING, _NUMBER, _SHEET, _COLUMN, _ROW, _FUNCTION, _WORD, _SIGN = range(1, 9)
_WORTH = re.compile(r"[&+\-*]|CONCAT|TEXT|CHAR|REPT|SUBST|MID\(|^\$?[A-Z]{1,3}\$?[0-9]{1,7}$|^[0-9]{4,}$")
_COUNTS = re.compile(r"\s*=?(?:COUNT(?:A|BLANK|IFS?)?\([^()]{1,300}\)|(?:TODAY|NOW)\(\))\s*", re.IGNORECASE)
# OpenDocument puts cells in brackets, the name of a sheet before a dot: [.A1], [$Sheet2.A1], [.A1:.B2].
_OPEN = re.compile(r"(?:of:|oooc:|msoxl:)?=")
_BRACKETS = re.compile(r"\"(?:[^\"]|\"\")*\"|\[([^\[\]\"]{1,200})\]")
_OF_SHEET = re.compile(r"\$?('(?:[^']|'')*'|[^.:'$]*)\.(?=\$?[A-Z])")
_LONGEST = 1_000  # characters of a formula
_DEEPEST = 20
_MOST_IN_RANGE = 1_000
_MOST_STEPS = 2_000  # of working one out
_COMPARING = frozenset({"=", "<>", "<", ">", "<=", ">="})
_BETWEEN = frozenset({",", ";"})
_NO_NAMES: Mapping[str, str] = MappingProxyType({})

Cell = Callable[[str, str, int], str]  # the value of a cell by its sheet ("" is this one), column and row


def solved(formula: str, cell: Cell, names: Mapping[str, str] = _NO_NAMES, *, kept: bool = True) -> str | None:
    """What a formula shows; None where that is not worked out.

    `names`: formulas that the workbook has names for. `kept`: the file has a value for it, which most
    times says it all.
    """
    if len(formula) > _LONGEST or (kept and _WORTH.search(formula) is None):
        return None
    try:
        return _Formula(formula, cell, names).result()
    except (Unsolved, ValueError, LookupError, ArithmeticError, StopIteration):
        return None


def only_counts(formula: str) -> bool:
    """Whether a formula shows a count of cells, or today, and so no number of a person whatever it is."""
    return _COUNTS.fullmatch(formula) is not None


def of_open_document(formula: str) -> str:
    """A formula of OpenDocument as one of Excel; one that is too long to be worked out stays as it is."""
    if len(formula) > _LONGEST:
        return formula
    return _BRACKETS.sub(_reference, _OPEN.sub("", formula, count=1))


def _reference(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else _OF_SHEET.sub(lambda sheet: f"{sheet[1]}!" if sheet[1] else "", found[1])


class _Formula:
    """Reads a formula from left to right. Values are texts, as a cell shows them."""

    def __init__(self, formula: str, cell: Cell, names: Mapping[str, str], depth: int = 0) -> None:
        self._cell = cell
        self._names = names
        self._tokens: list[re.Match[str]] = []
        self._at = self._steps = 0
        self._depth = depth
        position = 0
        while position < len(formula):
            token = _TOKEN.match(formula, position)
            if token is None:
                raise Unsolved
            self._tokens.append(token)
            position = token.end()

    def result(self) -> str:
        value = self._compared()
        if self._at < len(self._tokens):
            raise Unsolved
        return value

    def _sign(self) -> str:
        return (self._tokens[self._at][_SIGN] or "") if self._at < len(self._tokens) else ""

    def _expect(self, sign: str) -> None:
        if self._sign() != sign:
            raise Unsolved
        self._at += 1

    def _compared(self) -> str:
        value = self._joined()
        while (sign := self._sign()) in _COMPARING:
            self._at += 1
            value = said(is_so(value, sign, self._joined()))
        return value

    def _joined(self) -> str:
        pieces = [self._sum()]
        while self._sign() == "&":
            self._at += 1
            pieces.append(self._sum())
        return short("".join(pieces))

    def _sum(self) -> str:
        value = self._product()
        while (sign := self._sign()) in ("+", "-"):
            self._at += 1
            other = number(self._product())
            value = whole(number(value) + (other if sign == "+" else -other))
        return value

    def _product(self) -> str:
        value = self._power()
        while (sign := self._sign()) in ("*", "/"):
            self._at += 1
            other = number(self._power())
            value = whole(number(value) * other if sign == "*" else number(value) / other)
        return value

    def _power(self) -> str:
        value = self._one()
        while self._sign() == "^":
            self._at += 1
            value = whole(power(number(value), number(self._one())))
        return value

    def _one(self) -> str:
        values = self._values()
        if len(values) != 1:
            raise Unsolved
        value = values[0]
        while self._sign() == "%":
            self._at += 1
            value = whole(number(value) / 100)
        return value

    def _values(self) -> Area:
        """One value, or those of a range."""
        self._steps += 1
        if self._at >= len(self._tokens) or self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            raise Unsolved
        token = self._tokens[self._at]
        self._at += 1
        if token[_STRING] is not None:
            return Area([token[_STRING].replace('""', '"')])
        if token[_NUMBER]:
            return Area([token[_NUMBER] if token[_NUMBER].isdecimal() else whole(float(token[_NUMBER]))])
        if token[_COLUMN]:
            return self._cells(token)
        self._depth += 1
        value = self._nested(token)
        self._depth -= 1
        return value

    def _nested(self, token: re.Match[str]) -> Area:
        sign = token[_SIGN]
        if token[_FUNCTION]:
            return call(token[_FUNCTION].upper(), self._arguments())
        if token[_WORD]:
            return Area([self._named(token[_WORD])])
        if sign == "(":
            value = self._compared()
            self._expect(")")
            return Area([value])
        if sign == "{":
            return self._listed()
        if sign == "@":
            return self._values()
        if sign in ("-", "+"):
            value = self._one()
            return Area([whole(-number(value)) if sign == "-" else value])
        raise Unsolved

    def _named(self, word: str) -> str:
        if word.upper() in ("TRUE", "FALSE"):
            return word.upper()
        meant = self._names.get(word.lower())
        if meant is None or len(meant) > _LONGEST:
            raise Unsolved
        # one deeper for each name, and as many steps as there are left
        inside = _Formula(meant, self._cell, self._names, self._depth + 1)
        inside._steps = self._steps
        value = inside.result()
        self._steps = inside._steps
        return value

    def _listed(self) -> Area:
        """The values of a list that stands in the formula, row by row."""
        values: list[str] = []
        while self._sign() != "}":
            values.append(self._one())
            if self._sign() in (",", ";", "|"):
                self._at += 1
        self._at += 1
        return Area(values, max(len(values), 1))

    def _cells(self, start: re.Match[str]) -> Area:
        sheet = (start[_SHEET] or "").strip("'").replace("''", "'").lower()
        if self._sign() != ":":
            return Area([self._cell(sheet, start[_COLUMN], int(start[_ROW]))])
        self._at += 1
        end = self._tokens[self._at] if self._at < len(self._tokens) else start
        self._at += 1
        if not end[_COLUMN]:
            raise Unsolved
        rows = range(int(start[_ROW]), int(end[_ROW]) + 1)
        columns = range(_number(start[_COLUMN]), _number(end[_COLUMN]) + 1)
        self._steps += len(rows) * len(columns) // 10
        if len(rows) * len(columns) > _MOST_IN_RANGE:
            raise Unsolved
        return Area([self._cell(sheet, _letters(column), row) for row in rows for column in columns], len(columns))

    def _arguments(self) -> list[Area]:
        arguments: list[Area] = []
        while (sign := self._sign()) != ")":
            arguments.append(Area([""]) if sign in _BETWEEN else self._argument())
            if self._sign() in _BETWEEN:
                self._at += 1
            elif self._sign() != ")":
                raise Unsolved
        self._at += 1
        return arguments

    def _argument(self) -> Area:
        """A range or list that is an argument by itself, or one value."""
        first, at = self._tokens[self._at : self._at + 2], self._at
        if len(first) == 2 and ((first[0][_COLUMN] and first[1][_SIGN] == ":") or first[0][_SIGN] == "{"):
            values = self._values()
            if self._sign() in _BETWEEN or self._sign() == ")":
                return values
            self._at = at
        return Area([self._compared()])


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
