"""Rich Text Format 1.9: what is shown, what is hidden, pictures and objects written in hexadecimal digits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget
from gateway.extract.formats.items import File, Inner, Reading, Text
from gateway.extract.formats.looks import without_looks
from gateway.extract.formats.objects import embedded
from gateway.extract.formats.strings import strings_of
from gateway.extract.formats.symbols import digits_of

_START = re.compile(rb"\s{0,16}\{\s{0,16}\\rt(?:f|(?![a-z]))", re.IGNORECASE)
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_SIGNS = {
    "par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t", "nestcell": "\t",
    "nestrow": "\n", "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019", "bullet": "\u2022",
    "ldblquote": "\u201c", "rdblquote": "\u201d", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "\n",
}  # fmt: skip
_ESCAPED = {b"~": " ", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n", b"{": "{", b"}": "}", b"\\": "\\"}
# Destinations that hold no words; those of other unknown ones are read as hidden.
_WORDLESS = frozenset(
    {
        "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "rsidtbl", "generator",
        "colorschememapping", "latentstyles", "filetbl", "xmlnstbl", "revtbl", "fontemb", "panose",
        "blipuid", "mmathpr", "wgrffmtfilter", "pgdsctbl", "falt",
    }
)  # fmt: skip
_UNREAD = frozenset({"v", "deleted", "strike", "striked"})  # hidden, or struck out
# What a run looks like. Another value of one of them takes the place of the one before.
_LOOKS = frozenset(
    {
        "cf", "cb", "fs", "cs", "s", "f", "b", "i", "ul", "ulnone", "highlight", "chcbpat", "chshdng", "charscalex",
        "expnd", "expndtw", "up", "dn", "super", "sub", "nosupersub", "scaps", "caps", "outl", "shad", "embo", "impr",
        "htmlrtf",
    }
)  # fmt: skip
_SYMBOLS = re.compile(rb"(Wingdings(?: 2)?)\s{0,4}[;{]")
_FONT = re.compile(rb"\\f(\d{1,5})(?!\d)")
_FONT_ENTRY = 300  # octets of an entry of the font table before its name
_HEX = frozenset({"pict", "objdata", "themedata", "datastore"})
_OF_PROGRAM = frozenset({"themedata", "datastore"})  # written by Word itself
_OPEN = frozenset(
    {
        "shppict", "nonshppict", "upr", "ud", "shptxt", "footnote", "header", "footer", "headerl", "headerr", "headerf",
        "footerl", "footerr", "footerf", "field", "fldrslt", "object", "result", "shp", "shpinst", "sp", "rtf", "do",
        "dptxbxtext", "formfield", "pntext", "listtext",
    }
)  # fmt: skip
_NUMBER_ENDS = re.compile(r"[0-9][ .\-]{0,3}\Z")
_APART = frozenset({"footnote", "header", "footer", "shptxt", "dptxbxtext"})  # begin anywhere, and are none of the line
_ASIDE = frozenset(
    {
        "info",
        "fldinst",
        "annotation",
        "sn",
        "sv",
        "atnid",
        "atnauthor",
        "bkmkstart",
        "bkmkend",
        "htmltag",
        "xe",
        "tc",
        "tcn",
    }
)
_CODE_PAGES = {437: "cp437", 850: "cp850", 932: "cp932", 936: "gb18030", 949: "cp949", 950: "big5hkscs"}
_WINDOWS = range(1250, 1259)
_TELLING = re.compile(r"[0-9](?:[ ._-]?[0-9]){8}")
_CHECK_EVERY = 20_000  # tokens
_DEEPEST = 5_000  # groups in one another: no program writes that
_NOT_HEX = re.compile(rb"[^0-9a-fA-F]")


@dataclass(slots=True)
class _Group:
    """What holds between two braces. `kind`: "text", "hidden", "none", or what its hexadecimal digits are."""

    kind: str = "text"
    hidden: bool = False
    skip: int = 1  # characters after \\u that stand for it in old programs
    fresh: bool = True  # no word yet: the first one may name a destination
    starred: bool = False
    look: tuple[tuple[str, int | None], ...] = ()
    apart: bool = False  # what stands in it is none of the line around
    within: bool = False  # in such a group
    former: bool = False  # the next group in it is for programs that know no Unicode


@dataclass(slots=True)
class _Document:
    pieces: list[str] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)
    inserted: set[int] = field(default_factory=set)  # pieces of notes and boxes that begin within a line
    splits: bool = False  # one of these begins within a number
    looks: dict[int, tuple[tuple[str, int | None], ...]] = field(default_factory=dict)  # of pieces, by their number
    fonts: Mapping[int | None, str] = field(default_factory=dict)  # those of symbols
    drawn: dict[int, str] = field(default_factory=dict)  # what such a font draws for pieces, by their number
    named: list[str] = field(default_factory=list)  # names of fonts, styles and lists that hold a number
    files: list[tuple[str, bytes]] = field(default_factory=list)  # what their digits are, octets
    digits: list[bytes] = field(default_factory=list)
    octets: bytearray = field(default_factory=bytearray)  # characters of a code page that wait for the rest
    charset: str = "cp1252"
    skip: int = 0

    def put(self, text: str, group: _Group) -> None:
        self.flush(group)
        if self.skip:
            taken = min(self.skip, len(text))
            text, self.skip = text[taken:], self.skip - taken
        self._add(text, group)

    def _add(self, text: str, group: _Group, octets: bytes = b"") -> None:
        """A piece. `octets`: those that it was written in, where a font of symbols draws them as they are."""
        if not text or group.kind == "none":
            if _TELLING.search(text):
                self.named.append(text)
            return
        if group.hidden or group.kind == "hidden":
            self.unseen.add(len(self.pieces))
        if group.within:
            self.inserted.add(len(self.pieces))
        if group.look:
            self.looks[len(self.pieces)] = group.look
            font = self.fonts.get(dict(group.look).get("f"), "") if self.fonts else ""
            if font and (drawn := digits_of(octets.decode("latin-1") or text, font)) != text:
                self.drawn[len(self.pieces)] = drawn
        self.pieces.append(text)

    def octet(self, value: int, group: _Group) -> None:
        if self.skip:
            self.skip -= 1
        elif group.kind in ("text", "hidden"):
            self.octets.append(value)

    def flush(self, group: _Group) -> None:
        if self.octets:
            octets = bytes(self.octets)
            self.octets.clear()
            self._add(octets.decode(self.charset, "replace"), group, octets)


def is_rtf(octets: bytes) -> bool:
    return _START.match(octets) is not None


def read_rtf(file: File, budget: Budget) -> Reading:
    document = _Document(fonts=_symbol_fonts(file.octets))
    stack = [_Group()]
    at, count = 0, 0
    deepest = 1
    octets = file.octets
    while (token := _TOKEN.match(octets, at)) is not None:
        at = token.end()
        count += 1
        if count % _CHECK_EVERY == 0:
            budget.check_time()
        if token[1]:
            raw = _word(token[1].decode("ascii"), token[2], stack, document)
            if raw:
                document.files.append((stack[-1].kind, octets[at : at + raw]))
                at += raw
        else:
            _plain(token, stack, document)
            deepest = max(deepest, len(stack))
    if deepest > _DEEPEST:
        yield OpaqueReason.LIMIT_DEPTH
    document.flush(stack[-1])
    yield from _views(document)
    for kind, octets in document.files:
        yield from _file(kind, octets)


def _file(kind: str, octets: bytes) -> Reading:
    """What stands in hexadecimal digits. What Word keeps for itself is an archive, or read as words."""
    if kind == "objdata":
        yield from embedded(octets)
    elif kind not in _OF_PROGRAM or octets.startswith(b"PK"):
        yield Inner(octets)
    elif words := strings_of(octets):
        yield Text(words, View.ALL)


def _symbol_fonts(octets: bytes) -> dict[int | None, str]:
    """Names of those fonts of the table that draw pictures, by their number."""
    fonts: dict[int | None, str] = {}
    for name in _SYMBOLS.finditer(octets) if b"dings" in octets else ():
        numbers = _FONT.findall(octets, max(name.start() - _FONT_ENTRY, 0), name.start())
        if numbers:
            fonts[int(numbers[-1])] = name[1].decode("ascii")
    return fonts


def _plain(token: re.Match[bytes], stack: list[_Group], document: _Document) -> None:
    """A token that is no control word."""
    group = stack[-1]
    if token[3]:
        document.octet(int(token[3], 16), group)
        group.fresh = False
    elif token[5] == b"{":
        document.flush(group)
        kind = "hidden" if group.former and group.kind == "text" else group.kind
        group.former = False
        stack.append(_Group(kind, group.hidden, group.skip, look=group.look, within=group.within))
        document.skip = 0
    elif token[5] == b"}":
        _close(stack, document)
    elif token[6]:
        if group.kind in _HEX:
            document.digits.append(token[6])
        else:
            document.put(token[6].decode(document.charset, "replace"), group)
        group.fresh = False
    elif token[4] == b"*":
        group.starred = True
    elif token[4]:
        document.put(_ESCAPED.get(token[4], ""), group)


def _close(stack: list[_Group], document: _Document) -> None:
    document.flush(stack[-1])
    document.skip = 0
    if len(stack) > 1:
        group = stack.pop()
        if group.apart:
            document.put("\n", group)
        if group.kind == "hidden" and stack[-1].kind != "hidden" and document.pieces:
            document.unseen.add(len(document.pieces))  # what is hidden and what is shown are no one word
            document.pieces.append("\n")
        if group.kind in _HEX and stack[-1].kind != group.kind:
            digits = _NOT_HEX.sub(b"", b"".join(document.digits))
            document.digits.clear()
            if digits:
                octets = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
                document.files.append((group.kind, octets))


def _word(word: str, number: bytes | None, stack: list[_Group], document: _Document) -> int:
    """Obey a control word; so many octets after it belong to it."""
    group = stack[-1]
    document.flush(group)
    value = int(number) if number else None
    if group.fresh:
        _destination(word, group, document)
        group.fresh = False
    if word == "bin" and value and value > 0:
        return value
    if word == "u" and value is not None:
        document.put(chr(value & 0xFFFF), group)
        document.skip = group.skip
    elif word == "uc":
        group.skip = value if value is not None else 1
    elif word in _UNREAD:
        group.hidden = value != 0
    elif word == "plain":
        group.hidden, group.look = False, ()
    elif word in _LOOKS:
        group.look = (*(look for look in group.look if look[0] != word), (word, value))
    elif word == "ansicpg" and value:
        document.charset = _CODE_PAGES.get(value, f"cp{value}" if value in _WINDOWS else "cp1252")
    elif word in _SIGNS:
        document.put(_SIGNS[word], group)
    return 0


def _destination(word: str, group: _Group, document: _Document) -> None:
    if group.kind == "none":
        return
    if word in _APART:
        group.apart = group.within = True
        document.splits = document.splits or _NUMBER_ENDS.search("".join(document.pieces[-3:])) is not None
        document.put("\n", group)
    group.former = word == "upr"
    if word in _WORDLESS:
        group.kind = "none"
    elif word in _HEX:
        group.kind = word
    elif word in _ASIDE or (group.starred and word not in _OPEN):
        group.kind = "hidden"


def _views(document: _Document) -> Reading:
    pieces = document.pieces
    seen = _paired("".join(piece for number, piece in enumerate(pieces) if number not in document.unseen))
    if seen.strip():
        yield Text(seen)
    if document.splits:
        gone = document.unseen | document.inserted
        yield Text(_paired("".join(piece for number, piece in enumerate(pieces) if number not in gone)), View.ALL)
    if document.named:
        yield Text("\n".join(document.named), View.ALL)
    other = without_looks(pieces, document.looks)
    if other:
        yield Text(_paired(other), View.ALL)
    if document.drawn:  # beside the letters: which font a program has for them, nobody knows
        yield Text(_paired("".join(document.drawn.get(number, piece) for number, piece in enumerate(pieces))), View.ALL)
    if document.unseen:
        yield Text(_paired("".join(pieces)), View.ALL)


def _paired(text: str) -> str:
    """Halves of characters beyond the first plane put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
