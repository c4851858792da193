"""A page read into events. A tolerant tokenizer of our own, in linear time.

Follows the tokenizer of the WHATWG HTML Standard (section 13.2.5) where it decides what is shown. Source positions are
kept throughout, so that a span of the text leads back to the source.
"""

import re

from gateway.extract.html.events import (
    ALWAYS,
    BREAKS,
    CELL,
    ENTITY,
    EXTRA,
    FAINT,
    HIDDEN,
    KEPT,
    LINE,
    LITERAL,
    TEXT,
    Event,
    Kind,
    Seen,
)
from gateway.extract.html.names import (
    BLOCKS,
    CELLS,
    ELEMENT,
    ENCLOSING,
    ENDED_BY,
    REFERENCE,
    REFERENCES,
    UNSEEN_ELEMENTS,
    VOID,
)
from gateway.extract.html.styles import sheet_of
from gateway.extract.html.tags import PLAIN, Look, Looks
from gateway.extract.repeats import any_number

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
    | &(?P<entity>{REFERENCE})
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMMENT_END = re.compile(r"(?:<!\[endif\])?--!?>", re.IGNORECASE)
_SIMPLE = re.compile(
    rf"<(?P<close>/)?(?P<name>[a-zA-Z][^ \t\r\n\f/<>]*+)(?P<attributes>[^<>]*+)>|&(?P<entity>{REFERENCE})",
    re.IGNORECASE,
)
_MOST_NESTS = 4  # insides of raw text within one another that are read as mark-up
_LONGEST_PLAIN = 200  # characters of a tag that is remembered
_LONGEST_NAME = 24  # of an element, as in ELEMENT
# Conditional comments of Outlook that hold for all other programs, and what ends them.
_NEGATED = re.compile(r"<!(?:--)?\[if\s+\(?!", re.IGNORECASE)
_ENDIF = re.compile(r"\s*(?:<!)?\[endif\]", re.IGNORECASE)
_NOISE = re.compile(r"\s*(?:doctype\b|\[if\b|\[endif\]|xml\b|\s*\Z)", re.IGNORECASE)


def events_of(source: str) -> list[Event]:
    """All that a page has, in order."""
    return _Document(source, Looks(sheet_of(source))).read()


