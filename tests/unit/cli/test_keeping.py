"""Compiled patterns are kept where nobody else could have written, and are never taken on trust."""

import os
from pathlib import Path

import pytest

from gateway.cli.keeping import MOST_FILES, Kept, cache_folder
from gateway.detect import database
from gateway.detect.database import Expression, Occurrences, adopt, compiled, keep_on, recalled

KEY = "ab" * 32


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A shelf in a folder that it makes itself."""
    return Kept(tmp_path / "cache" / "gatepost")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has compiled nothing."""
    monkeypatch.setattr(database, "_memory", database._Memory())


def test_what_is_put_is_found_again(kept: Kept) -> None:
    """Byte by byte, under its key alone."""
    kept.put(KEY, b"octets")

    assert kept.get(KEY) == b"octets"
    assert kept.get("cd" * 32) is None


def test_folder_and_files_are_for_their_user_alone(kept: Kept, tmp_path: Path) -> None:
    """0700 and 0600, whatever the umask is."""
    old = os.umask(0)
    try:
        kept.put(KEY, b"octets")
    finally:
        os.umask(old)

    folder = tmp_path / "cache" / "gatepost"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / KEY).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["byte", "key", "short"])
def test_a_changed_file_is_not_believed(kept: Kept, tmp_path: Path, place: str) -> None:
    """A byte turned, a file under another name, or one cut off: as if it were not there."""
    kept.put(KEY, b"octets")
    file = tmp_path / "cache" / "gatepost" / KEY
    octets = bytearray(file.read_bytes())
    if place == "byte":
        octets[-1] ^= 1
        file.write_bytes(octets)
    elif place == "key":
        file.rename(file.with_name("cd" * 32))
    else:
        file.write_bytes(octets[:10])

    assert kept.get(KEY) is None
    assert kept.get("cd" * 32) is None


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_others_could_write_is_not_read(kept: Kept, tmp_path: Path, what: str) -> None:
    """Group or world may write: whoever they are, they must not choose what native code loads."""
    kept.put(KEY, b"octets")
    folder = tmp_path / "cache" / "gatepost"
    (folder if what == "folder" else folder / KEY).chmod(0o770)

    assert kept.get(KEY) is None


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_link_is_not_followed(kept: Kept, tmp_path: Path, what: str) -> None:
    """Also where what it leads to is ours."""
    kept.put(KEY, b"octets")
    path = tmp_path / "cache" / "gatepost"
    if what == "file":
        path = path / KEY
    moved = path.rename(tmp_path / "moved")
    path.symlink_to(moved)

    assert kept.get(KEY) is None


def test_old_files_go(kept: Kept, tmp_path: Path) -> None:
    """A folder of a few compiled rule sets, not of all there ever were."""
    for number in range(MOST_FILES + 3):
        kept.put(f"{number:064d}", b"x")

    assert len(list((tmp_path / "cache" / "gatepost").iterdir())) == MOST_FILES


@pytest.mark.usefixtures("fresh")
def test_a_second_process_compiles_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on the shelf is loaded, and finds the same."""
    expressions = [Expression(b"abc"), Expression(b"x.*y"), Expression(b"$^")]
    keep_on(kept)
    first = Occurrences(expressions).of(b"an ABC, x and y")
    monkeypatch.setattr(database, "_memory", database._Memory())
    monkeypatch.setattr(database, "_compile", None)  # calling it would fail
    keep_on(kept)

    assert Occurrences(expressions).of(b"an ABC, x and y") == first


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("is_recalled", [False, True])
@pytest.mark.parametrize("octets", [b"", b"\n", b"x\ny", b"0\nnot a database"])
def test_a_database_that_does_not_load_is_compiled_anew(kept: Kept, octets: bytes, *, is_recalled: bool) -> None:
    """Made by another Hyperscan or on another processor, say: the shelf is a help, never a need."""
    expressions = (Expression(b"abc"),)
    kept.put(database._key(expressions), octets)
    keep_on(kept)
    if is_recalled:
        recalled([database._key(expressions)])

    assert Occurrences(expressions).of(b"abc") == [0]
    assert Occurrences(expressions).of(b"xyz") == []


@pytest.mark.usefixtures("fresh")
def test_a_process_takes_over_what_another_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers of `serve` need no folder for it."""
    Occurrences([Expression(b"abc")])
    done = compiled()
    monkeypatch.setattr(database, "_memory", database._Memory())
    monkeypatch.setattr(database, "_compile", None)

    adopt(done)

    assert Occurrences([Expression(b"abc")]).of(b"xabcx") == [0]


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"HOME": "/home/pat"}, "/home/pat/.cache/gatepost"),
        ({"HOME": "/home/pat", "XDG_CACHE_HOME": "/fast"}, "/fast/gatepost"),
        ({"HOME": "/home/pat", "XDG_CACHE_HOME": "relative"}, "/home/pat/.cache/gatepost"),
        ({}, None),
    ],
)
def test_where_it_is_kept(environ: dict[str, str], folder: str | None) -> None:
    """Where the desktop says, or nowhere."""
    assert cache_folder(environ) == (Path(folder) if folder else None)
