"""What the style sheets of a page write into it, by all that their selectors ask for.

CSS Selectors Level 4, CSS Cascade Level 4 (importance, specificity, order), CSS Nesting. Beside the reading of
`generated`, which takes a rule to apply wherever its last name occurs: that one finds what a program shows that obeys
less, this one what a browser shows. Layers and conditions are taken to hold, but for paper and speech.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import cssselect2
import tinycss2

from gateway.extract.html.counted import LONGEST, Marks, marks_of
from gateway.extract.html.names import ENDED_BY, VOID

_STYLE = re.compile(r"<style\b[^<>]*>(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
# What can say a digit: one in a string that is no part of an escape, or what stands elsewhere.
_SAYS = re.compile(
    r"""content\s*:(?:[^;{}]{0,200}(?:attr|counter|var)|[^;{}"']{0,100}["'](?:\\[0-9a-f]{1,6}\s?|[^"'\\0-9]){0,100}[0-9]"""
    r"""|[^;{}]{0,200}\\0{0,4}3[0-9](?![0-9a-f]))""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})((?>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*))>|<!--.*?(?:-->|\Z)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]{1,60})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_RAW = frozenset({"style", "script"})
_COSTLY = re.compile(r":has|of-type")
_NAME = re.compile(r"[A-Za-z_][\w-]{0,60}")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_PARTS = frozenset({"before", "after", "marker"})
_Tokens = Sequence[Any]  # of tinycss2
_Declared = Mapping[str, _Tokens]
_COUNTING = ("counter-reset", "counter-set", "counter-increment")
_MOST_ELEMENTS, _MOST_PAIRS = 20_000, 1_000_000
_MOST_BESIDE, _MOST_COSTLY = 1_000, 20  # elements and rules where a rule looks at all that stand beside one
_MOST_STEPS = 1_000_000  # from an element to those around it, and through what values say
_LONGEST_SELECTOR = 1_000
_DEEPEST, _NEAREST = 200, 50
_LONGEST_SHEET = 200_000
_MOST_NESTED = 8  # variables in variables, rules in rules


@dataclass(frozen=True, slots=True)
class Insertions:
    """Texts by their places in the source, in order. `cut`: a page too large to say."""

    texts: tuple[tuple[int, str], ...] = ()
    cut: bool = False


@dataclass(slots=True)
class _Sheets:
    """`rules`: selectors with what they declare (name, tokens, whether it is important)."""

    rules: list[tuple[str, list[tuple[str, _Tokens, bool]]]] = field(default_factory=list)
    styles: dict[str, Marks] = field(default_factory=dict)
    initial: dict[str, _Tokens] = field(default_factory=dict)  # of registered variables


class _TooMuchError(Exception):
    """A page that asks for more than anybody would wait for."""


@dataclass(slots=True)
class _Steps:
    """What is left of them."""

    left: int = _MOST_STEPS

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise _TooMuchError


class _Node(cssselect2.ElementWrapper):  # type: ignore[misc]
    """An element whose selectors count their steps."""

    def __init__(self, etree_element: Element, parent: "_Node | None", *more: Any, **named: Any) -> None:
        super().__init__(etree_element, parent, *more, **named)
        self.steps: _Steps = parent.steps if parent is not None else _Steps()
        self._around: tuple[_Node, ...] | None = None

    @property
    def ancestors(self) -> tuple["_Node", ...]:
        """Those around it, the nearest one last."""
        if self._around is None:
            self._around = () if self.parent is None else (*self.parent.ancestors, self.parent)
        self.steps.take(1 + len(self._around))
        return self._around

    @property
    def previous_siblings(self) -> Iterator["_Node"]:
        """Those before it, the nearest one first."""
        node = self.previous
        while node is not None:
            self.steps.take(1)
            yield node
            node = node.previous


