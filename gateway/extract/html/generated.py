"""What a browser writes into a page by itself: content of style sheets, numbers of lists, words for missing pictures.

CSS Generated Content Module Level 3, CSS Lists Level 3 (counters and markers), HTML Standard sections 4.4.5, 4.4.8 and
4.8.4.4. A rule is taken to apply wherever the last part of its selector does; what else a selector asks for is not
looked at. The outcome is a source again, for the one reader of HTML that there is.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import islice

import re2

from gateway.extract.html.cascade import insertions
from gateway.extract.html.counted import LONGEST, Marks, marks_of, plain

_SIGN = re2.compile(
    r"""(?i)\bcontent\s*:[^;{}]{0,200}(?:[0-9]|attr|counter|var|quote)|\bcontent/\*|\bquotes\s*:|\blist-style(?:-type)?\s*:\s*["'\\]"""
    r"""|@counter-style|\b(?:reset|set|increment)\s*:\s*list-item"""
    r"""|<(?:li|ol)\s[^<>]{0,200}\b(?:value|start)\s*=\s*["']?[0-9]"""
    r"""|<img\s[^<>]{0,300}\balt\s*=\s*(?:"[0-9.\- ]{1,12}"|'[0-9.\- ]{1,12}'|[0-9.\-]{1,12}[\s/>])"""
    r"""|<input\s[^<>]{0,300}\b(?:value|placeholder)\s*=\s*["']?[0-9]|<use\s"""
)
_STYLE = re.compile(r"<style\b[^<>]*>([^<]*)", re.IGNORECASE)
_STRING = r"""(?:"(?:[^"\\]|\\.){0,200}"|'(?:[^'\\]|\\.){0,200}')"""
_DECLARATION = re.compile(rf"""(?<![\w-])([\w-]{{1,60}})\s{{0,20}}:((?>(?:[^;"'\\]|\\.|{_STRING})*))""", re.DOTALL)
_PART = re.compile(r"::?(before|after|marker)\s*\Z", re.IGNORECASE)
_LAST = re.compile(
    r"(?P<element>[\w-]{0,60})(?P<marks>(?:[.#][\w-]{1,60}){0,4})(?:\[[^\]]{0,100}\]|:[\w-]{1,40}(?:\([^()]{0,60}\))?){0,3}\s*\Z"
)
_SAID = re.compile(
    r""""(?P<double>(?:[^"\\]|\\.){0,200})"|'(?P<single>(?:[^'\\]|\\.){0,200})'|attr\(\s*(?P<attribute>[\w-]{1,60})"""
    r"""|counters?\(\s*(?P<counter>[\w-]{1,60})(?P<zero>[^()]{0,100}leading-zero)?|var\(\s*(?P<variable>--[\w-]{1,60})|(?P<quote>open|close)-quote""",
    re.DOTALL | re.IGNORECASE,
)
_COUNTED = re.compile(r"([A-Za-z_][\w-]{0,60})(?:\s+(-?[0-9]{1,12}))?(?=[\s;]|\Z)")
_COUNTING = ("counter-reset", "counter-set", "counter-increment")
_COUNTER_STYLE = re.compile(r"@counter-style\s+([\w-]{1,60})\s*\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"var\(\s*(--[\w-]{1,60})\s*\)")
_CHANGES = re.compile("attr|counter|var", re.IGNORECASE)  # from element to element
_NAME = re.compile(r"[\w-]{1,60}")
_LIST_ITEM = "list-item"  # the counter of the items of lists
_MOST_COUNTS, _MOST_VALUES, _MOST_STYLES = 16, 100, 50
_MOST_WORK = 1_000_000  # in all: some seconds
_WORTH_ONE = 20  # characters of a value that cost as much as a change of a counter
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})((?>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*))>|<!--.*?(?:-->|\Z)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]{1,60})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_SHORT = re.compile(r"[0-9.\- ]{1,12}")
_WORDLESS_INPUTS = frozenset({"hidden", "checkbox", "radio", "range", "color", "image", "file", "password"})
_NAMED = re.compile(r"""\bid\s{0,9}=\s{0,9}["']?([\w-]{1,60})[^<>]{0,200}>(?:<tspan[^<>]{0,200}>)?([^<>]{1,40})<""")
_LONGEST_SELECTOR, _LONGEST_VALUE = 200, 1_000
_MOST_SAID = 16  # strings and the like of one value
_MOST = 200_000  # in all: reading them takes a hundred times what it takes to write them


