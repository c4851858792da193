"""What a program shows in a document and is no text of it: numbers of lists, fields without a result, values of forms.

ECMA-376 part 1, 17.9 (lists of Word), 17.16 (fields), 21.1.2.4 (bullets of slides); ISO/IEC 26300-1, 16.30 to 16.33.
A document that has such things gives another text, with them in their places. Nearly none has: lists begin at one.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from gateway.core.message import View
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.xmlread import parse_xml

_FIELDS = re.compile(rb"\b(?:SYMBOL|QUOTE)\s|\bSEQ\s[^<>\"]{0,80}\\r")
_ATTRIBUTES = re.compile(
    rb"(?:string-value(?:-if-true)?|current-value|displayText|(?:startAt|start-value)(?==\"(?!1\"))|num-(?:prefix|suffix))"
    rb"=\"[^\"]{0,40}[0-9]|variable-set [^<>]{0,200}value=\"[0-9]"
    rb"|(?:char|bullet-char|w:default w:val|form:label)=\"[0-9]"
)
_SHOWN: Mapping[str, str] = MappingProxyType(  # attributes by the elements that show them
    {
        "variable-set": "value",
        "user-field-decl": "string-value",
        "conditional-text": "string-value-if-true",
        "hidden-text": "string-value",
        "text": "current-value",
        "textarea": "current-value",
        "option": "label",
        "listItem": "displayText",
        "default": "val",
    }
)
_ENDS = frozenset({"p", "h", "tr", "table-row", "text-box", "sp", "br", "line-break"})
_HEADINGS = "h"  # the list that headings of OpenDocument are
_PART = re.compile(r"%([1-9])")
_DIGIT = re.compile(r"[0-9]")
_QUOTED = re.compile(r"\"([^\"]*)\"|\b([0-9]{1,5})\b")
_RESTART = re.compile(r"\\r\s*([0-9]{1,9})")
_LONGEST = 100  # characters that a list writes before an item
_MOST = 200_000  # of them in all
_MOST_STYLES = 2_000
_LEVELS = 10  # of a list, which is one more than Word has; an element of another level defines none
_SURROGATES = 0xD800


@dataclass(slots=True)
class _Level:
    """What stands before an item: "%1" is the number of the first level."""

    start: int = 1
    text: str = ""
    zero: bool = False  # 01, 02

    @property
    def is_telling(self) -> bool:
        return self.start > 1 or _DIGIT.search(_PART.sub("", self.text)) is not None


@dataclass(slots=True)
class Lists:
    """The lists of a document: levels by name, names by those of styles of paragraphs."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)

    @property
    def are_telling(self) -> bool:
        """Whether any begins elsewhere than at one, or has digits of its own."""
        return any(level.is_telling for levels in self.levels.values() for level in levels.values())


def lists_of(parts: Sequence[tuple[str, bytes]]) -> Lists:
    """The lists that the parts of a document define. `parts`: root element and octets of each."""
    reader = _ListReader()
    for root, octets in parts:
        if root in ("numbering", "styles") or b"list-level-style" in octets or b"outline-level-style" in octets:
            parse_xml(octets, reader.start, reader.end, None)
    lists = reader.lists
    for number, (name, overrides) in reader.numbers.items():
        levels = {place: _Level(one.start, one.text, one.zero) for place, one in reader.abstract.get(name, {}).items()}
        for place, start in overrides.items():
            levels.setdefault(place, _Level()).start = start
        lists.levels[number] = levels
    return lists


