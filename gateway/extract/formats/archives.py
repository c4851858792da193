"""Archives other than ZIP, and compressed files, by libarchive: streamed, so that limits hold on real bytes.

Only readers of formats that are named here are switched on: none of them starts a program or opens a file.
"""

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.inflate import Unpacked, inflate, unbzip, unxz
from gateway.extract.formats.items import File, Inner, Item, Reading, Text
from gateway.extract.formats.strings import strings_of
from gateway.parse.labels import decode_best

_FORMATS = ("7zip", "rar", "rar5", "cab", "iso9660", "tar", "cpio", "ar", "lha", "xar")
_FILTERS = ("gzip", "bzip2", "xz", "lzma", "lzip", "zstd", "lz4", "compress")
_PACKED = (
    b"\x1f\x8b\x08",  # gzip
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"\x04\x22\x4d\x18",  # lz4
    b"LZIP",
    b"\x1f\x9d",  # compress
    b"\x5d\x00\x00",  # lzma
)
_SEVEN, _RAR, _CAB = b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF\0\0\0\0"
_STARTS = (_SEVEN, _RAR, _CAB, b"!<arch>\n", b"xar!\0\x1c", b"070701", b"070702", b"070707", *_PACKED)
_SKIPPED = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # frame that zstd and lz4 skip
_STREAMED = (b"!<arch>\n", b"070701", b"070702", b"070707", *_PACKED)  # read from front to end
_LHA = re.compile(rb"..-lh[0-7d]-", re.DOTALL)
_ISO = (0x8001, 0x8801, 0x9001)
_TAR_HEADER = 512
_WARN, _EOF = -20, 1
_ONE_FILTER = 2  # beside the octets as they are
_FOLDER = 0o040000
_GZIP, _COMMENTED, _NAMED, _MORE = b"\x1f\x8b\x08", 16, 8, 4  # RFC 1952 section 2.3
_OWNERS = re.compile(rb"ustar[ \0].{2}([^\0].{31})(.{32})", re.DOTALL)  # user and group (POSIX.1-1988 ustar)
_PAX = re.compile(rb"\d{1,8} (?:comment|[A-Z][\w.]+)=([^\n]{6,4000})\n")
_STEP = 1 << 16
_PASSWORD = re.compile(rb"encrypt|passphrase|password", re.IGNORECASE)
_VOLUME = re.compile(rb"volume|multi-?part|span", re.IGNORECASE)
_UNKNOWN = re.compile(rb"not supported|unsupported|unknown|unrecognized", re.IGNORECASE)
_RAR4_VOLUME, _RAR5_VOLUME = 0x0001, 0x0001


def is_archive(octets: bytes) -> bool:
    """By its first octets; tar by the sum of its header, iso by its descriptor."""
    if octets.startswith(_STARTS) or _SKIPPED.match(octets) or _LHA.match(octets):
        return not octets.startswith(b"\x5d\x00\x00") or _is_lzma(octets)
    return is_tar(octets) or any(octets[at : at + 5] == b"CD001" for at in _ISO)


def _is_lzma(octets: bytes) -> bool:
    size = octets[5:13]
    return len(size) == 8 and (size == b"\xff" * 8 or int.from_bytes(size, "little") < 1 << 40)


def is_tar(octets: bytes) -> bool:
    """The sum of the first header fits (POSIX.1-1988 pax)."""
    header = octets[:_TAR_HEADER]
    if len(header) < _TAR_HEADER or not header[0]:
        return False
    field = header[148:156].strip(b" \0")
    if not field or not field.isdigit():
        return False
    blanked = header[:148] + b" " * 8 + header[156:]
    try:
        return int(field, 8) == sum(blanked)
    except ValueError:
        return False


def read_archive(file: File, budget: Budget) -> Reading:
    """Every entry as a file. A file that is only compressed is an archive of one."""
    octets = _without_skipped(file.octets)
    skipped = strings_of(file.octets[: len(file.octets) - len(octets)])
    if skipped:
        yield Text(skipped, View.ALL)
    if _is_volume(octets):
        yield OpaqueReason.SPLIT_ARCHIVE
    said = _beside(octets)
    if said:
        yield Text(said, View.ALL)
    count = 0
    for item in _contents(octets, (*_FORMATS, "raw" if _is_packed(octets) else "empty"), budget):
        count += 1
        yield item
    if not count and _is_packed(octets):  # nothing but zeros looks like an empty tar
        yield from _contents(octets, ("raw",), budget)


