"""HTML as text: what a person sees, and all that is there. A tolerant tokenizer of our own, in linear time.

Follows the tokenizer of the WHATWG HTML Standard (section 13.2.5) where it decides what is shown. Source positions are
kept throughout, so that a span of the text leads back to the source.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from html import unescape
from itertools import pairwise

from gateway.core.message import Runs
from gateway.extract.generated import written_out
from gateway.extract.html_names import (
    BLOCKS,
    CELLS,
    ELEMENT,
    ENCLOSING,
    ENDED_BY,
    QUIET_ATTRIBUTES,
    TELLING_ATTRIBUTES,
    UNSEEN_ELEMENTS,
    VOID,
    hides,
)
from gateway.extract.mosaic import Piece, depth_change, last_tag, may_be_mosaic, moved, without_insertions
from gateway.extract.repeats import any_number
from gateway.extract.styles import Sheet, is_faint, plain_style, sheet_of
from gateway.extract.woven import Weaver

_REFERENCE = r"(?:\#[0-9]{1,8};?|\#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};?)"
_WS = r"[ \t\r\n\f]"
_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^ \t\r\n\f>"'][^ \t\r\n\f>]*+)"""
# A name may start with "=", and a value without quotes may hold some (sections 13.2.5.32 and 13.2.5.37).
_ATTRIBUTES = any_number(rf"[ \t\r\n\f/]++|[^ \t\r\n\f/>][^ \t\r\n\f/>=]*+(?>(?:{_WS}*+={_WS}*+(?>{_VALUE}?))?)")
_IN_COMMENT, _IN_RAW = any_number(r"-(?!-!?>)[^-]*+"), any_number(r"<(?!/(?P=raw)[ \t\r\n\f/>])[^<]*+")
# Every alternative starts with a plain character, which lets the search skip text quickly. The last one after "<" is
# a tag without an end: from there on the simple form is used, which keeps the time linear.
_TOKEN = re.compile(
    rf"""
    <(?=[a-zA-Z/!?])(?:
        !--\[if[^\]>]*+\]>(?>(?P<shown><!-*+>)?)
        | (?P<endif>!\[endif\]-->)
        | !--(?P<empty>-?>)
        | !--(?P<comment>[^-]*+{_IN_COMMENT})(?:--!?>|\Z)
        | (?P<raw>script|style|title|template|iframe|noframes|noembed|textarea|xmp)(?=[ \t\r\n\f/>])
          (?P<given>{_ATTRIBUTES})>(?P<inside>[^<]*+{_IN_RAW})
        | plaintext(?=[ \t\r\n\f/>]){_ATTRIBUTES}>(?P<rest>.*)
        | (?P<close>/)?(?P<name>[a-zA-Z][^ \t\r\n\f/>]*+)(?P<attributes>{_ATTRIBUTES})>
        | (?:[!?]|/(?![a-zA-Z]))(?P<bogus>[^>]*+)>
        | (?P<broken>)
    )
    | &(?P<entity>{_REFERENCE})
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMMENT_END = re.compile(r"(?:<!\[endif\])?--!?>", re.IGNORECASE)
_SIMPLE = re.compile(
    rf"<(?P<close>/)?(?P<name>[a-zA-Z][^ \t\r\n\f/<>]*+)(?P<attributes>[^<>]*+)>|&(?P<entity>{_REFERENCE})",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""([^ \t\r\n\f/>][^ \t\r\n\f/=>]*+)"""
    r"""(?>(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\r\n\f>]++)))?)"""
)
_ENTITIES = re.compile("&" + _REFERENCE)
_NUMBER_ENDS = re.compile(r"(?:[0-9]|&#?\w{1,8};)[ .\-]{0,3}\Z")
_LONG_NUMBER = re.compile(r"[0-9](?:[ ._-]?[0-9]){8}")
_MOST_NESTS = 4  # insides of raw text within one another that are read as mark-up
_LONGEST_PLAIN = 200  # characters of a tag that is remembered
_MOST_ATTRIBUTES = 2_000  # of one tag
_LONGEST_NAME = 24  # of an element, as in ELEMENT
_NOISE = re.compile(r"\s*(?:doctype\b|\[if\b|\[endif\]|xml\b|\s*\Z)", re.IGNORECASE)


class _Kind(IntEnum):
    TEXT = 0
    ENTITY = 1
    KEPT = 2  # preformatted
    LINE = 3
    CELL = 4
    EXTRA = 5  # an attribute, a comment: never shown