class _Document:
    """One walk over a source."""

    __slots__ = (
        "_elsewhere",
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

    def __init__(self, source: str, looks: Looks) -> None:
        self.events: list[Event] = []
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
        self._elsewhere = False  # behind <!--[if !…]><!-->, which Outlook alone leaves out
        self._unseen = False  # inside <!--[if …]>, which Outlook alone shows, or inside an element read as raw text

    def read(self) -> list[Event]:
        """What stands in the source, in order."""
        self._read(0, len(self._source))
        return self.events

    def _read(self, position: int, end: int) -> None:
        """source[position:end]. What a browser takes as one comment or raw text is read by itself, up to its end."""
        append, plain = self.events.append, self._looks.plain
        while position < end:
            seen, kind, unhidden = self._standing()
            for token in _TOKEN.finditer(self._source, position, end):
                group = token.lastgroup
                if group == "broken":
                    self._read_simply(position, end)
                    return
                start, last = token.span()
                if position < start:
                    append((kind, position, start, seen))
                position = last
                if group == "attributes":
                    if unhidden and (known := plain.get(token[0])) is not None:  # most tags of a page: nothing changes
                        line, offset = known
                        if line is not None:
                            append((line, start + offset, start + offset, seen))
                        continue
                    self._tag_anew(token, start, unhidden=unhidden)
                else:
                    self._token(token)
                    if group is None:  # a conditional comment
                        position = self._conditional(position, end)
                        break
                seen, kind, unhidden = self._standing()
            else:
                self._text(position, end)
                return

    def _standing(self) -> tuple[Seen, Kind, bool]:
        """Who sees text from here on and of what kind it is; whether no element that is open has a say in that."""
        return self._seen, KEPT if self._pre else TEXT, not (self._hider or self._fainter or self._emptied)

    def _conditional(self, start: int, end: int) -> int:
        """The inside of a conditional comment; where it ends."""
        found = _COMMENT_END.search(self._source, start, end)
        self._apart(start, found.start() if found else end)
        return found.end() if found else end

    def _apart(self, start: int, end: int) -> None:
        """Mark-up that is not shown and opens or closes nothing outside; too deep inside, as it stands."""
        if self._nests >= _MOST_NESTS:
            self.events.append((EXTRA, start, end, HIDDEN))
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
                self.events.append((ENTITY, start, end, self._seen))
            else:
                self._tag(token)
            position = end
        self._text(position, stop)

    @property
    def _seen(self) -> Seen:
        if self._unseen or self._hider:
            return HIDDEN
        return FAINT if self._fainter or self._elsewhere else ALWAYS

    def _text(self, start: int, end: int) -> None:
        if start < end:
            self.events.append((KEPT if self._pre else TEXT, start, end, self._seen))

    def _token(self, token: re.Match[str]) -> None:
        group = token.lastgroup
        if group == "entity":
            self.events.append((ENTITY, *token.span(), self._seen))
        elif group == "inside":
            first, last = token.span("given")
            self._extras(self._looks.of(self._source[first:last]), first)
            self._raw(token["raw"].lower(), *token.span("inside"))
        elif group == "rest":
            self.events.append((LINE, *token.span("rest"), self._seen))
            self.events.append((KEPT, *token.span("rest"), self._seen))
        elif group == "shown":
            self._elsewhere = _NEGATED.match(token[0]) is not None
        elif group in ("comment", "bogus"):
            first, last = token.span(group)
            if group == "bogus" and _NEGATED.match(token[0]):
                self._elsewhere = True
            elif _ENDIF.match(self._source, first, last):
                self._elsewhere = False
            if group == "comment" or not _NOISE.match(self._source, first, last):
                self.events.append((EXTRA, first, last, HIDDEN))

    def _raw(self, name: str, start: int, end: int) -> None:
        """An element whose inside browsers take as text; others read mark-up there."""
        if name in ("script", "style"):
            self.events.append((EXTRA, start, end, HIDDEN))
            return
        if name in ("textarea", "xmp") and self._seen is ALWAYS:
            self._literal(name, start, end)
        self.events.append((LINE, start, start, HIDDEN))
        self._apart(start, end)
        self.events.append((LINE, end, end, HIDDEN))

    def _literal(self, name: str, start: int, end: int) -> None:
        """What a browser shows as it stands; in a textarea with its character references decoded."""
        position = start
        self.events.append((LINE, start, start, LITERAL))
        for entity in REFERENCES.finditer(self._source, start, end) if name == "textarea" else ():
            self.events.append((KEPT, position, entity.start(), LITERAL))
            self.events.append((ENTITY, *entity.span(), LITERAL))
            position = entity.end()
        self.events.append((KEPT, position, end, LITERAL))
        self.events.append((LINE, end, end, LITERAL))

    def _tag_anew(self, token: re.Match[str], start: int, *, unhidden: bool) -> None:
        """A tag, remembered where it says no more than where a line ends."""
        before = len(self.events)
        self._tag(token)
        written = token[0]
        if unhidden and len(written) <= _LONGEST_PLAIN and self._is_plain(token["name"].lower(), before):
            kind = self.events[-1][0] if len(self.events) > before else None
            self._looks.plain[written] = kind, token.start("attributes") - start

    def _is_plain(self, name: str, before: int) -> bool:
        """Whether the last tag left nothing but at most the end of a line or of a cell."""
        return (
            name != "pre"
            and not (self._hider or self._fainter or self._emptied)
            and all(event[0] in BREAKS for event in self.events[before:])
        )

    def _tag(self, token: re.Match[str]) -> None:
        name = token["name"].lower()
        closing = token["close"] is not None
        start, end = token.span("attributes")
        if not ((name.isalpha() and name.isascii() and len(name) <= _LONGEST_NAME) or ELEMENT.fullmatch(name)):
            self.events.append((EXTRA, *token.span("name"), HIDDEN))
        attributes, look = "", PLAIN
        if start < end and not closing:
            attributes = self._source[start:end]
            look = self._looks.of(attributes)
            if look.extras:
                self._extras(look, start)
        if name not in VOID:
            self._track(name, attributes, look, closing=closing)
        if name in BLOCKS:
            self.events.append((LINE, start, start, self._seen))
        elif name in CELLS:
            self.events.append((CELL, start, start, self._seen))
        if name == "pre":
            self._pre = max(self._pre + (-1 if closing else 1), 0)

    def _extras(self, look: Look, start: int) -> None:
        self.events += ((EXTRA, start + first, start + last, HIDDEN) for first, last in look.extras)

    def _track(self, name: str, attributes: str, look: Look, *, closing: bool) -> None:
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