def _beside(octets: bytes) -> str:
    """The comment of gzip, and what the headers of a tar say that has no meaning for it."""
    said: list[str] = []
    if is_tar(octets):
        said += [decode_best(found[1]) for found in _PAX.finditer(octets)]
        said += dict.fromkeys(
            decode_best(name.strip(b"\0")) for found in _OWNERS.finditer(octets) for name in found.groups()
        )
    if octets.startswith(_GZIP) and octets[3:4] and octets[3] & (_COMMENTED | _MORE):
        at = 10
        if octets[3] & _MORE:
            length = int.from_bytes(octets[at : at + 2], "little")
            said.append(strings_of(octets[at + 2 : at + 2 + length]))
            at += 2 + length
        for flag in (_NAMED, _COMMENTED):
            if octets[3] & flag:
                end = octets.find(b"\0", at)
                said.append(decode_best(octets[at : end if end >= 0 else len(octets)][:_STEP]))
                at = end + 1 if end >= 0 else len(octets)
    return "\n".join(said)


def _contents(octets: bytes, formats: Sequence[str], budget: Budget) -> Iterator[Item]:
    """The entries as these formats have them, then words behind the last."""
    library = _library()
    archive = library.archive_read_new()
    source = ctypes.create_string_buffer(octets, len(octets))
    try:
        for name in formats:
            _switch(library, "format", name)(archive)
        for name in _FILTERS:
            _switch(library, "filter", name)(archive)
        library.archive_read_set_options(archive, b"read_concatenated_archives")
        if library.archive_read_open_memory(archive, source, len(octets)) < _WARN:
            raise Unreadable(_reason(library, archive))
        yield from _entries(library, archive, octets, budget)
        if octets.startswith(_STREAMED) or is_tar(octets):
            rest = octets[library.archive_filter_bytes(archive, -1) :]
            if _is_packed(octets) and rest.strip(b"\0"):
                yield Inner(rest)
            elif said := strings_of(rest):
                yield Text(said, View.ALL)
        if library.archive_filter_count(archive) > _ONE_FILTER:
            yield _first_layer(octets, budget)
    finally:
        library.archive_read_free(archive)


def _first_layer(octets: bytes, budget: Budget) -> Item:
    """What is compressed several times, once undone: libarchive passes over what stands behind the inner streams."""
    into = Unpacked()
    data = memoryview(octets)
    if octets.startswith(_GZIP):
        inflate(data, budget, into, window=31)
    elif octets.startswith(b"BZh"):
        unbzip(data, budget, into)
    else:
        unxz(data, budget, into)
    return Inner(into.octets()) if into.whole else OpaqueReason.DAMAGED


def _is_packed(octets: bytes) -> bool:
    return octets.startswith(_PACKED)


def _without_skipped(octets: bytes) -> bytes:
    """Without the frames at the start that decompressors of zstd and lz4 pass over."""
    at = 0
    while _SKIPPED.match(octets, at):
        at += 8 + int.from_bytes(octets[at + 4 : at + 8], "little")
    return octets[at:] if at else octets


def _is_volume(octets: bytes) -> bool:
    if octets.startswith(_RAR + b"\x00"):
        return bool(int.from_bytes(octets[10:12], "little") & _RAR4_VOLUME)
    if octets.startswith(_RAR + b"\x01\x00"):
        return bool(_rar5_flags(octets) & _RAR5_VOLUME)
    if octets.startswith(_CAB):
        return bool(int.from_bytes(octets[30:32], "little") & 0x3)
    return False


