"""What is kept, as it was at one moment: held still only for as long as naming it anew takes.

Sealed messages are published and removed under the lock of the blob store, a row comes after its blob and goes before
it. So under that lock (what waits at the portal has one of its own), hard links to all blobs and then a copy of the
database fit together: every held message has its blob. The audit log comes last: it may say more than the database,
never less.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gateway.audit.chain import HEAD, LOCK, PUBLIC_KEY, segment_numbers, segment_path
from gateway.config import Config
from gateway.core.errors import SetupError
from gateway.store.blobs import SUFFIX
from gateway.store.durable import locked
from gateway.store.errors import StoreUnavailable

SQLITE = "sqlite:///"
PREFIX = ".backup-"
LEFT_SECONDS = 86_400
SEALED = ("blobs", "pickups")  # held messages, and those that wait at the portal


@dataclass(frozen=True, slots=True)
class Piece:
    """A file to keep: its name in the backup, where it is, and how many of its bytes belong to the moment."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Staged:
    """`pieces` of one moment. `head`: the signed end of the audit log at that moment."""

    pieces: tuple[Piece, ...]
    head: bytes


def database_file(config: Config) -> Path:
    """The SQLite file. Raises SetupError where something is kept on a server."""
    url = config.store.database
    if not url.startswith(SQLITE):
        raise SetupError(
            "the database is on a server: back it up with its own tools (pg_dump), then what holds the sealed messages,"
            " then the audit log of each gateway: docs/cluster.md"
        )
    if config.store.blobs:
        raise SetupError(
            "sealed messages are in an object store: back that up with its own tools, and the database: docs/cluster.md"
        )
    return Path(url.removeprefix(SQLITE))


@contextlib.contextmanager
def staged(config: Config) -> Iterator[Staged]:
    """Everything that outlives a process, but for the keyring; the names are gone after the block.

    Raises SetupError, StoreUnavailable, OSError.
    """
    database = database_file(config)
    _sweep(config.store.folder)
    folder = config.store.folder / f"{PREFIX}{secrets.token_hex(6)}"
    folder.mkdir(mode=0o700)
    try:
        with contextlib.ExitStack() as stack:
            for name in SEALED:
                if (config.store.folder / name).is_dir():
                    stack.enter_context(locked(config.store.folder / name / ".lock"))
            for name in SEALED:
                _link_all(config.store.folder / name, folder / name)
            _copy_database(database, folder / "gatepost.db")
        sizes, head = _audit(config.audit.folder)
        pieces = [_piece("gatepost.db", folder / "gatepost.db")]
        pieces += [
            _piece(f"{name}/{path.parent.name}/{path.name}", path) for name in SEALED for path in _sealed(folder / name)
        ]
        pieces += sizes
        pieces += _others(config)
        yield Staged(tuple(pieces), head)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(store: Path) -> None:
    """What backups that were killed left behind."""
    for left in store.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(left)


def _link_all(blobs: Path, target: Path) -> None:
    """Hard links cost no room and keep the bytes when the name goes; on other file systems they are copies."""
    for path in _sealed(blobs):
        new = target / path.parent.name / path.name
        new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(path, new)
        except OSError:
            shutil.copyfile(path, new)


def _sealed(blobs: Path) -> list[Path]:
    return sorted(blobs.glob(f"*/*{SUFFIX}"))


def _copy_database(database: Path, target: Path) -> None:
    """SQLite's own backup: one consistent view, whoever writes meanwhile."""
    if not database.exists():
        raise StoreUnavailable(f"{database}: there is no database yet: start Gatepost once, then make a backup")
    try:
        source = sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=30)
        with contextlib.closing(source), contextlib.closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{database}: the database cannot be copied: {error.sqlite_errorname}") from None
    target.chmod(0o600)


def _audit(folder: Path) -> tuple[list[Piece], bytes]:
    """Segments up to the end that is signed at this moment: what comes later is cut off."""
    if not (folder / HEAD).exists():
        return [], b""
    with _quiet(folder):
        head = (folder / HEAD).read_bytes()
        paths = [segment_path(folder, number) for number in segment_numbers(folder)]
        pieces = [_piece(f"audit/{path.name}", path) for path in (*paths, folder / PUBLIC_KEY)]
    return pieces, head


@contextlib.contextmanager
def _quiet(folder: Path) -> Iterator[None]:
    """Nobody adds to the audit log meanwhile."""
    fd = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield
    finally:
        os.close(fd)


def _others(config: Config) -> Iterator[Piece]:
    encryption = config.encryption
    if encryption.anchors.is_file():
        yield _piece("anchors.pem", encryption.anchors)
    home = encryption.gnupg_home
    for path in sorted(home.rglob("*")) if home.is_dir() else ():
        if path.is_file() and not path.is_symlink() and not path.name.endswith((".lock", "~")):
            yield _piece(f"gnupg/{path.relative_to(home).as_posix()}", path)


def _piece(name: str, path: Path) -> Piece:
    return Piece(name, path, path.stat().st_size)
