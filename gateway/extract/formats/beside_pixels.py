"""What the file of a picture holds beside its pixels: comments, captions, segments that no program knows."""

import zlib
from collections.abc import Iterator

from gateway.extract.formats.strings import strings_of

_PNG, _GIF, _JPEG = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a"), b"\xff\xd8"
# What draws the picture or says how, and holds no words.
_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"fdAT", b"fcTL"})
_TABLES = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD})  # ITU-T T.81 B.1.1.3
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN = 0xDA
_COLOURS = b"ICC_PROFILE\0"
_THUMBNAIL = b"\xff\xd8\xff"
_MOST = 1 << 20  # octets that one chunk unpacks to
_MOST_CHUNKS = 10_000
_DEFLATED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def words_beside(octets: bytes) -> str:
    """Readable text in all parts of a PNG, JPEG or GIF that are no pixels, a line each."""
    if octets.startswith(_PNG):
        parts = _chunks(octets)
    elif octets.startswith(_JPEG):
        parts = _segments(octets)
    elif octets.startswith(_GIF):
        parts = _extensions(octets)
    else:
        return ""
    return "\n".join(dict.fromkeys(said for part in parts if (said := strings_of(part))))


def _chunks(octets: bytes) -> Iterator[bytes]:
    """ISO/IEC 15948 section 5.3; what is deflated in one, inflated."""
    place, count = 8, 0
    while place + 8 <= len(octets) and count < _MOST_CHUNKS:
        size, kind = int.from_bytes(octets[place : place + 4], "big"), octets[place + 4 : place + 8]
        if kind not in _PIXELS:
            data = octets[place + 8 : place + 8 + size]
            yield data
            yield from _inflated(data)
        place += 12 + size
        count += 1
        if kind == b"IEND":
            return


def _inflated(data: bytes) -> Iterator[bytes]:
    for start in _DEFLATED:
        at = data.find(start)
        if at >= 0:
            try:
                yield zlib.decompressobj().decompress(data[at:], _MOST)
            except zlib.error:
                continue


def _segments(octets: bytes) -> Iterator[bytes]:
    """ITU-T T.81 B.1.1.4, up to the picture itself."""
    place, count = 2, 0
    while place + 4 <= len(octets) and octets[place] == 0xFF and count < _MOST_CHUNKS:
        marker, count = octets[place + 1], count + 1
        if marker == _SCAN:
            return
        if marker in _ALONE or marker == 0xFF:
            place += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(octets[place + 2 : place + 4], "big")
        data = octets[place + 4 : place + 2 + size]
        if marker not in _TABLES and not data.startswith(_COLOURS):
            yield data.partition(_THUMBNAIL)[0]
        place += 2 + max(size, 2)


def _extensions(octets: bytes) -> Iterator[bytes]:
    """GIF89a sections 23 to 26, each with its sub-blocks put together."""
    place, count = 13 + _table(octets[10:11]), 0
    while place < len(octets) and count < _MOST_CHUNKS:
        count += 1
        if octets[place : place + 1] == b"!":
            data, place = _blocks(octets, place + 2)
            yield data
        elif octets[place : place + 1] == b",":
            _, place = _blocks(octets, place + 11 + _table(octets[place + 9 : place + 10]))
        else:
            return


def _table(flags: bytes) -> int:
    """Octets of a table of colours."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _blocks(octets: bytes, place: int) -> tuple[bytes, int]:
    pieces = []
    while place < len(octets) and octets[place]:
        pieces.append(octets[place + 1 : place + 1 + octets[place]])
        place += 1 + octets[place]
    return b"".join(pieces), place + 1
