"""The keys that everything sealed depends on.

Envelope encryption: each blob has a fresh data key, wrapped here by the active key-encryption key. Rotating adds a key
and retires the old one, which still opens what it sealed until that is rewrapped.
"""

import dataclasses
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.core.errors import SetupError
from gateway.store.clock import Clock, utc_now
from gateway.store.durable import locked, make_folder, temporaries, write_file
from gateway.store.errors import BlobDamaged, os_problem
from gateway.store.keyfile import CREDENTIALS, KEY_BYTES, Key, KeyFile, encode, read_keyfile

WRAP_VERSION = 1
NONCE_BYTES = 12


@dataclasses.dataclass(frozen=True, slots=True)
class KeyInfo:
    """What may be shown of a key."""

    id: str
    created: datetime
    state: str


class Keyring:
    """Loaded once, immutable, safe from many threads."""

    def __init__(self, keyfile: KeyFile) -> None:
        self._file = keyfile
        self._root = keyfile.root
        self._audit = keyfile.audit
        self._keys: Mapping[str, Key] = {key.id: key for key in keyfile.keys}
        self.current_id = next(key.id for key in keyfile.keys if key.state == "active")

    @classmethod
    def load(cls, path: Path, *, credentials: Path = CREDENTIALS) -> "Keyring":
        """From a file of mode 0600 or 0400, or a systemd credential.

        Raises SetupError: absent, unreadable, readable by others, damaged.
        """
        return cls(read_keyfile(path, credentials))

    @classmethod
    def init(cls, path: Path, *, clock: Clock = utc_now) -> "Keyring":
        """Make a keyring. SetupError if there is one already: overwriting would lose all that it sealed."""
        try:
            make_folder(path.parent)
            with locked(_lock_of(path)):
                if path.exists() or path.is_symlink():
                    raise SetupError(f"{path}: there is a keyring already: use `gatepost keys rotate` for a new key")
                _remove_halves(path)
                root, audit = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
                keyfile = KeyFile(root, audit, (_new_key(clock()),))
                write_file(path, encode(keyfile))
        except OSError as error:
            raise SetupError(f"{path}: the keyring cannot be written: {os_problem(error)}") from None
        return cls(keyfile)

    @classmethod
    def rotate(cls, path: Path, *, clock: Clock = utc_now) -> "Keyring":
        """Add an active key; the old one is retired but kept. The old file stays whole until the new one is durable.

        SetupError as for `load`, or if the file cannot be written.
        """
        try:
            with locked(_lock_of(path)):
                _remove_halves(path)
                old = read_keyfile(path)
                retired = tuple(dataclasses.replace(key, state="retired") for key in old.keys)
                keyfile = dataclasses.replace(old, keys=(*retired, _new_key(clock())))
                write_file(path, encode(keyfile))
        except OSError as error:
            raise SetupError(f"{path}: the keyring cannot be written: {os_problem(error)}") from None
        return cls(keyfile)

    @classmethod
    def tidy(cls, path: Path) -> None:
        """Remove what a killed `init` or `rotate` left beside the keyring. SetupError if that cannot be done."""
        if not any(temporaries(path)):
            return
        try:
            with locked(_lock_of(path)):
                _remove_halves(path)
        except OSError as error:
            raise SetupError(f"{path}: half a keyring beside it cannot be removed: {os_problem(error)}") from None

    def for_portal(self) -> "Keyring":
        """The keys of the portal: made of these one by one, always the same, and leading back to none of them."""
        keys = tuple(dataclasses.replace(key, id=f"p-{key.id}", material=_made_of(key)) for key in self._file.keys)
        return Keyring(KeyFile(self.derive("portal-root"), self.derive("portal-audit"), keys))

    def opening_too(self, older: "Keyring") -> "Keyring":
        """This keyring, which opens what another one sealed as well."""
        retired = tuple(dataclasses.replace(key, state="retired") for key in older._file.keys)  # noqa: SLF001 - its own
        return Keyring(dataclasses.replace(self._file, keys=(*retired, *self._file.keys)))

    def keep(self, path: Path) -> bool:
        """Write it into a file, mode 0600; False where it is there already. SetupError if that cannot be done."""
        octets = encode(self._file)
        try:
            if path.is_file() and path.read_bytes() == octets:
                return False
            make_folder(path.parent)
            write_file(path, octets)
        except OSError as error:
            raise SetupError(f"{path}: the keyring cannot be written: {os_problem(error)}") from None
        return True

    def list(self) -> tuple[KeyInfo, ...]:
        """Every key without its material, oldest first."""
        return tuple(KeyInfo(key.id, key.created, key.state) for key in self._keys.values())

    def wrap(self, data_key: bytes, aad: bytes) -> bytes:
        """Seal a data key under the active key: version, key id, nonce, AES-256-GCM (NIST SP 800-38D).

        `aad` says what the key is for (item id and purpose); it must be given again to unwrap. The random 96-bit nonce
        is good for 2**32 wraps of one key: rotate long before.
        """
        header = _wrap_header(self.current_id)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + AESGCM(self._keys[self.current_id].material).encrypt(nonce, data_key, header + aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """The data key. BlobDamaged if anything was changed, or the key is not in this keyring."""
        key_id = wrapped_by(wrapped)
        key = self._keys.get(key_id)
        if key is None:
            raise BlobDamaged(f"sealed under key {key_id}, which is not in the keyring")
        header = _wrap_header(key_id)
        nonce, sealed = wrapped[len(header) :][:NONCE_BYTES], wrapped[len(header) + NONCE_BYTES :]
        try:
            return AESGCM(key.material).decrypt(nonce, sealed, header + aad)
        except (InvalidTag, ValueError):
            raise BlobDamaged("the wrapped key does not open: it was changed, or belongs to another item") from None

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose by HKDF-SHA256 (RFC 5869) from the root secret, the same for ever."""
        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"gatepost:" + purpose.encode())
        return kdf.derive(self._root)

    def audit_key(self) -> Ed25519PrivateKey:
        """Signs checkpoints and the head of the audit log."""
        return Ed25519PrivateKey.from_private_bytes(self._audit)

    def audit_public_pem(self) -> bytes:
        """The public half, as SubjectPublicKeyInfo in PEM."""
        public = self.audit_key().public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def wrapped_by(wrapped: bytes) -> str:
    """The id of the key that wrapped this. BlobDamaged if it is not something wrapped."""
    if len(wrapped) < 2 or wrapped[0] != WRAP_VERSION or len(wrapped) < 2 + wrapped[1] + NONCE_BYTES:
        raise BlobDamaged("the wrapped key is cut or of an unknown version")
    octets = wrapped[2 : 2 + wrapped[1]]
    if not octets.isascii():
        raise BlobDamaged("the wrapped key is damaged")
    return octets.decode("ascii")


def _wrap_header(key_id: str) -> bytes:
    octets = key_id.encode("ascii")
    return bytes((WRAP_VERSION, len(octets))) + octets


def _new_key(created: datetime) -> Key:
    return Key(f"k-{secrets.token_hex(4)}", created, "active", secrets.token_bytes(KEY_BYTES))


def _made_of(key: Key) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"gatepost:portal-key")
    return kdf.derive(key.material)


def _remove_halves(path: Path) -> None:
    """Keys of a rotation that was killed before it was one. Under the lock, so that nobody writes one now."""
    for half in temporaries(path):
        half.unlink()


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")
