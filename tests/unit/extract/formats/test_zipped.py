"""ZIP archives."""

import io
import struct
import zipfile
import zlib

import pytest

from gateway.core.limits import Limits
from tests.makers.found import Attached
from tests.makers.office import zipped

SECRET = "SSN 219-09-9999"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_entry_is_read_whatever_packs_it(attached: Attached, method: int) -> None:
    """Text, and the names of the files."""
    found = attached(zipped({"folder/smith.txt": SECRET}, method=method))

    assert SECRET in found.text
    assert "folder/smith.txt" in found.names
    assert found.reasons == []


def test_archives_in_archives_are_read(attached: Attached) -> None:
    """Their paths count the files, since names may be protected."""
    found = attached(zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": SECRET})})}))

    assert [s.part_path for s in found.content.segments if s.text == SECRET] == ["1/1.1.1"]


def test_entry_that_the_directory_does_not_name_is_read(attached: Attached) -> None:
    """Some programs believe the headers before the entries."""
    whole = zipped({"hidden.txt": SECRET, "shown.txt": "hello"}, method=zipfile.ZIP_STORED)
    directory = whole.index(b"PK\1\2")
    second = whole.index(b"PK\1\2", directory + 4)
    end = whole.index(b"PK\5\6")
    record = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, end - second, directory, 0)
    found = attached(whole[:directory] + whole[second:end] + record)

    assert (SECRET in found.text, "hello" in found.text) == (True, True)


@pytest.mark.parametrize("before", [b"GIF89a", b"\0" * 70_000 + SECRET.encode(), b"#!/bin/sh\n"])
def test_junk_before_an_archive_does_not_hide_it(attached: Attached, before: bytes) -> None:
    """Programs look for the directory from the end."""
    assert SECRET in attached(before + zipped({"a.txt": SECRET})).text


def test_encrypted_entry_is_named_and_the_others_are_read(attached: Attached) -> None:
    """Its name can be read, too."""
    octets = bytearray(zipped({"locked.txt": "x" * 20, "open.txt": SECRET}))
    octets[6] |= 1
    octets[octets.index(b"PK\1\2") + 8] |= 1
    found = attached(bytes(octets))

    assert found.reasons == ["encrypted-archive"]
    assert (SECRET in found.text, "locked.txt" in found.names) == (True, True)


def test_comment_is_read(attached: Attached) -> None:
    """Of the archive as a whole."""
    assert SECRET in attached(zipped({"a.txt": "x"}, comment=SECRET.encode())).text


def test_declared_size_is_not_believed(attached: Attached) -> None:
    """An entry that says it is empty and is not."""
    octets = bytearray(zipped({"a.txt": SECRET * 9}))
    at = octets.index(b"PK\1\2")
    octets[at + 24 : at + 28] = bytes(4)
    octets[22:26] = bytes(4)

    assert SECRET in attached(bytes(octets)).text


def test_damaged_entry_is_named(attached: Attached) -> None:
    """What comes before the fault is read."""
    octets = bytearray(zipped({"a.txt": SECRET + "\n" * 200}))
    at = octets.index(b"PK\1\2")
    octets[at - 8 : at - 2] = b"\xff" * 6
    found = attached(bytes(octets))

    assert "damaged" in found.reasons


def test_bombs_end_at_their_limits(attached: Attached) -> None:
    """On real bytes: of a file, of all files, their number, their depth."""
    flat = zipped({"a": bytes(6 << 20)})
    deep = zipped({"a.txt": SECRET})
    for _ in range(40):
        deep = zipped({"a.zip": deep})
    many = zipped({f"{number}": b"x" for number in range(300)})

    assert attached(flat).reasons == ["limit-ratio"]
    assert "limit-unpacked" in attached(flat, Limits(unpacked_bytes=1 << 20)).reasons
    assert "limit-depth" in attached(deep).reasons
    assert attached(many, Limits(entries=100)).reasons == ["limit-entries"]


def test_time_ends_reading(attached: Attached) -> None:
    """A clock that runs fast."""
    ticks = iter(range(0, 100_000, 5))
    found = attached(zipped({f"{n}.txt": "x" for n in range(20)}), clock=lambda: float(next(ticks)))

    assert "limit-seconds" in found.reasons


def test_volume_of_several_is_named(attached: Attached) -> None:
    """The directory is in another file."""
    target = io.BytesIO(zipped({"a.txt": SECRET * 40}))
    octets = bytearray(target.getvalue())
    end = octets.index(b"PK\5\6")
    octets[end + 4 : end + 8] = struct.pack("<HH", 1, 1)

    assert "split-archive" in attached(bytes(octets)).reasons


def test_what_stands_behind_a_stream_inside_its_entry_is_read(attached: Attached) -> None:
    """The entry declares more octets than its stream has: programs stop where the stream ends."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(b"hello") + packer.flush()
    held = stream + SECRET.encode()
    sizes = struct.pack("<III", zlib.crc32(b"hello"), len(held), 5)
    common = struct.pack("<HHHHH", 20, 0, 8, 0, 0x21) + sizes + struct.pack("<HH", 1, 0)
    local = b"PK\3\4" + common + b"a" + held
    directory = b"PK\1\2" + struct.pack("<H", 20) + common + bytes(10) + struct.pack("<I", 0) + b"a"
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(local), 0)
    found = attached(local + directory + end)

    assert SECRET in found.text
    assert "damaged" in found.reasons


def test_a_heap_of_headers_is_cut_and_said_to_be(attached: Attached) -> None:
    """Each claims what follows for its name: sixty thousand of them would be read for a minute."""
    found = attached(b"PK\3\4" * 60_000)

    assert "limit-entries" in found.reasons
    assert len(found.content.segments) < 20_000
