"""Files that are on disk when a call returns, and not there at all when it fails.

The way of every file: a temporary name in the same folder, fsync, rename, fsync of the folder (POSIX rename is atomic
within one file system; ext4 and XFS make it durable with the folder's fsync).
"""

import contextlib
import fcntl
import glob
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

TEMPORARY = ".tmp-"


def fsync_folder(folder: Path) -> None:
    """Make the names inside a folder durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder and its missing parents durable. An existing one stays as it is. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode)
    fsync_folder(folder.parent)


@contextlib.contextmanager
def new_file(path: Path, mode: int = 0o600) -> Iterator[tuple[BinaryIO, Path]]:
    """A file under a temporary name beside `path`, fsynced when the block ends well, removed when it does not.

    The caller renames it, by `publish`. What a killed process leaves of it: `temporaries`.
    """
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{secrets.token_hex(8)}")
    fd = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            yield file, temporary
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def temporaries(path: Path) -> Iterator[Path]:
    """What processes left of `path` that were killed while they wrote it, and what others write of it now."""
    return path.parent.glob(f"{TEMPORARY}{glob.escape(path.name)}-*")


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, over an older one. Durable on return. Raises OSError."""
    try:
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    fsync_folder(path.parent)


def write_file(path: Path, octets: bytes, mode: int = 0o600) -> None:
    """Write or replace a small file, durable on return. Raises OSError."""
    with new_file(path, mode) as (file, temporary):
        file.write(octets)
    publish(temporary, path)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive flock on a file (made if absent) for the block; the kernel lets go when the process dies.

    Holds between threads too, since each call opens the file anew. `wait` False: BlockingIOError if taken.
    """
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)  # closing is not enough: a process forked meanwhile shares the descriptor
        os.close(fd)