class _ListReader:
    """Handlers of expat for definitions of lists."""

    def __init__(self) -> None:
        self.lists = Lists()
        self.abstract: dict[str, dict[int, _Level]] = {}
        self.numbers: dict[str, tuple[str, dict[int, int]]] = {}
        self._levels: dict[int, _Level] = {}
        self._level = _Level()
        self._number = self._style = ""
        self._place = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        define = _DEFINES.get(local)
        if define is not None:
            define(self, {key.rpartition(":")[2]: value for key, value in given.items()})

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "style":
            self._style = ""

    def abstract_list(self, attributes: Mapping[str, str]) -> None:
        if len(self.abstract) < _MOST_STYLES:
            self._levels = self.abstract[attributes.get("abstractNumId", "")] = {}

    def list_style(self, attributes: Mapping[str, str]) -> None:
        if len(self.lists.levels) < _MOST_STYLES:
            self._levels = self.lists.levels[attributes.get("name", "")] = {}

    def outline(self, attributes: Mapping[str, str]) -> None:
        self._levels = self.lists.levels[_HEADINGS] = {}

    def level(self, attributes: Mapping[str, str]) -> None:
        self._level = self._at(_whole(attributes.get("ilvl", "")))

    def level_style(self, attributes: Mapping[str, str]) -> None:
        """A level of OpenDocument, which says all in its attributes."""
        self._level = self._at(_whole(attributes.get("level", "1")) - 1)
        self._level.start = _whole(attributes.get("start-value", "1"))
        number = f"%{_whole(attributes.get('level', '1'))}" if attributes.get("num-format") else ""
        words = (attributes.get("num-prefix", ""), number, attributes.get("num-suffix", ""))
        self._level.text = ("".join(words) or attributes.get("bullet-char", ""))[:_LONGEST]

    def _at(self, place: int) -> _Level:
        return self._levels.setdefault(place, _Level()) if place < _LEVELS else _Level()

    def first(self, attributes: Mapping[str, str]) -> None:
        self._level.start = _whole(attributes.get("val", ""))

    def words(self, attributes: Mapping[str, str]) -> None:
        self._level.text = attributes.get("val", "")[:_LONGEST]

    def form(self, attributes: Mapping[str, str]) -> None:
        self._level.zero = attributes.get("val", "") == "decimalZero"

    def number(self, attributes: Mapping[str, str]) -> None:
        self._number = attributes.get("numId", "")
        if len(self.numbers) < _MOST_STYLES:
            self.numbers[self._number] = ("", {})

    def of_abstract(self, attributes: Mapping[str, str]) -> None:
        if self._number in self.numbers:
            self.numbers[self._number] = (attributes.get("val", ""), self.numbers[self._number][1])

    def override(self, attributes: Mapping[str, str]) -> None:
        self._place = _whole(attributes.get("ilvl", ""))

    def other_first(self, attributes: Mapping[str, str]) -> None:
        if self._number in self.numbers and self._place < _LEVELS:
            self.numbers[self._number][1][self._place] = _whole(attributes.get("val", ""))

    def style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get("styleId", "")

    def of_style(self, attributes: Mapping[str, str]) -> None:
        if self._style and len(self.lists.styles) < _MOST_STYLES:
            self.lists.styles[self._style] = attributes.get("val", "")


_DEFINES: Mapping[str, Callable[[_ListReader, Mapping[str, str]], None]] = MappingProxyType(
    {
        "abstractNum": _ListReader.abstract_list,
        "list-style": _ListReader.list_style,
        "outline-style": _ListReader.outline,
        "lvl": _ListReader.level,
        "list-level-style-number": _ListReader.level_style,
        "list-level-style-bullet": _ListReader.level_style,
        "outline-level-style": _ListReader.level_style,
        "start": _ListReader.first,
        "lvlText": _ListReader.words,
        "numFmt": _ListReader.form,
        "num": _ListReader.number,
        "abstractNumId": _ListReader.of_abstract,
        "lvlOverride": _ListReader.override,
        "startOverride": _ListReader.other_first,
        "style": _ListReader.style,
        "numId": _ListReader.of_style,
    }
)