@dataclass(slots=True)
class _Places:
    """Elements in order, with the ends of their start tags and the starts of their end tags."""

    root: Element
    opens: dict[Element, int]
    closes: dict[Element, int]


def insertions(source: str) -> Insertions:
    """What style sheets write where."""
    sheet = "\n".join(found[1] for found in _STYLE.finditer(source))
    if _SAYS.search(sheet) is None:
        return Insertions()
    try:
        return Insertions(tuple(sorted(_all_written(source, sheet), key=lambda one: one[0])))
    except (_TooMuchError, RecursionError, ValueError):  # within one another by the thousand, or numbers that long
        return Insertions(cut=True)


def _all_written(source: str, sheet: str) -> Iterator[tuple[int, str]]:
    if len(sheet) > _LONGEST_SHEET:
        raise _TooMuchError
    sheets = _Sheets()
    _gather(sheets, tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True), "", _MOST_NESTED)
    places = _placed(source)
    costly = sum(_COSTLY.search(selector) is not None for selector, _ in sheets.rules)
    if len(places.opens) * len(sheets.rules) > _MOST_PAIRS:
        raise _TooMuchError
    if costly and (costly > _MOST_COSTLY or len(places.opens) > _MOST_BESIDE):
        raise _TooMuchError
    return _written(sheets, places)


def _gather(sheets: _Sheets, nodes: Iterable[tinycss2.ast.Node], parent: str, left: int) -> None:
    """The rules of a sheet that say anything here; of rules within rules, with the selectors around them."""
    declared: list[tuple[str, _Tokens, bool]] = []
    for node in nodes if left > 0 else ():
        if node.type == "declaration" and _matters(node.lower_name):
            declared.append((node.name if node.name.startswith("--") else node.lower_name, node.value, node.important))
        elif node.type == "qualified-rule":
            selector = _within(tinycss2.serialize(node.prelude).strip(), parent)
            _gather(sheets, _inside(node), selector, left - 1)
        elif node.type == "at-rule" and node.content is not None:
            _at_rule(sheets, node, parent, left - 1)
    if declared and parent:
        sheets.rules.append((parent, declared))


def _at_rule(sheets: _Sheets, node: tinycss2.ast.AtRule, parent: str, left: int) -> None:
    said = tinycss2.serialize(node.prelude).strip()
    name = node.lower_at_keyword
    if name in ("counter-style", "property"):
        inside = {
            one.lower_name: one.value
            for one in tinycss2.parse_blocks_contents(node.content)
            if one.type == "declaration"
        }
        if name == "property":
            sheets.initial[said] = inside.get("initial-value", ())
        else:
            sheets.styles[said.lower()] = marks_of({key: tinycss2.serialize(value) for key, value in inside.items()})
    elif name in ("media", "supports", "container", "layer", "scope", "starting-style", "document") and not (
        name == "media" and re.fullmatch(r"(?:only\s+)?(?:print|speech)\b.*", said, re.IGNORECASE | re.DOTALL)
    ):
        _gather(sheets, _inside(node), parent, left)


def _inside(node: tinycss2.ast.Node) -> _Tokens:
    inside: _Tokens = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    return inside


def _matters(name: str) -> bool:
    return name == "content" or name in _COUNTING or name.startswith("--")


def _within(selector: str, parent: str) -> str:
    """A selector with that of the rule around it (CSS Nesting, section 3.1)."""
    if not parent:
        return selector
    around = f":is({parent})"
    whole = selector.replace("&", around) if "&" in selector else f"{around} {selector}"
    if len(whole) > _LONGEST_SELECTOR:
        raise _TooMuchError
    return whole


def _placed(source: str) -> _Places:
    """The elements of a page."""
    root = Element("html")
    places = _Places(root, {root: 0}, {})
    stack = [root]
    for tag in _tags(source):
        name = tag[2].lower()
        if tag[1]:
            _close(stack, name, tag.start(), places)
        elif name == "html":
            root.attrib.update(_given(tag[3]))
        else:
            _open(stack, name, tag, places)
    for element in stack:
        places.closes.setdefault(element, len(source))
    return places


