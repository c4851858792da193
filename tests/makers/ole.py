"""Compound files and what old Office keeps in them, written by hand."""

import itertools
import struct
from collections.abc import Mapping

SECTOR = 512
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) with streams by path, storages parted by "/". Each is 4096 octets long at least."""
    entries: list[list[object]] = [["Root Entry", 5, [], b""]]
    folders = {"": 0}
    for path, octets in streams.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            name = "/".join(parts[:depth])
            if name not in folders:
                folders[name] = len(entries)
                entries[folders["/".join(parts[: depth - 1])]][2].append(len(entries))  # type: ignore[attr-defined]
                entries.append([parts[depth - 1], 1, [], b""])
        entries[folders["/".join(parts[:-1])]][2].append(len(entries))  # type: ignore[attr-defined]
        entries.append([parts[-1], 2, [], octets.ljust(4096, b"\0")])
    return _written(entries)


def _written(entries: list[list[object]]) -> bytes:
    sectors: list[bytes] = []
    chain: list[int] = []

    def put(octets: bytes) -> int:
        start = len(sectors)
        for at in range(0, len(octets), SECTOR):
            sectors.append(octets[at : at + SECTOR].ljust(SECTOR, b"\0"))
            chain.append(len(sectors))
        if len(sectors) > start:
            chain[-1] = END
            return start
        return END

    right: dict[int, int] = {}
    for _, _, children, _ in entries:
        assert isinstance(children, list)
        right.update(itertools.pairwise(children))
    directory = b""
    for number, (name, kind, children, octets) in enumerate(entries):
        assert isinstance(name, str)
        assert isinstance(octets, bytes)
        assert isinstance(children, list)
        wide = name.encode("utf-16-le")
        start = put(octets) if kind == 2 else (END if kind == 5 else 0)
        directory += struct.pack(
            "<64sHBBIII16sIQQIQ",
            wide,
            len(wide) + 2,
            kind,
            1,
            NONE,
            right.get(number, NONE),
            children[0] if children else NONE,
            bytes(16),
            0,
            0,
            0,
            start,
            len(octets),
        )
    first = put(directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0"))
    count = 1
    while (len(sectors) + count) * 4 > count * SECTOR:
        count += 1
    places = list(range(len(sectors), len(sectors) + count))
    table = [*chain, *[FAT_SECTOR] * count]
    table += [FREE] * (count * SECTOR // 4 - len(table))
    sectors += [struct.pack(f"<{SECTOR // 4}I", *table[at : at + 128]) for at in range(0, len(table), 128)]
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
        0, count, first, 0, 4096, END, 0, END, 0, places[0],
    )  # fmt: skip
    header += b"".join(struct.pack("<I", place) for place in places[1:])
    return header.ljust(SECTOR, b"\xff") + b"".join(sectors)


def doc(text: str, flags: int = 0) -> dict[str, bytes]:
    """The streams of a Word document with its text in two pieces."""
    half = len(text) // 2
    narrow, wide = text[:half].encode("cp1252"), text[half:].encode("utf-16-le")
    pieces = struct.pack("<3I", 0, half, len(text))
    pieces += struct.pack("<HIH", 0, 0x40000000 | 2048 * 2, 0) + struct.pack("<HIH", 0, 2048 + len(narrow), 0)
    clx = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    fib = bytearray(2048)
    struct.pack_into("<HH", fib, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", fib, 10, 0x0200 | flags)
    struct.pack_into("<II", fib, 0x01A2, 0, len(clx))
    return {"WordDocument": bytes(fib) + narrow + wide, "1Table": clx}


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xls(text: str, number: float, locked: bool = False) -> dict[str, bytes]:
    """The stream of a workbook with one row: a text and a number."""
    lock = record(0x2F, bytes(6)) if locked else b""
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + lock
    name = b"\x06\x00" + b"Sheet1"
    end = record(0x0A, b"")
    place = len(head) + 4 + 6 + len(name) + len(end)
    head += record(0x85, struct.pack("<IBB", place, 0, 0) + name) + end
    wide = text.encode("utf-16-le")
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    sheet += record(0x204, struct.pack("<HHHHB", 0, 0, 0, len(text), 1) + wide)
    sheet += record(0x203, struct.pack("<HHHd", 0, 1, 0, number)) + end
    return {"Workbook": head + sheet}


def atom(kind: int, data: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(data)) + data


def ppt(text: str) -> dict[str, bytes]:
    """The stream of a presentation: an atom of text in containers."""
    inside = atom(0x0FA0, text.encode("utf-16-le")) + atom(0x0FA8, b"narrow words")
    return {"PowerPoint Document": atom(0x03E8, atom(0x03EE, inside, 0x0F), 0x0F)}


def wide(number: int, words: str) -> tuple[str, bytes]:
    """A property of an Outlook message that is a text."""
    return f"__substg1.0_{number:04X}001F", words.encode("utf-16-le")


def msg(subject: str, body: str, name: str = "", attached: bytes = b"") -> dict[str, bytes]:
    """The streams of an Outlook message."""
    streams = {"__properties_version1.0": bytes(32)} | dict((wide(0x0037, subject), wide(0x1000, body)))
    if attached:
        folder = "__attach_version1.0_#00000000"
        label, octets = wide(0x3707, name)
        streams |= {f"{folder}/{label}": octets, f"{folder}/__substg1.0_37010102": attached}
    return streams


def native(name: str, octets: bytes) -> bytes:
    """A file packed as an object."""
    label = name.encode() + b"\0"
    body = b"\2\0" + label + label + struct.pack("<HHI", 0, 3, len(label)) + label
    body += struct.pack("<I", len(octets)) + octets
    return struct.pack("<I", len(body)) + body


def tnef(body: str, name: str, octets: bytes) -> bytes:
    """winmail.dat with a body and a file."""

    def attribute(level: int, number: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, number, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    words = body.encode("utf-16-le")
    padded = words.ljust(-(-len(words) // 4) * 4, b"\0")
    properties = struct.pack("<I", 1) + struct.pack("<HHII", 0x001F, 0x1000, 1, len(words)) + padded
    return (
        b"\x78\x9f\x3e\x22\x01\x00"
        + attribute(1, 0x9003, properties)
        + attribute(2, 0x9002, bytes(14))
        + attribute(2, 0x8010, name.encode() + b"\0")
        + attribute(2, 0x800F, octets)
    )
