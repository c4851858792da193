"""Objects that one document carries of another program ([MS-OLEDS])."""

import struct

from gateway.extract.formats.items import Inner, Reading

_EMBEDDED = 2
_PACKAGE = b"package"


def native(octets: bytes) -> Reading:
    """A file packed as an object (2.3.6): two names, a path, the file; what does not fit that is the file itself."""
    try:
        label_end = octets.index(b"\0", 6)
        at = octets.index(b"\0", label_end + 1) + 1 + 4
        at += 4 + int.from_bytes(octets[at : at + 4], "little")
        size = int.from_bytes(octets[at : at + 4], "little")
    except ValueError:
        size, at, label_end = 0, 0, 0
    packed = octets[at + 4 : at + 4 + size] if size else b""
    yield Inner(packed or octets[4:], octets[6:label_end].decode("cp1252", "replace") if packed else "")


def embedded(octets: bytes) -> Reading:
    """An object as RTF has it (2.2.5): class, topic and item, then the object."""
    try:
        _, form = struct.unpack_from("<II", octets)
        at, names = 8, []
        for _ in range(3):
            (size,) = struct.unpack_from("<I", octets, at)
            names.append(octets[at + 4 : at + 4 + size].rstrip(b"\0"))
            at += 4 + size
        (size,) = struct.unpack_from("<I", octets, at)
    except struct.error:
        form, names, at, size = 0, [b""], 0, 0
    inside = octets[at + 4 : at + 4 + size]
    if form != _EMBEDDED or not inside:
        yield Inner(octets)
    elif names[0].lower() == _PACKAGE:
        yield from native(octets[at : at + 4] + inside)
    else:
        yield Inner(inside)
