"""What a browser writes into a page by itself: content of style sheets, numbers of lists, words for missing pictures.

CSS Generated Content Module Level 3, CSS Lists Level 3 (counters and markers), HTML Standard sections 4.4.5, 4.4.8 and
4.8.4.4. A rule is taken to apply wherever the last part of its selector does; what else a selector asks for is not
looked at. The outcome is a source again, for the one reader of HTML that there is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import islice

import re2

_SIGN = re2.compile(
    r"""(?i)\bcontent\s*:[^;{}]{0,200}(?:[0-9]|attr|counter|var|quote)|\bcontent/\*|\bquotes\s*:|\blist-style(?:-type)?\s*:\s*["'\\]"""
    r"""|<(?:li|ol)\s[^<>]{0,200}\b(?:value|start)\s*=\s*["']?[0-9]"""
    r"""|<img\s[^<>]{0,300}\balt\s*=\s*(?:"[0-9.\- ]{1,12}"|'[0-9.\- ]{1,12}'|[0-9.\-]{1,12}[\s/>])"""
)
_STYLE = re.compile(r"<style\b[^<>]*>([^<]*)", re.IGNORECASE)
_STRING = r"""(?:"(?:[^"\\]|\\.){0,200}"|'(?:[^'\\]|\\.){0,200}')"""
_DECLARATION = re.compile(rf"""(?<![\w-])([\w-]{{1,60}})\s{{0,20}}:((?>(?:[^;"'\\]|\\.|{_STRING})*))""", re.DOTALL)
_PART = re.compile(r"::?(before|after|marker)\s*\Z", re.IGNORECASE)
_LAST = re.compile(
    r"(?P<element>[\w-]{0,60})(?P<marks>(?:[.#][\w-]{1,60}){0,4})(?:\[[^\]]{0,100}\]|:[\w-]{1,40}){0,3}\s*\Z"
)
_SAID = re.compile(
    r""""(?P<double>(?:[^"\\]|\\.){0,200})"|'(?P<single>(?:[^'\\]|\\.){0,200})'|attr\(\s*(?P<attribute>[\w-]{1,60})"""
    r"""|counters?\(\s*(?P<counter>[\w-]{1,60})|var\(\s*(?P<variable>--[\w-]{1,60})|(?P<quote>open|close)-quote""",
    re.DOTALL | re.IGNORECASE,
)
_COUNTED = re.compile(r"([A-Za-z_][\w-]{0,60})\s+(-?[0-9]{1,12})")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|\r?\n|(.))", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})((?>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*))>|<!--.*?(?:-->|\Z)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]{1,60})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_SHORT = re.compile(r"[0-9.\- ]{1,12}")
_LONGEST_SELECTOR, _LONGEST_VALUE = 200, 1_000
_MOST_SAID = 16  # strings and the like of one value
_LONGEST = 100  # characters that are written in one place
_MOST = 200_000  # in all: reading them takes a hundred times what it takes to write them


@dataclass(frozen=True, slots=True)
class Written:
    """`cut`: the page writes more than is read of it."""

    source: str
    cut: bool = False


@dataclass(slots=True)
class _Sheet:
    """What the rules of a page write, by the element, class or identity that they name."""

    written: dict[tuple[str, str], str] = field(default_factory=dict)  # (where, key): the last value of `content`
    variables: dict[str, str] = field(default_factory=dict)
    counters: dict[str, str] = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)  # what values show at every element


def written_out(source: str) -> Written | None:
    """The page with all that in its text; None where it has none, which nearly every page shows at once."""
    if _SIGN.search(source) is None:
        return None
    sheet = _sheet(source)
    pieces: list[str] = []
    position = 0
    room = _MOST
    for place, text in _insertions(source, sheet):
        pieces += (source[position:place], escape(text[:_LONGEST]))
        position = place
        room -= min(len(text), _LONGEST)
        if room < 0:
            break
    return Written("".join((*pieces, source[position:])), cut=room < 0) if pieces else None


