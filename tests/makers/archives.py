"""Archives other than ZIP."""

import struct
import zlib
from collections.abc import Mapping

import libarchive


def packed(files: Mapping[str, bytes], form: str, filter_name: str | None = None) -> bytes:
    """An archive as libarchive writes it."""
    out = bytearray()

    def take(piece: bytes) -> int:
        out.extend(piece)
        return len(piece)

    with libarchive.custom_writer(take, form, filter_name) as archive:
        for name, octets in files.items():
            archive.add_file_from_memory(name, len(octets), octets)
    return bytes(out)


def _block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, len(body) + 7) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def rar(files: Mapping[str, bytes], flags: int = 0, volume: int = 0) -> bytes:
    """A RAR 3 archive of stored files; flag 4 of a file says that it is encrypted."""
    out = b"Rar!\x1a\x07\x00" + _block(0x73, volume, bytes(6))
    for name, octets in files.items():
        label = name.encode()
        body = struct.pack(
            "<IIBIIBBHI", len(octets), len(octets), 3, zlib.crc32(octets), 0x5A210000, 20, 0x30, len(label), 0o100644
        )
        out += _block(0x74, 0x8000 | flags, body + label) + octets
    return out + _block(0x7B, 0x4000, b"")
