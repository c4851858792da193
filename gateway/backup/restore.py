"""From the file of a backup to an empty place. All of it is checked before any of it is put where it counts."""

import hashlib
import json
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gateway.audit.chain import HEAD, PUBLIC_KEY, parse_public_pem
from gateway.audit.errors import ChainBroken
from gateway.audit.verify import verify
from gateway.backup.archive import KEYRING, MANIFEST, RULES, SETTINGS, VERSION, Manifest, Member
from gateway.backup.errors import BackupDamaged
from gateway.backup.occupied import refuse_occupied
from gateway.backup.staging import database_file
from gateway.config import Config
from gateway.core.errors import SetupError
from gateway.store.database import SCHEMA, is_newer, open_for_reading, schema_of
from gateway.store.errors import StoreUnavailable
from gateway.store.keyring import Keyring

DATABASE = "gatepost.db"
_ROOTS = ("etc", "blobs", "pickups", "audit", "gnupg", DATABASE, "anchors.pem", KEYRING, MANIFEST)


@contextmanager
def placed_settings(archive: BinaryIO, settings: Path) -> Iterator[list[Path]]:
    """Configuration, and rules beside it in `rules`, where there are none yet; what was written.

    For an empty machine, before there is a configuration to restore by. For the block: where that fails, what was
    written goes again. Raises BackupDamaged, OSError.
    """
    written: list[Path] = []
    try:
        _extract_settings(archive, settings, written)
        _give_to_group(settings.parent, written)
        yield written
    except BaseException:
        for file in reversed(written):
            file.unlink(missing_ok=True)
            for folder in file.relative_to(settings.parent).parents[:-1]:
                with suppress(OSError):  # other files are in it
                    (settings.parent / folder).rmdir()
        raise


def _extract_settings(archive: BinaryIO, settings: Path, written: list[Path]) -> None:
    rules = settings.parent / "rules"
    wanted = [] if settings.exists() else [SETTINGS]
    prefix = "" if rules.exists() else f"{RULES}/"
    with _opened(archive) as tar:
        for member in _members(tar):
            if member.name in wanted:
                target = settings
            elif prefix and member.name.startswith(prefix):
                target = rules / member.name.removeprefix(prefix)
            else:
                continue
            target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            written.append(target)
            _extract(tar, member, target, 0o640)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place.

    `replaced`: where a keyring went that was there and is another one: it may be the only one that opens something.
    `schema`: of the database, where an older Gatepost made it; the first start brings it to its new form.
    """

    manifest: Manifest
    replaced: Path | None
    schema: str


def restore(archive: BinaryIO, config: Config, keyring: bytes | None) -> Restored:
    """Everything but configuration and rules, into folders that are empty. `keyring`: where the backup has none.

    Raises SetupError: something is there, no keyring or another one, a database of a newer Gatepost; BackupDamaged;
    OSError.
    """
    refuse_occupied(config)
    folder = config.store.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = folder / f".restore-{secrets.token_hex(6)}"
    aside.mkdir(mode=0o700)
    try:
        manifest = _unpack(archive, aside)
        _choose_keyring(aside, config, keyring)
        _prove(aside, config)
        schema = _older_schema(aside / DATABASE)
        replaced = _set_aside(aside / KEYRING, config.store.keyring)
        _put_in_place(aside, config)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    os.sync()
    return Restored(manifest, replaced, schema)


def _unpack(archive: BinaryIO, aside: Path) -> Manifest:
    found: dict[str, Member] = {}
    with _opened(archive) as tar:
        for member in _members(tar):
            target = aside / member.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            found[member.name] = _extract(tar, member, target, 0o600)
    manifest = _manifest(aside / MANIFEST)
    found.pop(MANIFEST)
    for name in sorted(found.keys() | manifest.files.keys()):
        if found.get(name) != manifest.files.get(name):
            raise BackupDamaged(f"{name} in the backup is not as it was written: take another backup")
    return manifest


def _manifest(file: Path) -> Manifest:
    try:
        plain = json.loads(file.read_bytes())
        files = {name: Member(member["size"], member["sha256"]) for name, member in plain["files"].items()}
        manifest = Manifest(plain["version"], plain["created"], plain["policy"], files)
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupDamaged("the file is cut, or no backup of Gatepost: take another one") from None
    if manifest.version != VERSION:
        raise BackupDamaged("the backup was written by another version of Gatepost: restore it with that one")
    return manifest


@contextmanager
def _opened(archive: BinaryIO) -> Iterator[tarfile.TarFile]:
    archive.seek(0)
    try:
        with tarfile.open(fileobj=archive, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError):
        raise BackupDamaged("the file is cut, or no backup of Gatepost: take another one") from None


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Plain files below the roots that a backup has: no link, no way out."""
    for member in tar:
        parts = PurePosixPath(member.name).parts
        if not member.isreg() or not parts or parts[0] not in _ROOTS or ".." in parts:
            raise BackupDamaged("the file has a member that no backup has: it was changed")
        yield member


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, mode: int) -> Member:
    source = tar.extractfile(member)
    assert source is not None  # a regular file
    digest, size = hashlib.sha256(), 0
    with source, os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
        while octets := source.read(1 << 20):
            file.write(octets)
            digest.update(octets)
            size += len(octets)
    target.chmod(mode)
    return Member(size, digest.hexdigest())