def _sheet(source: str) -> _Sheet:
    sheet = _Sheet()
    for style in _STYLE.finditer(source):
        for block in _without_remarks(style[1]).split("}"):
            selectors, _, body = block.rpartition("{")
            declared = {name.lower(): value.strip() for name, value in _DECLARATION.findall(body)}
            sheet.variables.update({name: value for name, value in declared.items() if name.startswith("--")})
            for name in ("counter-reset", "counter-set"):
                sheet.counters.update(_COUNTED.findall(declared.get(name, "")))
            if "quotes" in declared:
                sheet.quotes = [_plain(found) for found in _SAID.finditer(declared["quotes"])][:2]
            for selector in selectors.rpartition("{")[2].split(","):
                _rule(sheet, selector.strip()[-_LONGEST_SELECTOR:], declared)
    return sheet


def _without_remarks(style: str) -> str:
    first, *others = style.split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)


def _rule(sheet: _Sheet, selector: str, declared: Mapping[str, str]) -> None:
    part = _PART.search(selector)
    value = declared.get("content") if part else declared.get("list-style-type", declared.get("list-style"))
    last = _LAST.search(selector[: part.start()] if part else selector)
    if value is None or last is None:
        return
    where = "after" if part and part[1].lower() == "after" else "before"
    marks = re.findall("[.#][^.#]+", last["marks"])
    key = marks[-1] if marks else last["element"].lower() or "*"
    sheet.written[where, key] = value[:_LONGEST_VALUE]


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
            before = _texts(sheet, "before", name, given)
            if before := items.marker(name, given, before) or before or _native(name, given, sheet):
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
    return given["alt"] if name == "img" and _SHORT.fullmatch(given.get("alt", "")) else ""


@dataclass(slots=True)
class _Items:
    """The numbers of the items of a list."""

    number: int = -1  # of the last one; none in a list without numbers

    def marker(self, name: str, given: Mapping[str, str], written: str) -> str:
        """What an item has before it, unless something else is written there."""
        if name in ("ol", "ul"):
            self.number = _number(given.get("start"), 1) - 1 if name == "ol" else -1
        if name != "li" or written or not ("value" in given or self.number >= 0):
            return ""
        self.number = _number(given.get("value"), self.number + 1)
        return f"{self.number}."


def _texts(sheet: _Sheet, where: str, name: str, given: Mapping[str, str]) -> str:
    keys = [name, "*", *(f".{one}" for one in given.get("class", "").split()[:20])]
    if "id" in given:
        keys.append(f"#{given['id']}")
    values = (sheet.written[where, key] for key in keys if (where, key) in sheet.written)
    texts = [_known(sheet, value, given) for value in values]
    if where == "before" and "style" in given and "list-style" in given["style"].lower():
        texts += [_text(sheet, value, given) for key, value in _DECLARATION.findall(given["style"]) if "list" in key]
    return "".join(texts)


def _known(sheet: _Sheet, value: str, given: Mapping[str, str]) -> str:
    if "attr" in value.lower():
        return _text(sheet, value, given)
    if value not in sheet.shown:
        sheet.shown[value] = _text(sheet, value, {})
    return sheet.shown[value]


def _text(sheet: _Sheet, value: str, given: Mapping[str, str], *, inner: bool = False) -> str:
    """What a value of `content` shows at an element."""
    said: list[str] = []
    for found in islice(_SAID.finditer(value), _MOST_SAID):
        if found["attribute"]:
            said.append(given.get(found["attribute"].lower(), ""))
        elif found["counter"]:
            said.append(sheet.counters.get(found["counter"], ""))
        elif found["variable"]:
            meant = sheet.variables.get(found["variable"].lower(), "")
            said.append("" if inner else _text(sheet, meant, given, inner=True))
        elif found["quote"]:
            said += sheet.quotes[:1] if found["quote"].lower() == "open" else sheet.quotes[1:2]
        else:
            said.append(_plain(found))
    return "".join(said)


def _plain(found: re.Match[str]) -> str:
    written = found["double"] if found["double"] is not None else found["single"] or ""
    return _ESCAPE.sub(_character, written)


def _character(escaped: re.Match[str]) -> str:
    if escaped[1]:
        code = int(escaped[1], 16)
        return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    return escaped[2] or ""


def _number(written: str | None, otherwise: int) -> int:
    written = (written or "").strip()
    return int(written) if written.isdecimal() and len(written) <= 12 else otherwise
