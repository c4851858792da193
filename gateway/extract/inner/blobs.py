"""Encoded stretches of a text: base64, hexadecimal digits, base32, Ascii85, codes of characters, data: addresses.

What decodes to a text is read; what decodes to a file of a known kind goes to its reader; all else is chance.
"""

import base64
import binascii
import contextlib
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import re2

from gateway.extract.formats.archives import is_archive
from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed
from gateway.parse.glance import Glance
from gateway.parse.labels import decode_best
from gateway.parse.second import EBCDIC, looks_like_ebcdic

_MEMORY = 64 << 20  # bytes that RE2 may take for its states


def any_of(*expressions: bytes) -> Any:
    """One search of RE2 for several expressions over octets."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.max_mem = _MEMORY
    return re2.compile(b"|".join(expressions), options=options)


_PREFIX = r"(?:0x|\\x|\$|&H|U\+00|%u00)?"
LETTERS, DIGITS, UUENCODED, MARKED, CAPITALS, HEXADECIMAL, BINARY, CODES = range(8)
# What is looked for before anything else: so many characters of a class in a row, or what stands before a stretch. What
# is narrower takes longer to look for, so that is asked where the wide class of its characters is there; Python takes
# forty times as long.
SIGNS = (
    (b"[A-Za-z0-9+/_-]{16}",),
    (rb"[0-9A-Fa-f ,:;x\\\r\n.$&#()ChrHarU+%u\"'-]{20}",),
    (rb"\nM[ -`]{60}",),
    (rb"(?i)data:", b"<~"),
)
# In large texts each by itself: of a table of numbers the second is found at once, and together they would be looked
# for to its end.
_FIRST = tuple((kind, Glance([signs])) for kind, signs in enumerate(SIGNS))
_PAIRS = _PREFIX.encode() + rb"[0-9A-Fa-f]{2}(?:[^0-9A-Za-z]{0,3}" + _PREFIX.encode() + rb"[0-9A-Fa-f]{2}){9}"
_BITS = rb"(?:[01]{8}[ ,\r\n]{0,2}){8}"
_NUMBERS = rb"(?:[0-9]{2,3}(?:[ ,;#&\r\n-]|[Cc][Hh][Aa]?[Rr]|[()+]){1,8}){8}[0-9]{2,3}"
_THEN = (
    (LETTERS, CAPITALS, Glance([(b"[A-Z2-7]{24}",)])),
    (DIGITS, HEXADECIMAL, Glance([(_PAIRS,)])),
    (DIGITS, BINARY, Glance([(_BITS,)])),
    (DIGITS, CODES, Glance([(_NUMBERS,)])),
)
GLANCES = (*(glance for _, glance in _FIRST), *(glance for *_, glance in _THEN))
# Whether any of those of digits occurs: RE2 says so in a third of the time that Hyperscan takes for each of them.
_OF_DIGITS = any_of(_PAIRS, _BITS, _NUMBERS)
# All of what is read but for that which is marked.
OF_ROWS = (*SIGNS[LETTERS], *SIGNS[UUENCODED], _PAIRS, _BITS, _NUMBERS)
# Lines of base64 follow one another, in a reply with the marks of the quote before them.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?:\s{0,3}[>|]{0,3}[ \t]?[A-Za-z0-9+/_-]{4,})*={0,2}")
# The same for RE2, which needs a tenth of the time; a run of sixteen starts where it is first met.
_BASE64_IN_ASCII = re2.compile(
    r"[A-Za-z0-9+/_-]{16,}(?:[ \t\n\x0b\x0c\r\x1c-\x1f]{0,3}[>|]{0,3}[ \t]?[A-Za-z0-9+/_-]{4,})*={0,2}"
)
_LINE, _RUN = re.compile(r"([-_+/])\1{7,}[\s>|]*"), re.compile("[A-Za-z0-9+/_-]{16}")
_PART_OF_PATH, _LONGEST_PATH = re.compile("(?<=/)[A-Za-z0-9+_-]{16,}"), 2_000
_BREAKS = re.compile(r"[\s>|]+")
_HEX = re.compile(
    rf"(?<![0-9A-Za-z%]){_PREFIX}[0-9A-Fa-f]{{2}}(?:[ ,:.;\"'\r\n-]{{0,3}}{_PREFIX}[0-9A-Fa-f]{{2}}){{9,}}"
)
_PREFIXES = re.compile(r"0x|\\x|&H|U\+00|%u00|[^0-9A-Fa-f]")
_BASE32 = re.compile(r"(?<![A-Z0-9])[A-Z2-7]{24,}={0,6}(?![A-Za-z0-9])")
_ASCII85 = re.compile(r"<~([!-uz\s]{10,100000})~>")
_BINARY = re.compile(r"(?<![0-9])(?:[01]{8}[ ,\r\n]{0,2}){8,}")
_CODES = re.compile(r"(?<![0-9])(?:[0-9]{2,3}(?:[ ,;#&()+\r\n-]|[Cc][Hh][Aa]?[Rr]){1,8}){8,}[0-9]{2,3}(?![0-9])")
_DATA = re.compile(r"data:([\w.+-]{1,40}/[\w.+-]{1,60})?((?:;[\w.=-]{1,60})*),([^\s\"'<>)\]]{4,})", re.IGNORECASE)
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
_ZLIB, _MOST_INFLATED = 0x78, 1 << 20
_LEAST_INFLATED = 16
_PLAIN = re.compile(rb"[\t\r\n\x20-\x7e]{16,}")  # by chance once in five million octets
_MOST_APART = 3  # octets of which one is zero
_SHIFTED, _KOREAN = b"\x1b$", b"\x1b$)C"  # ISO 2022
_MOST_NOISE = 20  # one octet in so many that no text of ASCII has


Found = tuple[int, int, bytes]  # start, end, what it decodes to


@dataclass(frozen=True, slots=True)
class Blobs:
    """The encoded stretches of one text: what they say in their place, and files that they are."""

    readings: tuple[Reading, ...] = ()
    files: tuple[bytes, ...] = ()


def signs_in(text: str) -> list[int]:
    """What of LETTERS and so on there could be in a text."""
    octets = text.encode("ascii", "replace")
    return narrowed(octets, wide_signs(octets))


def wide_signs(octets: bytes) -> list[int]:
    """Those of SIGNS that occur."""
    return [kind for kind, glance in _FIRST if glance.of(octets)]


def narrowed(octets: bytes, found: list[int]) -> list[int]:
    """`found` of SIGNS, where they are wide with what of CAPITALS and so on there could be instead."""
    if not found:
        return found
    wide = set(found)
    if DIGITS in wide and _OF_DIGITS.search(octets) is None:
        wide.discard(DIGITS)
    narrow = [kind for above, kind, glance in _THEN if above in wide and glance.of(octets)]
    return [*(kind for kind in found if kind != DIGITS), *narrow]


def blobs(text: str, margin: int = MARGIN, signs: Collection[int] | None = None) -> Blobs:
    """Everything encoded in a text. `signs`: those in it, where they are known."""
    found = list(_decoded(text, signs_in(text) if signs is None else signs))
    if not found:
        return Blobs()
    changes = [Change(start, end, said) for start, end, octets in found if (said := _text(octets)) is not None]
    return Blobs(
        tuple(changed(text, _apart(changes), margin)),
        tuple(octets for _, _, octets in found if octets.startswith(FILES) or is_archive(octets)),
    )


def _apart(changes: list[Change]) -> Iterator[Change]:
    end = 0
    for change in sorted(changes):
        if change.start >= end:
            yield change
            end = change.end


def _decoded(text: str, signs: Collection[int]) -> Iterator[Found]:
    """Everything that could be encoded, decoded."""
    if MARKED in signs:
        yield from _data_addresses(text)
    if LETTERS in signs:
        yield from _base64(text)
    if CAPITALS in signs:
        yield from _base32(text)
    yield from _numbers(text, signs)
    if MARKED in signs:
        yield from ((*found.span(), _ascii85(found[1])) for found in _ASCII85.finditer(text))


def _base64(text: str) -> Iterator[Found]:
    for found in (_BASE64_IN_ASCII if text.isascii() else _BASE64).finditer(text):
        start, end = found.span()
        if line := _LINE.match(text, start, end):  # drawn above something: not of it, and nothing by itself
            start = line.end()
            if _RUN.match(text, start, end) is None:
                continue
        flat = _BREAKS.sub("", text[start:end]).rstrip("=").replace("-", "+").replace("_", "/")
        if not flat.isdigit():
            yield start, end, _unpadded(flat)
        if end - start <= _LONGEST_PATH and "/" in flat:
            yield from _in_path(text, start, end)


def _in_path(text: str, start: int, end: int) -> Iterator[Found]:
    """Parts of a path, as in an address, that say something by themselves."""
    for part in _PART_OF_PATH.finditer(text, start, end):
        octets = _unpadded(part[0].replace("-", "+").replace("_", "/"))
        if part.span() != (start, end) and _is_printable(octets):
            yield (*part.span(), octets)


def _unpadded(flat: str) -> bytes:
    flat = flat[: len(flat) - (len(flat) % 4 == 1)]
    return binascii.a2b_base64(flat + "=" * (-len(flat) % 4))


def _base32(text: str) -> Iterator[Found]:
    for found in _BASE32.finditer(text):
        flat = found[0].rstrip("=")
        try:
            yield (*found.span(), base64.b32decode(flat + "=" * (-len(flat) % 8)))
        except binascii.Error:
            continue


def _numbers(text: str, signs: Collection[int]) -> Iterator[Found]:
    for found in _HEX.finditer(text) if HEXADECIMAL in signs else ():
        yield (*found.span(), bytes.fromhex(_PREFIXES.sub("", found[0])))
    for found in _BINARY.finditer(text) if BINARY in signs else ():
        bits = re.sub("[^01]", "", found[0])
        yield (*found.span(), bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)))
    for found in _CODES.finditer(text) if CODES in signs else ():
        codes = [int(code) for code in re.findall("[0-9]+", found[0])]
        if max(codes) < 256:
            yield (*found.span(), bytes(codes))


def _ascii85(inside: str) -> bytes:
    try:
        return base64.a85decode(inside)
    except ValueError:
        return b""


def _data_addresses(text: str) -> Iterator[Found]:
    """RFC 2397."""
    for found in _DATA.finditer(text):
        octets = unquote_to_bytes(found[3])
        if found[2].lower().endswith(";base64"):
            flat = octets.translate(None, b"\r\n \t=").replace(b"-", b"+").replace(b"_", b"/").decode("latin-1")
            try:
                octets = _unpadded(flat)
            except (binascii.Error, ValueError):
                continue
        yield (*found.span(), octets)


def _wide(octets: bytes) -> str | None:
    """UTF-16 and UTF-32, and octets with zeros between; None where that is no text."""
    flat = octets.replace(b"\0", b"")
    if _is_printable(flat):
        return decode_best(flat)
    for number, wide in enumerate(("utf-16-be", "utf-16-le")):
        if octets[number:40:2].count(0) * 3 > len(octets[number:40:2]) * 2 and _is_printable(octets[1 - number :: 2]):
            return octets.decode(wide, "replace")
    return None


def _is_printable(octets: bytes) -> bool:
    return len(octets.translate(None, _PRINTABLE)) * _MOST_NOISE <= len(octets)


def _inflated(octets: bytes) -> bytes:
    """RFC 1950, as much of it as there is; what is no such stream, as it stands."""
    try:
        machine = zlib.decompressobj()
        said = machine.decompress(octets, _MOST_INFLATED)
        return said + b"\n" * bool(machine.unused_data) + machine.unused_data if said else octets
    except zlib.error:
        return octets


def _raw_inflated(octets: bytes) -> str | None:
    """RFC 1951 without the header around it, where that is a whole text."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        said = machine.decompress(octets, _MOST_INFLATED)
    except zlib.error:
        return None
    if not machine.eof or machine.unused_data or len(said) < _LEAST_INFLATED:
        return None
    if len(said.translate(None, _PRINTABLE)) * _MOST_NOISE > len(said):
        return None
    return decode_best(said)


