"""The text of one XML part of an office document, so that no element hides any.

Text runs join without a gap; paragraphs, rows and cells keep apart. What a reader does not see (deleted, hidden, white)
is in a second view; attributes that say something are in it, too. No DTD is obeyed.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gateway.core.message import OpaqueReason, View
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.placed import Placed
from gateway.extract.formats.symbols import SYMBOL_FONTS, digits_of
from gateway.extract.formats.xmlread import narrow, parse_xml, root_of
from gateway.extract.formats.xmlvalues import attribute_text
from gateway.extract.formats.xmlwoven import BEFORE, Woven

# Root elements whose text stands in paragraphs; in others every element is a line.
_PROSE = frozenset(
    {
        "document", "glossaryDocument", "hdr", "ftr", "footnotes", "endnotes", "comments", "sld", "sldMaster",
        "sldLayout", "notes", "notesMaster", "handoutMaster", "wsDr", "userShapes", "sst",
        "document-content", "document-styles", "drawing",
    }
)  # fmt: skip
_WITHIN_LINES = frozenset({"t", "r", "rPr", "a", "b", "i", "u", "span", "font", "sz", "color", "rFont", "Glyphs"})
_ENDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("p", "h", "si", "comment", "footnote", "endnote", "sp", "annotation", "note", "rt"), "\n"),
        **dict.fromkeys(("tr", "table-row", "list-item", "title", "creator", "user-defined", "keyword"), "\n"),
        **dict.fromkeys(("subject", "description", "text-box", "txbxContent", "deletion", "date"), "\n"),
        **dict.fromkeys(("tc", "table-cell", "covered-table-cell"), "\t"),
    }
)
_APART = frozenset(
    {"annotation", "note-body", "txbxContent", "text-box"}
)  # begin within a paragraph, and are none of it
# Small writing above a word, too, which goes on below it.
_INSERTED = _APART | {"rPh", "ruby-text", "note", "note-citation", "rt"}
_NUMBER_ENDS = re.compile(r"[0-9][ .\-]{0,3}\Z")
_CELLS = frozenset({"tc", "table-cell", "covered-table-cell"})
_GONE = frozenset({"del", "moveFrom", "deletion"})  # struck out by the author
_UNSEEN = frozenset({"instrText", "delText", "delInstrText"})
_FALSE = frozenset({"0", "false", "off", "none"})
_WHITE = frozenset({"ffffff", "fffffe", "fefefe", "fdfdfd"})
_TINY = 4  # half points
_MOST_REPEATED = 200  # cells that one element may stand for

_FONTS = frozenset({"rFonts", "latin", "sym"})
_DIGIT = re.compile("[0-9]")
_WHOLE = re.compile("-?[0-9]{1,18}")
_MOST_TURNED = 100  # stretches, and pieces before one
_MOST_OF_LOOK = 200  # words
_MOST_TURNS = 8  # stretches within one another; what lies deeper is read with those around
_CODE = re.compile(r"[0-9A-Fa-f]{2,4}")
_SYMBOLS = 0xF000
_BLANK = b" \t\r\n"
_ANY_TEXT = re.compile(rb">[^<>]")  # once blanks are gone; a ">" inside a value costs a reading, no more


class _Reader:
    """Handlers of expat. What each element means is looked up once by its qualified name."""

    def __init__(self, root: str, *, symbols: bool = False) -> None:
        self.woven = Woven()
        self._prose = root in _PROSE
        self._symbols = symbols  # a font is named whose letters are pictures
        self._font = ""
        self._look: tuple[str, ...] = ()
        self._looks: list[tuple[str, ...]] = [()]  # of the spans around
        self._styling = False
        self._place: tuple[int, int, int] | None = None  # left, top and height of the shape
        self._shape = 0  # the first piece of it
        self._turned: list[int] = []  # where stretches begin that go from right to left
        self._turns = 0  # of these, those that do
        self._local: dict[str, str] = {}
        self._cells = 0
        self._gone = 0
        self._hidden = False  # this run
        self._unseen = 0  # this element
        self._repeat = [1]
        self._insertions = 0
        self._branches: list[tuple[set[int], int]] = []  # of alternatives, with their first pieces

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._local.get(name)
        if local is None:
            local = self._local[name] = name.rpartition(":")[2]
        if self._styling:
            self._look = _looking(self._look, local, *attributes.values())
            if self._symbols and local in _FONTS:
                self._font = _font(attributes)
        if local in _INSERTED:
            self._insertions += 1
            last = self.woven.pieces[-1] if self.woven.pieces else ""
            self.woven.splits = self.woven.splits or _NUMBER_ENDS.search(last[-4:]) is not None
        if local in _APART:
            self._gap("\n")
        if local in _STARTS:
            _STARTS[local](self, attributes)
        elif local in _CELLS:
            self._cells += 1
            self._repeat.append(_repeated(attributes))
        elif local in _GONE:
            self._gone += 1
        elif local in _UNSEEN:
            self._unseen += 1

    def end(self, name: str) -> None:
        local = self._local[name]
        if local in _CLOSES:
            _CLOSES[local](self)
        elif local in _GONE:
            self._gone -= 1
        elif local in _UNSEEN:
            self._unseen -= 1
        if local in _CELLS:
            self._cells -= 1
            self.woven.pieces.append("\t" * self._repeat.pop())
        elif local in _ENDS:
            self._gap(_ENDS[local])
        elif not self._prose and local not in _WITHIN_LINES:
            self._gap("\n")
        if local in _INSERTED:
            self._insertions -= 1

    def text(self, data: str) -> None:
        if data.isspace() and ("\n" in data or not self._prose):
            return
        pieces = self.woven.pieces
        if self._hidden or self._gone or self._unseen:
            self.woven.unseen.add(len(pieces))
        if self._insertions:
            self.woven.inserted.add(len(pieces))
        if self._look:
            self.woven.looks[len(pieces)] = self._look
        if self._font and (drawn := digits_of(data, self._font)) != data:
            self.woven.drawn[len(pieces)] = drawn
        pieces.append(data)

    def aside(self, data: str) -> None:
        """A comment or processing instruction: nobody sees it, and it leaves with the file."""
        if data.strip():
            self.woven.unseen.update((len(self.woven.pieces), len(self.woven.pieces) + 1))
            self.woven.pieces += [data, "\n"]

    def _gap(self, gap: str) -> None:
        pieces = self.woven.pieces
        if self._cells and gap == "\n":
            gap = " "
        if pieces and pieces[-1] != gap:
            if self._insertions:
                self.woven.inserted.add(len(pieces))
            pieces.append(gap)

    def run(self, attributes: dict[str, str]) -> None:
        self._look, self._font = (), ""

    def run_ends(self) -> None:
        self._hidden = False
        self.run({})

    def style(self, attributes: dict[str, str]) -> None:
        self._styling, self._look = True, (*self._looks[-1], "", *attributes.values())

    def style_ends(self) -> None:
        self._styling = False

    def span(self, attributes: dict[str, str]) -> None:
        """A stretch of OpenDocument with a style of its own."""
        self._look = _looking(self._look, *attributes.values())
        self._looks.append(self._look)

    def span_ends(self) -> None:
        if len(self._looks) > 1:
            self._looks.pop()
        self._look = self._looks[-1]

    def override(self, attributes: dict[str, str]) -> None:
        """A stretch that is shown in the order of its letters, from the right (ECMA-376 part 1, 17.3.2.3)."""
        turns = _value(attributes) == "rtl" and self._turns < _MOST_TURNS
        self._turns += turns
        self._turned.append(len(self.woven.pieces) if turns else -1)

    def override_ends(self) -> None:
        start = self._turned.pop() if self._turned else -1
        self._turns -= start >= 0
        said = "".join(self.woven.pieces[start:]) if start >= 0 else ""
        if _DIGIT.search(said) and len(self.woven.turned) < _MOST_TURNED:
            before = "".join(self.woven.pieces[max(start - _MOST_TURNED, 0) : start])
            self.woven.turned.append(before[-BEFORE:] + said[::-1])

    def shape(self, attributes: dict[str, str]) -> None:
        self._shape, self._place = len(self.woven.pieces), None

    def offset(self, attributes: dict[str, str]) -> None:
        self._place = _whole(attributes, "x"), _whole(attributes, "y"), 0

    def extent(self, attributes: dict[str, str]) -> None:
        if self._place is not None and "cy" in attributes:
            self._place = (*self._place[:2], _whole(attributes, "cy"))

    def shape_ends(self) -> None:
        if self._place is not None:
            left, top, height = self._place
            said = "".join(self.woven.pieces[self._shape :])
            self.woven.shapes.append(Placed(said, left, left, top, height))
            self._place = None  # told: what it lies in has a place of its own

    def tab(self, attributes: dict[str, str]) -> None:
        if not any(name.endswith(("pos", "position")) for name in attributes):  # else a tab stop
            self.woven.pieces.append(" " if self._cells else "\t")

    def line(self, attributes: dict[str, str]) -> None:
        self._gap("\n")

    def spaces(self, attributes: dict[str, str]) -> None:
        count = next((value for name, value in attributes.items() if name.endswith(":c")), "1")
        self.woven.pieces.append(" " * min(int(count) if count.isdigit() else 1, _MOST_REPEATED))

    def symbol(self, attributes: dict[str, str]) -> None:
        """A character of a font by its number, which lies in an area of its own (ECMA-376 part 1, 17.3.3.30)."""
        digits = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "char"), "")
        if _CODE.fullmatch(digits):
            code = int(digits, 16)
            sign = chr(code & 0xFF if code & 0xFF00 == _SYMBOLS else code)
            self.text(digits_of(sign, _font(attributes)))

    def glyphs(self, attributes: dict[str, str]) -> None:
        """A stretch of letters on a page of XPS, which may be one letter long (ECMA-388, 12.1)."""
        self.woven.pieces.append(attributes.get("UnicodeString", "").removeprefix("{}"))

    def on_path(self, attributes: dict[str, str]) -> None:
        """Words that are drawn along a line (VML)."""
        self.woven.pieces.append(attributes.get("string", ""))

    def chosen(self, attributes: dict[str, str]) -> None:
        self._branches.append((self.woven.chosen, len(self.woven.pieces)))

    def fallen(self, attributes: dict[str, str]) -> None:
        self._branches.append((self.woven.fallen, len(self.woven.pieces)))

    def branch_ends(self) -> None:
        if self._branches:
            pieces, first = self._branches.pop()
            pieces.update(range(first, len(self.woven.pieces)))

    def hyphen(self, attributes: dict[str, str]) -> None:
        self.woven.pieces.append("-")

    def vanish(self, attributes: dict[str, str]) -> None:
        self._hidden = self._hidden or _value(attributes) not in _FALSE

    def color(self, attributes: dict[str, str]) -> None:
        self._hidden = self._hidden or _value(attributes).lower() in _WHITE

    def size(self, attributes: dict[str, str]) -> None:
        value = _value(attributes)
        self._hidden = self._hidden or (value.isdigit() and int(value) <= _TINY)


_STARTS = {
    "r": _Reader.run,
    "rPr": _Reader.style,
    "span": _Reader.span,
    "bdo": _Reader.override,
    "sp": _Reader.shape,
    "off": _Reader.offset,
    "ext": _Reader.extent,
    "tab": _Reader.tab,
    "br": _Reader.line,
    "cr": _Reader.line,
    "line-break": _Reader.line,
    "txbxContent": _Reader.line,
    "s": _Reader.spaces,
    "Choice": _Reader.chosen,
    "Fallback": _Reader.fallen,
    "noBreakHyphen": _Reader.hyphen,
    "sym": _Reader.symbol,
    "Glyphs": _Reader.glyphs,
    "textpath": _Reader.on_path,
    "vanish": _Reader.vanish,
    "webHidden": _Reader.vanish,
    "strike": _Reader.vanish,
    "dstrike": _Reader.vanish,
    "color": _Reader.color,
    "sz": _Reader.size,
}
_CLOSES = {
    "r": _Reader.run_ends,
    "rPr": _Reader.style_ends,
    "span": _Reader.span_ends,
    "bdo": _Reader.override_ends,
    "sp": _Reader.shape_ends,
    "Choice": _Reader.branch_ends,
    "Fallback": _Reader.branch_ends,
}


def _font(attributes: dict[str, str]) -> str:
    """The first font of symbols that is named."""
    return next((value for value in attributes.values() if value in SYMBOL_FONTS), "")


def _looking(look: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """A look with more to it; of one that says more than any program writes, the end is a digest."""
    longer = (*look, *more)
    return longer if len(longer) <= _MOST_OF_LOOK else (*longer[: _MOST_OF_LOOK - 1], str(hash(longer)))


def _whole(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "")
    return int(value) if _WHOLE.fullmatch(value) else 0


def _value(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == "val"), "")


def _repeated(attributes: dict[str, str]) -> int:
    count = next((value for name, value in attributes.items() if name.endswith("number-columns-repeated")), "1")
    return min(int(count) if count.isdigit() else 1, _MOST_REPEATED)


def read_xml(octets: bytes) -> Iterator[Item]:
    """The text of a part in one view or two, and that it is damaged where it is."""
    said = attribute_text(octets)
    if not _says_something(narrow(octets)):
        if said:
            yield Text(said, View.ALL)
        return
    root = root_of(octets)
    reader = _Reader(root, symbols=b"dings" in octets)
    sound = parse_xml(octets, reader.start, reader.end, reader.text, reader.aside)
    yield from reader.woven.views(shown=root in _PROSE)
    if said:
        yield Text(said, View.ALL)
    if not sound:
        yield OpaqueReason.DAMAGED


def read_looks(octets: bytes) -> Iterator[Item]:
    """What strings of several looks say without each of them, for a part whose text is read elsewhere."""
    if b"rPr" in octets or b"rPh" in octets:
        reader = _Reader(root_of(octets))
        parse_xml(octets, reader.start, reader.end, reader.text)
        yield from (Text(other, View.ALL) for other in reader.woven.beside() if other)


def _says_something(octets: bytes) -> bool:
    """There is text between tags, or a section or comment that may be some."""
    more = b"<!" in octets or b"UnicodeString" in octets or b"textpath" in octets or octets.find(b"<?", 4) >= 0
    return more or _ANY_TEXT.search(octets.translate(None, _BLANK)) is not None
