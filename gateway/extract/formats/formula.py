"""Formulas of a sheet that put a text together: what a program shows once it has worked them out.

Strings, numbers and cells of the same sheet are joined, added and formatted (ECMA-376 part 1, 18.17). All else is left
to the values that the file keeps.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from gateway.extract.formats.cellformat import show_by, whole

_TOKEN = re.compile(
    r"\s*(?:\"((?:[^\"]|\"\")*)\"|([0-9]+(?:\.[0-9]+)?)|\$?([A-Z]{1,3})\$?([0-9]{1,7})(?![0-9A-Za-z(!])"
    r"|(?:_xlfn\.)?([A-Za-z]{1,20})\s*\(|([&+\-*(),:]))\s*"
)
_STRING, _NUMBER, _COLUMN, _ROW, _NAME, _SIGN = range(1, 7)
_WORTH = re.compile(r"[&+\-*]|CONCAT|TEXT|CHAR|REPT|SUBST|MID\(|^\$?[A-Z]{1,3}\$?[0-9]{1,7}$|^[0-9]{4,}$")
_LONGEST = 400  # characters of a formula
_DEEPEST = 20
_MOST_IN_RANGE = 100
_MOST_SAID = 32_767  # characters of a value, which is all that a cell takes
_MOST_STEPS = 2_000  # of working one out

Cell = Callable[[str, int], str]  # the value of a cell by its column and row


class Unsolved(Exception):
    """More than is worked out here."""


def solved(formula: str, cell: Cell) -> str | None:
    """What a formula shows; None where that is not worked out."""
    if len(formula) > _LONGEST or _WORTH.search(formula) is None:
        return None
    try:
        return _Formula(formula, cell).result()
    except (Unsolved, ValueError, IndexError, OverflowError):
        return None


class _Formula:
    """Reads a formula from left to right. Values are texts, as a cell shows them."""

    def __init__(self, formula: str, cell: Cell) -> None:
        self._cell = cell
        self._tokens: list[re.Match[str]] = []
        self._at = self._depth = self._steps = 0
        position = 0
        while position < len(formula):
            token = _TOKEN.match(formula, position)
            if token is None:
                raise Unsolved
            self._tokens.append(token)
            position = token.end()

    def result(self) -> str:
        value = self._joined()
        if self._at < len(self._tokens):
            raise Unsolved
        return value

    def _sign(self) -> str:
        return (self._tokens[self._at][_SIGN] or "") if self._at < len(self._tokens) else ""

    def _expect(self, sign: str) -> None:
        if self._sign() != sign:
            raise Unsolved
        self._at += 1

    def _joined(self) -> str:
        pieces = [self._sum()]
        while self._sign() == "&":
            self._at += 1
            pieces.append(self._sum())
        return _short("".join(pieces))

    def _sum(self) -> str:
        value = self._product()
        while (sign := self._sign()) in ("+", "-"):
            self._at += 1
            other = float(self._product() or 0)
            value = whole(float(value or 0) + (other if sign == "+" else -other))
        return value

    def _product(self) -> str:
        value = self._one()
        while self._sign() == "*":
            self._at += 1
            value = whole(float(value or 0) * float(self._one() or 0))
        return value

    def _one(self) -> str:
        values = self._values()
        if len(values) != 1:
            raise Unsolved
        return values[0]

    def _values(self) -> list[str]:
        """One value, or those of a range."""
        self._steps += 1
        if self._at >= len(self._tokens) or self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            raise Unsolved
        token = self._tokens[self._at]
        self._at += 1
        if token[_STRING] is not None:
            return [token[_STRING].replace('""', '"')]
        if token[_NUMBER]:
            return [token[_NUMBER]]
        if token[_COLUMN]:
            return self._cells(token)
        self._depth += 1
        if token[_NAME]:
            value = self._call(token[_NAME].upper())
        elif token[_SIGN] == "(":
            value = self._joined()
            self._expect(")")
        elif token[_SIGN] == "-":
            value = whole(-float(self._one() or 0))
        else:
            raise Unsolved
        self._depth -= 1
        return [value]

    def _cells(self, start: re.Match[str]) -> list[str]:
        if self._sign() != ":":
            return [self._cell(start[_COLUMN], int(start[_ROW]))]
        self._at += 1
        end = self._tokens[self._at] if self._at < len(self._tokens) else start
        self._at += 1
        if not end[_COLUMN]:
            raise Unsolved
        rows = range(int(start[_ROW]), int(end[_ROW]) + 1)
        columns = range(_number(start[_COLUMN]), _number(end[_COLUMN]) + 1)
        if len(rows) * len(columns) > _MOST_IN_RANGE:
            raise Unsolved
        return [self._cell(_letters(column), row) for row in rows for column in columns]

    def _call(self, name: str) -> str:
        work = _FUNCTIONS.get(name)
        if work is None:
            raise Unsolved
        values: list[str] = []
        while self._sign() != ")":
            values += self._range() or [self._joined()]
            if self._sign() == ",":
                self._at += 1
        self._expect(")")
        return _short(work(values))

    def _range(self) -> list[str]:
        """The values of a range that is an argument by itself; none where something else stands here."""
        first, at = self._tokens[self._at : self._at + 2], self._at
        if len(first) < 2 or not first[0][_COLUMN] or first[1][_SIGN] != ":":
            return []
        values = self._values()
        if self._sign() in (",", ")"):
            return values
        self._at = at
        return []


def _short(value: str) -> str:
    """Raises Unsolved for a value of which a formula of a few letters makes more than a cell has room for."""
    if len(value) > _MOST_SAID:
        raise Unsolved
    return value


def _substitute(values: Sequence[str]) -> str:
    text, old, new = values[:3]
    if not old:
        return text
    if len(text) + text.count(old) * len(new) > _MOST_SAID:
        raise Unsolved
    return text.replace(old, new)


def _is_true(value: str) -> bool:
    return value.upper() == "TRUE" or float(value) != 0


def _text(values: Sequence[str]) -> str:
    return show_by(values[0], values[1]) if len(values) > 1 else "".join(values)


def _text_join(values: Sequence[str]) -> str:
    return values[0].join(value for value in values[2:] if value) if values else ""


_FUNCTIONS: Mapping[str, Callable[[Sequence[str]], str]] = MappingProxyType(
    {
        "CONCATENATE": "".join,
        "CONCAT": "".join,
        "TEXTJOIN": _text_join,
        "TEXT": _text,
        "CHAR": lambda values: "".join(chr(int(float(value))) for value in values),
        "UNICHAR": lambda values: "".join(chr(int(float(value))) for value in values),
        "SUM": lambda values: whole(sum(float(value or 0) for value in values)),
        "IF": lambda values: values[1 if _is_true(values[0]) else 2],
        "REPT": lambda values: (values[0] * min(int(values[1]), _LONGEST))[:_LONGEST],
        "SUBSTITUTE": _substitute,
        "LEFT": lambda values: values[0][: int(values[1])],
        "RIGHT": lambda values: values[0][max(len(values[0]) - int(values[1]), 0) :],
        "MID": lambda values: values[0][max(int(values[1]) - 1, 0) :][: int(values[2])],
        **dict.fromkeys(("VALUE", "TRIM", "T", "N", "UPPER", "LOWER", "PROPER", "CLEAN"), "".join),
    }
)


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
