"""Word 97 to 2003 ([MS-DOC]), Word 6 and 95: the text of all pieces, with notes, headers, comments and text boxes."""

import struct
from collections.abc import Iterator, Mapping

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Unreadable
from gateway.extract.formats.items import Reading, Text

_IDENTITY, _WORD_6 = 0xA5EC, 0xA5DC
_OLDEST = 0xC1  # nFib of Word 97
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_CLX = 0x01A2  # where the FIB says where the pieces are
_PIECES, _FORMATS = 2, 1
_COMPRESSED = 0x40000000
_SHOWN = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 8, 0x14, 0x15, 0x1F), None),
    7: "\t",
    0x0B: "\n",
    0x0C: "\n",
    0x0D: "\n",
    0x0E: "\n",
    0x13: " ",
    0x1E: "-",
    0xA0: " ",
}


def read_word(streams: Mapping[str, bytes]) -> Reading:
    document = streams["worddocument"]
    identity, version = struct.unpack_from("<HH", document)
    flags = struct.unpack_from("<H", document, 10)[0]
    if identity not in (_IDENTITY, _WORD_6):
        raise Unreadable(OpaqueReason.DAMAGED)
    if flags & _ENCRYPTED:
        yield OpaqueReason.ENCRYPTED_DOCUMENT
        return
    if version < _OLDEST:
        start, end = struct.unpack_from("<II", document, 24)
        yield Text(document[start:end].decode("cp1252", "replace").translate(_SHOWN))
        return
    table = streams.get("1table" if flags & _SECOND_TABLE else "0table", b"")
    place, size = struct.unpack_from("<II", document, _CLX)
    text = "".join(_pieces(document, table[place : place + size])).translate(_SHOWN)
    yield Text(text)
    if not text.strip() and size == 0:
        yield OpaqueReason.DAMAGED


def _pieces(document: bytes, clx: bytes) -> Iterator[str]:
    at = 0
    while at < len(clx) and clx[at] == _FORMATS:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != _PIECES:
        raise Unreadable(OpaqueReason.DAMAGED)
    size = struct.unpack_from("<I", clx, at + 1)[0]
    table = clx[at + 5 : at + 5 + size]
    count = (len(table) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", table)
    for number in range(count):
        start = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)[0]
        length = max(places[number + 1] - places[number], 0)
        if start & _COMPRESSED:
            start = (start & ~_COMPRESSED) // 2
            yield document[start : start + length].decode("cp1252", "replace")
        else:
            yield document[start : start + 2 * length].decode("utf-16-le", "replace")
