"""Text put together from stretches of a source, with the runs that lead back."""

import re

from gateway.core.message import Runs
from gateway.parse.glance import Glance

# Characters that show nothing: NUL and other controls, soft hyphen, zero-width and directional marks.
INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_WHITE = " \t\r\n\f"
_LINES = frozenset("\t\r\n\f\xa0\u2007\u202f")
# Each alternative is a class of its own, and the first one starts with a bare class: the search skips text quickly.
_SPACES = re.compile(f"[{_WHITE}][{_WHITE}]+")
_SPECIAL = re.compile(f"[{_WHITE}]{{2,}}|[{INVISIBLE}]+")
_LINE = re.compile("[\t\r\n\f\xa0\u2007\u202f]")
_ASCII_CONTROLS = bytes([*range(9), *range(14, 32), 127])
_LARGE = 1 << 14  # octets: from here on Hyperscan is quicker
CONTROLS = Glance([(rb"[\x00-\x08\x0e-\x1f\x7f]",)])
_UNSEEN = re.compile(f"[{INVISIBLE}]+")


class Weaver:
    """Gathers one view of a part. White space runs become one space, as on a screen, unless `keep` says otherwise."""

    __slots__ = ("_gap", "_length", "_pieces", "_runs", "_source", "_spaced")

    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._runs: list[int] = []
        self._length = 0
        self._gap = ""  # wanted before the next text
        self._spaced = True  # the text is empty or ends with white space

    def result(self) -> tuple[str, Runs]:
        """The text and its runs."""
        return "".join(self._pieces), Runs(self._runs)

    def gap(self, text: str) -> None:
        """White space of our own before the next text, such as a line end; that wins over a tab."""
        if self._length and self._gap != "\n":
            self._gap = text
            self._spaced = True

    def whole(self, text: str, start: int, end: int) -> None:
        """`text` stands for source[start:end] as a whole, as a character does for its entity."""
        if text in _LINES:
            text = " "
        elif text != " " and _UNSEEN.fullmatch(text):
            return
        self._put(text, start, end)

    def copy(self, start: int, end: int) -> None:
        """source[start:end] as a screen shows it."""
        text = self._source[start:end]
        if self._spaced and text[:1] in _WHITE:
            text = text.lstrip(_WHITE)
            if not text:
                return
            start = end - len(text)
        if text.isascii() and text.isprintable() and "  " not in text:  # most of it
            self._put(text, start, end)
            return
        plain = _LINE.sub(" ", text)
        position = 0
        for special in (_SPACES if shows_all(text) else _SPECIAL).finditer(text):
            first, last = special.span()
            if position < first:
                self._stretch(text[position:first], plain[position:first], start + position)
            position = last
            if text[first] in _WHITE and not self._spaced:
                self._put(" ", start + first, start + last)
        self._stretch(text[position:], plain[position:], start + position)

    def keep(self, start: int, end: int) -> None:
        """source[start:end] with its line ends, without what shows nothing."""
        text = self._source[start:end]
        position = 0
        for unseen in () if shows_all(text) else _UNSEEN.finditer(text):
            self._put(text[position : unseen.start()], start + position, start + unseen.start())
            position = unseen.end()
        self._put(text[position:] if position else text, start + position, end)

    def _stretch(self, text: str, plain: str, start: int) -> None:
        """Text without white space runs, `plain` with spaces for single ones; at the front one goes after another."""
        if self._spaced and text and text[0] in _WHITE:
            plain = plain[1:]
            start += 1
        self._put(plain, start, start + len(plain))

    def _put(self, text: str, start: int, end: int) -> None:
        if not text:
            return
        if self._gap:
            self._pieces.append(self._gap)
            self._length += len(self._gap)
            self._gap = ""
        length = self._length
        self._length = length + len(text)
        self._runs += (length, self._length, start, end)
        self._pieces.append(text)
        self._spaced = text[-1] in _WHITE


def shows_all(text: str) -> bool:
    """Whether a text has no invisible character."""
    if text.isascii():
        octets = text.encode("ascii")
        if len(octets) >= _LARGE:
            return not CONTROLS.of(octets)
        return len(octets.translate(None, _ASCII_CONTROLS)) == len(octets)
    return _UNSEEN.search(text) is None
