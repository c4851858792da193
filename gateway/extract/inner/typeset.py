"""Marks that stand within a number: of Markdown, BBCode, roff and TeX, and of programs that join strings."""

import re
from collections.abc import Iterator

import re2

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

# What is struck out goes with its marks. A dash of TeX stays one.
_MARK = (
    r"~~[^~\n]{1,40}~~|\*{1,3}|_{2}|`|'{2,3}|\[/?[A-Za-z]{1,10}(?:=[^\]\n]{0,40})?\]|\[\^?[0-9A-Za-z]{1,3}\]"
    r"|\]\([^()\s]{0,200}\)\[?|\\f[BIRPS]|\\(?:text[a-z]{2}|emph|mbox)\{|\\hspace\{[^}\n]{0,12}\}|\}\{?"
    r"|\\[,;:!]|\\text(?:en|em)?dash(?:\{\}| )?"
)
_JOIN = r"[\"']\s{0,3}(?:&(?:amp;)?|\+|\|\||\.|,)\s{0,3}[\"']"
_SIGN = re2.compile(rf"[0-9\-](?:{_MARK}){{1,3}}[0-9\-]")
_MARKS = re.compile(_MARK)
_NUMBER = re.compile(rf"[0-9\-](?:(?:{_MARK}){{0,3}}[0-9\- ]){{6,60}}")
_JOINED = re2.compile(rf"[0-9\-]{_JOIN}[0-9\-]")
_STRING = re.compile(rf"(?<=[0-9\-]){_JOIN}(?=[0-9\-])")

# What an ASCII text has wherever one of these is found in it, for one look at all of them.
SIGNS_OF_MARKS = (rb"[0-9\-](?:~~|\*|__|`|''|\[|\]\(|\\|\})",)
SIGNS_OF_JOINED = (rb"[0-9\-][\"']\s{0,3}[&+|.,]",)


def typeset(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text without such marks inside its numbers."""
    if _SIGN.search(text) is not None:
        yield from changed(text, _unmarked(text), margin)


def put_together(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with strings of digits joined that a formula or a program joins."""
    if ('"' in text or "'" in text) and _JOINED.search(text) is not None:
        yield from changed(text, (Change(*found.span(), "") for found in _STRING.finditer(text)), margin)


def _unmarked(text: str) -> Iterator[Change]:
    for number in _NUMBER.finditer(text):
        for mark in _MARKS.finditer(text, *number.span()):
            yield Change(*mark.span(), "-" if mark[0].rstrip("{} ").endswith("dash") else "")