def _tags(source: str) -> Iterator[re.Match[str]]:
    """The tags of a page but for what stands in scripts and style sheets."""
    raw = ""
    for tag in _TAG.finditer(source):
        name = (tag[2] or "").lower()
        if name and (not raw or (tag[1] and name == raw)):
            raw = name if name in _RAW and not tag[1] else ""
            yield tag


def _given(attributes: str) -> dict[str, str]:
    return {one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(attributes)}


def _open(stack: list[Element], name: str, tag: re.Match[str], places: _Places) -> None:
    while len(stack) > 1 and name in ENDED_BY.get(stack[-1].tag, ()):
        places.closes[stack.pop()] = tag.start()
    element = SubElement(stack[-1], name, _given(tag[3]))
    places.opens[element] = tag.end()
    if len(places.opens) > _MOST_ELEMENTS:
        raise _TooMuchError
    if name in VOID or (tag[0].endswith("/>") and ":" in name):
        places.closes[element] = tag.end()
    elif len(stack) < _DEEPEST:
        stack.append(element)


def _close(stack: list[Element], name: str, place: int, places: _Places) -> None:
    """The end of the nearest such element that is open, and of all within it."""
    for depth in range(len(stack) - 1, max(len(stack) - 1 - _NEAREST, 0), -1):
        if stack[depth].tag == name:
            for element in stack[depth:]:
                places.closes[element] = place
            del stack[depth:]
            return


def _written(sheets: _Sheets, places: _Places) -> Iterator[tuple[int, str]]:
    matcher = _matcher(sheets)
    counters: dict[str, int] = {}
    variables: dict[Element, _Declared] = {}
    writers: dict[Element, tuple[_Writer, _Declared]] = {}
    pending: list[tuple[int, Element]] = []
    root = _Node.from_html_root(places.root)
    for wrapper in root.iter_subtree():
        element = wrapper.etree_element
        start = places.opens[element]
        while pending and pending[-1][0] <= start:
            yield from _after(*pending.pop(), writers)
        declared = _declared(matcher, wrapper)
        own = declared[None]
        around = variables.get(wrapper.parent.etree_element, {}) if wrapper.parent else sheets.initial
        mine = {key: value for key, value in own.items() if key.startswith("--")}
        variables[element] = {**around, **mine} if mine else around
        writer = _Writer(sheets.styles, counters, variables[element], element.attrib, root.steps)
        writer.count(own)
        for part in ("marker", "before"):
            if part in declared and (text := writer.write(declared[part])):
                yield start, text
        if "after" in declared:
            writers[element] = writer, declared["after"]
            pending.append((places.closes.get(element, start), element))
            pending.sort(key=lambda one: -one[0])
    while pending:
        yield from _after(*pending.pop(), writers)


def _after(
    place: int, element: Element, writers: Mapping[Element, tuple["_Writer", _Declared]]
) -> Iterator[tuple[int, str]]:
    writer, declared = writers[element]
    if text := writer.write(declared):
        yield place, text


def _matcher(sheets: _Sheets) -> cssselect2.Matcher:
    matcher = cssselect2.Matcher()
    for selector, declared in sheets.rules:
        try:
            compiled = cssselect2.compile_selector_list(selector)
        except cssselect2.SelectorError:
            continue
        except SyntaxError as error:  # more within one another than the library can put into one expression
            raise _TooMuchError from error
        for one in compiled:
            matcher.add_selector(one, declared)
    return matcher