# Members of an enumeration cost a look-up each time.
_TEXT, _ENTITY, _KEPT, _LINE, _CELL, _EXTRA = _Kind


class _Seen(IntEnum):
    """Which views an event belongs to."""

    ALWAYS = 0
    HIDDEN = 1  # not in the visible view
    LITERAL = 2  # in the visible view alone; others read it as mark-up
    FAINT = 3  # too small, pale or far away to be read, as far as styles say


_ALWAYS, _HIDDEN, _LITERAL, _FAINT = _Seen


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a document and how it leads back to the source."""

    text: str
    runs: Runs


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is visible, and other readings that add to it.

    First of the others is everything, hidden text apart from what stands beside it; then, where that makes a difference
    within a line, hidden text joined to it, as a program shows it that knows nothing of styles.
    `cut`: the page writes more into itself than is read, or its numbers can be put together in too many ways.
    """

    visible: View
    others: tuple[View, ...] = ()
    cut: bool = False

    @property
    def everything(self) -> View | None:
        """None: it would add nothing to what is visible."""
        return self.others[0] if self.others else None


_Event = tuple[_Kind, int, int, _Seen]  # kind, source start, source end
_BESIDE = frozenset({_HIDDEN, _LITERAL})  # what other views than the visible one have to show
_WORDS = frozenset({_TEXT, _ENTITY, _KEPT})
_BREAKS = frozenset({_LINE, _CELL})
_NEAR = 60  # events before and after numbers that were moved
# Characters of the views that put numbers together, for each of the source and beyond that.
_MOST_TIMES, _MOST_BEYOND = 16, 100_000


def shown(source: str) -> View:
    """What is visible of an HTML document, for those who want no more."""
    events = _Document(source, _Looks(sheet_of(source))).read()
    return _weave(source, [event for event in events if event[3] is not _HIDDEN])


def render(source: str) -> Rendered:
    """All views of an HTML document."""
    rendered = _render(source)
    if (written := written_out(source)) is None:
        return rendered
    view = View(shown(written.source).text, Runs([]))
    return replace(rendered, others=(*rendered.others, view), cut=rendered.cut or written.cut)


def _render(source: str) -> Rendered:
    events = _Document(source, _Looks(sheet_of(source))).read()
    together, cut = _put_together(source, events)
    if all(event[3] is _ALWAYS for event in events):
        return Rendered(_weave(source, events), together, cut)
    visible = _weave(source, [event for event in events if event[3] is not _HIDDEN])
    clear: tuple[View, ...] = ()
    if _splits_numbers(source, events):
        clear = (_weave(source, [event for event in events if event[3] in (_ALWAYS, _LITERAL)]),)
    clear += together
    if not any(event[3] in _BESIDE and source[event[1] : event[2]].strip() for event in events):
        return Rendered(visible, clear, cut)
    whole = [event for event in events if event[3] is not _LITERAL]
    everything = _weave(source, whole, apart=True)
    if not _joins(whole):
        return Rendered(visible, (everything, *clear), cut)
    return Rendered(visible, (everything, _weave(source, whole), *clear), cut)


def _put_together(source: str, events: list[_Event]) -> tuple[tuple[View, ...], bool]:
    """The different ones of these views, and whether there are more of them than are read."""
    found: dict[str, View] = {}
    room = _MOST_TIMES * len(source) + _MOST_BEYOND
    for view in _ways_together(source, events):
        if view.text in found:
            continue
        if len(view.text) > room:
            return tuple(found.values()), True
        room -= len(view.text)
        found[view.text] = view
    return tuple(found.values()), False


def _ways_together(source: str, events: list[_Event]) -> Iterator[View]:
    """Numbers that stand in several elements, read without one kind of these, and in another order."""
    if not may_be_mosaic(source):
        return
    shown = [event for event in events if event[3] is not _HIDDEN]
    lines = list(_lines(source, shown))
    for events_, lines_ in ((shown, lines), *_with_hidden(source, events)):
        for gone, around in without_insertions(lines_):
            yield _weave(source, [one for place, one in enumerate(events_) if place in around and place not in gone])
    for piece, said in moved(source, [piece for line in lines for piece in line]):
        before = _weave(source, shown[max(piece.first - _NEAR, 0) : piece.first])
        after = _weave(source, shown[piece.last + 1 : piece.last + _NEAR])
        yield View(f"{before.text} {said} {after.text}", Runs([]))


