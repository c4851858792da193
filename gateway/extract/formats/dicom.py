"""DICOM files (PS3.10): the text of the data set, such as the patient's name; the picture itself is not read."""

import struct
from collections.abc import Iterator

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget
from gateway.extract.formats.items import File, Reading, Text

_PREAMBLE = 128
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_WORDS = frozenset(
    {b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM", b"UC", b"UR", b"UT"}
)
_SEQUENCE, _ITEMS = b"SQ", 0xFFFE
_PIXELS = (0x7FE0, 0x0010)
_UNTOLD = 0xFFFFFFFF
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_IMPLICIT = b"1.2.840.10008.1.2"
_BIG = b"1.2.840.10008.1.2.2"
# What the fields are called where a word helps to read them (PS3.6).
_NAMES = {
    (0x0010, 0x0010): "Patient name",
    (0x0010, 0x0020): "Patient ID",
    (0x0010, 0x0030): "Patient date of birth",
    (0x0010, 0x0040): "Patient sex",
    (0x0010, 0x1000): "Other patient ID",
    (0x0010, 0x1040): "Patient address",
    (0x0010, 0x2154): "Patient telephone",
    (0x0008, 0x0050): "Accession number",
    (0x0008, 0x0080): "Hospital",
    (0x0008, 0x0090): "Referring physician",
    (0x0008, 0x1030): "Study",
    (0x0008, 0x0020): "Study date",
    (0x0020, 0x0010): "Study ID",
}


def is_dicom(octets: bytes) -> bool:
    return octets[_PREAMBLE : _PREAMBLE + 4] == b"DICM"


def read_dicom(file: File, budget: Budget) -> Reading:
    """Lines "name: value"; the pixels are named as what cannot be read."""
    lines: list[str] = []
    pixels = False
    for tag, kind, value in _elements(file.octets):
        if tag == _PIXELS:
            pixels = True
            break
        if kind in _WORDS or (kind == b"UN" and value.isascii()):
            words = value.decode("utf-8", "replace").strip(" \0").replace("^", " ").replace("\\", " ")
            if words:
                lines.append(f"{_NAMES.get(tag, '')}: {_dated(words, kind)}".lstrip(": "))
    yield Text("\n".join(lines))
    if pixels:
        yield OpaqueReason.UNSUPPORTED_FORMAT


def _dated(words: str, kind: bytes) -> str:
    digits = kind == b"DA" and len(words) == 8 and words.isdigit()
    return f"{words[4:6]}/{words[6:]}/{words[:4]}" if digits else words


def _elements(octets: bytes) -> Iterator[tuple[tuple[int, int], bytes, bytes]]:
    at = _PREAMBLE + 4
    explicit, order = True, "<"
    syntax = b""
    while at + 8 <= len(octets):
        if syntax and octets[at : at + 2] != b"\x02\x00":
            explicit, order = syntax != _IMPLICIT, ">" if syntax == _BIG else "<"
            if syntax == _DEFLATED:
                yield _PIXELS, b"", b""  # as little read as a picture, and named like one
                return
            syntax = b""
        tag = struct.unpack_from(f"{order}HH", octets, at)
        kind, size, start = _head(octets, at, tag, order, explicit=explicit)
        if kind == _SEQUENCE or tag[0] == _ITEMS or (size == _UNTOLD and tag != _PIXELS):
            at = start  # what is inside comes as elements of its own
            continue
        value = octets[start : start + size]
        if tag == (0x0002, 0x0010):
            syntax = value.strip(b"\0 ")
        yield tag, kind, value
        at = start + size


def _head(octets: bytes, at: int, tag: tuple[int, ...], order: str, *, explicit: bool) -> tuple[bytes, int, int]:
    """Kind, size and start of the value of an element (PS3.5 section 7.1)."""
    if not explicit or tag[0] == _ITEMS:
        (size,) = struct.unpack_from(f"{order}I", octets, at + 4)
        return b"UN" if not explicit else b"", size, at + 8
    kind = octets[at + 4 : at + 6]
    if kind in _LONG:
        if at + 12 > len(octets):
            return kind, 0, len(octets)
        (size,) = struct.unpack_from(f"{order}I", octets, at + 8)
        return kind, size, at + 12
    (size,) = struct.unpack_from(f"{order}H", octets, at + 6)
    return kind, size, at + 8
