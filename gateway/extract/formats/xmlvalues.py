"""What attributes of XML say beside the text of its elements."""

import re
from html import unescape

from gateway.extract.formats.xmlread import narrow, root_of

_ATTRIBUTE = re.compile(rb"([\w:.-]{1,60})\s*=\s*(?:\"([^\"<]{9,4000})\"|'([^'<]{9,4000})')")
_DIGITS = re.compile(r"[0-9](?:[ ._-]?[0-9]){8}")
_TELLING = re.compile(r"[^\W\d_]{2,}[ ,][ ]?[^\W_]{2,}|@|://|mailto:")
_MACHINE = re.compile(
    r"(?:http://(?:schemas|purl|www\.w3)\.|https?://(?:schemas|www\.w3)\.|urn:|\{[0-9A-Fa-f-]{36}\}$|rgb\(|"
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f-]{22}$|application/|M ?[-0-9]|m ?[-0-9]|[0-9 ,.-]+$(?<![0-9]))"
)
_NOISE = frozenset(
    {"typeface", "ascii", "hAnsi", "cs", "eastAsia", "font-name", "font-family", "panose", "Ignorable", "style-name"}
)
_STYLES = frozenset({"styles", "styleSheet", "theme", "fonts", "document-styles", "numbering", "tableStyles"})


def attribute_text(octets: bytes) -> str:
    """Values of attributes that hold a long number, an address or words, each once."""
    kept: dict[str, None] = {}
    styles = root_of(octets) in _STYLES
    for name, double, single in _ATTRIBUTE.findall(narrow(octets)):
        value = unescape((double or single).decode("utf-8", "replace"))
        if value in kept or _MACHINE.match(value) or name.startswith(b"xmlns"):
            continue
        local = name.rpartition(b":")[2].decode("ascii", "replace")
        if local not in _NOISE and (_DIGITS.search(value) or (not styles and _TELLING.search(value))):
            kept[value] = None
    return "\n".join(kept)