@dataclass(frozen=True, slots=True)
class Written:
    """`cut`: the page writes more than is read of it."""

    source: str
    cut: bool = False


@dataclass(slots=True)
class _Sheet:
    """What the rules of a page write, by the element, class or identity that they name."""

    # (where, key): the values of `content` by their selectors, the first for the first such element, and so on
    written: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    met: Counter[tuple[str, str]] = field(default_factory=Counter)  # elements that had one
    variables: dict[str, str] = field(default_factory=dict)
    counts: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)  # what a key does to which counter
    counters: dict[str, int] = field(default_factory=dict)  # as they stand
    styles: dict[str, Marks] = field(default_factory=dict)  # of counters, by their names
    marks: dict[str, Marks | None] = field(default_factory=dict)  # of lists, by what rules name them by
    quotes: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)  # texts of a drawing that may stand elsewhere again
    shown: dict[str, str] = field(default_factory=dict)  # what values show at every element
    work: int = 0  # done to counters and for values that change from element to element


def written_out(source: str) -> tuple[Written, ...]:
    """The page with all that in its text; nothing where it has none, which nearly every page shows at once.

    First as programs show it that obey little of a selector, then as browsers do, where that is something else.
    """
    if _SIGN.search(source) is None:
        return ()
    sheet = _sheet(source)
    first = _with(source, _insertions(source, sheet), cut=lambda: sheet.work > _MOST_WORK)
    exact = insertions(source)
    second = _with(source, exact.texts, cut=lambda: exact.cut)
    return tuple(one for one in dict.fromkeys((first, second)) if one is not None)


def _with(source: str, texts: Iterable[tuple[int, str]], cut: Callable[[], bool]) -> Written | None:
    """The source with texts at their places; None where there is none."""
    pieces: list[str] = []
    position = 0
    room = _MOST
    for place, text in texts:
        pieces += (source[position:place], escape(text[:LONGEST]))
        position = place
        room -= min(len(text), LONGEST)
        if room < 0:
            break
    is_cut = room < 0 or cut()
    return Written("".join((*pieces, source[position:])), cut=is_cut) if pieces or is_cut else None


def _sheet(source: str) -> _Sheet:
    sheet = _Sheet()
    if "<use" in source.lower():
        sheet.named = dict(islice(_NAMED.findall(source), _MOST_VALUES))
    for style in _STYLE.finditer(source):
        for block in _without_remarks(style[1]).split("}"):
            selectors, _, body = block.rpartition("{")
            declared = {name.lower(): value.strip() for name, value in _DECLARATION.findall(body)}
            _set_variables(sheet, declared)
            if (named := _COUNTER_STYLE.search(selectors[-_LONGEST_SELECTOR:])) and len(sheet.styles) < _MOST_STYLES:
                sheet.styles[named[1].lower()] = marks_of(declared)
            if "quotes" in declared:
                sheet.quotes = [_plain(found) for found in _SAID.finditer(declared["quotes"])][:2]
            for selector in selectors.rpartition("{")[2].split(","):
                _rule(sheet, selector.strip()[-_LONGEST_SELECTOR:], declared)
    return sheet


def _set_variables(sheet: _Sheet, declared: Mapping[str, str]) -> None:
    named = {name: value[:_LONGEST_VALUE] for name, value in declared.items() if name.startswith("--")}
    sheet.variables.update(named)


def _without_remarks(style: str) -> str:
    first, *others = style.split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)