def _declared(matcher: cssselect2.Matcher, wrapper: cssselect2.ElementWrapper) -> dict[str | None, dict[str, _Tokens]]:
    """What holds for an element (None) and for what is written before and behind it."""
    found: dict[str | None, dict[str, tuple[tuple[bool, object], _Tokens]]] = {None: {}}
    for specificity, order, part, declared in matcher.match(wrapper):
        if part is not None and part not in _PARTS:
            continue
        at = found.setdefault(part, {})
        for name, value, important in declared:
            rank = (important, (False, *specificity, order))
            if name not in at or at[name][0] <= rank:
                at[name] = rank, value
    style = wrapper.etree_element.get("style", "")
    if "counter-" in style or "--" in style:
        for one in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
            if one.type == "declaration" and _matters(one.lower_name):
                name = one.name if one.name.startswith("--") else one.lower_name
                rank = (one.important, (True,))
                if name not in found[None] or found[None][name][0] <= rank:
                    found[None][name] = rank, one.value
    return {part: {name: value for name, (_, value) in at.items()} for part, at in found.items()}


@dataclass(frozen=True, slots=True)
class _Writer:
    """What values say at one element."""

    styles: Mapping[str, Marks]
    counters: dict[str, int]
    variables: _Declared
    given: Mapping[str, str]
    steps: _Steps

    def count(self, declared: _Declared) -> None:
        """Set and raise counters."""
        for kind in _COUNTING:
            words = self._words(declared.get(kind, ()), _MOST_NESTED)
            for place, word in enumerate(words):
                if not _NAME.fullmatch(word) or word == "none":
                    continue
                following = words[place + 1] if place + 1 < len(words) else ""
                number = int(following) if _WHOLE.fullmatch(following) else int(kind == "counter-increment")
                self.counters[word] = number + (self.counters.get(word, 0) if kind == "counter-increment" else 0)

    def _words(self, tokens: _Tokens, left: int) -> list[str]:
        words: list[str] = []
        self.steps.take(1 + len(tokens))
        for token in tokens if left > 0 else ():
            if token.type == "ident":
                words.append(token.value)
            elif token.type == "number" and token.is_integer:
                words.append(str(token.int_value))
            elif token.type == "function" and token.lower_name == "var":
                words += self._words(self._meant(token), left - 1)
        return words

    def write(self, declared: _Declared) -> str:
        """The text of a pseudo-element."""
        self.count(declared)
        return "".join(self._said(declared.get("content", ()), _MOST_NESTED))[:LONGEST]

    def _said(self, tokens: _Tokens, left: int) -> Iterator[str]:
        self.steps.take(1 + len(tokens))
        for token in tokens if left > 0 else ():
            if token.type == "string":
                yield token.value
            elif token.type == "literal" and token.value == "/":
                return  # what follows is for those who cannot see
            elif token.type == "function":
                yield from self._function(token, left - 1)

    def _function(self, token: tinycss2.ast.FunctionBlock, left: int) -> Iterator[str]:
        names = [one.value for one in token.arguments if one.type == "ident"]
        if token.lower_name == "var":
            yield from self._said(self._meant(token), left)
        elif token.lower_name == "attr" and names:
            said = self.given.get(names[0].lower())
            yield from (said,) if said is not None else self._said(_otherwise(token), left)
        elif token.lower_name in ("counter", "counters") and names:
            number = self.counters.get(names[0], 0)
            style = names[1].lower() if len(names) > 1 else ""
            yield (
                self.styles[style].bare(number)
                if style in self.styles
                else (f"{number:02d}" if style == "decimal-leading-zero" else str(number))
            )

    def _meant(self, token: tinycss2.ast.FunctionBlock) -> _Tokens:
        name = next((one.value for one in token.arguments if one.type == "ident"), "")
        return self.variables[name] if name in self.variables else _otherwise(token)


def _otherwise(token: tinycss2.ast.FunctionBlock) -> _Tokens:
    """What stands behind the first comma of a function."""
    places = [place for place, one in enumerate(token.arguments) if one.type == "literal" and one.value == ","]
    behind: _Tokens = token.arguments[places[0] + 1 :] if places else ()
    return behind
