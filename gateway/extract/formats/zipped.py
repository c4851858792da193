"""ZIP archives (APPNOTE.TXT 6.3.10), read by their directory and by the headers before each entry.

Programs differ in which of the two they believe, so both count: an entry that either of them knows is read. Sizes are
never believed. What stands outside of all entries is read as text.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.inflate import Unpacked, inflate, refuse, store, unbzip, unlzma, unxz
from gateway.extract.formats.items import File, Inner, Reading, Text
from gateway.extract.formats.strings import strings_of
from gateway.parse.labels import decode_best

_LOCAL, _CENTRAL, _END, _SPANNED = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL_HEADER = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END_RECORD = struct.Struct("<4sHHHHIIH")
_LONGEST_COMMENT = 65_535
_ENCRYPTED, _STREAMED, _UTF8 = 0x0001, 0x0008, 0x0800
_NEWEST = 99  # "version needed to extract" of the newest feature, and some room
_NOWHERE = 0xFFFFFFFF
_AES = 99
_ZIP64 = 1
_MOST_STRAYS = 5_000  # entries that no directory names: each header may claim 64 KiB of what follows for its name
_GAP = 4  # fewer octets between entries say nothing

_DEFLATED = 8
_METHODS: dict[int, Callable[[memoryview, Budget, Unpacked], None]] = {
    0: store,
    _DEFLATED: inflate,
    12: unbzip,
    14: unlzma,
    95: unxz,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive. `packed`: so many octets as the directory says, -1 where nobody says.

    `comment`: what is said of it, words of its extra field among that.
    """

    name: str = field(repr=False)
    offset: int  # of its local header
    method: int
    flags: int
    packed: int
    crc: int
    comment: str = field(repr=False, default="")

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/") and self.packed <= 0


@dataclass(slots=True)
class Archive:
    """An archive opened. `faults`: what is wrong with it as a whole."""

    octets: bytes = field(repr=False)
    entries: list[Entry] = field(default_factory=list)
    faults: list[OpaqueReason] = field(default_factory=list)
    comment: bytes = field(repr=False, default=b"")
    said: list[str] = field(repr=False, default_factory=list)  # beside the names of entries
    taken: list[tuple[int, int]] = field(default_factory=list)  # stretches that entries and directories fill


def is_zip(octets: bytes) -> bool:
    """By its first octets, or by a directory that ends with the file, whatever stands before."""
    return octets.startswith((_LOCAL, _END, _SPANNED)) or _end_of(octets, exact=True) is not None


def read_zip(file: File, budget: Budget) -> Reading:
    """Every entry as a file, then comments and what stands between the entries."""
    archive = open_archive(file.octets)
    for entry in archive.entries:
        if not entry.is_folder:
            yield from read_entry(archive, entry, budget)
    yield from archive.faults
    yield from leftovers(archive)


def leftovers(archive: Archive) -> Reading:
    """Comments, and what is in no entry."""
    said = [decode_best(archive.comment), *archive.said, *(entry.comment for entry in archive.entries)]
    said += [strings_of(gap) for gap in _gaps(archive)]
    text = "\n".join(words for words in said if words)
    if text:
        yield Text(text, View.ALL)


def read_entry(archive: Archive, entry: Entry, budget: Budget) -> Reading:
    """One entry; what is wrong with it comes after what could be read of it."""
    try:
        budget.entry()
        octets, fault = unpack(archive, entry, budget)
    except Unreadable as unreadable:
        if unreadable.reason is OpaqueReason.LIMIT_RATIO or not unreadable.reason.startswith("limit-"):
            yield Inner(b"", entry.name)
            yield unreadable.reason
            return
        raise
    yield Inner(octets, entry.name)
    if fault is not None:
        yield fault


