"""What commands keep between two runs: a folder of their user's own, each file sealed by its digest.

Compiled patterns, that the samples of a set of detectors came out right, and what was found in the messages of cases. A
database is loaded by native code that trusts it, so nothing is read that somebody else could have written: the folder
and the file must belong to us and be writable by nobody else, and no link is followed. The digest in front of a file
finds what a crash or a disk did to it. `serve` has no such folder: it compiles, and hands its workers what it compiled.
"""

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

MOST_BYTES = 64 << 20  # of one file
MOST_FILES = 128  # those that nobody used for longest are thrown away
MOST_TOGETHER = 256 << 20  # bytes


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CACHE_HOME/gatepost`, else `~/.cache/gatepost`; None where there is no home."""
    base = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "")
    if base.startswith("/"):
        return Path(base) / "gatepost"
    return Path(home) / ".cache" / "gatepost" if home.startswith("/") else None


class Kept:
    """A shelf in a folder. Whatever is wrong with it, nothing is kept and nothing is found: never an error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """What was put there, byte by byte; None for everything else."""
        try:
            with _private(self._folder) as folder:
                octets = _read(folder, key)
        except OSError:
            return None
        digest, content = octets[:32], octets[32:]
        return content if sha256(key.encode() + content).digest() == digest else None

    def put(self, key: str, octets: bytes) -> None:
        """Whole or not at all."""
        with suppress(OSError):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                self._folder.mkdir(mode=0o700)
            with _private(self._folder):
                handle, temporary = tempfile.mkstemp(dir=self._folder)  # 0600
                with os.fdopen(handle, "wb") as file:
                    file.write(sha256(key.encode() + octets).digest() + octets)
                Path(temporary).replace(self._folder / key)
                self._forget()

    def _forget(self) -> None:
        files = sorted(((path.stat(), path) for path in self._folder.iterdir()), key=lambda pair: -pair[0].st_mtime)
        total = 0
        for number, (facts, path) in enumerate(files, 1):
            total += facts.st_size
            if number > MOST_FILES or total > MOST_TOGETHER:
                path.unlink(missing_ok=True)


@contextmanager
def _private(folder: Path) -> Iterator[int]:
    """An open descriptor of a folder that is ours alone. Raises PermissionError, OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _refuse_shared(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _read(folder: int, name: str) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        _refuse_shared(descriptor)
        with suppress(OSError):
            os.utime(descriptor)  # what is used is not the oldest
        return file.read(MOST_BYTES)


def _refuse_shared(descriptor: int) -> None:
    facts = os.fstat(descriptor)
    if facts.st_uid != os.geteuid() or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError
