"""Sealed blobs, and those on the file system: one file an item."""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from gateway.store.durable import TEMPORARY, fsync_folder, locked, make_folder, new_file, publish
from gateway.store.errors import BlobMissing, StoreUnavailable, os_problem
from gateway.store.keyring import Keyring, wrapped_by
from gateway.store.sealing import Header, new_header, read_header, rewrapped, seal, unseal

ITEM_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
SUFFIX = ".sealed"
SHREDDED = 4_096  # bytes; no header is longer


def check_item_id(item_id: str) -> str:
    """ValueError for anything but our own ids: they become file names."""
    if not ITEM_ID.fullmatch(item_id):
        raise ValueError("an item id has 1 to 64 characters of a-z, 0-9 and -")
    return item_id


class BlobStore(Protocol):
    """What `Blobs` and `gateway.store.objects.ObjectBlobs` have in common; each method as it is told there."""

    def put(self, item_id: str, chunks: Iterable[bytes]) -> int: ...

    def read(self, item_id: str) -> Iterator[bytes]: ...

    def digest(self, item_id: str) -> str: ...

    def exists(self, item_id: str) -> bool: ...

    def delete(self, item_id: str) -> bool: ...

    def delete_older(self, item_id: str, seconds: float) -> bool: ...

    def rewrap(self, item_id: str) -> bool: ...

    def ids(self) -> Iterator[str]: ...

    def hidden(self) -> Iterator[str]: ...

    def sweep_temporaries(self, seconds: float) -> int: ...


@contextmanager
def _storing(what: str) -> Iterator[None]:
    """OSError becomes StoreUnavailable."""
    try:
        yield
    except FileNotFoundError:
        raise BlobMissing(f"{what}: there is no such blob") from None
    except OSError as error:
        raise StoreUnavailable(f"{what}: {os_problem(error)}") from None