def unpack(archive: Archive, entry: Entry, budget: Budget) -> tuple[bytes, OpaqueReason | None]:
    """The octets of an entry, and what is wrong with them. Raises Unreadable where there are none."""
    local = _local(archive.octets, entry.offset)
    flags = entry.flags | (local.flags if local else 0)
    if flags & _ENCRYPTED or entry.method == _AES:
        raise Unreadable(OpaqueReason.ENCRYPTED_ARCHIVE)
    if local is None:
        raise Unreadable(OpaqueReason.DAMAGED)
    start, end = _place(archive, entry, local)
    if local.comment and local.comment not in entry.comment:
        archive.said.append(local.comment)
    if local.name != entry.name:
        archive.said.append(local.name)  # some programs go by the one, some by the other
    archive.taken.append((entry.offset, end))
    into = Unpacked()
    _METHODS.get(entry.method, refuse)(memoryview(archive.octets)[start:end], budget, into)
    octets = into.octets()
    early = entry.method == _DEFLATED and into.whole and start + into.used < end  # what follows belongs to nobody
    if early:
        archive.taken[-1] = (entry.offset, start + into.used)
    disagree = local.method != entry.method or (entry.packed >= 0 and (early or not into.whole))
    if disagree or (zlib.crc32(octets) != entry.crc and not (entry.packed < 0 and entry.flags & _STREAMED)):
        return octets, OpaqueReason.DAMAGED
    return octets, None


def _place(archive: Archive, entry: Entry, local: Entry) -> tuple[int, int]:
    header = _LOCAL_HEADER.unpack_from(archive.octets, entry.offset)
    start = entry.offset + _LOCAL_HEADER.size + header[-2] + header[-1]
    packed = max(entry.packed, local.packed if not local.flags & _STREAMED else -1)
    return start, len(archive.octets) if packed < 0 else min(start + packed, len(archive.octets))


def open_archive(octets: bytes) -> Archive:
    """The entries of an archive: those of its directory, in order, then those that only have a header of their own."""
    archive = Archive(octets)
    end = _end_of(octets, exact=True)
    if end is None:
        end = _end_of(octets, exact=False)
    if end is None:
        archive.faults.append(OpaqueReason.SPLIT_ARCHIVE if octets.startswith(_SPANNED) else OpaqueReason.DAMAGED)
    else:
        _read_directory(archive, end)
    known = {entry.offset for entry in archive.entries}
    held = sorted(_extent(octets, entry) for entry in archive.entries)
    inside = _Inside(held)
    strays = 0
    for found in re.finditer(re.escape(_LOCAL), octets):
        offset = found.start()
        entry = None if offset in known or inside.holds(offset) else _local(octets, offset)
        if entry is None:
            continue
        strays += 1
        if strays > _MOST_STRAYS:
            archive.faults.append(OpaqueReason.LIMIT_ENTRIES)
            break
        archive.entries.append(entry)
    return archive


class _Inside:
    """Whether offsets, asked in rising order, lie within stretches."""

    def __init__(self, stretches: list[tuple[int, int]]) -> None:
        self._stretches = stretches
        self._next = 0
        self._end = 0

    def holds(self, offset: int) -> bool:
        while self._next < len(self._stretches) and self._stretches[self._next][0] < offset:
            self._end = max(self._end, self._stretches[self._next][1])
            self._next += 1
        return offset < self._end


def _extent(octets: bytes, entry: Entry) -> tuple[int, int]:
    size = max(entry.packed, 0)
    header = _LOCAL_HEADER.size + len(entry.name)
    return entry.offset, entry.offset + header + size


def _end_of(octets: bytes, *, exact: bool) -> int | None:
    """Where the end record of the directory stands; `exact`: its comment reaches to the end of the file."""
    least = max(len(octets) - _LONGEST_COMMENT - _END_RECORD.size, 0) if exact else 0
    position = octets.rfind(_END, least)
    while position >= 0:
        if position + _END_RECORD.size <= len(octets):
            comment = _END_RECORD.unpack_from(octets, position)[-1]
            if not exact or position + _END_RECORD.size + comment == len(octets):
                return position
        position = octets.rfind(_END, least, position)
    return None


