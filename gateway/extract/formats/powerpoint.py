"""PowerPoint 97 to 2003 ([MS-PPT]): every atom of text, and objects packed into the slides."""

import struct
import zlib
from collections.abc import Iterator, Mapping

from gateway.core.message import OpaqueReason
from gateway.extract.formats.items import Inner, Reading, Text

_CHARS, _BYTES, _STRING = 0x0FA0, 0x0FA8, 0x0FBA
_OBJECT, _CRYPT = 0x1011, 0x2F14
_CONTAINER = 0x0F
_MOST_OBJECT = 1 << 26


def read_powerpoint(streams: Mapping[str, bytes]) -> Reading:
    stream = streams["powerpoint document"]
    if "encryptedsummary" in streams:
        yield OpaqueReason.ENCRYPTED_DOCUMENT
        return
    words: list[str] = []
    objects: list[bytes] = []
    for kind, instance, data in _records(stream):
        if kind == _CRYPT:
            yield OpaqueReason.ENCRYPTED_DOCUMENT
            return
        if kind in (_CHARS, _STRING):
            words.append(data.decode("utf-16-le", "replace"))
        elif kind == _BYTES:
            words.append(data.decode("latin-1"))
        elif kind == _OBJECT:
            objects.append(_object(data, packed=instance == 1))
    if words:
        yield Text("\n".join(words).replace("\r", "\n").replace("\x0b", "\n"))
    for octets in objects:
        yield Inner(octets)


def _object(data: bytes, *, packed: bool) -> bytes:
    if not packed:
        return data
    try:
        return zlib.decompressobj().decompress(data[4:], _MOST_OBJECT)
    except zlib.error:
        return data


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, instance and data of the atoms; containers are entered."""
    at = 0
    while at + 8 <= len(stream):
        head, kind, size = struct.unpack_from("<HHI", stream, at)
        at += 8
        if head & 0x0F == _CONTAINER:
            if kind == _CRYPT:
                yield kind, head >> 4, b""
            continue
        yield kind, head >> 4, stream[at : at + size]
        at += size
