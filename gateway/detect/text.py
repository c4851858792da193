"""Text as the engines read it: folded to plain characters, as UTF-8, and the way back to code points.

What looks the same to a person is made the same: no-break spaces, dashes, digits and letters of other scripts' forms
(Unicode NFKD, one for one), accents off, invisible format characters out. Offsets still point into the original text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.core.message import Span

_BLOCK = 4096  # bytes between two checkpoints
_ASCII = bytes(range(0x80))
_CONTINUATION = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that do not start a code point (RFC 3629)
_FEW = 24  # distinct characters up to which replacing one after the other is quicker than translating
_QUOTES = {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "−": "-", "⁄": "/", "∕": "/", "\u2028": "\n"}


@dataclass(frozen=True, slots=True)
class FoldedText:
    """`octets` is what the engines scan; `removed` are its places, in characters, where an original one is gone."""

    octets: bytes = field(repr=False)
    original: str = field(repr=False)
    checkpoints: tuple[int, ...] = ()  # code points before each block; () where one byte is one code point
    removed: tuple[int, ...] = ()

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


def fold(text: str) -> FoldedText:
    """Folded form of any text. A lone surrogate becomes a question mark. Linear time."""
    if text.isascii():
        return FoldedText(text.encode("ascii"), text)
    octets = text.encode("utf-8", "replace")
    foreign = set(octets.translate(None, _ASCII).decode("utf-8"))
    changes = {character: plain for character in foreign if (plain := _plain(character)) is not None}
    folded = _replace(text, changes)
    removed: tuple[int, ...] = ()
    if len(folded) != len(text):
        removed = tuple(_removed(text, (c for c, plain in changes.items() if not plain)))
    octets = folded.encode("utf-8", "replace")
    if len(octets) == len(folded):
        return FoldedText(octets, text, (), removed)
    return FoldedText(octets, text, _checkpoints(octets), removed)


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
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if category == "Pd":
        return "-"
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(character))
    parts = [c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) != "Mn"]
    return parts[0] if len(parts) == 1 and parts[0].isascii() else None