def _read_directory(archive: Archive, end: int) -> None:
    octets = archive.octets
    _, disk, first_disk, here, total, size, offset, comment = _END_RECORD.unpack_from(octets, end)
    archive.comment = octets[end + _END_RECORD.size : end + _END_RECORD.size + comment]
    if 0 < disk != 0xFFFF or 0 < first_disk != 0xFFFF:
        archive.faults.append(OpaqueReason.SPLIT_ARCHIVE)
    start = end - size
    if _NOWHERE in (size, offset) or total == 0xFFFF or octets[start : start + 4] != _CENTRAL:
        start = octets.find(_CENTRAL)
        offset = start if size in (0, _NOWHERE) else offset
    if start < 0 or start > end:
        if total or here:
            archive.faults.append(OpaqueReason.DAMAGED)
        archive.taken.append((end, len(octets)))
        return
    shift = max(start - offset, 0) if offset != _NOWHERE else 0
    archive.taken.append((start, min(end + _END_RECORD.size + comment, len(octets))))
    found = list(_central_headers(octets, start, end, shift))
    archive.entries.extend(found)
    if len(found) != total and total != 0xFFFF:
        archive.faults.append(OpaqueReason.DAMAGED)


def _central_headers(octets: bytes, start: int, end: int, shift: int) -> Iterator[Entry]:
    position = start
    while position + _CENTRAL_HEADER.size <= end and octets[position : position + 4] == _CENTRAL:
        fields = _CENTRAL_HEADER.unpack_from(octets, position)
        flags, method, crc, packed, unpacked = fields[3], fields[4], fields[7], fields[8], fields[9]
        name_end = position + _CENTRAL_HEADER.size + fields[10]
        extra_end = name_end + fields[11]
        name = _name(octets[position + _CENTRAL_HEADER.size : name_end], flags)
        offset = fields[16]
        packed, offset = _large(octets[name_end:extra_end], unpacked, packed, offset)
        said = (decode_best(octets[extra_end : extra_end + fields[12]]), strings_of(octets[name_end:extra_end]))
        comment = "\n".join(filter(None, said))
        at = offset + shift if octets[offset + shift : offset + shift + 4] == _LOCAL else offset
        yield Entry(name, at, method, flags, packed, crc, comment)
        position = extra_end + fields[12]


def _large(extra: bytes, unpacked: int, packed: int, offset: int) -> tuple[int, int]:
    """Sizes above 4 GiB (APPNOTE.TXT 4.5.3)."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        values = extra[position + 4 : position + 4 + length]
        if kind == _ZIP64:
            numbers = [int.from_bytes(values[at : at + 8], "little") for at in range(0, len(values) - 7, 8)]
            wanted = iter(numbers)
            if unpacked == _NOWHERE:
                next(wanted, 0)
            packed = next(wanted, packed) if packed == _NOWHERE else packed
            offset = next(wanted, offset) if offset == _NOWHERE else offset
        position += 4 + length
    return packed, offset


def _local(octets: bytes, offset: int) -> Entry | None:
    """The header before an entry; None where something else stands there."""
    if offset < 0 or offset + _LOCAL_HEADER.size > len(octets) or octets[offset : offset + 4] != _LOCAL:
        return None
    _, version, flags, method, _, _, crc, packed, _, name, extra = _LOCAL_HEADER.unpack_from(octets, offset)
    start = offset + _LOCAL_HEADER.size
    if (version & 0xFF) > _NEWEST or start + name + extra > len(octets):
        return None
    packed = -1 if packed == _NOWHERE or (flags & _STREAMED and not packed) else packed
    beside = strings_of(octets[start + name : start + name + extra])
    return Entry(_name(octets[start : start + name], flags), offset, method, flags, packed, crc, beside)


def _name(octets: bytes, flags: int) -> str:
    return octets.decode("utf-8" if flags & _UTF8 else "cp437", "replace")


def _gaps(archive: Archive) -> Iterator[bytes]:
    """What stands between entries, before the first and after the last."""
    position = 0
    for start, end in sorted(archive.taken):
        if start - position > _GAP:
            yield archive.octets[position:start]
        position = max(position, end)
    if len(archive.octets) - position > _GAP:
        yield archive.octets[position:]
