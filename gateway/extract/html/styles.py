"""What styles do to text that stands in a page: hidden, or so small, pale or far away that nobody reads it.

CSS 2.2 and the modules of CSS that browsers and mail programs know. Style sheets are read for simple selectors alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from gateway.extract.caseless import Caseless
from gateway.extract.html.names import hides
from gateway.extract.repeats import any_number

_FAR = "|".join(rf"{side}\s*+:\s*+-[0-9]{{3}}" for side in ("left", "right", "top", "bottom", "text-indent"))
# Each alternative starts with a plain letter, which lets the search skip text quickly.
_FAINT = Caseless(
    rf"""visibility\s*+:\s*+collapse
    |font-size\s*+:\s*+(?:[0-2](?:\.[0-9]*+)?(?:px|pt)|0?\.[0-3][0-9]*+r?em)
    |font\s*+:\s*+0
    |opacity\s*+[:(]\s*+(?:0?\.[0-2]|0?[.0]*+\s*+\)|[12]?[0-9](?:\.[0-9]*+)?%)
    |c(?<![\w-]c)olor\s*+[:=]\s*+["']?(?:white\b|transparent|\#f{{3}}(?:f{{3}})?\b|\#f[c-f]f[c-f]f[c-f]\b
      |rgba?\(\s*+25[0-5]\s*+,\s*+25[0-5]\s*+,\s*+25[0-5]|rgba\([^)]*,\s*+0?\.?0*\))
    |{_FAR}
    |clip\s*+:\s*+rect|clip-path\s*+:\s*+(?:inset|circle)
    |scale\(\s*+0|max-(?:height|width)\s*+:\s*+0"""
)
_COLOR = Caseless(r"c(?<![\w-]c)olor\s*+:\s*+(\#[0-9a-f]{3,8}|[a-z]{3,20})\b")
_GROUND = Caseless(r"background(?:-color)?\s*+:\s*+(\#[0-9a-f]{3,8}|[a-z]{3,20})\b")
# Wherever one of the above, or of what hides, can begin in a sheet of lower case. It never crosses the end of a rule.
_SUSPECT = re.compile(
    r"""display\s*+:\s*+none|visibility\s*+:|mso-hide|hidden|max-(?:height|width)\s*+:\s*+0
    |font-size\s*+:\s*+(?:0|[12](?![0-9])|\.)|font\s*+:\s*+0|opacity\s*+[:(]\s*+[0-9.]
    |color\s*+[:=]\s*+["']?(?:white|transparent|\#f|rgba?\()|background
    |left\s*+:\s*+-|right\s*+:\s*+-|top\s*+:\s*+-|bottom\s*+:\s*+-|indent\s*+:\s*+-|clip|scale\(""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"/\*.{0,200}?\*/", re.DOTALL)
_COMMENT_OF_SHEET = re.compile(r"/\*[^*]*+" + any_number(r"\*(?!/)[^*]*+") + r"(?:\*/|\Z)")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")
_SHEET = re.compile(r"<style[^>]*+(?:>|\Z)", re.IGNORECASE)
_SHEET_END = re.compile(r"</style", re.IGNORECASE)
_MOST_SELECTOR = 400  # characters of a selector that are looked at, from its end
_CONDITIONS = re.compile(r"(?:\[[^\]]*+\]|::?+[\w-]++(?>(?:\([^)]*+\))?))+\Z")  # attributes and states asked for
_EITHER = re.compile(r":(?:is|where|matches|-webkit-any|-moz-any)\(([^()]*+)\)")
_ALL_WITHIN = re.compile(r"[\s>]\s*+\*\Z")
_LAST = re.compile(r"([\w-]*)((?:[.#][\w-]+)*)\s*\Z")
_STYLE = re.compile(r"""\bstyle\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))""", re.IGNORECASE)
_CLASS = re.compile(r"""\b(class|id)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))""", re.IGNORECASE)


def plain_style(attributes: str) -> str:
    """Attributes without comments and escapes of CSS; "" where there are none to undo."""
    if "\\" not in attributes and "/*" not in attributes and "&" not in attributes:
        return ""
    styles = " ".join(found[1] or found[2] or found[3] or "" for found in _STYLE.finditer(attributes))
    readings = _COMMENT.sub("", unescape(attributes)), _COMMENT_OF_SHEET.sub("", unescape(styles))
    return ";".join(map(_unescaped, readings))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16) % 0x110000) if found[1] else found[2], text)


