"""How a page writes numbers: CSS Counter Styles Level 3, section 3."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 100  # characters that are written in one place
_STRING = re.compile(r""""((?:[^"\\]|\\.){0,200})"|'((?:[^'\\]|\\.){0,200})'""", re.DOTALL)
_WEIGHED = re.compile(r"""([0-9]{1,12})\s{1,9}(?:"((?:[^"\\]|\\.){0,200})"|'((?:[^'\\]|\\.){0,200})')""", re.DOTALL)
_PADDED = re.compile(r"([0-9]{1,3})\s+[\"'](.)[\"']|[\"'](.)[\"']\s+([0-9]{1,3})")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|\r?\n|(.))", re.DOTALL)
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Marks:
    """A style of counters. `weights`: of the symbols of an additive one, the largest first."""

    symbols: tuple[str, ...]
    width: int
    pad: str
    before: str
    after: str
    numeric: bool = False
    weights: tuple[int, ...] = ()

    def of(self, number: int) -> str:
        """A number with what stands around it in a list."""
        return f"{self.before}{self.bare(number)}{self.after}"

    def bare(self, number: int) -> str:
        """A number as counter() shows it."""
        return self._said(number).rjust(self.width, self.pad)

    def _said(self, number: int) -> str:
        if not self.symbols:
            return str(number)
        if self.weights:
            return self._added(number)
        if self.numeric and len(self.symbols) > 1:
            digits: list[str] = []
            while len(digits) < _MOST_DIGITS and (number > 0 or not digits):
                number, digit = divmod(max(number, 0), len(self.symbols))
                digits.append(self.symbols[digit])
            return "".join(reversed(digits))
        return self.symbols[(number - 1) % len(self.symbols)]

    def _added(self, number: int) -> str:
        said: list[str] = []
        for weight, symbol in zip(self.weights, self.symbols, strict=True):
            if weight == 0:
                return symbol if number == 0 and not said else "".join(said)
            said += [symbol] * min(number // weight, LONGEST)
            number %= weight
        return "".join(said)[:LONGEST]


def marks_of(declared: Mapping[str, str]) -> Marks:
    """A style by its declarations."""
    system = declared.get("system", "").strip().lower()
    added = declared.get("additive-symbols", "")
    weighed = [(int(found[1]), plain(found[2] or found[3] or "")) for found in _WEIGHED.finditer(added)]
    weighed.sort(key=lambda one: -one[0])
    symbols = tuple(plain(double or single) for double, single in _STRING.findall(declared.get("symbols", "")))
    weights: tuple[int, ...] = ()
    if weighed and (system == "additive" or not symbols):
        weights, symbols = tuple(weight for weight, _ in weighed), tuple(symbol for _, symbol in weighed)
    padded = _PADDED.search(declared.get("pad", ""))
    width = min(int(padded[1] or padded[4]), LONGEST) if padded else 0
    before, after = (unquoted(declared.get(name, "")) for name in ("prefix", "suffix"))
    pad = (padded[2] or padded[3]) if padded else " "
    return Marks(symbols, width, pad, before, after, system == "numeric", weights)


def unquoted(value: str) -> str:
    """The string that a value begins with."""
    found = _STRING.match(value)
    return plain(found[1] or found[2] or "") if found else ""


def plain(written: str) -> str:
    """The inside of a string with its escapes undone."""
    return _ESCAPE.sub(_character, written) if "\\" in written else written


def _character(escaped: re.Match[str]) -> str:
    if escaped[1]:
        code = int(escaped[1], 16)
        return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    return escaped[2] or ""