# First octets of files that have a reader, or that nobody sends for the sake of their octets alone.
FILES = (
    b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd",
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*",
)  # fmt: skip


_LEAST_EBCDIC = 16  # octets: fewer may be by chance


def _text(octets: bytes) -> str | None:
    """Octets as text: mostly printable ASCII, UTF-8, or UTF-16 of such; else what is plain text among them."""
    if len(octets) < 6:
        return None
    if octets[0] == _ZLIB and not int.from_bytes(octets[:2], "big") % 31:
        octets = _inflated(octets)
    if octets.count(0) * _MOST_APART >= len(octets) and (wide := _wide(octets)) is not None:
        return wide
    if _is_printable(octets):
        return decode_best(octets)
    if _SHIFTED in octets:
        return octets.decode("iso2022_kr" if _KOREAN in octets else "iso2022_jp_ext", "replace")
    with contextlib.suppress(UnicodeDecodeError):
        text = octets.decode("utf-8")
        controls = sum(1 for c in text if ord(c) < 32 and c not in "\t\r\n")
        if controls * _MOST_NOISE <= len(text):
            return text
    if len(octets) >= _LEAST_EBCDIC and looks_like_ebcdic(octets):
        return EBCDIC.decode(octets)
    if (raw := _raw_inflated(octets)) is not None:
        return raw
    # words after the stretch that were taken for more of it, or something else before it
    return b"\n".join(_PLAIN.findall(octets)).decode("ascii") or None
