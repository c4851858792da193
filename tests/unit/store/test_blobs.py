"""Sealed blobs: format, tampering, crashes, full disks."""

import hashlib
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.store.blobs import Blobs, BlobStore, check_item_id
from gateway.store.errors import BlobDamaged, BlobMissing, StoreUnavailable
from gateway.store.keyring import Keyring, wrapped_by
from gateway.store.sealing import CHUNK, SALT, TAG, read_header
from tests.unit.store.conftest import Place

ITEM = "3f9a-0001"
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17]


def _path(folder: Path, item_id: str = ITEM) -> Path:
    return next((folder / "blobs").rglob(f"{item_id}.sealed"))


def _read(blobs: BlobStore, item_id: str = ITEM) -> bytes:
    return b"".join(blobs.read(item_id))


def _left_behind(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file() and path.name != ".lock"]


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(store: BlobStore, size: int) -> None:
    """Sizes at and around the borders of chunks round-trip, and put says how many bytes there were."""
    octets = os.urandom(size)

    assert store.put(ITEM, [octets]) == size
    assert _read(store) == octets


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=3 * CHUNK // 2), max_size=6))
def test_how_the_message_is_cut_into_chunks_does_not_matter(store: BlobStore, chunks: list[bytes]) -> None:
    """Any sequence of chunks, empty ones too, is the same as their sum."""
    store.put(ITEM, chunks)

    assert _read(store) == b"".join(chunks)


def test_nothing_of_the_message_is_readable_on_disk(blobs: Blobs, tmp_path: Path) -> None:
    """A canary in the message is nowhere under the folder; the file is its owner's alone."""
    blobs.put(ITEM, [b"CANARY-4711 " * 10_000])

    path = _path(tmp_path)
    assert b"CANARY" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_message_twice_is_sealed_differently(store: BlobStore, place: Place) -> None:
    """Each blob has a data key of its own."""
    store.put("item-a", [b"same"])
    store.put("item-b", [b"same"])

    assert place.sealed("item-a")[-20:] != place.sealed("item-b")[-20:]


def test_every_changed_byte_is_refused(store: BlobStore, place: Place) -> None:
    """Header, every byte class of the chunks and tags: one flipped bit, and nothing wrong is given out."""
    octets = os.urandom(2 * CHUNK + 100)
    store.put(ITEM, [octets])
    sealed = place.sealed(ITEM)
    body = len(sealed) - len(octets) - 3 * TAG
    chunk = CHUNK + TAG
    borders = [body + n * chunk + d for n in (0, 1, 2) for d in (-TAG, -1, 0, 1, 99)]
    positions = [*range(0, body, place.step), *borders, len(sealed) - TAG, len(sealed) - 1]

    for position in positions:
        changed = bytearray(sealed)
        changed[position] ^= 0x80
        place.change(ITEM, bytes(changed))
        given_out: list[bytes] = []
        with pytest.raises(BlobDamaged):
            given_out.extend(store.read(ITEM))
        assert octets.startswith(b"".join(given_out))


def test_every_cut_is_refused(store: BlobStore, place: Place) -> None:
    """A file cut anywhere, at the border of a chunk too, is refused; so is one with something behind it."""
    store.put(ITEM, [os.urandom(2 * CHUNK)])
    sealed = place.sealed(ITEM)
    body = len(sealed) - 3 * TAG - 2 * CHUNK
    assert body + 2 * (CHUNK + TAG) + TAG == len(sealed)
    lengths = [
        *range(0, body + 20, place.step),
        body + TAG + CHUNK,
        body + TAG + CHUNK + 5,
        len(sealed) - TAG,
        len(sealed) - 1,
    ]

    for octets in [*(sealed[:length] for length in lengths), sealed + b"\0", sealed + sealed[body:]]:
        place.change(ITEM, octets)
        with pytest.raises(BlobDamaged):
            _read(store)


def test_chunks_in_another_order_are_refused(store: BlobStore, place: Place) -> None:
    """Two whole chunks that changed places are refused."""
    store.put(ITEM, [os.urandom(3 * CHUNK + 1)])
    sealed, chunk = place.sealed(ITEM), CHUNK + TAG
    body = len(sealed) - 3 * chunk - 1 - TAG
    first, second = sealed[body : body + chunk], sealed[body + chunk : body + 2 * chunk]
    place.change(ITEM, sealed[:body] + second + first + sealed[body + 2 * chunk :])

    with pytest.raises(BlobDamaged, match="chunk 0"):
        _read(store)


