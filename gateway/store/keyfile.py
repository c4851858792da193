"""The keyring's file: JSON, readable by its owner alone.

    {"version": 1, "root": "<base64, 32 bytes>", "audit": "<base64, 32 bytes>",
     "keys": [{"id": "k-1f2e3d4c", "created": "2026-01-02T03:04:05+00:00", "state": "active", "key": "<base64>"}]}

`root` never rotates: fingerprints made from it must stay comparable. `audit` is the Ed25519 seed (RFC 8032).
"""

import base64
import binascii
import json
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.core.errors import SetupError
from gateway.store.errors import os_problem

VERSION = 1
KEY_BYTES = 32
MAX_BYTES = 1_048_576
KEY_ID = re.compile(r"[a-z0-9-]{1,32}")
CREDENTIALS = Path("/run/credentials")  # systemd mounts LoadCredential= here, read-only, 0440 where ACLs grant the user


@dataclass(frozen=True, slots=True)
class Key:
    """One key-encryption key (AES-256). `state` is "active" (one) or "retired" (still opens what it sealed)."""

    id: str
    created: datetime
    state: str
    material: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyFile:
    root: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    keys: tuple[Key, ...]


def read_keyfile(path: Path, credentials: Path = CREDENTIALS) -> KeyFile:
    """SetupError if the file is unreadable, open to others or damaged."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SetupError(f"{path}: there is no keyring: make one with `gatepost keys init`") from None
    except OSError as error:
        raise SetupError(f"{path}: the keyring cannot be read: {os_problem(error)}") from None
    with os.fdopen(fd, "rb") as file:
        _check_access(path, os.fstat(fd), credentials)
        octets = file.read(MAX_BYTES + 1)
    return decode(octets, path)


def decode(octets: bytes, path: Path) -> KeyFile:
    """SetupError that says what is wrong with the file, never what is in it."""
    try:
        return _checked(json.loads(octets[:MAX_BYTES]))
    except _Damaged as damage:
        problem = str(damage)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problem = "it is not a keyring of this program"
    raise SetupError(f"{path}: the keyring is damaged: {problem}: restore it from your copy")


def encode(keyfile: KeyFile) -> bytes:
    keys = [
        {"id": k.id, "created": k.created.isoformat(), "state": k.state, "key": _text(k.material)} for k in keyfile.keys
    ]
    document = {"version": VERSION, "root": _text(keyfile.root), "audit": _text(keyfile.audit), "keys": keys}
    return json.dumps(document, indent=1).encode("ascii") + b"\n"


class _Damaged(Exception):
    pass


def _check_access(path: Path, status: os.stat_result, credentials: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SetupError(f"{path}: the keyring is not a regular file")
    by_systemd = credentials.resolve() in path.resolve().parents
    forbidden = 0o137 if by_systemd else 0o177
    if status.st_mode & forbidden:
        mode = stat.S_IMODE(status.st_mode)
        raise SetupError(f"{path}: the keyring has mode {mode:04o}, others could read it: chmod 600 it")
    if not by_systemd and status.st_uid not in {0, os.geteuid()}:
        raise SetupError(f"{path}: the keyring belongs to another user: chown it to the user Gatepost runs as")


def _checked(document: dict[str, object]) -> KeyFile:
    if document["version"] != VERSION:
        raise _Damaged(f"this program reads version {VERSION} of the format")
    listed = document["keys"]
    if not isinstance(listed, list):
        raise _Damaged("it lists no keys")
    keys = tuple(_key(element) for element in listed)
    if len({key.id for key in keys}) != len(keys):
        raise _Damaged("two keys have the same id")
    if [key.state for key in keys].count("active") != 1:
        raise _Damaged("it does not have exactly one active key")
    return KeyFile(_octets(document["root"]), _octets(document["audit"]), keys)


def _key(element: dict[str, object]) -> Key:
    key_id, state = str(element["id"]), str(element["state"])
    if not KEY_ID.fullmatch(key_id):
        raise _Damaged("a key has an unusable id")
    if state not in {"active", "retired"}:
        raise _Damaged(f"key {key_id} is neither active nor retired")
    created = datetime.fromisoformat(str(element["created"]))
    if created.tzinfo is None:
        raise _Damaged(f"key {key_id} has a time of creation without a zone")
    return Key(key_id, created, state, _octets(element["key"]))


def _octets(value: object) -> bytes:
    try:
        octets = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        raise _Damaged("a key is not base64") from None
    if len(octets) != KEY_BYTES:
        raise _Damaged(f"a key is not {KEY_BYTES} bytes long")
    return octets


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
