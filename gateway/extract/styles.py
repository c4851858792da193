"""What styles do to text that stands in a page: hidden, or so small, pale or far away that nobody reads it.

CSS 2.2 and the modules of CSS that browsers and mail programs know. Style sheets are read for simple selectors alone.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from gateway.extract.html_names import hides

_FAINT = re.compile(
    r"""visibility\s*+:\s*+collapse
    |font-size\s*+:\s*+(?:[0-2](?:\.[0-9]*+)?(?:px|pt)|0?\.[0-3][0-9]*+r?em)
    |font\s*+:\s*+0
    |opacity\s*+:\s*+0?\.[0-2]
    |(?<![\w-])color\s*+[:=]\s*+["']?(?:white\b|transparent|\#[fF]{3}(?:[fF]{3})?\b|\#[fF][c-fC-F][fF][c-fC-F][fF][c-fC-F]\b
      |rgba?\(\s*+25[0-5]\s*+,\s*+25[0-5]\s*+,\s*+25[0-5]|rgba\([^)]*,\s*+0?\.?0*\))
    |(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*+:\s*+-[0-9]{3}
    |clip\s*+:\s*+rect|clip-path\s*+:\s*+(?:inset|circle)
    |scale\(\s*+0|max-(?:height|width)\s*+:\s*+0""",
    re.IGNORECASE | re.VERBOSE,
)
_COLOR = re.compile(r"(?<![\w-])color\s*+:\s*+(#[0-9a-f]{3,8}|[a-z]{3,20})\b", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*+:\s*+(#[0-9a-f]{3,8}|[a-z]{3,20})\b", re.IGNORECASE)
_DISGUISED = re.compile(r"\\|/\*|&")
_COMMENT = re.compile(r"/\*.{0,200}?\*/", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")
_SHEET = re.compile(r"<style[^>]*+>(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
_MOST_SELECTOR = 400  # characters of a selector that are looked at, from its end
_LAST = re.compile(r"([\w-]*)((?:[.#][\w-]+)*)\s*\Z")
_CLASS = re.compile(r"""\b(class|id)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))""", re.IGNORECASE)


def plain_style(source: str, start: int, end: int) -> str:
    """The attributes in source[start:end] without comments and escapes of CSS; "" where there are none to undo."""
    if _DISGUISED.search(source, start, end) is None:
        return ""
    text = _COMMENT.sub("", unescape(source[start:end]))
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16) % 0x110000) if found[1] else found[2], text)


def is_faint(source: str, start: int, end: int) -> bool:
    """Whether the attributes or declarations in source[start:end] leave text that nobody reads."""
    if _FAINT.search(source, start, end):
        return True
    ground = _GROUND.search(source, start, end)
    if ground is None:
        return False
    color = _COLOR.search(source, start, end)
    return color is not None and color[1].lower() == ground[1].lower()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Classes, identifiers and elements that the style sheets of a page hide, or make hard to see."""

    names: frozenset[str] = field(default=frozenset())  # ".class", "#id", "element"

    def hides(self, element: str, source: str, start: int, end: int) -> bool:
        """Whether it hides such an element with the attributes in source[start:end]."""
        if element in self.names:
            return True
        for found in _CLASS.finditer(source, start, end):
            sign = "." if found[1].lower() == "class" else "#"
            value = found[2] or found[3] or found[4] or ""
            if any(f"{sign}{name}" in self.names for name in value.split()):
                return True
        return False


def sheet_of(source: str) -> Sheet:
    """The style sheets in a page; of a selector the last element, class or identifier counts."""
    if "<style" not in source and "<STYLE" not in source:
        return Sheet()
    names: set[str] = set()
    for sheet in _SHEET.finditer(source):
        for rule in _COMMENT.sub("", sheet[1]).split("}"):
            selectors, _, declarations = rule.rpartition("{")
            declarations += ";"
            if hides(declarations, 0, len(declarations)) or is_faint(declarations, 0, len(declarations)):
                names.update(name for selector in selectors.split(",") if (name := _last(selector)))
    return Sheet(frozenset(names))


def _last(selector: str) -> str:
    found = _LAST.search(selector.strip()[-_MOST_SELECTOR:])
    if not found:
        return ""
    marks = re.findall(r"[.#][\w-]+", found[2])
    return marks[-1] if marks else found[1].lower()
