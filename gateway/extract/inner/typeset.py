"""Marks that stand within a number: of Markdown, BBCode, roff, TeX and other mark-up, of templates and terminals, and
of programs that join strings.
"""

import re
from collections.abc import Iterator

import re2

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

# What is struck out goes with its marks. A dash of TeX stays one. What is longer comes first.
_MARK = (
    r"~~[^~\n]{1,40}~~|\*{1,3}|__[A-Z]{3,12}__|_{2}|`\\ |`|'{2,3}|\[/?[A-Za-z]{1,10}(?:=[^\]\n]{0,40})?\]"
    r"|\[\^?[0-9A-Za-z]{1,3}\]|\]\([^()\s]{0,200}\)\[?"
    # TeX: a dash; commands, with what they are given as far as that is no number
    r"|\\text(?:en|em)?dash(?:\{\}| )?|\{\\[a-z]{2,8} "
    r"|\\[A-Za-z]{2,16}\*?(?:\[[^\]\n]{0,12}\])?(?:\{[^{}0-9\n]{0,12}\}){0,3}(?:\{0[a-z]{2}\}|0[a-z]{2})?[{ ]?"
    r"|\\[,;:!()@]|\${2}|\$\\[A-Za-z]{2,16}\{|\}\$|%\r?\n|\\hspace\{[^}\n]{0,12}\}"
    # roff: fonts, sizes, colours, moves; a line that goes on
    r"|\\[fmhvsZ](?:\[[^\]\n]{0,8}\]|'[^'\n]{0,8}')|\\s[+-]?[0-9]|\\c\r?\n|\\u(?![0-9a-fA-F]{4})|\\[d)z|^&%/]|'-?\\o'"
    # reStructuredText, AsciiDoc, Org, wikis
    r"|\\ |:[a-z]{1,12}:`|\]?pass:\[|\[\.[a-z-]{1,12}\]#|#{1,2}|\+{2,6}|%{4}|@@(?:[a-z]{1,8}:)?"
    r"|\}{3}|\{{3}[a-z]{1,9}\||\{\{\}\}|\{{1,2}[^{}0-9\n]{1,20}\}{1,2}|\]\]><!\[CDATA\[|\[\[(?:[a-z]{1,9}\|)?|\]\]"
    r"|!?\[\]\([^()\s]{0,40}\)|\[\]\[[a-z]{0,9}\]|\]\[[a-z]{1,9}\]\[?"
    # templates, shells, comments of programs, terminals
    r"|<[%#][^<>\n]{0,20}>|/\*[^*\n]{0,20}\*/|#\*[^*\n]{0,20}\*#|\$\{[a-z]{1,9}\}|\)?\$\((?:echo )?"
    r"|(?:\\e|\\033|\\x1b|\^\[)\[[0-9;]{0,8}m|\{\\\*\\[a-z]{1,9} ?\}|\\[a-z] |\}\{?"
)
# For RE2, which counts by states and does not look ahead.
_WIDER = re.sub(r"\{0,\d+\}", "*", re.sub(r"\{[1-9]\d*,\d+\}", "+", re.sub(r"\(\?![^)]*\)", "", _MARK)))
_JOIN = r"[\"']\s{0,3}(?:&(?:amp;)?|\+|\|\||\.|,)?\s{0,3}[\"']"
_SIGN = re2.compile(rf"[0-9\-](?:{_WIDER})(?:{_WIDER})?(?:{_WIDER})?[0-9\-]")
# A row of stars or signs can be cut into marks in many ways: the first one is enough, or a line of them takes minutes.
_MARKS, _BEFORE = re.compile(_MARK), re.compile(rf"(?>(?:(?>{_MARK}))+)\Z")
_FAR = 24  # characters before a number in which its first mark may stand
_NUMBER = re.compile(rf"(?<!\\s\+)(?<!\\s-)[0-9\-](?:(?>(?:{_MARK}){{0,3}}[0-9\- ])){{6,60}}")
_SECTION = r"[\"']?;\s{0,4}[A-Za-z]{1,12}\*[0-9]{1,2}\*?=[\"']?"  # RFC 2231, where no program puts it together
_JOINED = re2.compile(rf"[0-9\-](?:{_JOIN}|{_SECTION})[0-9\-]")
_STRING = re.compile(rf"(?<=[0-9\-])(?:{_JOIN}|{_SECTION})(?=[0-9\-])")

# What an ASCII text has wherever one of these is found in it, for one look at all of them.
SIGNS_OF_MARKS = (
    rb"[0-9\-](?:~~|\*|__|`|''|'\\|!?\[|\]|\\|[{}$@#]|:[a-z]|%\r?\n|%%|\+\+|<[%#]|/\*|\^\[\[|pass:|\)\$)",
)
SIGNS_OF_JOINED = (rb"[0-9\-][\"']\s{0,3}[&+|.,\"']", rb"\*[0-9]{1,2}\*?=")


def typeset(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text without such marks inside its numbers."""
    if _SIGN.search(text) is not None:
        yield from changed(text, _unmarked(text), margin)


def put_together(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with strings of digits joined that a formula or a program joins."""
    if ('"' in text or "'" in text or "*" in text) and _JOINED.search(text) is not None:
        yield from changed(text, (Change(*found.span(), "") for found in _STRING.finditer(text)), margin)


def _unmarked(text: str) -> Iterator[Change]:
    for number in _NUMBER.finditer(text):
        marks = [mark for mark in _MARKS.finditer(text, *number.span()) if mark[0]]
        if not marks:
            continue
        near = max(number.start() - _FAR, 0)
        first = _BEFORE.search(text[near : number.start()])
        if first is not None and first[0][-1].isalpha():  # a letter right before the number would be of its word
            yield Change(near + first.start(), number.start(), " ")
        for mark in marks:
            yield Change(*mark.span(), "-" if mark[0].rstrip("{} ").endswith("dash") else "")