def _rar5_flags(octets: bytes) -> int:
    """Flags of the main header: after its sum come its size, kind, flags, perhaps an extra size, then its own flags."""
    values: list[int] = []
    at = 12
    while len(values) < 5 and at < len(octets):
        value, shift = 0, 0
        while at < len(octets):
            octet = octets[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if not octet & 0x80:
                break
        values.append(value)
    if len(values) < 5:
        return 0
    return values[4] if values[2] & 1 else values[3]


def _entries(library: Any, archive: Any, packed: bytes, budget: Budget) -> Iterator[Item]:
    entry = ctypes.c_void_p()
    while True:
        status = library.archive_read_next_header(archive, ctypes.byref(entry))
        if status == _EOF:
            return
        if status < _WARN:
            yield _reason(library, archive)
            return
        budget.check_time()
        name = _name(library, entry)
        target = _target(library, entry)
        if target:
            yield Text(target, View.ALL)
        if library.archive_entry_filetype(entry) == _FOLDER:
            yield Text(name, View.ALL)
            continue
        budget.entry()
        if library.archive_entry_is_encrypted(entry) > 0:
            yield Inner(b"", name)
            yield OpaqueReason.ENCRYPTED_ARCHIVE
            continue
        octets, fault = _data(library, archive, len(packed), budget)
        if name == "data" and _is_packed(packed):
            name = ""
        yield Inner(octets, name)
        if fault is not None:
            yield fault


def _data(library: Any, archive: Any, packed: int, budget: Budget) -> tuple[bytes, OpaqueReason | None]:
    """The octets of an entry, up to a fault. Raises Unreadable at a limit."""
    buffer = ctypes.create_string_buffer(_STEP)
    pieces: list[bytes] = []
    size = 0
    while True:
        read = library.archive_read_data(archive, buffer, _STEP)
        if read == 0:
            return b"".join(pieces), None
        if read < 0:
            return b"".join(pieces), _reason(library, archive)
        budget.check_time()
        size += read
        budget.ratio(packed, size)
        budget.unpacked(read)
        pieces.append(buffer.raw[:read])


def _name(library: Any, entry: Any) -> str:
    wide = library.archive_entry_pathname_w(entry)
    if wide:
        return str(wide)
    narrow = library.archive_entry_pathname(entry)
    return narrow.decode("utf-8", "replace") if narrow else ""


def _target(library: Any, entry: Any) -> str:
    """Where a link leads."""
    return "\n".join(where.decode("utf-8", "replace") for ask in _links(library) if (where := ask(entry)))


def _links(library: Any) -> tuple[Callable[[Any], bytes | None], ...]:
    return library.archive_entry_symlink, library.archive_entry_hardlink


def _reason(library: Any, archive: Any) -> OpaqueReason:
    """What libarchive's words about a fault come to."""
    words = library.archive_error_string(archive) or b""
    if _PASSWORD.search(words):
        return OpaqueReason.ENCRYPTED_ARCHIVE
    if _VOLUME.search(words):
        return OpaqueReason.SPLIT_ARCHIVE
    return OpaqueReason.UNSUPPORTED_FORMAT if _UNKNOWN.search(words) else OpaqueReason.DAMAGED


def _switch(library: Any, kind: str, name: str) -> Callable[[Any], int]:
    switch: Callable[[Any], int] = getattr(library, f"archive_read_support_{kind}_{name}")
    return switch


@cache
def _library() -> Any:
    """libarchive, found by libarchive-c, with functions that raise nothing."""
    import libarchive.ffi

    library = ctypes.CDLL(libarchive.ffi.libarchive_path)
    library.archive_read_new.restype = ctypes.c_void_p
    for name in (*_FORMATS, "raw", "empty"):
        _switch(library, "format", name).argtypes = [ctypes.c_void_p]  # type: ignore[attr-defined]
    for name in _FILTERS:
        _switch(library, "filter", name).argtypes = [ctypes.c_void_p]  # type: ignore[attr-defined]
    library.archive_read_open_memory.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    library.archive_read_next_header.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.archive_read_data.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    library.archive_read_data.restype = ctypes.c_ssize_t
    library.archive_read_set_options.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.archive_filter_bytes.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.archive_filter_bytes.restype = ctypes.c_int64
    library.archive_filter_count.argtypes = [ctypes.c_void_p]
    library.archive_read_free.argtypes = [ctypes.c_void_p]
    library.archive_error_string.argtypes = [ctypes.c_void_p]
    library.archive_error_string.restype = ctypes.c_char_p
    library.archive_entry_filetype.argtypes = [ctypes.c_void_p]
    library.archive_entry_is_encrypted.argtypes = [ctypes.c_void_p]
    library.archive_entry_pathname_w.argtypes = [ctypes.c_void_p]
    library.archive_entry_pathname_w.restype = ctypes.c_wchar_p
    for ask in _links(library):
        ask.argtypes = [ctypes.c_void_p]  # type: ignore[attr-defined]
        ask.restype = ctypes.c_char_p  # type: ignore[attr-defined]
    library.archive_entry_pathname.argtypes = [ctypes.c_void_p]
    library.archive_entry_pathname.restype = ctypes.c_char_p
    return library
