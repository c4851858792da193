"""A compound file ([MS-CFB]) of one stream, for libraries that want a file where we have the stream.

What was sent may be a container whose chains of sectors go in circles, which such a library follows until memory ends.
This one has the same stream and chains that we made.
"""

import struct

_SECTOR = 4096  # version 4: the table of 109 sectors in the header tells of 446 MB
_IN_HEADER = 109
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NUMBERS = _SECTOR // 4
_CUTOFF = 4096  # shorter streams would lie among small sectors
_ROOT, _STREAM, _BLACK = 5, 2, 1
_OTHERS = 3  # the directory; an empty stream of small sectors and its table, without which calamine sees no root
LARGEST = (_IN_HEADER * _NUMBERS - _IN_HEADER - _OTHERS) * _SECTOR


def compound(name: str, stream: bytes) -> bytes:
    """The file; the stream is filled up with zeros to a whole number of sectors. ValueError: larger than LARGEST."""
    if len(stream) > LARGEST:
        raise ValueError("too large for one table of sectors")
    stream = stream.ljust(_CUTOFF, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    tables = 1
    while tables * _NUMBERS < tables + _OTHERS + sectors:
        tables += 1
    directory, small, first = tables, tables + 1, tables + _OTHERS
    chain = [*[_TABLE] * tables, *[_END] * _OTHERS, *range(first + 1, first + sectors), _END]
    chain += [_FREE] * (tables * _NUMBERS - len(chain))
    entries = _entry("Root Entry", _ROOT, child=1, start=small, size=64) + _entry(
        name, _STREAM, start=first, size=len(stream)
    )
    return b"".join(
        (
            _header(tables, directory, small + 1),
            struct.pack(f"<{len(chain)}I", *chain),
            entries + _entry("", 0) * ((_SECTOR - len(entries)) // len(_entry("", 0))),
            bytes(_SECTOR),
            struct.pack(f"<{_NUMBERS}I", _END, *[_FREE] * (_NUMBERS - 1)),
            stream,
            bytes(-len(stream) % _SECTOR),
        )
    )


def _header(tables: int, directory: int, small: int) -> bytes:
    where = [*range(tables), *[_FREE] * (_IN_HEADER - tables)]
    head = struct.pack(
        "<8s16s5H6x9I",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 4, 0xFFFE, 12, 6),
        *(1, tables, directory, 0, _CUTOFF, small, 1, _END, 0),
    )
    return (head + struct.pack(f"<{_IN_HEADER}I", *where)).ljust(_SECTOR, b"\0")


def _entry(name: str, kind: int, *, child: int = _FREE, start: int = 0, size: int = 0) -> bytes:
    written = (name + "\0").encode("utf-16-le") if name else b""
    return struct.pack(
        "<64sH2B3I16sI8x8xIQ",
        *(written, len(written), kind, _BLACK, _FREE, _FREE, child, bytes(16), 0),
        *(start, size),
    )
