"""gateway.arriving.spool"""

import os
from pathlib import Path

import pytest

from gateway.arriving.spool import Spool, SpoolFull


@pytest.mark.parametrize("above", [0, 5, 1_000_000])
def test_bytes_come_back_as_they_went_in_from_memory_and_from_a_file(tmp_path: Path, above: int) -> None:
    """What was appended is read back whole and by ranges, wherever it is kept."""
    pieces = [b"", b"abc", b"\x00\r\n", b"x" * 300_000]
    whole = b"".join(pieces)
    with Spool(tmp_path, above) as spool:
        for piece in pieces:
            spool.append(piece)

        assert spool.size == len(whole)
        assert spool.octets() == whole
        assert b"".join(spool.chunks(2, 299_999)) == whole[2:299_999]
        assert b"".join(spool.chunks(5)) == whole[5:]
        assert (spool.descriptor is None) == (above > len(whole))


def test_the_file_has_no_name(tmp_path: Path) -> None:
    """A crash leaves nothing behind in the folder."""
    with Spool(tmp_path, 0) as spool:
        spool.append(b"secret")

        assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_our_failure(tmp_path: Path) -> None:
    """Where the file cannot be made the caller hears SpoolFull, and the text has no content."""
    with Spool(tmp_path / "absent", 3) as spool, pytest.raises(SpoolFull, match="absent") as caught:
        spool.append(b"content")

    assert "content" not in str(caught.value)


def test_a_full_disk_is_our_failure(tmp_path: Path) -> None:
    """Writing to a full device raises SpoolFull, never a plain OSError."""
    with Spool(tmp_path, 0) as spool:
        spool._file = os.open("/dev/full", os.O_WRONLY)

        with pytest.raises(SpoolFull, match="No space left"):
            spool.append(b"content")