def _with_hidden(source: str, events: list[_Event]) -> Iterator[tuple[list[_Event], list[list[Piece]]]]:
    """All text, where some is hidden: an element may show itself within one that does not."""
    if any(event[3] is _HIDDEN and event[0] in _WORDS for event in events):
        words = [event for event in events if event[0] is not _EXTRA]
        yield words, list(_lines(source, words))


def _lines(source: str, events: list[_Event]) -> Iterator[list[Piece]]:
    """The pieces of text of each line."""
    line: list[Piece] = []
    end = depth = 0
    for number, (kind, start, stop, _) in enumerate(events):
        if kind in _BREAKS and line:
            yield line
            line = []
        if kind not in _WORDS:
            continue
        markup = source[end:start]
        text = unescape(source[start:stop]) if kind is _ENTITY else source[start:stop]
        end = stop
        if line and not markup:
            line[-1] = replace(line[-1], last=number, text=line[-1].text + text)
            continue
        depth += depth_change(markup)
        line.append(Piece(number, number, text, last_tag(markup), depth))
    if line:
        yield line


def _joins(events: list[_Event]) -> bool:
    """Whether hidden and shown text meet within a line."""
    return any(event[3] is _HIDDEN and event[0] in _WORDS for event in events) and any(
        (one[3] is _HIDDEN) is not (other[3] is _HIDDEN) and one[0] in _WORDS and other[0] in _WORDS
        for one, other in pairwise(events)
    )


def _splits_numbers(source: str, events: list[_Event]) -> bool:
    """Whether text that nobody reads stands right behind a digit that everybody does."""
    if not any(event[3] is _FAINT for event in events):
        return False
    words = [event for event in events if event[0] in _WORDS and event[3] is not _HIDDEN]
    return any(
        other[3] is _FAINT and one[3] is _ALWAYS and _NUMBER_ENDS.search(source, max(one[1], one[2] - 4), one[2])
        for one, other in pairwise(words)
    )


def _weave(source: str, events: Sequence[_Event], *, apart: bool = False) -> View:
    """One view. `apart`: a line end of our own where hidden text begins or ends."""
    weaver = Weaver(source)
    before = False
    for kind, start, end, seen in events:
        if apart and (seen is _HIDDEN) is not before:
            weaver.gap("\n")
            before = seen is _HIDDEN
        if kind is _TEXT:
            weaver.copy(start, end)
        elif kind is _LINE:
            weaver.gap("\n")
        elif kind is _ENTITY:
            weaver.whole(unescape(source[start:end]), start, end)
        elif kind is _KEPT:
            weaver.keep(start, end)
        elif kind is _CELL:
            weaver.gap("\t")
        else:
            _weave_extra(weaver, source, start, end)
    return View(*weaver.result())


def _weave_extra(weaver: Weaver, source: str, start: int, end: int) -> None:
    """An attribute or comment on a line of its own, entities decoded."""
    weaver.gap("\n")
    position = start
    for entity in _ENTITIES.finditer(source, start, end):
        weaver.copy(position, entity.start())
        weaver.whole(unescape(entity[0]), entity.start(), entity.end())
        position = entity.end()
    weaver.copy(position, end)
    weaver.gap("\n")


@dataclass(frozen=True, slots=True)
class _Look:
    """What the attributes of a tag say: `extras` are stretches of them that may be text, by their places in them."""

    hides: bool
    faint: bool
    extras: tuple[tuple[int, int], ...]


class _Looks:
    """The looks of the tags of a page, which has most of them many times."""

    __slots__ = ("_known", "_sheet", "plain")

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.plain: dict[str, tuple[_Kind | None, int]] = {}  # what a tag leaves that opens nothing, and where in it
        self._known: dict[str, _Look] = {}

    def of(self, attributes: str) -> _Look:
        look = self._known.get(attributes)
        if look is None:
            look = self._known[attributes] = _look(attributes)
        return look

    def makes_faint(self, element: str, attributes: str) -> bool:
        """By the style sheet of the page."""
        return self._sheet.hides(element, attributes)

    def makes_faint_within(self, element: str, attributes: str) -> bool:
        """Likewise, the elements in this one."""
        return self._sheet.empties(element, attributes)


def _look(attributes: str) -> _Look:
    plain = plain_style(attributes)
    return _Look(
        hides(attributes) or hides(plain),
        is_faint(attributes) or is_faint(plain),
        tuple(_extras(attributes)),
    )


