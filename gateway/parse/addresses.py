"""Addresses in From and Sender values (RFC 5322 section 3.4)."""

import re

from gateway.parse.structured import strip_comments

_QUOTED = re.compile(r'"(?>(?:[^"\\]|\\.)*)"', re.DOTALL)
_ANGLE = re.compile(r"<\s*([^<>\s]+)\s*>")
# Local part as atoms or quoted, domain as atoms or literal; letters of any script (RFC 6532).
_ADDR_SPEC = re.compile(r'((?:"(?>(?:[^"\\]|\\.)*)"|[^\s<>()\[\]:;@\\,"]+)@(?:\[[^\[\]\s]*\]|[^\s<>()\[\]:;@\\,"]+))')


def addr_spec(value: str) -> str:
    """The first address of a From or Sender value, without display name, route or comment; "" if there is none."""
    text = strip_comments(value) if "(" in value else value
    outside = _QUOTED.sub(lambda found: " " * len(found[0]), text)  # a quoted display name may look like an address
    for angle in _ANGLE.finditer(outside):
        inner = text[angle.start(1) : angle.end(1)].rpartition(":")[2] if angle[1].startswith("@") else angle[1]
        found = _ADDR_SPEC.search(inner)
        if found:
            return found[1]
    bare = _ADDR_SPEC.search(outside)
    quoted = _ADDR_SPEC.search(text)
    found = bare or (quoted if quoted and quoted[1].startswith('"') else None)
    return found[1] if found else ""
