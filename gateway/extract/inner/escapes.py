"""Characters written as escapes where no program undoes them: percent signs, backslashes, character references of
HTML, leftovers of quoted-printable.

Each family is undone only where that brings out a letter or digit of ASCII, which nobody has a reason to escape, or
changes what stands beside a digit.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from types import MappingProxyType

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed
from gateway.parse.labels import decode_best
from gateway.parse.second import EBCDIC, looks_like_ebcdic

_WIDE = 3  # one octet in so many is zero where the others are letters of ASCII in UTF-16
_LONG = 16  # octets: fewer may look like EBCDIC by chance
_ALNUM = r"(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])"  # hexadecimal digits of letters and digits of ASCII


@dataclass(frozen=True, slots=True)
class Family:
    """One way to escape. `sign`: a character that is always there; `reason`: what makes it worth undoing."""

    sign: str
    reason: re.Pattern[str]
    escape: re.Pattern[str]
    undo: Callable[[re.Match[str]], str]


def _percent(found: re.Match[str]) -> str:
    return _characters(bytes.fromhex(found[0].replace("%", "")))


def _quoted(found: re.Match[str]) -> str:
    digits = re.sub(r"=[ \t]*\r?\n|=(?![0-9A-Fa-f]{2})", "", found[0]).replace("=", "")
    return _characters(bytes.fromhex(digits)) if digits else ""


def _characters(octets: bytes) -> str:
    """Escaped octets as text; of UTF-16 the letters of ASCII."""
    if len(octets) >= _LONG and looks_like_ebcdic(octets):
        return EBCDIC.decode(octets)
    return decode_best(octets.replace(b"\0", b"") if octets.count(0) * _WIDE >= len(octets) else octets)


_LETTERS: Mapping[str, str] = MappingProxyType({"n": "\n", "r": "\r", "t": "\t", "N": "\n", "b": "\b", "f": "\f"})


def _backslash(found: re.Match[str]) -> str:
    """The escapes of JSON, Python, C and CSS; of a pair of surrogates the character."""
    digits = found["u"] or found["x"] or found["brace"] or found["long"] or found["css"]
    if found["pair"]:
        pair = found["pair"]
        return bytes.fromhex(pair[0:4] + pair[6:10]).decode("utf-16-be", "replace")
    if digits:
        code = int(digits, 16)
        return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    if found["octal"]:
        return chr(int(found["octal"], 8))
    if found["fold"] is not None:
        return ""
    return _LETTERS.get(found["one"], found["one"])


def _reference(found: re.Match[str]) -> str:
    text = found[0]
    for _ in range(4):
        plain = unescape(text)
        if plain == text:
            break
        text = plain
    return text


ESCAPES = (
    Family(
        "%",
        re.compile(rf"%{_ALNUM}|%2[0-9A-Fa-f](?=[0-9])|[0-9]%2[0-9A-Fa-f]|%25[0-9A-Fa-f]{{2}}"),
        re.compile(r"(?:%[0-9A-Fa-f]{2})+"),
        _percent,
    ),
    Family(
        "\\",
        re.compile(
            rf"\\(?:u00{_ALNUM}|u002[0-9A-Fa-f]|u\{{|u[dD][89abAB]|u20[01]|U000|x{_ALNUM}|x2[0-9A-Fa-f]|[01][0-7]{{2}}"
            r"|3[0-9](?![0-9])|[ntrN](?=[0-9])|[^\w\s](?=[0-9]))|[0-9]\\(?:[^\w\s]|[nrN])|[0-9\-]\\\r?\n"
        ),
        re.compile(
            r"\\(?:u(?P<pair>[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
            r"|u\{0*(?P<brace>[0-9a-fA-F]{1,5})\}|U000(?P<long>[0-9a-fA-F]{5})|\r?\n(?P<fold>[ \t]*)"
            r"|x(?P<x>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})(?![0-9])"
            r"|(?P<css>[0-9a-fA-F]{2,6})[ ]?|(?P<one>[^\w]|[nrtN]))"
        ),
        _backslash,
    ),
    Family(
        "&",
        re.compile(
            r"&(?:amp;){0,4}(?:#[xX]?[0-9a-fA-F]{2,8}|hyphen|dash|[nm]dash|minus|nbsp|shy|num|zw|NoB|Zero|thinsp|ensp|emsp)"
            r"|[0-9]&(?:amp;){0,4}lt;|&(?:amp;){0,4}gt;[0-9]"
        ),
        re.compile(r"&(?:amp;){0,4}(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?"),
        _reference,
    ),
    Family(
        "=",
        re.compile(rf"={_ALNUM}|=2[0-9A-F](?=[0-9])|[0-9]=(?:2[0-9A-F]|0[0-9A-D]|(?=[0-9\-]))|=[ \t]*\r?\n"),
        re.compile(r"(?:=[0-9A-Fa-f]{2})+|=[ \t]*\r?\n|(?<=[0-9\-])=(?=[0-9\-])"),
        _quoted,
    ),
)


def unescaped(family: Family, text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text around the escapes of one family, with these undone."""
    if family.sign in text and family.reason.search(text) is not None:
        yield from changed(
            text, (Change(*found.span(), family.undo(found)) for found in family.escape.finditer(text)), margin
        )