class _Reader:
    """Handlers of expat for the text of a document."""

    def __init__(self, lists: Lists) -> None:
        self.pieces: list[str] = []
        self.told = 0  # what was written into the text and has digits
        self._room = _MOST
        self._lists = lists
        self._counts: dict[str, dict[int, int]] = {}
        self._start = 0  # of the paragraph, among the pieces
        self._list, self._place = "", 0  # of the paragraph
        self._bullet = ""
        self._open: list[str] = []  # lists of OpenDocument, by their styles
        self._item: int | None = None  # the number that its item begins with; 0 for the next one
        self._field: list[str] | None = None
        self._after = ("", 0)  # the bullet of the paragraph before: where it began, and which it was

    def start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        begin = _BEGINS.get(local)
        if begin is not None or local in _SHOWN:
            attributes = {key.rpartition(":")[2]: value for key, value in given.items()}
            if begin is not None:
                begin(self, attributes)
            if local in _SHOWN:
                self._tell(attributes.get(_SHOWN[local], "")[:_LONGEST])

    def paragraph(self, attributes: Mapping[str, str]) -> None:
        self._start, self._list, self._bullet, self._place = len(self.pieces), "", "", 0

    def heading(self, attributes: Mapping[str, str]) -> None:
        self.paragraph(attributes)
        self._list, self._place = _HEADINGS, _whole(attributes.get("outline-level", "1")) - 1

    def of_list(self, attributes: Mapping[str, str]) -> None:
        self._list = attributes.get("val", "")

    def of_level(self, attributes: Mapping[str, str]) -> None:
        self._place = _whole(attributes.get("val", ""))

    def of_style(self, attributes: Mapping[str, str]) -> None:
        self._list = self._lists.styles.get(attributes.get("val", ""), "")

    def bullet(self, attributes: Mapping[str, str]) -> None:
        self._bullet = attributes.get("char", "")[:_LONGEST]

    def numbered(self, attributes: Mapping[str, str]) -> None:
        """The number of a paragraph of a slide: one more than that before, where both begin at the same."""
        start = attributes.get("startAt", "1")
        number = self._after[1] + 1 if self._after[0] == start else _whole(start)
        self._after = (start, number)
        self._bullet = str(number)

    def opened(self, attributes: Mapping[str, str]) -> None:
        self._open.append(attributes.get("style-name", self._open[-1] if self._open else ""))

    def item(self, attributes: Mapping[str, str]) -> None:
        self._item = _whole(attributes.get("start-value", "0"))

    def field_begins(self, attributes: Mapping[str, str]) -> None:
        self._field = [attributes.get("instr", "")]

    def text(self, data: str) -> None:
        if self._field is not None:
            self._field.append(data)
        elif not data.isspace():
            self.pieces.append(data)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local in ("instrText", "fldSimple") and self._field is not None:
            field_, self._field = "".join(self._field), None
            self._tell(_result(field_))
        elif local in ("p", "h"):
            self._mark()
        elif local == "list" and self._open:
            self._open.pop()
        if local in _ENDS:
            self.pieces.append("\n")

    def _tell(self, said: str, place: int | None = None) -> None:
        if said and self._room > 0:
            self._room -= len(said)
            self.pieces.insert(len(self.pieces) if place is None else place, said)
            self.told += _DIGIT.search(said) is not None

    def _mark(self) -> None:
        """What stands before the paragraph that ends."""
        place = self._place
        if self._item is not None and self._open:  # the first one of an item
            name, place = self._open[-1], len(self._open) - 1
        else:
            name = self._list
        said = self._bullet
        if not said and (levels := self._lists.levels.get(name)):
            said = self._count(name, place, levels)
        elif not said and self._item:
            said = str(self._item)
        self._item = None
        self._list = self._bullet = ""  # one that ends around this one has nothing of its own
        self._tell(said, min(self._start, len(self.pieces)))

    def _count(self, name: str, place: int, levels: Mapping[int, _Level]) -> str:
        level = levels.get(place)
        if level is None or self._room <= 0:
            return ""
        counts = self._counts.setdefault(name, {})
        for deeper in [one for one in counts if one > place]:
            del counts[deeper]
        counts[place] = self._item or (counts[place] + 1 if place in counts else level.start)

        def number(found: re.Match[str]) -> str:
            which = int(found[1]) - 1
            one = levels.get(which, _Level())
            count = counts.get(which, one.start)
            return f"{count:02d}" if one.zero else str(count)

        return _PART.sub(number, level.text)


_BEGINS: Mapping[str, Callable[[_Reader, Mapping[str, str]], None]] = MappingProxyType(
    {
        "p": _Reader.paragraph,
        "h": _Reader.heading,
        "numId": _Reader.of_list,
        "ilvl": _Reader.of_level,
        "pStyle": _Reader.of_style,
        "buChar": _Reader.bullet,
        "buAutoNum": _Reader.numbered,
        "list": _Reader.opened,
        "list-item": _Reader.item,
        "instrText": _Reader.field_begins,
        "fldSimple": _Reader.field_begins,
    }
)


def _whole(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 12 else 0


def _sign(code: str) -> str:
    number = _whole(code)
    return chr(number) if 0 < number < _SURROGATES else ""


def _result(instruction: str) -> str:
    """What a field shows that is a sign by its number, words and signs, or a number that a sequence begins with."""
    kind, _, rest = instruction.strip().partition(" ")
    if kind.upper() == "SYMBOL":
        return _sign(rest.strip().partition(" ")[0])
    if kind.upper() == "QUOTE":
        found = _QUOTED.findall(rest[:2_000])
        return "".join(words or _sign(code) for words, code in found)
    if kind.upper() == "SEQ" and (again := _RESTART.search(rest)):
        return again[1]
    return ""


def read_listed(octets: bytes, lists: Lists) -> Iterator[Item]:
    """The text of a part with all that, where it has any."""
    listed = lists.are_telling and (b"numPr" in octets or b"pStyle" in octets or b":list" in octets or b":h" in octets)
    if not (listed or _FIELDS.search(octets) or _ATTRIBUTES.search(octets)):
        return
    reader = _Reader(lists)
    parse_xml(octets, reader.start, reader.end, reader.text)
    if reader.told:
        yield Text("".join(reader.pieces), View.ALL)
