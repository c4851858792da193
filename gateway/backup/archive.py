"""The file of a backup: a tar archive (POSIX) whose last member, `manifest.json`, has size and SHA-256 of all others.

etc/gatepost.yaml  etc/rules/…        configuration and rules, first, so that they are found quickly
gatepost.db  blobs/…  pickups/…  anchors.pem  gnupg/…  audit/…  [keyring.json]
manifest.json
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gateway.audit.chain import HEAD
from gateway.backup.staging import Piece, Staged

MANIFEST = "manifest.json"
VERSION = 1
SETTINGS, RULES, KEYRING = "etc/gatepost.yaml", "etc/rules", "keyring.json"


@dataclass(frozen=True, slots=True)
class Member:
    """What a file of the backup is to be."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the archive holds. `policy`: name of the policy's file within `etc/rules`."""

    version: int
    created: str
    policy: str
    files: Mapping[str, Member]

    @property
    def octets(self) -> int:
        return sum(member.size for member in self.files.values())

    @property
    def sealed(self) -> int:
        """How many files there are of held messages, and of those that wait at the portal."""
        return sum(name.startswith(("blobs/", "pickups/")) for name in self.files)


def write_archive(
    file: BinaryIO, staged: Staged, *, settings: Path | None, policy: Path, keyring: Path | None, now: datetime
) -> Manifest:
    """Write all of it; the caller makes the file durable. Raises OSError."""
    files: dict[str, Member] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for piece in (*_settings(settings, policy), *staged.pieces, *_keyring(keyring)):
            with piece.path.open("rb") as source:
                files[piece.name] = _add(tar, piece.name, source, piece.size)
        if staged.head:
            files[f"audit/{HEAD}"] = _add(tar, f"audit/{HEAD}", io.BytesIO(staged.head), len(staged.head))
        manifest = Manifest(VERSION, now.isoformat(timespec="seconds"), policy.name, files)
        octets = json.dumps(asdict(manifest), indent=1).encode()
        _add(tar, MANIFEST, io.BytesIO(octets), len(octets))
    return manifest


class _Digesting(io.RawIOBase):
    """Reads on and remembers the digest."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        octets = self._source.read(size)
        self.digest.update(octets)
        return octets


def _add(tar: tarfile.TarFile, name: str, source: BinaryIO, size: int) -> Member:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    reader = _Digesting(source)
    tar.addfile(info, reader)  # reads exactly `size` bytes
    return Member(size, reader.digest.hexdigest())


def _settings(settings: Path | None, policy: Path) -> Iterator[Piece]:
    if settings is not None:
        yield Piece(SETTINGS, settings, settings.stat().st_size)
    folder = policy.parent
    for path in _files(folder, ()):
        yield Piece(f"{RULES}/{path.relative_to(folder).as_posix()}", path, path.stat().st_size)


def _files(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    """All that is read as rules: what a link leads to as well, if it does not lead back to where it stands."""
    above = (*above, folder.resolve())
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield path
        elif path.is_dir() and path.resolve() not in above:
            yield from _files(path, above)


def _keyring(keyring: Path | None) -> Iterator[Piece]:
    if keyring is not None:
        yield Piece(KEYRING, keyring, keyring.stat().st_size)
