"""Drawings of Windows ([MS-EMF], [MS-WMF]): the words drawn, and pictures in them."""

import struct
from collections.abc import Iterator

from gateway.core.message import View
from gateway.extract.budget import Budget
from gateway.extract.formats.carved import pictures_in
from gateway.extract.formats.items import File, Inner, Item, Reading, Text

_EMF_SIGN = b" EMF"
_WMF_PLACEABLE, _WMF = b"\xd7\xcd\xc6\x9a", (b"\x01\x00\x09\x00", b"\x02\x00\x09\x00")
_TEXT_NARROW, _TEXT_WIDE, _SMALL = 83, 84, 108
_BITMAPS = {76: 84, 77: 84, 78: 84, 79: 84, 80: 48, 81: 48, 114: 84}  # record: where the place of its header stands
_COMMENT = 70
_WMF_TEXT, _WMF_EXTENDED = 0x0521, 0x0A32
_WMF_BITMAPS = {0x0F43: 28, 0x0B41: 26, 0x0940: 22, 0x0D33: 24}
_INFO_HEADER = 40
_CLIPPED = 0x0006  # options of META_EXTTEXTOUT with a rectangle
_CHECK_EVERY = 5_000


def is_metafile(octets: bytes) -> bool:
    if octets.startswith(b"\x01\0\0\0") and octets[40:44] == _EMF_SIGN:
        return True
    return octets.startswith(_WMF_PLACEABLE) or (octets.startswith(_WMF) and octets[4:6] in (b"\0\x03", b"\0\x01"))


def read_metafile(file: File, budget: Budget) -> Reading:
    octets = file.octets
    words: list[str] = []
    for item in _emf(octets, budget) if octets[40:44] == _EMF_SIGN else _wmf(octets, budget):
        if isinstance(item, str):
            words.append(item)
        else:
            yield item
    if words:
        yield Text("\n".join(words))
        yield Text("".join(words), View.ALL)


def _emf(octets: bytes, budget: Budget) -> Iterator[Item | str]:
    at, count = 0, 0
    while at + 8 <= len(octets):
        kind, size = struct.unpack_from("<II", octets, at)
        if size < 8:
            return
        record = octets[at : at + size]
        count += 1
        if count % _CHECK_EVERY == 0:
            budget.check_time()
        if kind in (_TEXT_NARROW, _TEXT_WIDE) and len(record) >= 52:
            length, start = struct.unpack_from("<II", record, 44)
            yield _decoded(record, start, length, wide=kind == _TEXT_WIDE)
        elif kind == _SMALL and len(record) >= 36:
            (length, options) = struct.unpack_from("<I4xI", record, 16)
            start = 36 if options & 0x100 else 52
            yield _decoded(record, start, length, wide=not options & 0x200)
        elif kind in _BITMAPS:
            yield from _bitmap(record, _BITMAPS[kind])
        elif kind == _COMMENT:
            yield from pictures_in(record)
        at += size


def _decoded(record: bytes, start: int, length: int, *, wide: bool) -> str:
    octets = record[start : start + length * (2 if wide else 1)]
    return octets.decode("utf-16-le" if wide else "cp1252", "replace")


def _bitmap(record: bytes, place: int) -> Iterator[Item]:
    """A bitmap of a record as a file: header and pixels stand where the record says."""
    if len(record) < place + 16:
        return
    head, head_size, bits, bits_size = struct.unpack_from("<IIII", record, place)
    if head_size >= _INFO_HEADER:
        yield Inner(_as_file(record[head : head + head_size], record[bits : bits + bits_size]))


def _as_file(head: bytes, pixels: bytes) -> bytes:
    start = 14 + len(head)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + head + pixels


def _wmf(octets: bytes, budget: Budget) -> Iterator[Item | str]:
    at = 22 if octets.startswith(_WMF_PLACEABLE) else 0
    at += 18
    count = 0
    while at + 6 <= len(octets):
        size, kind = struct.unpack_from("<IH", octets, at)
        if size < 3:
            return
        record = octets[at : at + size * 2]
        count += 1
        if count % _CHECK_EVERY == 0:
            budget.check_time()
        if kind == _WMF_TEXT and len(record) > 8:
            (length,) = struct.unpack_from("<H", record, 6)
            yield _decoded(record, 8, length, wide=False)
        elif kind == _WMF_EXTENDED and len(record) > 14:
            length, options = struct.unpack_from("<HH", record, 10)
            yield _decoded(record, 22 if options & _CLIPPED else 14, length, wide=False)
        elif kind in _WMF_BITMAPS:
            yield from _packed_bitmap(record[_WMF_BITMAPS[kind] :])
        at += size * 2


def _packed_bitmap(octets: bytes) -> Iterator[Item]:
    """Header, colours and pixels in a row."""
    if len(octets) < _INFO_HEADER or octets[:4] != b"\x28\0\0\0":
        return
    bits = int.from_bytes(octets[14:16], "little")
    colours = int.from_bytes(octets[32:36], "little") or (1 << bits if bits <= 8 else 0)
    end = _INFO_HEADER + 4 * min(colours, 256)
    yield Inner(_as_file(octets[:end], octets[end:]))
