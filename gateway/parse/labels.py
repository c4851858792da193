"""Which charset a text is in: names as mail writes them, byte order marks, and a guess where there is no name.

Names and meanings follow the WHATWG Encoding Standard where it matters: iso-8859-1 is read as windows-1252.
"""

import codecs
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from gateway.parse.charsets import ASCII, UTF_8, WINDOWS_1252, Charset

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ALIASES = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "cp1252": "windows-1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
# Names that Python does not know.
_EXTRA = {
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-2-0-utf-8": "utf-8",
    "utf-8mb4": "utf-8",
    "utf8mb4": "utf-8",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-arabic": "mac-arabic",
    "x-mac-ce": "mac-latin2",
    "x-mac-croatian": "mac-croatian",
    "x-mac-farsi": "mac-farsi",
    "x-mac-greek": "mac-greek",
    "x-mac-icelandic": "mac-iceland",
    "x-mac-romanian": "mac-romanian",
    "x-mac-turkish": "mac-turkish",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-2022-cn": "gb18030",
    "unicode": "utf-16-le",
    "ansi_x3.110-1983": "windows-1252",
    "us-ascii//translit": "windows-1252",
}
_ASCII_LABELS = frozenset({"us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-6", "646", "us"})
# Codecs of Python that are no charsets of mail, or that read nothing but escapes.
_REFUSED = frozenset(
    {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem", "charmap"}
)

_CONTROL_OCTETS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
_FEW = 32  # fewer controls than one in so many octets: that may be a text
_HARDLY_ANY = 64  # as many characters for one that makes no sense
_WHITE = "\t\n\r\f\x0b"
_SENSELESS = frozenset({"Cc", "Cs", "Co", "Cn"})  # Unicode general categories


@dataclass(frozen=True, slots=True)
class Reading:
    """How octets are read. `known` False: the name means nothing to us; `odd`: programs could read them differently.

    `other` is how some of them do; None where that is not known or adds nothing.
    """

    charset: Charset
    known: bool = True
    odd: bool = False
    other: Charset | None = None


def resolve(label: str, octets: bytes) -> Reading:
    """The charset to read a text in; `label` is "" where there is none.

    Two octets that look like the mark of UTF-16 prove little: browsers obey them, mail programs obey the label.
    """
    marked = byte_order_mark(octets)
    labelled = find_charset(label) if label else None
    known = labelled is not None or not label
    if labelled is not None and _is_wide(labelled):
        return _read_wide(labelled, marked, octets)
    if marked is not None and _is_wide(marked):
        return _read_marked(label, labelled, marked, octets)
    if marked is not None:
        return Reading(marked, known)
    return Reading(_narrow(label, labelled, octets), known)


def _narrow(label: str, labelled: Charset | None, octets: bytes) -> Charset:
    """The labelled charset; a guess where the label says nothing, or no more than ASCII."""
    return guess(octets) if labelled is None or _is_ascii_label(label) else labelled


def _read_wide(labelled: Charset, marked: Charset | None, octets: bytes) -> Reading:
    """Labelled as UTF-16 or UTF-32; what is plain text of one octet a character is read as that, too."""
    if labelled.name in ("utf-16", "utf-32"):
        same = marked is not None and labelled.name == "utf-16" and _is_wide(marked)
        wide = marked if marked is not None and same else _byte_order(labelled.name, octets)
    else:
        wide = labelled
    if octets and _controls(octets) * _FEW < len(octets):
        return Reading(wide, odd=True, other=guess(octets))
    return Reading(wide)


def _read_marked(label: str, labelled: Charset | None, marked: Charset, octets: bytes) -> Reading:
    """A mark of UTF-16 without a label that says so. Octets that are no text of one octet a character are UTF-16."""
    narrow = _narrow(label, labelled, octets)
    known = labelled is not None or not label
    if _controls(octets) * _FEW < len(octets) or not is_wide_text(octets, marked):
        return Reading(narrow, known, odd=True, other=marked)
    latin = max(marked.decode(octets)[1:], default="") < "\u0100"  # the same text in both, NUL aside
    odd = labelled is not None and not labelled.name.startswith("utf")
    return Reading(marked, known, odd=odd, other=None if latin else narrow)


def _is_wide(charset: Charset) -> bool:
    return charset.name.startswith(("utf-16", "utf-32"))


def is_wide_text(octets: bytes, charset: Charset) -> bool:
    """Whether octets are UTF-16 that makes sense: whole characters, nearly all of them assigned and printable."""
    if len(octets) % 2:
        return False
    text = charset.decode(octets)
    senseless = [c for c in set(text) if c == "\ufffd" or (c not in _WHITE and unicodedata.category(c) in _SENSELESS)]
    wrong = len(text) - len(text.translate(dict.fromkeys(map(ord, senseless))))
    return wrong * _HARDLY_ANY <= len(text)


def _controls(octets: bytes) -> int:
    """How many octets are controls that no text of one octet a character has."""
    return len(octets) - len(octets.translate(None, _CONTROL_OCTETS))


def _is_ascii_label(label: str) -> bool:
    return label.strip(" \t\"'").lower() in _ASCII_LABELS


@lru_cache(maxsize=256)
def find_charset(label: str) -> Charset | None:
    """The charset of a name as mail writes it; None if unknown."""
    name = label.strip(" \t\"'").lower()
    name = _EXTRA.get(name, name)
    if name == "windows-1252":
        return WINDOWS_1252
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    canonical = info.name
    if canonical.replace("_", "-") in _REFUSED or not _is_text(canonical):
        return None
    return Charset(_ALIASES.get(canonical, canonical))


def _is_text(codec: str) -> bool:
    """Whether a codec of Python turns bytes into text (rot13, base64 and zlib do not)."""
    try:
        return isinstance(b"a".decode(codec, "replace"), str)
    except (LookupError, ValueError):
        return False


def decode_best(octets: bytes) -> str:
    """Text of octets without a label: UTF-8 if they are that, else windows-1252."""
    return guess(octets).decode(octets)


def guess(octets: bytes) -> Charset:
    """ASCII or UTF-8 if the octets are that, else windows-1252."""
    if octets.isascii():
        return ASCII
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return WINDOWS_1252
    return UTF_8


def byte_order_mark(octets: bytes) -> Charset | None:
    """The charset that a byte order mark at the start names."""
    return next((Charset(name) for mark, name in _BOMS if octets.startswith(mark)), None)


def _byte_order(name: str, octets: bytes) -> Charset:
    """UTF-16 or UTF-32 without a mark: the high octets of most letters are zero; little-endian if that says nothing."""
    width = 2 if name == "utf-16" else 4
    sample = octets[:4000]
    big = sample[0::width].count(0) > sample[width - 1 :: width].count(0)
    return Charset(f"{name}-{'be' if big else 'le'}")
