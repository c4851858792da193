"""Archives other than ZIP, messages as files, DICOM, drawings."""

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from tests.makers.archives import packed, rar
from tests.makers.found import Attached
from tests.makers.office import zipped

SECRET = "SSN 219-09-9999"


def _lzma(octets: bytes) -> bytes:
    """As programs wrote it before .xz."""
    return lzma.compress(octets, format=lzma.FORMAT_ALONE)


FILES = {"folder/smith.txt": SECRET.encode()}


@pytest.mark.parametrize(
    ("form", "filter_name"),
    [
        ("7zip", None),
        ("gnutar", None),
        ("pax", "gzip"),
        ("ustar", "bzip2"),
        ("ustar", "xz"),
        ("ustar", "zstd"),
        ("ustar", "lz4"),
        ("cpio_newc", None),
        ("iso9660", None),
        ("xar", None),
        ("ar_bsd", None),
    ],
)
def test_archive_is_read(attached: Attached, form: str, filter_name: str | None) -> None:
    """By its first octets; names are text."""
    files = {"smith.txt": SECRET.encode()} if form == "ar_bsd" else FILES
    found = attached(packed(files, form, filter_name))

    assert SECRET in found.text
    assert any(name.lower().startswith(("folder", "smith")) for name in found.names)
    assert found.reasons == []


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_file_that_is_only_compressed_is_read(attached: Attached, pack: object) -> None:
    """An archive of one; twice, too."""
    assert callable(pack)
    assert SECRET in attached(pack(SECRET.encode())).text
    assert SECRET in attached(pack(pack(zipped({"a": SECRET})))).text


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, _lzma])
def test_what_stands_behind_compressed_data_is_read(attached: Attached, pack: Callable[[bytes], bytes]) -> None:
    """Words, and more compressed data of another kind; within another such file, too. An .xz is damaged by that."""
    words, data = pack(b"nothing") + SECRET.encode(), pack(b"nothing") + _lzma(SECRET.encode())

    for found in map(attached, (words, gzip.compress(words), data)):
        assert SECRET in found.text or (pack is lzma.compress and "damaged" in found.reasons)


def test_zeros_behind_compressed_data_are_nothing(attached: Attached) -> None:
    """Tapes and disks are filled with them."""
    found = attached(gzip.compress(SECRET.encode()) + bytes(2_000))

    assert (SECRET in found.text, found.reasons) == (True, [])


def test_rar_is_read_and_its_locked_files_named(attached: Attached) -> None:
    """Inside a ZIP as well."""
    assert SECRET in attached(rar(FILES)).text
    assert SECRET in attached(zipped({"x.rar": rar(FILES)})).text
    assert attached(rar(FILES, flags=0x04)).reasons == ["encrypted-archive"]
    assert "split-archive" in attached(rar(FILES, volume=1)).reasons


@pytest.mark.parametrize("form", ["7zip", "gnutar"])
def test_cut_archive_is_named(attached: Attached, form: str) -> None:
    """Its end is missing."""
    octets = packed({"a.txt": SECRET.encode() * 200}, form)

    assert "damaged" in attached(octets[: len(octets) // 2]).reasons


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_bomb_ends_at_its_limit(attached: Attached, pack: object) -> None:
    """On real bytes."""
    assert callable(pack)
    octets = pack(bytes(12 << 20))

    assert attached(octets).reasons == ["limit-ratio"]
    assert attached(octets, Limits(unpacked_bytes=1 << 20, ratio=2_000_000)).reasons == ["limit-unpacked"]


def test_message_in_an_archive_is_read_with_its_parts(attached: Attached) -> None:
    """Through base64, as the message itself."""
    mail = (
        "From: a@clinic.example\r\nTo: b@partner.example\r\nSubject: Papers\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "U1NOIDIxOS0wOS05OTk5\r\n--q--\r\n"
    )
    found = attached(zipped({"x.dat": mail}))
    box = "From MAILER Mon Mar  2 10:00:00 2026\r\n" + mail + "\r\nFrom MAILER Mon Mar  2 10:01:00 2026\r\n" + mail

    assert SECRET in found.text
    assert any(segment.part_path == "1/1.1/1.1" for segment in found.content.segments)
    assert attached(box.encode()).text.count(SECRET) >= 2


def test_words_of_an_image_from_a_scanner_are_read(attached: Attached) -> None:
    """DICOM: what its fields say stands beside their names; the picture is named as unread."""

    def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
        return struct.pack("<HH", group, number) + kind + struct.pack("<H", len(value)) + value

    octets = bytes(128) + b"DICM" + element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0")
    octets += element(0x10, 0x10, b"PN", b"Doe^Jane") + element(0x10, 0x20, b"LO", b"4482913 ")
    octets += element(0x10, 0x30, b"DA", b"19610304")
    octets += struct.pack("<HH", 0x7FE0, 0x10) + b"OW\0\0" + struct.pack("<I", 4) + bytes(4)
    found = attached(octets)

    assert "Patient name: Doe Jane\nPatient ID: 4482913\nPatient date of birth: 03/04/1961" in found.visible
    assert found.reasons == ["unsupported-format"]


def test_packed_data_set_is_named_as_unread(attached: Attached) -> None:
    """DICOM's deflated transfer syntax (PS3.5 A.5)."""
    meta = struct.pack("<HH", 2, 0x10) + b"UI" + struct.pack("<H", 22) + b"1.2.840.10008.1.2.1.99"

    assert attached(bytes(128) + b"DICM" + meta + b"packed data set").reasons == ["unsupported-format"]


def test_words_of_a_drawing_are_read(attached: Attached) -> None:
    """A record of text in an enhanced metafile."""
    words = SECRET.encode("utf-16-le")
    text = struct.pack("<II", 84, 76 + len(words)) + bytes(36) + struct.pack("<II", len(SECRET), 76) + bytes(24) + words
    head = struct.pack("<II", 1, 88) + bytes(32) + b" EMF" + bytes(44)

    assert SECRET in attached(head + text).visible
