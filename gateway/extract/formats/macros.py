"""The source of macros ([MS-OVBA]), which can hold data as any text can."""

import struct
from collections.abc import Mapping

from gateway.core.message import View
from gateway.extract.formats.items import Reading, Text

_MARK = b"\x00Attribut"  # every module starts so; three octets before it its packed source starts
_CHUNK = 4096


def read_macros(streams: Mapping[str, bytes]) -> Reading:
    sources = []
    for octets in streams.values():
        mark = octets.find(_MARK)
        if mark >= 3:
            sources.append(unpacked(octets[mark - 3 :]).decode("cp1252", "replace"))
    if sources:
        yield Text("\n".join(sources), View.ALL)


def unpacked(octets: bytes) -> bytes:
    """A compressed container (2.4.1); up to the first fault."""
    out = bytearray()
    at = 1
    while at + 2 <= len(octets):
        (head,) = struct.unpack_from("<H", octets, at)
        end = min(at + 3 + (head & 0x0FFF), len(octets))
        at += 2
        if not head & 0x8000:
            out += octets[at : at + _CHUNK]
            at += _CHUNK
            continue
        start = len(out)
        while at < end:
            flags = octets[at]
            at += 1
            for bit in range(8):
                if at >= end:
                    break
                if not flags >> bit & 1:
                    out.append(octets[at])
                    at += 1
                elif not _copy(out, start, octets[at : at + 2]):
                    return bytes(out)
                else:
                    at += 2
    return bytes(out)


def _copy(out: bytearray, start: int, token: bytes) -> bool:
    """Repeat what stands before (2.4.1.3.19)."""
    if len(token) < 2 or len(out) == start:
        return False
    (value,) = struct.unpack("<H", token)
    bits = max((len(out) - start - 1).bit_length(), 4)
    length = (value & (0xFFFF >> bits)) + 3
    offset = (value >> (16 - bits)) + 1
    if offset > len(out):
        return False
    for _ in range(length):
        out.append(out[-offset])
    return True
