"""Numbers of a sheet as their format shows them (ECMA-376 part 1, 18.8.30 and 18.8.31)."""

import datetime
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # built-in formats
_ASIDE = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.|[_*].")
_MASK = re.compile(r"[0#?\\\-() ./\"+]{4,40}")
_PLACES = re.compile(r"[0#?]")
_DATE = re.compile(r"[ydYD]|[mM]{1,4}[/\-. ]|[hH]:")
_EPOCH = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zone
_LAST_DAY = 2_958_465  # 9999-12-31
_WRITTEN = re.compile(r"\"[^\"]*[0-9][^\"]*\"|\\[0-9]|\[\$[^\]\-]*[0-9]")  # digits that the format itself shows
_BARE = re.compile(r"(?<![/0-9E])[1-9]")  # likewise, outside of quotes and brackets; not of a fraction
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\]")
_SCALED = re.compile(r"[0#?](,{1,5})(?![0#?,])|%")  # shown in thousands, or a hundredfold
_TIMES = "*"  # before the factor of a format that shows another number than it holds, and its mask
_LEAST_SCALED, _MOST_SCALED = 1e7, 1e16
_LONGEST_CODE = 255  # characters, which is all that a program takes
_PERCENT = frozenset({"9", "10"})  # built-in formats
_SHORT = 6  # digits of which hardly a number of a person is made
LITERAL = "="  # before the code of a format that shows digits of its own
_TOKEN = re.compile(
    r"\"([^\"]*)\"|\\(.)|\[\$([^\]]{0,60}?)(?:-[0-9A-Fa-f]*)?\]|\[[^\]]*\]|[_*].|[.,%]|([0#?])"
    r"|(@|General)|([yY]+|[mM]+|[dD]+)|(.)",
    re.DOTALL,
)
_PLACE, _VALUE, _OF_DATE = 4, 5, 6  # groups of it
_SECTION = re.compile(r"(?:\"[^\"]*\"|\\.|[^;\"\\])*")
_SHOWN_AS_TEXT = 3  # the section for text


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
)


def compared(left: float | str, sign: str, right: float | str) -> bool:
    """Two numbers or two words, by a sign of a formula or a format."""
    return _COMPARISONS[sign](left, right)


def form_of(number: str, code: str) -> str:
    """What matters of a format: "date", a mask, the code of one with digits of its own, a factor, ""."""
    if not code:
        if number in _PERCENT:
            return f"{_TIMES}100|"
        return "date" if number.isdigit() and int(number) in _DATES else ""
    first = code.partition(";")[0]
    aside = _ASIDE.sub("", code)
    if len(code) <= _LONGEST_CODE and (_WRITTEN.search(code) or _BARE.search(aside)):
        return LITERAL + code
    aside = aside.partition(";")[0]
    if _DATE.search(aside):
        return "date"
    if scaled := _SCALED.search(aside):
        mask = form_of("", first.replace(",", "").replace("%", ""))
        return f"{_TIMES}{100 if scaled[1] is None else 1 / 1000 ** len(scaled[1])}|{mask}"
    plain = first.replace("\\", "").replace('"', "")
    return plain if _MASK.fullmatch(first) and re.search(r"[0#?][-() /]+[0#?]", plain) else ""


def show(value: str, form: str, epoch: datetime.datetime) -> str:
    """A number as its format shows it; the number itself where that is not known."""
    if form.startswith(LITERAL):
        return written(value, form.removeprefix(LITERAL), epoch)
    try:
        number = float(value)
    except ValueError:
        return value
    if form == "date" and 0 < number < _LAST_DAY:
        moment = epoch + datetime.timedelta(days=number)
        return moment.strftime("%m/%d/%Y %H:%M" if number % 1 else "%m/%d/%Y")
    if form.startswith(_TIMES):
        factor, _, mask = form.removeprefix(_TIMES).partition("|")
        scaled = number * float(factor)
        if not _LEAST_SCALED <= scaled < _MOST_SCALED:
            return value
        shown = show(str(round(scaled)), mask, epoch)
        return _with_held(shown, whole(number)) if number.is_integer() else shown
    if not number.is_integer() or abs(number) >= 1e21:
        return value
    digits = str(int(number))
    return _masked(digits, form) if form and form != "date" and number >= 0 else digits