def test_a_blob_of_another_item_is_refused(store: BlobStore, place: Place) -> None:
    """Neither a whole file nor its body under the right header passes for another item."""
    store.put("item-a", [b"a" * 100])
    store.put("item-b", [b"b" * 100])
    a, b = place.sealed("item-a"), place.sealed("item-b")
    header_a, body_b = a[: -100 - TAG], b[-100 - TAG :]

    place.change("item-b", a)
    with pytest.raises(BlobDamaged, match="another item"):
        _read(store, "item-b")
    place.change("item-a", header_a + body_b)
    with pytest.raises(BlobDamaged):
        _read(store, "item-a")


def test_folders_of_a_process_that_died_are_synced_by_the_next(
    tmp_path: Path, keyring: Keyring, synced: list[int]
) -> None:
    """Killed between making a folder and syncing its name: what is put there later must not go with the power."""
    (tmp_path / "store" / "ab").mkdir(parents=True)
    Blobs(tmp_path / "store", keyring)

    assert (tmp_path / "store").stat().st_ino in synced


def test_a_missing_blob_is_told_apart(store: BlobStore) -> None:
    """Nothing there is BlobMissing; deleting it says so."""
    with pytest.raises(BlobMissing):
        store.read(ITEM)

    assert store.delete(ITEM) is False
    assert store.exists(ITEM) is False


def test_a_deleted_blob_is_gone(store: BlobStore, place: Place) -> None:
    """Nothing of it is left."""
    store.put(ITEM, [b"x"])

    assert store.delete(ITEM) is True
    assert place.left() == 0


@pytest.mark.parametrize("item_id", ["", "A", "a/b", "..", ".x", "-a", "a" * 65, "ä", "a\n", "a b", "a\0"])
def test_only_our_own_ids_become_file_names(store: BlobStore, item_id: str) -> None:
    """Anything else is refused before a file is touched."""
    with pytest.raises(ValueError, match="item id"):
        check_item_id(item_id)
    with pytest.raises(ValueError, match="item id"):
        store.put(item_id, [b"x"])


def test_an_error_of_the_source_passes_and_leaves_nothing(store: BlobStore, place: Place) -> None:
    """What the message's source raises is the caller's, an OSError too; nothing is left."""

    def broken() -> Iterator[bytes]:
        yield b"x" * CHUNK * 2
        raise FileNotFoundError("the spool")

    with pytest.raises(FileNotFoundError, match="the spool"):
        store.put(ITEM, broken())

    assert place.left() == 0


