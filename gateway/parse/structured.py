"""Structured field values: Content-Type, Content-Disposition and their parameters (RFC 2045 section 5.1, RFC 2231)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from gateway.parse.headers import decode_header_value
from gateway.parse.labels import decode_best, find_charset

_VALUE = re.compile(r"\s*([^\s;/]+/[^\s;/]+|[^\s;]*)\s*")
_PARAMETER = re.compile(r"""([^\s;=]++)\s*=\s*(?:"((?>(?:[^"\\]|\\.)*))("?)|([^;\s]*))([^;]*+)""", re.DOTALL)
_SEPARATORS = re.compile(r"[;\s]*+")
_LOST = re.compile(r"[^;]*+")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as written. `odd`: two programs could read another value."""

    name: str
    value: str
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Structured:
    """A value such as "text/plain" in lower case, and its parameters.

    `odd` names parameters that occur twice with other values, or are written so that programs differ.
    """

    value: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    odd: frozenset[str] = frozenset()
    junk: bool = False  # something stands behind the value that is no parameter


def field_text(octets: bytes) -> str:
    """The body of a structured field, unfolded, encoded words left alone: one could hold a quote or semicolon."""
    return decode_best(octets).replace("\r\n", " ").replace("\n", " ").strip()


def read_structured(octets: bytes) -> Structured:
    """Value and parameters of a Content-Type, Content-Disposition or Content-Transfer-Encoding body."""
    text = field_text(octets)
    if "(" in text:
        text = strip_comments(text)
    match = _VALUE.match(text)
    end = match.end() if match else 0
    value = match[1].lower() if match else ""
    semicolon = text.find(";", end)
    junk = bool(text[end : semicolon if semicolon >= 0 else len(text)].strip())
    if semicolon < 0:
        return Structured(value, junk=junk)
    values, odd = _collect(_parameters(text, semicolon))
    return Structured(value, values, odd, junk)


def strip_comments(text: str) -> str:
    """Without comments (RFC 5322 section 3.2.2): they nest, quote with a backslash, and are none in quoted strings."""
    pieces: list[str] = []
    depth = 0
    for token in re.finditer(r'\\.|"(?:[^"\\]|\\.)*"|[()]|[^\\"()]+|.', text, re.DOTALL):
        piece = token[0]
        if piece == "(":
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
        elif depth:
            continue
        else:
            pieces.append(piece)
    return "".join(pieces) if not depth else text


def _parameters(text: str, start: int) -> list[Parameter]:
    """All parameters in order, with what does not look like one skipped."""
    found: list[Parameter] = []
    position = _after(_SEPARATORS, text, start)
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match:
            found.append(_parameter(match))
        position = _after(_SEPARATORS, text, match.end() if match else _after(_LOST, text, position + 1))
    return found


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a pattern that may be empty ends."""
    match = pattern.match(text, position)
    return match.end() if match else position


def _parameter(match: re.Match[str]) -> Parameter:
    name, quoted, closing, plain, rest = match[1].lower(), match[2], match[3], match[4], match[5]
    if quoted is None:
        return Parameter(name, plain, odd=bool(rest.strip()) or '"' in plain)
    value = _ESCAPE.sub(r"\1", quoted) if "\\" in quoted else quoted
    return Parameter(name, value, odd=not closing or "\\" in quoted or bool(rest.strip()))


def _collect(parameters: list[Parameter]) -> tuple[dict[str, str], frozenset[str]]:
    """Parameters by name: the first of a kind counts, RFC 2231 forms before plain ones, sections joined."""
    plain: dict[str, str] = {}
    odd: set[str] = set()
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for parameter in parameters:
        match = _SECTION.fullmatch(parameter.name) if "*" in parameter.name else None
        name = match[1] if match else parameter.name
        if parameter.odd:
            odd.add(name)
        if match:
            sections.setdefault(name, []).append((int(match[2] or 0), bool(match[3]), parameter.value))
        elif plain.setdefault(name, parameter.value) != parameter.value:
            odd.add(name)
    for name, found in sections.items():
        value, doubled = _join(found)
        if doubled or plain.get(name, value) != value:
            odd.add(name)
        plain[name] = value
    return plain, frozenset(odd)


def _join(sections: list[tuple[int, bool, str]]) -> tuple[str, bool]:
    """Sections in the order of their numbers (RFC 2231 section 3), and whether a number occurs twice."""
    ordered = sorted(sections, key=lambda section: section[0])
    charset = ""
    octets = b""
    for index, (_, extended, value) in enumerate(ordered):
        if extended and index == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        octets += unquote_to_bytes(value) if extended else value.encode("utf-8", "replace")
    codec = find_charset(charset) if charset else None
    text = codec.decode(octets) if codec else decode_best(octets)
    return text, len({section[0] for section in sections}) < len(sections)


def decode_parameter(value: str) -> str:
    """A parameter's value with encoded words decoded, which RFC 2047 forbids and everybody writes."""
    return decode_header_value(value.encode("utf-8", "replace")) if "=?" in value else value
