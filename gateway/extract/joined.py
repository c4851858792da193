"""Other readings of text that is written in pieces: mark-up between them, folded lines, flowed lines."""

import re
from html import unescape

from gateway.core.limits import Limits
from gateway.core.message import Runs
from gateway.extract.leaf import Leaf
from gateway.extract.woven import Weaver
from gateway.parse.head import decoded_headers, read_head

_XML_TYPES = frozenset({"application/xml", "text/xml", "image/svg+xml"})
_XML_NAMES = frozenset({"xml", "svg"})
# XML 1.0 sections 2.5 to 2.7, 3.1 and 4.1. What stands in attributes and comments is in the other reading.
_XML = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|</?(?P<name>[^\s<>/"']*+)(?>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>"""
    r"""|(?P<entity>&(?:\#[0-9]{1,8}|\#x[0-9a-fA-F]{1,7}|[A-Za-z]{1,32});)""",
    re.DOTALL,
)
# XML 1.0 section 4.2.1; entities within entities are not followed.
_DECLARED = re.compile(r"""<!ENTITY\s+([^\s"'<>&%;]{1,100})\s+(?:"([^"]{0,1000})"|'([^']{0,1000})')\s*>""")
_WITHIN_LINES = frozenset({"a", "b", "i", "span", "textpath", "tspan"})
_FOLDED_TYPES = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/x-vcalendar"})
_FOLDED_NAMES = frozenset({"ics", "vcf", "vcs"})
_FOLDED_START = re.compile(r"\s{0,8}BEGIN:(?:VCARD|VCALENDAR)\b", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]")  # RFC 5545 section 3.1, RFC 6350 section 3.2
# RFC 1896 section 2: a parameter is not shown, "<<" is a "<".
_ENRICHED_TYPES = frozenset({"text/enriched", "text/richtext"})
_ENRICHED = re.compile(r"<param>[^<>]*</param>|</?[A-Za-z0-9-]{1,60}>|<(?=<)")
_FIELD_TYPES = frozenset({"text/rfc822-headers", "message/delivery-status", "message/disposition-notification"})
# RFC 3676 section 4: a line that ends with a space goes on in the next one of the same depth of quotes.
_FLOWED = re.compile(r" (\r?\n)(>*+)( ?)")
_NUMBER_FLOWS = re.compile(r"[0-9] \r?\n(?:>*+) ?[0-9]")

Reading = tuple[str, Runs]


def joined_reading(leaf: Leaf, text: str) -> Reading | None:
    """The text with its pieces put together; None where that is no other text."""
    kind, extension = leaf.content_type, leaf.extension
    if kind in _XML_TYPES or kind.endswith("+xml") or extension in _XML_NAMES:
        return _without_tags(text) if "<" in text else None
    if kind in _FOLDED_TYPES or extension in _FOLDED_NAMES or _FOLDED_START.match(text):
        return _without(text, _FOLD) if _FOLD.search(text) else None
    if kind in _ENRICHED_TYPES:
        return _without(text, _ENRICHED)
    if kind == "text/plain" and leaf.part.parameters.get("format", "").lower() == "flowed":
        return _flowed(text, delsp=leaf.part.parameters.get("delsp", "").lower() == "yes")
    return None


def decoded_fields(leaf: Leaf) -> str:
    """Header fields that stand in a report with encoded words; the rest is in the text as it stands."""
    if leaf.content_type not in _FIELD_TYPES or b"=?" not in leaf.octets:
        return ""
    head = read_head(leaf.octets, 0, len(leaf.octets), Limits())
    words = [entry for entry in head.fields if b"=?" in leaf.octets[entry.body : entry.octets.end]]
    return "\n".join(header.value for header in decoded_headers(leaf.octets, tuple(words)))


def _without_tags(text: str) -> Reading:
    """Tags leave nothing behind; where one follows another, other than those within a line, a line ends."""
    weaver = Weaver(text)
    position = 0
    tagged = False
    declared = {found[1]: found[2] or found[3] for found in _DECLARED.finditer(text)} if "<!ENTITY" in text else {}
    for token in _XML.finditer(text):
        weaver.keep(position, token.start())
        is_tag = bool(token["name"])
        if is_tag and tagged and position == token.start() and token["name"].lower() not in _WITHIN_LINES:
            weaver.gap("\n")
        tagged, position = is_tag, token.end()
        if token["entity"]:
            plain = declared.get(token["entity"][1:-1])
            weaver.whole(unescape(token["entity"] if plain is None else plain), *token.span())
        elif token["cdata"]:
            weaver.keep(*token.span("cdata"))
    weaver.keep(position, len(text))
    return weaver.result()


def _without(text: str, pattern: re.Pattern[str]) -> Reading:
    weaver = Weaver(text)
    position = 0
    for found in pattern.finditer(text):
        weaver.keep(position, found.start())
        position = found.end()
    weaver.keep(position, len(text))
    return weaver.result()


def _flowed(text: str, *, delsp: bool) -> Reading | None:
    """Flowed lines joined, where that can bring a value together: the space between goes, or digits stand there."""
    if not (delsp or _NUMBER_FLOWS.search(text)):
        return None
    weaver = Weaver(text)
    position = 0
    for found in _FLOWED.finditer(text):
        line = text[max(text.rfind("\n", 0, found.start()) + 1, 0) : found.start()]
        depth = len(line) - len(line.lstrip(">"))
        if depth == len(found[2]) and line.lstrip("> ") != "--":
            weaver.keep(position, found.start() + (0 if delsp else 1))
            position = found.end()
    weaver.keep(position, len(text))
    return weaver.result() if position else None