def _rule(sheet: _Sheet, selector: str, declared: Mapping[str, str]) -> None:
    part = _PART.search(selector)
    value = declared.get("content") if part else declared.get("list-style-type", declared.get("list-style"))
    last = _LAST.search(selector[: part.start()] if part else selector)
    if last is None:
        return
    marks = re.findall("[.#][^.#]+", last["marks"])
    key = marks[-1] if marks else last["element"].lower() or "*"
    counts = _counts(sheet, declared)
    if counts and len(sheet.counts.setdefault(key, counts)) < _MOST_COUNTS and sheet.counts[key] is not counts:
        sheet.counts[key] += counts
    if value is not None:
        where = "after" if part and part[1].lower() == "after" else "before"
        values = sheet.written.setdefault((where, key), {})
        if len(values) < _MOST_VALUES or selector in values:
            values[selector] = value[:_LONGEST_VALUE]


def _counts(sheet: _Sheet, declared: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """What declarations do to counters: by one where nothing else is said, or to nought."""
    counts: list[tuple[str, str, int]] = []
    for kind in _COUNTING:
        value = declared.get(kind, "")[:_LONGEST_VALUE]
        written = _VARIABLE.sub(lambda one: sheet.variables.get(one[1], ""), value)
        for name, number in _COUNTED.findall(written[:_LONGEST_VALUE])[:_MOST_COUNTS]:
            counts.append((kind, name, int(number) if number else int(kind == "counter-increment")))
    return counts


def _count(sheet: _Sheet, counts: Iterable[tuple[str, str, int]]) -> None:
    for kind, name, number in counts:
        sheet.work += 1
        before = sheet.counters.get(name, 0) if kind == "counter-increment" else 0
        sheet.counters[name] = before + number


def _insertions(source: str, sheet: _Sheet) -> Iterator[tuple[int, str]]:
    """Where which text belongs, in order."""
    waiting: dict[str, list[str]] = {}  # what follows on the inside of each open element, by its name
    items = _Items()
    for tag in _TAG.finditer(source):
        name = (tag[2] or "").lower()
        if tag[1]:
            if (opened := waiting.get(name)) and (text := opened.pop()):
                yield tag.start(), text
        elif name:
            given = _given(tag[3])
            _count(sheet, _counts_at(sheet, name, given))
            if sheet.work > _MOST_WORK:
                return
            before = _texts(sheet, "before", name, given)
            if before := items.marker(name, given, before, sheet) or before or _native(name, given, sheet):
                yield tag.end(), before
            after = _texts(sheet, "after", name, given) + ("".join(sheet.quotes[1:2]) if name == "q" else "")
            waiting.setdefault(name, []).append(after)
    for opened in waiting.values():
        yield from ((len(source), text) for text in opened if text)


def _given(attributes: str) -> dict[str, str]:
    return {one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(attributes)}


def _native(name: str, given: Mapping[str, str], sheet: _Sheet) -> str:
    """What an element shows without any rule for it."""
    if name == "q":
        return "".join(sheet.quotes[:1])
    if name == "img":
        return given["alt"] if _SHORT.fullmatch(given.get("alt", "")) else ""
    if name == "input" and given.get("type", "").lower() not in _WORDLESS_INPUTS:
        said = given.get("value") or given.get("placeholder", "")
        return said if _SHORT.fullmatch(said) else ""
    if name == "use":  # SVG 2, section 5.6
        return sheet.named.get(given.get("href", given.get("xlink:href", ""))[1:], "")
    return ""


@dataclass(slots=True)
class _Items:
    """The numbers of the items of a list."""

    number: int = -1  # of the last one; none in a list without numbers
    style: Marks | None = None  # of its counter

    def marker(self, name: str, given: Mapping[str, str], written: str, sheet: _Sheet) -> str:
        """What an item has before it, unless something else is written there."""
        if name in ("ol", "ul"):
            self.number = _number(given.get("start"), 1) - 1 if name == "ol" else -1
            self.style = _counter_style(sheet, name, given)
        elif name == "li" and written:
            return ""
        if _LIST_ITEM in sheet.counters:  # somebody counts by hand
            self.number = sheet.counters.pop(_LIST_ITEM) - (name == "li")
        if name != "li" or not ("value" in given or self.number >= 0 or self.style):
            return ""
        self.number = _number(given.get("value"), max(self.number, 0) + 1)
        return self.style.of(self.number) if self.style else f"{self.number}."


def _counter_style(sheet: _Sheet, name: str, given: Mapping[str, str]) -> Marks | None:
    """The style of counters that a list names."""
    if not sheet.styles:
        return None
    named = [_named_style(sheet, [given.get("style", "")])]
    for key in _keys(name, given):
        if ("before", key) in sheet.written and key not in sheet.marks:
            sheet.marks[key] = _named_style(sheet, sheet.written["before", key].values())
        named.append(sheet.marks.get(key))
    return next((marks for marks in named if marks is not None), None)


def _named_style(sheet: _Sheet, values: Iterable[str]) -> Marks | None:
    """The first style of counters that has its name among words."""
    names = (found[0].lower() for value in values for found in _NAME.finditer(value))
    return next((sheet.styles[name] for name in names if name in sheet.styles), None)


def _keys(name: str, given: Mapping[str, str]) -> list[str]:
    """What rules may name an element by."""
    keys = [name, "*", *(f".{one}" for one in given.get("class", "").split()[:20])]
    return [*keys, f"#{given['id']}"] if "id" in given else keys


def _counts_at(sheet: _Sheet, name: str, given: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    """What an element does to counters, by rules and by its own style."""
    for key in _keys(name, given) if sheet.counts else ():
        yield from sheet.counts.get(key, ())
    if "style" in given and ("counter-" in given["style"] or "--" in given["style"]):
        declared = {key.lower(): value.strip() for key, value in _DECLARATION.findall(given["style"])}
        _set_variables(sheet, declared)
        yield from _counts(sheet, declared)


def _texts(sheet: _Sheet, where: str, name: str, given: Mapping[str, str]) -> str:
    values: list[str] = []
    for key in _keys(name, given):
        if several := sheet.written.get((where, key)):
            place = sheet.met[where, key]
            sheet.met[where, key] += 1
            values.append(list(several.values())[min(place, len(several) - 1)])
    texts = [_known(sheet, value, given) for value in values]
    if where == "before" and "style" in given and "list-style" in given["style"].lower():
        texts += [_text(sheet, value, given) for key, value in _DECLARATION.findall(given["style"]) if "list" in key]
    return "".join(texts)


def _known(sheet: _Sheet, value: str, given: Mapping[str, str]) -> str:
    if _CHANGES.search(value):
        return _text(sheet, value, given)
    if value not in sheet.shown:
        sheet.shown[value] = _text(sheet, value, {})
    return sheet.shown[value]


def _text(sheet: _Sheet, value: str, given: Mapping[str, str], *, inner: bool = False) -> str:
    """What a value of `content` shows at an element."""
    said: list[str] = []
    sheet.work += 1 + len(value) // _WORTH_ONE
    for found in islice(_SAID.finditer(value), _MOST_SAID):
        if found["attribute"]:
            said.append(given.get(found["attribute"].lower(), ""))
        elif found["counter"]:
            said.append(f"{sheet.counters.get(found['counter'], 0):0{2 if found['zero'] else 1}d}")
        elif found["variable"]:
            meant = sheet.variables.get(found["variable"].lower(), "")
            said.append("" if inner else _text(sheet, meant, given, inner=True))
        elif found["quote"]:
            said += sheet.quotes[:1] if found["quote"].lower() == "open" else sheet.quotes[1:2]
        else:
            said.append(_plain(found))
    return "".join(said)


def _plain(found: re.Match[str]) -> str:
    return plain(found["double"] if found["double"] is not None else found["single"] or "")


def _number(written: str | None, otherwise: int) -> int:
    written = (written or "").strip()
    return int(written) if written.isdecimal() and len(written) <= 12 else otherwise
