"""Text as the engines read it: folded to plain characters, as UTF-8, and the way back to code points.

What looks the same to a person is made the same: no-break spaces, dashes, digits and letters of other scripts' forms
(Unicode NFKD, one for one), accents off, what shows nothing out, letters that look like Latin ones within words that
have Latin ones too (Unicode Technical Standard 39). Offsets still point into the original text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.core.message import Span
from gateway.detect.lookalikes import LETTERS
from gateway.detect.wrapped import both, unwrapped

_BLOCK = 4096  # bytes between two checkpoints
_ASCII = bytes(range(0x80))
_CONTINUATION = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that do not start a code point (RFC 3629)
_FEW = 24  # distinct characters up to which replacing one after the other is quicker than translating
# What draws a line, a point or nothing at all and has another category in Unicode.
_SIGNS = {
    **dict.fromkeys("\u02c9\u02d7\u2043\u207b\u208b\u23af\u2500\u2501\u2796\u30fc\uff70", "-"),
    **dict.fromkeys("\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff0e\uff65", "."),
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", ""),
    "\ufffd": "",
    "\u2800": " ",
    "\uf02d": "-",
}
# Digits of the fonts Symbol and Wingdings, as Windows keeps them in the private use area.
_OF_FONTS = {chr(first + digit): str(digit) for first in (0xF030, 0xF080, 0xF08B) for digit in range(10)}
_UNSHOWN = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cn", "Cs"})
_NUMBERS = frozenset({"Nd", "No", "Nl"})
# Zeros of Unicode 15 and 16, younger than Python's tables, each with its nine digits behind it: Garay, Myanmar (two),
# Sunuwar, Kawi, Gurung Khema, Kirat Rai, outlined, Nag Mundari, Ol Onal.
_YOUNG_ZEROS = (
    0x10D40, 0x116D0, 0x116DA, 0x11BF0, 0x11F50, 0x16130, 0x16D70, 0x1CCF0, 0x1E4F0, 0x1E5F1,
)  # fmt: skip
_RINGS = frozenset("ØøΘθϴ○◯")  # among digits a zero
_RING = re.compile("(?<=[0-9])[ØøΘθϴ○◯]|[ØøΘθϴ○◯](?=[0-9])")
_LABELS = frozenset({"ssn", "mrn"})  # words that are read where every letter of them is of another script
_HAN_DIGITS = {
    character: str(value)
    for digits in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖", "영일이삼사오육칠팔구")
    for value, character in enumerate(digits)
}
_HAN_NUMBER = re.compile(f"(?:[{''.join(_HAN_DIGITS)}](?:[^\\w\\s]| )?){{6,}}")
_WORD = re.compile(r"\w+")
_AS_DIGITS = str.maketrans("OoIlSs", "001155")
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "
_QUOTES = {
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "−": "-", "⁄": "/", "∕": "/",
    "\x85": "\n", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoldedText:
    """`octets` is what the engines scan; `removed` are its places, in characters, where an original one is gone."""

    octets: bytes = field(repr=False)
    original: str = field(repr=False)
    checkpoints: tuple[int, ...] = ()  # code points before each block; () where one byte is one code point
    removed: tuple[int, ...] = ()
    broken: bool = False  # lines of the original are joined in it

    def span(self, start: int, end: int) -> Span:
        """Code points of the original text for the bytes [start, end), which are not empty."""
        first, last = self._point(start), self._point(end) - 1
        if self.removed:
            first += bisect_right(self.removed, first)
            last += bisect_right(self.removed, last)
        return Span(first, last + 1)

    def text(self, start: int, end: int) -> str:
        """The folded text of the bytes [start, end)."""
        return self.octets[start:end].decode("utf-8", "replace")

    def count(self, start: int, end: int) -> int:
        """Folded characters in the bytes [start, end)."""
        return self._point(end) - self._point(start)

    def window(self, start: int, end: int, before: int, after: int) -> tuple[int, int]:
        """Bytes from `before` characters ahead of `start` to `after` characters behind `end`."""
        if not self.checkpoints:
            return max(0, start - before), min(len(self.octets), end + after)
        left = self.octets[max(0, start - 4 * before) : start].decode("utf-8", "ignore")
        right = self.octets[end : end + 4 * after].decode("utf-8", "ignore")
        head = len(left[len(left) - before :].encode()) if len(left) > before else len(left.encode())
        return start - head, end + len(right[:after].encode())

    def _point(self, offset: int) -> int:
        if not self.checkpoints:
            return offset
        block = offset // _BLOCK
        return self.checkpoints[block] + _points(self.octets[block * _BLOCK : offset])


@dataclass(frozen=True, slots=True)
class WholeText:
    """A folded text, with broken lines joined, and with its lines as they stand: the same where none was broken."""

    joined: FoldedText = field(repr=False)
    lines: FoldedText = field(repr=False)


def folded(text: str) -> WholeText:
    """The folded forms of any text, as `fold`."""
    joined = fold(text, join=True)
    return WholeText(joined, fold(text) if joined.broken else joined)


def fold(text: str, *, join: bool = False) -> FoldedText:
    """Folded form of any text. A lone surrogate becomes a question mark. Linear time.

    `join`: lines that a program broke are read as one.
    """
    if text.isascii():
        octets = text.encode("ascii")
        joined, gone = unwrapped(text, octets) if join else (text, ())
        if joined is text:
            return FoldedText(octets, text)
        return FoldedText(joined.encode("ascii"), text, (), gone, broken=True)
    octets = text.encode("utf-8", "replace")
    foreign = set(octets.translate(None, _ASCII).decode("utf-8"))
    original, text = text, _without_lookalikes(text, foreign)
    changes = {character: plain for character in foreign if (plain := _plain(character)) is not None}
    folded = _replace(text, changes)
    removed: tuple[int, ...] = ()
    if len(folded) != len(text):
        removed = tuple(_removed(text, (c for c, plain in changes.items() if not plain)))
    lines = folded
    if join:
        folded, gone = unwrapped(lines)
        removed = both(removed, gone)
    broken = folded is not lines
    octets = folded.encode("utf-8", "replace")
    if len(octets) == len(folded):
        return FoldedText(octets, original, (), removed, broken)
    return FoldedText(octets, original, _checkpoints(octets), removed, broken)


def _without_lookalikes(text: str, foreign: set[str]) -> str:
    """Characters that stand for digits or Latin letters by their company alone, one for one."""
    if not foreign.isdisjoint(LETTERS):
        text = _WORD.sub(_latin, text)
    if not foreign.isdisjoint(_RINGS):
        text = _RING.sub("0", text)
    if not foreign.isdisjoint(_HAN_DIGITS):
        text = _HAN_NUMBER.sub(lambda found: "".join(_HAN_DIGITS.get(c, c) for c in found[0]), text)
    return text


def _latin(word: re.Match[str]) -> str:
    """A word in which letters and digits of ASCII stand beside some that only look like them."""
    written = word[0]
    if written.isascii():
        return written
    rest = [c for c in written if c not in LETTERS]
    if len(rest) == len(written) or (rest and not any(c.isascii() and c.isalnum() for c in rest)):
        return written
    plain = "".join(LETTERS.get(c, c) for c in written)
    if not rest:
        return plain if plain.isdecimal() or plain.lower() in _LABELS else written
    if all(c.isdigit() for c in rest):  # among digits what looks like O or l is one
        plain = plain.translate(_AS_DIGITS)
    return plain


def _replace(text: str, changes: dict[str, str]) -> str:
    if len(changes) > _FEW:
        return text.translate({ord(character): plain for character, plain in changes.items()})
    for character, plain in changes.items():
        text = text.replace(character, plain)
    return text


def _removed(text: str, characters: Iterable[str]) -> list[int]:
    """For each removed character its place in the folded text."""
    gone = re.compile("[" + "".join(re.escape(c) for c in characters) + "]")
    return [found.start() - before for before, found in enumerate(gone.finditer(text))]


def _checkpoints(octets: bytes) -> tuple[int, ...]:
    total, checkpoints = 0, [0]
    for start in range(0, len(octets), _BLOCK):
        total += _points(octets[start : start + _BLOCK])
        checkpoints.append(total)
    return tuple(checkpoints)


def _points(octets: bytes) -> int:
    return len(octets.translate(None, _CONTINUATION))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str | None:
    """One plain character, "" for an invisible one or an accent standing alone, None to leave it as it is."""
    if character in _QUOTES:
        return _QUOTES[character]
    if character in _SIGNS:
        return _SIGNS[character]
    if character in _OF_FONTS:
        return _OF_FONTS[character]
    category = unicodedata.category(character)
    if category in _NUMBERS:
        return _digit(character)
    if category in _UNSHOWN:
        return _digit(character) or ""
    if category == "Pd":
        return "-"
    if category == "Zs":
        return " "
    name = unicodedata.name(character, "")
    if name.startswith(_SMALL_CAPITAL) and len(name) == len(_SMALL_CAPITAL) + 1:
        return name[-1]
    parts = [c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) != "Mn"]
    return parts[0] if len(parts) == 1 and parts[0].isascii() else None


def _digit(character: str) -> str | None:
    """The digit that a number of one character shows, in a circle or with a point as well; None for a larger one."""
    for zero in _YOUNG_ZEROS:
        if 0 <= ord(character) - zero <= 9:
            return str(ord(character) - zero)
    value = unicodedata.numeric(character, -1.0)
    return str(int(value)) if value in range(10) else None