def test_a_failed_put_keeps_the_old_blob(blobs: Blobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A disk that fails at fsync costs the new blob only."""
    blobs.put(ITEM, [b"old"])

    def failing(fd: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(StoreUnavailable, match="Input/output error"):
            blobs.put(ITEM, [b"new"])

    assert _read(blobs) == b"old"
    assert len(_left_behind(tmp_path)) == 1


def test_a_full_disk_is_unavailable_and_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    """Past RLIMIT_FSIZE a write fails with EFBIG, as on a full disk with ENOSPC."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK * 3, CHUNK * 3))
        try:
            blobs.put(ITEM, [b"x" * CHUNK] * 10)
        except StoreUnavailable as error:
            os._exit(0 if "File too large" in str(error) else 2)
        finally:
            os._exit(3)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _left_behind(tmp_path) == []


def test_a_put_killed_in_the_middle_is_not_there_and_is_swept(blobs: Blobs, tmp_path: Path) -> None:
    """SIGKILL in mid-write leaves a temporary file, never a blob; sweeping removes it only when it is old."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:

        def slow() -> Iterator[bytes]:
            yield b"x" * CHUNK * 40
            os.write(told, b"!")
            signal.pause()

        blobs.put(ITEM, slow())
        os._exit(1)
    assert os.read(ready, 1) == b"!"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ready)
    os.close(told)

    assert blobs.exists(ITEM) is False
    assert len(_left_behind(tmp_path)) == 1
    assert blobs.sweep_temporaries(3_600) == 0
    assert blobs.sweep_temporaries(-1) == 1
    assert _left_behind(tmp_path) == []


def test_the_file_is_synced_before_it_has_its_name(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order on disk: fsync of the file, rename, fsync of the folder."""
    order: list[str] = []
    sync, rename = os.fsync, Path.replace

    def noted_sync(fd: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file")  # noqa: PTH112
        sync(fd)

    def noted_rename(path: Path, target: Path) -> Path:
        order.append("rename")
        return rename(path, target)

    blobs.put(ITEM, [b"first, so that the folders are there"])
    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_rename)
    blobs.put(ITEM, [b"x"])

    assert order == ["file", "rename", "folder"]


def test_rewrapping_changes_the_key_and_nothing_else(store: BlobStore, keyring_file: Path, place: Place) -> None:
    """After a rotation each blob can be moved to the new key; doing it again does nothing."""
    octets = os.urandom(CHUNK + 9)
    store.put(ITEM, [octets])
    rotated = Keyring.rotate(keyring_file)
    moved = place.blobs(rotated)

    assert moved.rewrap(ITEM) is True
    assert moved.rewrap(ITEM) is False
    assert _read(moved) == octets
    assert wrapped_by(read_header(BytesIO(place.sealed(ITEM)), ITEM).wrapped) == rotated.current_id
    assert place.left() == 1


def test_a_damaged_blob_is_not_rewrapped(store: BlobStore, keyring_file: Path, place: Place) -> None:
    """It stays as it was, as evidence."""
    store.put(ITEM, [b"x"])
    octets = bytearray(place.sealed(ITEM))
    octets[8 + len(ITEM) + SALT + 30] ^= 1
    place.change(ITEM, bytes(octets))

    with pytest.raises(BlobDamaged):
        place.blobs(Keyring.rotate(keyring_file)).rewrap(ITEM)

    assert place.sealed(ITEM) == bytes(octets)
    assert place.left() == 1


def test_rewrapping_never_brings_a_deleted_blob_back(
    blobs: Blobs, keyring_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blob deleted while it is copied stays deleted."""
    blobs.put(ITEM, [b"x"])
    rotated = Blobs(tmp_path / "blobs", Keyring.rotate(keyring_file))
    utime = os.utime

    def meanwhile(path: Path, ns: tuple[int, int]) -> None:
        utime(path, ns=ns)
        blobs.delete(ITEM)

    monkeypatch.setattr(os, "utime", meanwhile)

    assert rotated.rewrap(ITEM) is False
    assert _left_behind(tmp_path) == []


def test_a_sweep_spares_what_was_stored_meanwhile(blobs: Blobs, tmp_path: Path) -> None:
    """delete_older looks at the age under the lock."""
    blobs.put(ITEM, [b"old"])
    old = time.time() - 7_200
    os.utime(_path(tmp_path), (old, old))
    blobs.put(ITEM, [b"new"])

    assert blobs.delete_older(ITEM, 3_600) is False
    assert _read(blobs) == b"new"


def test_ids_lists_every_blob_once(store: BlobStore) -> None:
    """Whatever folders they are in."""
    names = {f"item-{number}" for number in range(50)}
    for name in names:
        store.put(name, [b"x"])

    assert sorted(store.ids()) == sorted(names)


def test_many_threads_put_and_read(store: BlobStore) -> None:
    """Blobs has no state between calls."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                octets = bytes([number]) * (turn * 30_000)
                store.put(f"item-{number}", [octets])
                assert _read(store, f"item-{number}") == octets
        except BaseException as error:  # noqa: BLE001  # told to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_rewrapping_keeps_the_age_of_a_file(blobs: Blobs, keyring_file: Path, tmp_path: Path) -> None:
    """The sweep of orphans goes by it."""
    blobs.put(ITEM, [b"x"])
    before = _path(tmp_path).stat().st_mtime

    assert Blobs(tmp_path / "blobs", Keyring.rotate(keyring_file)).rewrap(ITEM) is True
    assert _path(tmp_path).stat().st_mtime == before


def test_a_later_put_takes_the_place_of_an_earlier_one(store: BlobStore, place: Place) -> None:
    """One blob an item."""
    store.put(ITEM, [b"old"])
    store.put(ITEM, [b"new"])

    assert _read(store) == b"new"
    assert place.left() == 1


def test_what_is_young_is_not_swept(store: BlobStore) -> None:
    """By its age at this moment; the ids of others do not matter."""
    store.put(ITEM, [b"x"])
    store.put(f"{ITEM}0", [b"y"])

    assert store.delete_older(ITEM, 3_600) is False
    assert store.delete_older(ITEM, -60) is True
    assert list(store.ids()) == [f"{ITEM}0"]
    assert store.delete_older(ITEM, -60) is False


def test_a_digest_is_of_the_sealed_octets(store: BlobStore, place: Place) -> None:
    """What a tombstone says can be compared with a copy that somebody kept."""
    store.put(ITEM, [b"x" * CHUNK * 2])

    assert store.digest(ITEM) == hashlib.sha256(place.sealed(ITEM)).hexdigest()
