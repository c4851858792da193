"""What the keyring of a store keeps safe, and what to say where it is gone."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.config.schema import Config

SQLITE = "sqlite:///"


def kept(config: "Config") -> tuple[str, ...]:
    """What there is that only its keyring opens or proves: sealed items, an audit log, a database file.

    What this user may not look into counts as absent; a database on a server is not asked.
    """
    return tuple(kept_places(config))


def kept_places(config: "Config") -> dict[str, tuple[Path, ...]]:
    """The same, with the folders and files that hold it."""
    database = config.store.database
    file = Path(database.removeprefix(SQLITE)) if database.startswith(SQLITE) else None
    sealed = (config.store.folder / name for name in ("blobs", "pickups"))
    found = {
        "sealed items": tuple(folder for folder in sealed if _has_files(folder, "")),
        "an audit log": (config.audit.folder,) if _has_files(config.audit.folder, ".jsonl") else (),
        "a database": _database(file) if file is not None else (),
    }
    return {name: places for name, places in found.items() if places}


def _database(file: Path) -> tuple[Path, ...]:
    """The file, and what SQLite keeps beside it; a log of writes alone is read into whatever file comes there."""
    log, shared = (file.with_name(file.name + ending) for ending in ("-wal", "-shm"))
    there = tuple(path for path in (file, log) if _has_bytes(path))
    return (*there, shared) if there and _has_bytes(shared) else there


def refuse_lost(config: "Config", keyring: Path) -> None:
    """SetupError where the keyring is absent and something needs just that one."""
    if os.path.lexists(keyring):
        return
    if things := kept(config):
        raise SetupError(
            f"{keyring}: there is no keyring, but there is what needs it ({_listed(things)}): restore the keyring"
            " from your copy. Without one nothing sealed can be opened: move the store and the audit folder"
            " aside as evidence, then `gatepost keys init` makes a new keyring for an empty store"
        )


def _has_files(folder: Path, ending: str) -> bool:
    """`ending` may have something behind it: a log that another program rotated is one."""
    return any(ending in path.name and _has_bytes(path) for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def _has_bytes(file: Path) -> bool:
    try:
        return file.is_file() and file.stat().st_size > 0
    except OSError:
        return False


def _listed(things: tuple[str, ...]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