def _extras(attributes: str) -> Iterator[tuple[int, int]]:
    """The values of attributes that may carry text."""
    for number, attribute in enumerate(_ATTRIBUTE.finditer(attributes)):
        if number > _MOST_ATTRIBUTES:  # the rest as it stands
            yield attribute.start(), len(attributes)
            return
        name = attribute[1].lower()
        if name not in QUIET_ATTRIBUTES or _LONG_NUMBER.search(attribute[0]) or "data:" in attribute[0].lower():
            group = (attribute.lastindex or 0) if name in TELLING_ATTRIBUTES else 0
            yield attribute.span(group)


_PLAIN = _Look(hides=False, faint=False, extras=())


class _Document:
    """One walk over a source."""

    __slots__ = (
        "_emptied",
        "_empty",
        "_fainted",
        "_fainter",
        "_hider",
        "_inside",
        "_looks",
        "_nested",
        "_nests",
        "_pre",
        "_source",
        "_unseen",
        "events",
    )

    def __init__(self, source: str, looks: _Looks) -> None:
        self.events: list[_Event] = []
        self._source = source
        self._hider = ""  # name of the outermost hidden element
        self._nested = 0  # elements of that name open
        self._inside = 0  # tables and lists open in it
        self._fainter = ""  # name of the outermost element that can hardly be seen
        self._fainted = 0  # elements of that name open
        self._emptied = ""  # name of the outermost element whose elements can hardly be seen
        self._empty = 0  # elements of that name open
        self._nests = 0  # such insides around this one
        self._looks = looks
        self._pre = 0
        self._unseen = False  # inside <!--[if …]>, which Outlook alone shows, or inside an element read as raw text

    def read(self) -> list[_Event]:
        """What stands in the source, in order."""
        self._read(0, len(self._source))
        return self.events

    def _read(self, position: int, end: int) -> None:
        """source[position:end]. What a browser takes as one comment or raw text is read by itself, up to its end."""
        while position < end:
            for token in _TOKEN.finditer(self._source, position, end):
                group = token.lastgroup
                if group == "broken":
                    self._read_simply(position, end)
                    return
                start, last = token.span()
                if position < start:
                    self.events.append((_KEPT if self._pre else _TEXT, position, start, self._seen))
                position = last
                if group == "attributes":
                    self._tag_again(token, start)
                    continue
                self._token(token)
                if group is None:  # a conditional comment
                    position = self._conditional(position, end)
                    break
            else:
                self._text(position, end)
                return

    def _conditional(self, start: int, end: int) -> int:
        """The inside of a conditional comment; where it ends."""
        found = _COMMENT_END.search(self._source, start, end)
        self._apart(start, found.start() if found else end)
        return found.end() if found else end

    def _apart(self, start: int, end: int) -> None:
        """Mark-up that is not shown and opens or closes nothing outside; too deep inside, as it stands."""
        if self._nests >= _MOST_NESTS:
            self.events.append((_EXTRA, start, end, _HIDDEN))
            return
        inside = _Document(self._source, self._looks)
        inside.events, inside._unseen, inside._nests = self.events, True, self._nests + 1
        inside._read(start, end)

    def _read_simply(self, position: int, stop: int) -> None:
        """The rest of a source with a tag that never ends: tags end at the next ">", other "<" are text."""
        for token in _SIMPLE.finditer(self._source, position, stop):
            start, end = token.span()
            self._text(position, start)
            if token["entity"]:
                self.events.append((_ENTITY, start, end, self._seen))
            else:
                self._tag(token)
            position = end
        self._text(position, stop)

    @property
    def _seen(self) -> _Seen:
        if self._unseen or self._hider:
            return _HIDDEN
        return _FAINT if self._fainter else _ALWAYS

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self.events.append((_KEPT if self._pre else _TEXT, start, end, self._seen))

    def _token(self, token: re.Match[str]) -> None:
        group = token.lastgroup
        if group == "entity":
            self.events.append((_ENTITY, *token.span(), self._seen))
        elif group == "inside":
            first, last = token.span("given")
            self._extras(self._looks.of(self._source[first:last]), first)
            self._raw(token["raw"].lower(), *token.span("inside"))
        elif group == "rest":
            self.events.append((_LINE, *token.span("rest"), self._seen))
            self.events.append((_KEPT, *token.span("rest"), self._seen))
        elif group in ("comment", "bogus"):
            first, last = token.span(group)
            if group == "comment" or not _NOISE.match(self._source, first, last):
                self.events.append((_EXTRA, first, last, _HIDDEN))

    def _raw(self, name: str, start: int, end: int) -> None:
        """An element whose inside browsers take as text; others read mark-up there."""
        if name in ("script", "style"):
            self.events.append((_EXTRA, start, end, _HIDDEN))
            return
        if name in ("textarea", "xmp") and self._seen is _ALWAYS:
            self._literal(name, start, end)
        self.events.append((_LINE, start, start, _HIDDEN))
        self._apart(start, end)
        self.events.append((_LINE, end, end, _HIDDEN))

    def _literal(self, name: str, start: int, end: int) -> None:
        """What a browser shows as it stands; in a textarea with its character references decoded."""
        position = start
        self.events.append((_LINE, start, start, _LITERAL))
        for entity in _ENTITIES.finditer(self._source, start, end) if name == "textarea" else ():
            self.events.append((_KEPT, position, entity.start(), _LITERAL))
            self.events.append((_ENTITY, *entity.span(), _LITERAL))
            position = entity.end()
        self.events.append((_KEPT, position, end, _LITERAL))
        self.events.append((_LINE, end, end, _LITERAL))

    def _tag_again(self, token: re.Match[str], start: int) -> None:
        """A tag, quicker where the page had the same before, and where it says no more than where a line ends."""
        written = token[0]
        if self._hider or self._fainter or self._emptied:
            self._tag(token)
        elif (known := self._looks.plain.get(written)) is not None:
            kind, offset = known
            if kind is not None:
                self.events.append((kind, start + offset, start + offset, self._seen))
        else:
            before = len(self.events)
            self._tag(token)
            if len(written) <= _LONGEST_PLAIN and self._is_plain(token["name"].lower(), before):
                kind = self.events[-1][0] if len(self.events) > before else None
                self._looks.plain[written] = kind, token.start("attributes") - start

    def _is_plain(self, name: str, before: int) -> bool:
        """Whether the last tag left nothing but at most the end of a line or of a cell."""
        return (
            name != "pre"
            and not (self._hider or self._fainter or self._emptied)
            and all(event[0] in _BREAKS for event in self.events[before:])
        )

    def _tag(self, token: re.Match[str]) -> None:
        name = token["name"].lower()
        closing = token["close"] is not None
        start, end = token.span("attributes")
        if not ((name.isalpha() and name.isascii() and len(name) <= _LONGEST_NAME) or ELEMENT.fullmatch(name)):
            self.events.append((_EXTRA, *token.span("name"), _HIDDEN))
        attributes, look = "", _PLAIN
        if start < end and not closing:
            attributes = self._source[start:end]
            look = self._looks.of(attributes)
            if look.extras:
                self._extras(look, start)
        if name not in VOID:
            self._track(name, attributes, look, closing=closing)
        if name in BLOCKS:
            self.events.append((_LINE, start, start, self._seen))
        elif name in CELLS:
            self.events.append((_CELL, start, start, self._seen))
        if name == "pre":
            self._pre = max(self._pre + (-1 if closing else 1), 0)

    def _extras(self, look: _Look, start: int) -> None:
        self.events += ((_EXTRA, start + first, start + last, _HIDDEN) for first, last in look.extras)

    def _track(self, name: str, attributes: str, look: _Look, *, closing: bool) -> None:
        """Keep account of elements that are not shown, up to their end tags."""
        if self._hider and self._ends_hidden(name, closing=closing):
            self._hider = ""
        if self._hider:
            if name == self._hider:
                self._nested += -1 if closing else 1
                self._hider = name if self._nested > 0 else ""
            return
        if self._fainter == name:
            self._fainted += -1 if closing else 1
            self._fainter = name if self._fainted > 0 else ""
        within = bool(self._emptied)
        if self._emptied == name:
            self._empty += -1 if closing else 1
            self._emptied = name if self._empty > 0 else ""
        if closing:
            return
        if look.hides or name in UNSEEN_ELEMENTS:
            self._hider = name
            self._nested = 1
            self._inside = 0
        elif not self._fainter and (within or look.faint or self._looks.makes_faint(name, attributes)):
            self._fainter = name
            self._fainted = 1
        elif not within and self._looks.makes_faint_within(name, attributes):
            self._emptied = name
            self._empty = 1

    def _ends_hidden(self, name: str, *, closing: bool) -> bool:
        """Whether a tag ends the hidden element without an end tag of it (HTML Standard, section 13.1.2.4)."""
        if name in ENCLOSING:
            self._inside += -1 if closing else 1
            return self._inside < 0 and self._hider in ENDED_BY
        return not closing and self._inside == 0 and name in ENDED_BY.get(self._hider, ())