def is_faint(declarations: str) -> bool:
    """Whether attributes or declarations leave text that nobody reads."""
    if _FAINT.search(declarations):
        return True
    ground = _GROUND.search(declarations)
    if ground is None:
        return False
    color = _COLOR.search(declarations)
    return color is not None and color[1].lower() == ground[1].lower()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Classes, identifiers and elements that the style sheets of a page hide, or make hard to see."""

    names: frozenset[str] = field(default=frozenset())  # ".class", "#id", "element", in lower case as in quirks mode
    emptied: frozenset[str] = field(default=frozenset())  # likewise: they stay, all elements within them are hidden

    def hides(self, element: str, attributes: str) -> bool:
        """Whether it hides such an element with these attributes."""
        return bool(self.names) and _is_named(self.names, element, attributes)

    def empties(self, element: str, attributes: str) -> bool:
        """Whether it hides the elements within such an element."""
        return bool(self.emptied) and _is_named(self.emptied, element, attributes)


def _is_named(names: frozenset[str], element: str, attributes: str) -> bool:
    if element in names:
        return True
    if "&" in attributes:
        attributes = unescape(attributes)
    for found in _CLASS.finditer(attributes):
        sign = "." if found[1].lower() == "class" else "#"
        value = found[2] or found[3] or found[4] or ""
        if any(f"{sign}{name}" in names for name in value.lower().split()):
            return True
    return False


def sheet_of(source: str) -> Sheet:
    """The style sheets in a page; of a selector the last element, class or identifier counts."""
    if "<style" not in source and "<style" not in source.lower():
        return Sheet()
    names: set[str] = set()
    emptied: set[str] = set()
    for sheet in _sheets(source):
        plain = _unescaped(_COMMENT_OF_SHEET.sub("", sheet) if "/*" in sheet else sheet)
        for text in dict.fromkeys((sheet, plain)):  # what looks like a comment may stand in a string
            for selector in _hidden_by(text):
                all_within = _ALL_WITHIN.search(selector)
                if all_within:
                    emptied.add(_last(selector[: all_within.start()]))
                else:
                    names.add(_last(selector))
    return Sheet(frozenset(filter(None, names)), frozenset(filter(None, emptied)))


def _hidden_by(sheet: str) -> Iterator[str]:
    """The selectors of its rules that hide, the end of each, in lower case."""
    for rule in _suspects(sheet):
        selectors, _, declarations = rule.rpartition("{")
        declarations += ";"
        if hides(declarations) or is_faint(declarations):
            for selector in _EITHER.sub(r"\1", selectors).split(","):
                yield selector.strip()[-_MOST_SELECTOR:].lower()


def _sheets(source: str) -> Iterator[str]:
    position = 0
    while begin := _SHEET.search(source, position):
        end = _SHEET_END.search(source, begin.end())
        position = end.end() if end else len(source)
        yield source[begin.end() : end.start() if end else position]


def _suspects(sheet: str) -> Iterator[str]:
    """The rules that could hide something."""
    if not sheet.isascii():  # lower case may be of another length
        yield from sheet.split("}")
        return
    end = -1
    for found in _SUSPECT.finditer(sheet.lower()):
        if found.start() > end:
            end = sheet.find("}", found.end())
            end = end if end >= 0 else len(sheet)
            yield sheet[sheet.rfind("}", 0, found.start()) + 1 : end]


def _last(selector: str) -> str:
    found = _LAST.search(_CONDITIONS.sub("", selector))
    if not found:
        return ""
    marks = re.findall(r"[.#][\w-]+", found[2])
    return marks[-1] if marks else found[1]
