"""Numbers of a sheet as their format shows them (ECMA-376 part 1, 18.8.30 and 18.8.31)."""

import datetime
import re

_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # built-in formats
_ASIDE = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.|[_*].")
_MASK = re.compile(r"[0#?\\\-() ./\"+]{4,40}")
_PLACES = re.compile(r"[0#?]")
_DATE = re.compile(r"[ydYD]|[mM]{1,4}[/\-. ]|[hH]:")
_LAST_DAY = 2_958_465  # 9999-12-31
_WRITTEN = re.compile(r"\"[^\"]*[0-9][^\"]*\"|\\[0-9]")  # digits that the format itself shows
_LONGEST_CODE = 255  # characters, which is all that a program takes
_SHORT = 6  # digits of which hardly a number of a person is made
LITERAL = "="  # before the code of a format that shows digits of its own
_TOKEN = re.compile(r"\"([^\"]*)\"|\\(.)|\[[^\]]*\]|[_*].|[.,%]|([0#?])|(@)|(.)", re.DOTALL)
_PLACE, _VALUE = 3, 4  # groups of it
_SECTION = re.compile(r"(?:\"[^\"]*\"|\\.|[^;\"\\])*")
_SHOWN_AS_TEXT = 3  # the section for text


def form_of(number: str, code: str) -> str:
    """What matters of a format: "date", a mask, the code of one with digits of its own, ""."""
    if not code:
        return "date" if number.isdigit() and int(number) in _DATES else ""
    first = code.partition(";")[0]
    if len(code) <= _LONGEST_CODE and _WRITTEN.search(code):
        return LITERAL + code
    if _DATE.search(_ASIDE.sub("", first)):
        return "date"
    plain = first.replace("\\", "").replace('"', "")
    return plain if _MASK.fullmatch(first) and re.search(r"[0#?][-() /]+[0#?]", plain) else ""


def show(value: str, form: str, epoch: datetime.datetime) -> str:
    """A number as its format shows it; the number itself where that is not known."""
    if form.startswith(LITERAL):
        return written(value, form.removeprefix(LITERAL))
    try:
        number = float(value)
    except ValueError:
        return value
    if form == "date" and 0 < number < _LAST_DAY:
        moment = epoch + datetime.timedelta(days=number)
        return moment.strftime("%m/%d/%Y %H:%M" if number % 1 else "%m/%d/%Y")
    if not number.is_integer() or abs(number) >= 1e21:
        return value
    whole = str(int(number))
    return _masked(whole, form) if form and form != "date" and number >= 0 else whole


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


def written(value: str, code: str) -> str:
    """A value in a format that shows words of its own; the value beside them where they leave no place for it."""
    tokens = list(_TOKEN.finditer(_section(value, code)))
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
    whole = "".join(reversed(shown)).strip()
    if any(token.lastindex == _PLACE for token in tokens):
        # a click on the cell shows the number without what the format puts around its digits
        hidden = len(digits) > _SHORT and re.search(rf"(?<!\d){re.escape(digits)}(?!\d)", whole) is None
        return f"{whole} {digits}" if hidden else whole
    return whole if value in whole else f"{whole} {value}"


def _section(value: str, code: str) -> str:
    """The part of the code for such a value: positive, negative, nought, text."""
    sections = [found[0] for found in _SECTION.finditer(code) if found[0]]
    try:
        number = float(value)
    except ValueError:
        with_text = [section for section in sections if "@" in _ASIDE.sub("", section)]
        return (with_text or sections[_SHOWN_AS_TEXT:] or ["@"])[0]
    place = 1 if number < 0 else 2 if number == 0 else 0
    return sections[place] if place < len(sections) else sections[0]


def show_by(value: str, code: str) -> str:
    """A value in a format that a formula names."""
    form = form_of("", code)
    if form.startswith(LITERAL):
        return written(value, form.removeprefix(LITERAL))
    return _masked(value, form) if value.isdecimal() and form not in ("", "date") else value


def whole(number: float) -> str:
    """A number without a fraction that is none."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e21 else repr(number)