def _masked(digits: str, mask: str) -> str:
    """Digits put into the places of a mask, from the right."""
    shown: list[str] = []
    left = list(digits)
    for sign in reversed(mask):
        if not _PLACES.match(sign):
            shown.append(sign)
        elif left:
            shown.append(left.pop())
        elif sign == "0":
            shown.append("0")
    return ("".join(left) + "".join(reversed(shown))).strip()


def written(value: str, code: str, epoch: datetime.datetime = _EPOCH) -> str:
    """A value in a format that shows words of its own; the value beside them where they leave no place for it."""
    tokens = list(_TOKEN.finditer(_section(value, code)))
    if not any(token.lastindex in (_PLACE, _VALUE) for token in tokens) and _DATE.search(_ASIDE.sub("", code)):
        return _with_date(value, tokens, epoch)
    places = sum(1 for token in tokens if token.lastindex == _PLACE)
    digits = value.removesuffix(".0").removeprefix("-")
    left = list(digits.rjust(places, "0")) if digits.isdecimal() else [digits]
    shown: list[str] = []
    for token in reversed(tokens):
        if token.lastindex == _PLACE:
            places -= 1
            shown.append("".join(left) if places == 0 else left.pop() if len(left) > 1 else "")
            left = [] if places == 0 else left
        elif token.lastindex is not None:
            shown.append(value if token.lastindex == _VALUE else token[token.lastindex])
    shown_whole = "".join(reversed(shown)).strip()
    if any(token.lastindex == _PLACE for token in tokens):
        return _with_held(shown_whole, digits)
    return _with_held(shown_whole, value) if value in shown_whole else f"{shown_whole} {value}"


def _with_held(shown: str, held: str) -> str:
    """What a cell shows, and what a click on it shows where the format puts digits around that or takes some away."""
    hidden = len(held) > _SHORT and re.search(rf"(?<!\d){re.escape(held)}(?!\d)", shown) is None
    return f"{shown} {held}" if hidden else shown


def _with_date(value: str, tokens: Sequence[re.Match[str]], epoch: datetime.datetime) -> str:
    """A moment with words of the format around its parts; the number too, for a click on the cell."""
    try:
        moment = epoch + datetime.timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    shown = "".join(
        _part(token[0], moment) if token.lastindex == _OF_DATE else token[token.lastindex]
        for token in tokens
        if token.lastindex is not None
    )
    return f"{shown} {value}"


def _part(sign: str, moment: datetime.datetime) -> str:
    """A part of a moment: two digits for a doubled sign, four for a year."""
    kind = sign[0].lower()
    if kind == "y":
        return f"{moment.year:04d}" if len(sign) > 2 else f"{moment.year % 100:02d}"
    number = moment.day if kind == "d" else moment.month
    return f"{number:02d}" if len(sign) > 1 else str(number)


def _section(value: str, code: str) -> str:
    """The part of the code for such a value: positive, negative, nought, text."""
    sections = [found[0] for found in _SECTION.finditer(code) if found[0]]
    try:
        number = float(value)
    except ValueError:
        with_text = [section for section in sections if "@" in _ASIDE.sub("", section)]
        return (with_text or sections[_SHOWN_AS_TEXT:] or ["@"])[0]
    conditions = [_CONDITION.search(section) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or compared(number, condition[1], float(condition[2])):
                return section
    place = 1 if number < 0 else 2 if number == 0 else 0
    return sections[place] if place < len(sections) else sections[0]


def show_by(value: str, code: str) -> str:
    """A value in a format that a formula names."""
    if code and not code.strip("0"):
        return value.rjust(min(len(code), _LONGEST_CODE), "0")
    form = form_of("", code)
    if form.startswith(LITERAL):
        return written(value, form.removeprefix(LITERAL))
    return _masked(value, form) if value.isdecimal() and form not in ("", "date") and form[0] != _TIMES else value


def whole(number: float) -> str:
    """A number without a fraction that is none."""
    number = float(number)  # the sum of nothing is an integer
    return str(int(number)) if number.is_integer() and abs(number) < 1e21 else repr(number)
