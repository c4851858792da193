"""HTML as text: what a person sees, and all that is there. A tolerant tokenizer of our own, in linear time.

Follows the tokenizer of the WHATWG HTML Standard (section 13.2.5) where it decides what is shown. Source positions are
kept throughout, so that a span of the text leads back to the source.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from html import unescape

from gateway.core.message import Run
from gateway.extract.html_names import (
    BLOCKS,
    CELLS,
    ELEMENT,
    QUIET_ATTRIBUTES,
    TELLING_ATTRIBUTES,
    UNSEEN_ELEMENTS,
    VOID,
    hides,
)
from gateway.extract.woven import Weaver

_REFERENCE = r"(?:\#[0-9]{1,8};?|\#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};?)"
_ATTRIBUTES = r"""(?:[^>"'=]++|=[ \t\r\n\f]*+(?:"[^"]*+"|'[^']*+')?+|["'])*+"""
# Every alternative starts with a plain character, which lets the search skip text quickly. The last one after "<" is
# a tag without an end: from there on the simple form is used, which keeps the time linear.
_TOKEN = re.compile(
    rf"""
    <(?=[a-zA-Z/!?])(?:
        !--\[if[^\]>]*+\]>(?P<shown><!-*+>)?+
        | (?P<endif>!\[endif\]-->)
        | !--(?P<comment>.*?)(?:--!?>|\Z)
        | (?P<raw>script|style|title|template|iframe|noframes|noembed)(?=[ \t\r\n\f/>]){_ATTRIBUTES}>
          (?P<inside>.*?)(?:(?=</(?P=raw)[ \t\r\n\f/>])|\Z)
        | (?P<close>/)?(?P<name>[a-zA-Z][^ \t\r\n\f/>]*+)(?P<attributes>{_ATTRIBUTES})>
        | [!?](?P<bogus>[^>]*+)>
        | (?P<broken>)
    )
    | &(?P<entity>{_REFERENCE})
    | --(?P<arrow>!?>)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SIMPLE = re.compile(
    rf"<(?P<close>/)?(?P<name>[a-zA-Z][^ \t\r\n\f/<>]*+)(?P<attributes>[^<>]*+)>|&(?P<entity>{_REFERENCE})",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"""([^ \t\r\n\f/=>]++)(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\r\n\f>]++)))?+"""
)
_ENTITIES = re.compile("&" + _REFERENCE)
_NOISE = re.compile(r"\s*(?:doctype\b|\[if\b|\[endif\]|xml\b|\s*\Z)", re.IGNORECASE)


class _Kind(IntEnum):
    TEXT = 0
    ENTITY = 1
    KEPT = 2  # preformatted
    LINE = 3
    CELL = 4
    EXTRA = 5  # an attribute, a comment: never shown


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a document and how it leads back to the source."""

    text: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """`everything` None: it would add nothing to what is visible."""

    visible: View
    everything: View | None


_Event = tuple[_Kind, int, int, bool]  # kind, source start, source end, hidden


def render(source: str) -> Rendered:
    """Both views of an HTML document."""
    events = _Document(source).read()
    visible = _weave(source, events, everything=False)
    if not any(event[3] and source[event[1] : event[2]].strip() for event in events):
        return Rendered(visible, None)
    return Rendered(visible, _weave(source, events, everything=True))


def _weave(source: str, events: list[_Event], *, everything: bool) -> View:
    weaver = Weaver(source)
    for kind, start, end, hidden in events:
        if hidden and not everything:
            continue
        if kind is _Kind.TEXT:
            weaver.copy(start, end)
        elif kind is _Kind.LINE:
            weaver.gap("\n")
        elif kind is _Kind.ENTITY:
            weaver.whole(unescape(source[start:end]), start, end)
        elif kind is _Kind.KEPT:
            weaver.keep(start, end)
        elif kind is _Kind.CELL:
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


class _Document:
    """One walk over a source."""

    __slots__ = ("_conditional", "_hider", "_nested", "_pre", "_source", "events")

    def __init__(self, source: str) -> None:
        self.events: list[_Event] = []
        self._source = source
        self._hider = ""  # name of the outermost hidden element
        self._nested = 0  # elements of that name open
        self._pre = 0
        self._conditional = False  # inside <!--[if …]>, which Outlook alone shows

    def read(self) -> list[_Event]:
        """What stands in the source, in order."""
        position = 0
        for token in _TOKEN.finditer(self._source):
            if token["broken"] is not None:
                return self._read_simply(position)
            start, end = token.span()
            if position < start:
                self._text(position, start)
            self._token(token, start, end)
            position = end
        self._text(position, len(self._source))
        return self.events

    def _read_simply(self, position: int) -> list[_Event]:
        """The rest of a source with a tag that never ends: tags end at the next ">", other "<" are text."""
        for token in _SIMPLE.finditer(self._source, position):
            start, end = token.span()
            self._text(position, start)
            if token["entity"]:
                self.events.append((_Kind.ENTITY, start, end, self._hidden))
            else:
                self._tag(token)
            position = end
        self._text(position, len(self._source))
        return self.events

    @property
    def _hidden(self) -> bool:
        return self._conditional or bool(self._hider)

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self.events.append((_Kind.KEPT if self._pre else _Kind.TEXT, start, end, self._hidden))

    def _token(self, token: re.Match[str], start: int, end: int) -> None:
        group = token.lastgroup
        if group == "attributes":
            self._tag(token)
        elif group == "entity":
            self.events.append((_Kind.ENTITY, start, end, self._hidden))
        elif group == "inside":
            self.events.append((_Kind.EXTRA, *token.span("inside"), True))
        elif group in ("comment", "bogus"):
            first, last = token.span(group)
            if group == "comment" or not _NOISE.match(self._source, first, last):
                self.events.append((_Kind.EXTRA, first, last, True))
        elif group in ("endif", "arrow"):
            if group == "arrow" and not self._conditional:
                self._text(start, end)
            self._conditional = False
        else:
            self._conditional = group != "shown"

    def _tag(self, token: re.Match[str]) -> None:
        name = token["name"].lower()
        closing = token["close"] is not None
        start, end = token.span("attributes")
        if not ELEMENT.fullmatch(name):
            self.events.append((_Kind.EXTRA, *token.span("name"), True))
        if start < end and not closing:
            self._attributes(start, end)
        self._track(name, start, end, closing=closing)
        if name in BLOCKS:
            self.events.append((_Kind.LINE, start, start, self._hidden))
        elif name in CELLS:
            self.events.append((_Kind.CELL, start, start, self._hidden))
        if name == "pre":
            self._pre = max(self._pre + (-1 if closing else 1), 0)

    def _attributes(self, start: int, end: int) -> None:
        """Values of the attributes that may carry text."""
        for attribute in _ATTRIBUTE.finditer(self._source, start, end):
            name = attribute[1].lower()
            if name not in QUIET_ATTRIBUTES:
                group = (attribute.lastindex or 0) if name in TELLING_ATTRIBUTES else 0
                self.events.append((_Kind.EXTRA, *attribute.span(group), True))

    def _track(self, name: str, start: int, end: int, *, closing: bool) -> None:
        """Keep account of elements that are not shown, up to their end tags."""
        if name in VOID:
            return
        if self._hider:
            if name == self._hider:
                self._nested += -1 if closing else 1
                self._hider = name if self._nested > 0 else ""
        elif not closing and (name in UNSEEN_ELEMENTS or (start < end and hides(self._source, start, end))):
            self._hider = name
            self._nested = 1