class Blobs:
    """Put, read and delete sealed blobs; safe from many threads and processes.

    Files are spread over 256 folders by the first two hex digits of the id's SHA-256, so that ids that begin with a
    time spread too. Changing a name (publish, delete) happens under a flock of the whole store.
    """

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring
        with _storing("the blob store cannot be opened"):
            make_folder(folder)
            fsync_folder(folder)  # the names of folders that a process made and did not live to sync

    def put(self, item_id: str, chunks: Iterable[bytes]) -> int:
        """Seal and store; durable on return, nothing there on failure. The number of plain bytes.

        A blob of the same id is replaced in one step. Raises StoreUnavailable; what `chunks` raises passes through.
        """
        path, total = self._path(item_id), 0
        source = Source(chunks)
        header, data_key = new_header(item_id, self._keyring)
        with source.kept_apart(), _storing("the blob cannot be stored"):
            make_folder(path.parent)
            with new_file(path) as (file, temporary):
                file.write(header.octets)
                for sealed, size in seal(source, header, data_key):
                    file.write(sealed)
                    total += size
            with self._lock():
                publish(temporary, path)
        return total

    def read(self, item_id: str) -> Iterator[bytes]:
        """Chunks of at most 64 KiB, each authenticated before it is given out.

        Raises BlobMissing, BlobDamaged (wrong key, any change, any cut), StoreUnavailable. The header is checked at the
        call, each chunk before it is given out.
        """
        self._open(item_id)[0].close()
        return self._chunks(item_id)

    def _chunks(self, item_id: str) -> Iterator[bytes]:
        file, header, data_key = self._open(item_id)
        with file, _storing("the blob cannot be read"):
            yield from unseal(file, header, data_key)

    def _open(self, item_id: str) -> tuple[BinaryIO, Header, bytes]:
        """The file behind its header, the header and the data key."""
        with _storing("the blob cannot be read"):
            file = self._path(item_id).open("rb")
            try:
                header = read_header(file, item_id)
                return file, header, self._keyring.unwrap(header.wrapped, header.aad)
            except BaseException:
                file.close()
                raise

    def digest(self, item_id: str) -> str:
        """SHA-256 of the sealed file as it is, in hex. Raises BlobMissing, StoreUnavailable."""
        with _storing("the blob cannot be read"), self._path(item_id).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def exists(self, item_id: str) -> bool:
        return self._path(item_id).is_file()

    def delete(self, item_id: str) -> bool:
        """Destroy the data key, then remove durably; False if there was none. Raises StoreUnavailable."""
        return self._delete_if(item_id, lambda _: True)

    def delete_older(self, item_id: str, seconds: float) -> bool:
        """Remove if it was stored longer ago than that; looked at under the lock, so a newer put is never lost."""
        return self._delete_if(item_id, lambda modified: time.time() - modified > seconds)

    def rewrap(self, item_id: str) -> bool:
        """Wrap the data key under the active key; the sealed chunks are copied as they are. False if it was so already.

        The old file stays until the new one is durable, so a crash costs nothing and the call can be repeated. Raises
        BlobMissing, BlobDamaged, StoreUnavailable.
        """
        path = self._path(item_id)
        with _storing("the blob cannot be rewrapped"), path.open("rb") as old:
            header, status = read_header(old, item_id), os.fstat(old.fileno())
            if wrapped_by(header.wrapped) == self._keyring.current_id:
                return False
            with new_file(path) as (file, temporary):
                file.write(rewrapped(header, self._keyring).octets)
                shutil.copyfileobj(old, file, 1 << 20)
            os.utime(temporary, ns=(status.st_atime_ns, status.st_mtime_ns))
            return self._replace_same(temporary, path, status.st_ino)

    def _replace_same(self, temporary: Path, path: Path, inode: int) -> bool:
        """Publish over exactly the file that was read: one deleted or put anew meanwhile is left alone."""
        with self._lock():
            if path.exists() and path.stat().st_ino == inode:
                publish(temporary, path)
                return True
        temporary.unlink()
        return False

    def ids(self) -> Iterator[str]:
        """Every id stored, in no order. Raises StoreUnavailable."""
        for path in self._files():
            if path.name.endswith(SUFFIX):
                yield path.name.removesuffix(SUFFIX)

    def hidden(self) -> Iterator[str]:
        """There are none: what is removed is gone."""
        return iter(())

    def sweep_temporaries(self, seconds: float) -> int:
        """Remove what puts that died left behind, older than that. How many."""
        removed = 0
        for path in self._files():
            if path.name.startswith(TEMPORARY):
                removed += self._unlink(path, lambda modified: time.time() - modified > seconds)
        return removed

    def _files(self) -> Iterator[Path]:
        with _storing("the blob store cannot be listed"):
            for folder in sorted(self._folder.iterdir()):
                if folder.is_dir():
                    yield from folder.iterdir()

    def _delete_if(self, item_id: str, condition: Callable[[float], bool]) -> bool:
        return self._unlink(self._path(item_id), condition)

    def _unlink(self, path: Path, condition: Callable[[float], bool]) -> bool:
        with _storing("the blob cannot be removed"), self._lock():
            try:
                if not condition(path.stat().st_mtime):
                    return False
                _shred(path)
                path.unlink()
            except FileNotFoundError:
                return False
            fsync_folder(path.parent)
        return True

    def _path(self, item_id: str) -> Path:
        spread = hashlib.sha256(check_item_id(item_id).encode()).hexdigest()[:2]
        return self._folder / spread / f"{item_id}{SUFFIX}"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with locked(self._folder / ".lock"):
            yield


def _shred(path: Path) -> None:
    """Write zeros over the beginning, where the wrapped data key is: without it the rest is noise. Durable."""
    with path.open("r+b", buffering=0) as file:
        file.write(bytes(min(SHREDDED, os.fstat(file.fileno()).st_size)))
        os.fsync(file.fileno())


class Source:
    """The caller's chunks; an error of theirs is told from an error of the store's disk."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            self._error = error
            raise

    @contextmanager
    def kept_apart(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise
