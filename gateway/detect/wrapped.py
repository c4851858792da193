"""Lines that a program broke to make them fit: a number, a name or a label may go on in the next one.

Mail programs break lines near a margin (RFC 5322 section 2.1.1 asks for 78 characters, RFC 3676 for 66 to 72) and put
quote marks before them. A break behind a line of some length is read as the space that it was. Short lines are ended by
people: addresses, lists, forms. So are rows of a table, items of a list and what is quoted to another depth.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from string import ascii_letters

from gateway.parse.glance import Glance

SHORTEST, LONGEST = 44, 110  # characters of a line that ends where it had to
_BLOCK = 1 << 20  # characters whose lines are looked at together
_LARGE = 1 << 16  # characters: from here on one pass for any line so long is quicker than a look at each
LONG = Glance([(rb"[^\n]{%d}" % SHORTEST,)])  # octets, of which a line has no fewer than characters
_QUOTES = re.compile("(?:> ?)+")
_NO_WORD = frozenset("\t\v\f\r |")  # what a line that goes on does not begin with
_ITEM = re.compile(r"[*\-] |[*\-=_#]{2}|\d{1,2}[.)] ")
_ITEMS = frozenset("*-=_#0123456789")
_PLAIN = frozenset(ascii_letters)  # with what most lines begin

Removed = tuple[int, ...]


def unwrapped(text: str, octets: bytes | None = None) -> tuple[str, Removed]:
    """The text with a space for each soft break, and the places in it where characters are gone. Linear time.

    `octets`: the text, where it is known as UTF-8.
    """
    if len(text) < SHORTEST or "\n" not in text:
        return text, ()
    if len(text) >= _LARGE and not LONG.of(text.encode("utf-8", "replace") if octets is None else octets):
        return text, ()
    pieces: list[str] = []
    removed: list[int] = []
    kept = length = 0
    for start, end in _soft_breaks(text):
        pieces.append(text[kept:start])
        length += start - kept + 1
        if end - start > 1:
            removed.extend([length] * (end - start - 1))
        kept = end
    if not pieces:
        return text, ()
    pieces.append(text[kept:])
    return " ".join(pieces), tuple(removed)


def both(first: Sequence[int], second: Removed) -> Removed:
    """What is gone after two steps, as places in the last text; `first` are places in the text between them."""
    if not first or not second:
        return second or tuple(first)
    between = [place + gone for gone, place in enumerate(second)]  # where the second step took a character
    return tuple(sorted([*second, *(place - bisect_left(between, place) for place in first)]))


def _soft_breaks(text: str) -> Iterator[tuple[int, int]]:
    """Where each stands, with the space before it and the quote marks behind it."""
    block = 0
    while 0 <= block < len(text):
        edge = text.find("\n", block + _BLOCK)
        lines = text[block : len(text) if edge < 0 else text.find("\n", edge + 1)].split("\n")
        lengths = list(map(len, lines))
        if max(lengths) >= SHORTEST:
            broken = [number for number, length in enumerate(lengths[:-1]) if SHORTEST <= length <= LONGEST]
            ends = list(accumulate(lengths))
            for number in broken:
                if lengths[number + 1]:
                    line, following, end = lines[number], lines[number + 1], block + ends[number] + number
                    if (quoted := _goes_on(line, following)) >= 0:
                        yield end - lengths[number] + len(line.rstrip()), end + 1 + quoted
        block = edge + 1 if edge >= 0 else len(text)


def _goes_on(line: str, following: str) -> int:
    """Characters of quote marks before what a line goes on with in the next one; -1 where it does not."""
    first, quoted = following[0], 0
    if first in _PLAIN and line[0] != ">":
        return -1 if "\t" in line or "|" in line or "\t" in following or "|" in following else 0
    if first == ">" or line[0] == ">":
        depth, marks = _QUOTES.match(line), _QUOTES.match(following)
        if depth is None or marks is None or depth[0].count(">") != marks[0].count(">"):
            return -1
        quoted = marks.end()
        first = following[quoted : quoted + 1] or " "
    if first in _NO_WORD or (first in _ITEMS and _ITEM.match(following, quoted)):
        return -1
    return -1 if "\t" in line or "|" in line or "\t" in following or "|" in following else quoted