def _choose_keyring(aside: Path, config: Config, keyring: bytes | None) -> None:
    """The one given wins, then the one that is there, then that of the backup.

    One that is there and is another than the backup's own, as an installation makes one, gives way to that.
    """
    own = aside / KEYRING
    if keyring is not None:
        own.write_bytes(keyring)
        own.chmod(0o600)
    elif config.store.keyring.exists() and (not own.exists() or _fits(config.store.keyring, aside)):
        own.unlink(missing_ok=True)
    elif not own.exists():
        raise SetupError("the backup has no keyring and there is none here: give your copy with --keyring")


def _older_schema(file: Path) -> str:
    """Of the database, where it is not of this version; "": it is. Raises SetupError, BackupDamaged."""
    if not file.exists():
        return ""
    engine = open_for_reading(f"sqlite:///{file}")
    try:
        schema = schema_of(engine)
    except StoreUnavailable:
        raise BackupDamaged("its database cannot be read: take another backup") from None
    finally:
        engine.dispose()
    if is_newer(schema):
        raise SetupError(
            f"the database in the backup has schema {schema}, made by a newer Gatepost than this ({SCHEMA}): install"
            " that version and restore again, or take a backup from before the upgrade. Nothing was put in place"
        )
    return "" if schema == SCHEMA else schema or "none"


def _fits(keyring: Path, aside: Path) -> bool:
    """Whether the audit log of the backup, where it has one, is signed with that keyring. Raises SetupError."""
    if not (aside / "audit" / HEAD).exists():
        return True
    own = parse_public_pem((aside / "audit" / PUBLIC_KEY).read_bytes())
    return own == Keyring.load(keyring).audit_key().public_key()


def _prove(aside: Path, config: Config) -> None:
    """The audit log is whole, and of this keyring. Raises SetupError, BackupDamaged."""
    there = aside / KEYRING if (aside / KEYRING).exists() else config.store.keyring
    keyring = Keyring.load(there)
    if not (aside / "audit" / HEAD).exists():
        return
    if not _fits(there, aside):
        which = f"the keyring {there}" if there == config.store.keyring else "the keyring"
        raise SetupError(
            f"{which} is another one than that of the backup: give the right copy with --keyring (one that is there is"
            " set aside, not overwritten)"
        )
    try:
        verify(aside / "audit", keyring.audit_key().public_key())
    except ChainBroken as error:
        raise BackupDamaged(f"the audit log was not whole when the backup was made: {error}") from None


def _set_aside(new: Path, there: Path) -> Path | None:
    """A second name for a keyring that another one is about to replace, which is there at every instant."""
    if not new.exists() or not there.exists() or new.read_bytes() == there.read_bytes():
        return None
    free = (there.with_name(f"{there.name}.replaced-{number}") for number in count(1))
    place = next(path for path in free if not os.path.lexists(path))
    place.hardlink_to(there)
    return place


def _put_in_place(aside: Path, config: Config) -> None:
    places = {
        DATABASE: database_file(config),
        "blobs": config.store.folder / "blobs",
        "pickups": config.store.folder / "pickups",
        "audit": config.audit.folder,
        "gnupg": config.encryption.gnupg_home,
        "anchors.pem": config.encryption.anchors,
        KEYRING: config.store.keyring,
    }
    for name, place in places.items():
        if not (aside / name).exists():
            continue
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.is_dir():  # empty, or what was looked for above would have been found
            _clear(place)
        shutil.move(aside / name, place)


def _clear(folder: Path) -> None:
    """Of locks and the like that a start leaves; no evidence, no message is among them."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def _give_to_group(folder: Path, files: list[Path]) -> None:
    """As the folder: the service reads them by its group."""
    if os.geteuid() == 0:
        group = folder.stat().st_gid
        for path in {*files, *(parent for file in files for parent in file.parents if folder in parent.parents)}:
            os.chown(path, 0, group)
