"""Functions of a sheet that put a text or a number together (ECMA-376 part 1, 18.17.7).

Values are texts, as cells show them.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import zip_longest
from types import MappingProxyType

from gateway.extract.formats.cellformat import compared, show_by, whole

_MOST_SAID = 32_767  # characters of a value, which is all that a cell takes
_MOST_TAKEN = 10 * _MOST_SAID  # of all that a function is given: a range may hold the longest value a thousand times
_MOST_REPEATED = 400
_WORDS: Mapping[str, float] = MappingProxyType({"TRUE": 1.0, "FALSE": 0.0, "": 0.0})
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Values = Sequence[str]
Arguments = Sequence["Area"]


class Area(list[str]):
    """The values of an argument: of one cell, or of a range row by row. `width`: cells in a row of it."""

    def __init__(self, values: Sequence[str], width: int = 1) -> None:
        super().__init__(values)
        self.width = width


class Unsolved(Exception):
    """More than is worked out here."""


def call(name: str, arguments: Arguments) -> Area:
    """What a function makes of its arguments. Raises Unsolved, and what Python raises for values that are none."""
    choose = _CHOOSING.get(name)
    if choose is not None:
        return choose(arguments)
    work = _JOINING.get(name)
    if work is None:
        raise Unsolved
    values = [value for argument in arguments for value in argument]
    if sum(map(len, values)) > _MOST_TAKEN:
        raise Unsolved
    return Area([short(work(values))])


def short(value: str) -> str:
    """Raises Unsolved for a value of which a formula of a few letters makes more than a cell has room for."""
    if len(value) > _MOST_SAID:
        raise Unsolved
    return value


def number(value: str) -> float:
    """A cell as a number; an empty one is nought."""
    known = _WORDS.get(value.upper())
    return float(value) if known is None else known


def truth(value: str) -> bool:
    return value.upper() == "TRUE" or number(value) != 0


def said(true: bool) -> str:
    return "TRUE" if true else "FALSE"


def is_so(left: str, sign: str, right: str) -> bool:
    """A comparison: of numbers where both are some, else of words whatever their case."""
    try:
        return compared(float(left), sign, float(right))
    except ValueError:
        return compared(left.lower(), sign, right.lower())


def _character(value: str) -> str:
    character = chr(int(float(value)))
    if "\ud800" <= character <= "\udfff":
        raise Unsolved
    return character


def _substitute(values: Values) -> str:
    text, old, new = values[:3]
    if not old:
        return text
    if len(text) + text.count(old) * len(new) > _MOST_SAID:
        raise Unsolved
    return text.replace(old, new)


def _replaced(values: Values) -> str:
    text, start, count = values[0], int(values[1]) - 1, int(values[2])
    return text[:start] + values[3] + text[start + count :]


def _text(values: Values) -> str:
    return show_by(values[0], values[1]) if len(values) > 1 else "".join(values)


def _text_join(values: Values) -> str:
    return values[0].join(value for value in values[2:] if value) if values else ""


def _in_base(values: Values) -> str:
    left, base = int(number(values[0])), int(values[1])
    if not (0 <= left < 1 << 53 and 2 <= base <= len(_DIGITS)):
        raise Unsolved
    shown = ""
    while left:
        left, rest = divmod(left, base)
        shown = _DIGITS[rest] + shown
    return shown.rjust(int(values[2]) if len(values) > 2 and int(values[2]) < _MOST_REPEATED else 1, "0")


def _fixed(values: Values) -> str:
    places = int(values[1]) if len(values) > 1 else 2
    plain = len(values) > 2 and truth(values[2])
    return f"{number(values[0]):{'' if plain else ','}.{min(max(places, 0), 30)}f}"


def _rounded(work: Callable[[float], int]) -> Callable[[Values], str]:
    def round_to(values: Values) -> str:
        places = int(values[1]) if len(values) > 1 and values[1] else 0
        return whole(work(number(values[0]) * 10.0**places) / 10.0**places)

    return round_to


def _stepped(work: Callable[[float], int]) -> Callable[[Values], str]:
    def step(values: Values) -> str:
        size = number(values[1]) if len(values) > 1 else 1.0
        return whole(work(number(values[0]) / size) * size)

    return step


def _of_base(base: int) -> Callable[[Values], str]:
    return lambda values: str(int(values[0], base))


def _numbers(work: Callable[[list[float]], float]) -> Callable[[Values], str]:
    """Of the values that are numbers."""
    return lambda values: whole(work([float(value) for value in values if _NUMBER.fullmatch(value)]))


def _found(values: Values) -> str:
    return str(values[1].lower().index(values[0].lower()) + 1)


def _plain_number(values: Values) -> str:
    decimal, group = values[1:3] if len(values) > 2 else (".", ",")
    return whole(float(values[0].replace(group, "").replace(decimal, ".").replace(" ", "")))


_JOINING: Mapping[str, Callable[[Values], str]] = MappingProxyType(
    {
        **dict.fromkeys(("CONCATENATE", "CONCAT", "VALUE", "TRIM", "T", "N", "UPPER", "LOWER", "PROPER"), "".join),
        **dict.fromkeys(("CHAR", "UNICHAR"), lambda values: "".join(map(_character, values))),
        **dict.fromkeys(("IFERROR", "IFNA"), lambda values: values[0]),
        **dict.fromkeys(("FIND", "SEARCH"), _found),
        **dict.fromkeys(("ROUND", "MROUND"), _rounded(round)),
        **dict.fromkeys(("INT", "TRUNC", "ROUNDDOWN"), _rounded(math.floor)),
        **dict.fromkeys(("FLOOR", "FLOOR.MATH"), _stepped(math.floor)),
        **dict.fromkeys(("CEILING", "CEILING.MATH"), _stepped(math.ceil)),
        "CLEAN": lambda values: "".join(filter(str.isprintable, "".join(values))),
        "TEXTJOIN": _text_join,
        "TEXT": _text,
        "SUM": lambda values: whole(sum(map(number, values))),
        "REPT": lambda values: (values[0] * min(int(values[1]), _MOST_REPEATED))[:_MOST_REPEATED],
        "SUBSTITUTE": _substitute,
        "REPLACE": _replaced,
        "LEFT": lambda values: values[0][: int(values[1]) if len(values) > 1 else 1],
        "RIGHT": lambda values: values[0][max(len(values[0]) - (int(values[1]) if len(values) > 1 else 1), 0) :],
        "MID": lambda values: values[0][max(int(values[1]) - 1, 0) :][: int(values[2])],
        "TEXTBEFORE": lambda values: values[0][: values[0].index(values[1])],
        "TEXTAFTER": lambda values: values[0][values[0].index(values[1]) + len(values[1]) :],
        "LEN": lambda values: str(len(values[0])),
        "CODE": lambda values: str(ord(values[0][0])),
        "UNICODE": lambda values: str(ord(values[0][0])),
        "EXACT": lambda values: said(values[0] == values[1]),
        "AND": lambda values: said(all(map(truth, values))),
        "OR": lambda values: said(any(map(truth, values))),
        "NOT": lambda values: said(not truth(values[0])),
        "TRUE": lambda values: "TRUE",
        "FALSE": lambda values: "FALSE",
        "ISBLANK": lambda values: said(not values[0]),
        "HYPERLINK": lambda values: values[-1],
        "NUMBERVALUE": _plain_number,
        "FIXED": _fixed,
        "DOLLAR": lambda values: f"${_fixed([values[0], *(values[1:2] or ['2'])])}",
        "BASE": _in_base,
        "DECIMAL": lambda values: str(int(values[0], int(values[1]))),
        "HEX2DEC": _of_base(16),
        "OCT2DEC": _of_base(8),
        "BIN2DEC": _of_base(2),
        "PRODUCT": _numbers(math.prod),
        "MAX": _numbers(max),
        "MIN": _numbers(min),
        "AVERAGE": _numbers(lambda values: sum(values) / len(values)),
        "ABS": lambda values: whole(abs(number(values[0]))),
        "MOD": lambda values: whole(number(values[0]) % number(values[1])),
        "QUOTIENT": lambda values: whole(float(int(number(values[0]) / number(values[1])))),
        "POWER": lambda values: whole(power(number(values[0]), number(values[1]))),
        "SQRT": lambda values: whole(math.sqrt(number(values[0]))),
        "PI": lambda values: repr(math.pi),
        "ROUNDUP": _rounded(math.ceil),
    }
)  # fmt: skip


def power(base: float, exponent: float) -> float:
    """Raises Unsolved where the outcome is no real number."""
    value = base**exponent
    if isinstance(value, complex):
        raise Unsolved
    return float(value)


def _choice(arguments: Arguments) -> Area:
    if truth(arguments[0][0]):
        return arguments[1]
    return arguments[2] if len(arguments) > 2 else Area(["FALSE"])


def _first_true(arguments: Arguments) -> Area:
    return next(then for asked, then in zip(arguments[::2], arguments[1::2], strict=False) if truth(asked[0]))


def _switched(arguments: Arguments) -> Area:
    value, *cases = arguments
    for case, then in zip_longest(cases[::2], cases[1::2]):
        if then is None:
            return Area(case)
        if is_so(value[0], "=", case[0]):
            return Area(then)
    raise Unsolved


def _at_place(arguments: Arguments) -> Area:
    area, first = arguments[0], int(number(arguments[1][0]))
    second = int(number(arguments[2][0])) if len(arguments) > 2 else 0
    if second == 0:  # one row, or one column
        row, column = (1, first) if area.width == len(area) else (first, 1)
    else:
        row, column = max(first, 1), second
    if not 1 <= column <= area.width:
        raise Unsolved
    return Area([area[(row - 1) * area.width + column - 1]])


def _place(wanted: str, among: Values) -> int:
    return next(place for place, value in enumerate(among) if is_so(value, "=", wanted))


def _column_found(arguments: Arguments) -> Area:
    wanted, area, column = arguments[0][0], arguments[1], int(arguments[2][0])
    row = _place(wanted, area[:: area.width])
    return Area([area[row * area.width + column - 1]])


def _row_found(arguments: Arguments) -> Area:
    wanted, area, row = arguments[0][0], arguments[1], int(arguments[2][0])
    return Area([area[(row - 1) * area.width + _place(wanted, area[: area.width])]])


def _looked_up(arguments: Arguments) -> Area:
    return Area([arguments[-1 if len(arguments) < 4 else 2][_place(arguments[0][0], arguments[1])]])


def _products(arguments: Arguments) -> Area:
    rows = zip(*([number(value) for value in argument] for argument in arguments), strict=True)
    return Area([whole(sum(reduce(operator.mul, row) for row in rows))])


_CHOOSING: Mapping[str, Callable[[Arguments], Area]] = MappingProxyType(
    {
        "IF": _choice,
        "IFS": _first_true,
        "SWITCH": _switched,
        "CHOOSE": lambda arguments: arguments[int(number(arguments[0][0]))],
        "INDEX": _at_place,
        "MATCH": lambda arguments: Area([str(_place(arguments[0][0], arguments[1]) + 1)]),
        "VLOOKUP": _column_found,
        "HLOOKUP": _row_found,
        "LOOKUP": _looked_up,
        "XLOOKUP": _looked_up,
        "SUMPRODUCT": _products,
        "TRANSPOSE": lambda arguments: arguments[0],
    }
)
