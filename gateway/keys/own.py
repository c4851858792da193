"""The organization's own certificates and OpenPGP keys. Private halves lie sealed under the keyring.

They are opened in the process that signs and nowhere else: the workers, which read hostile mail, never have the
keyring.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gateway.core.errors import SetupError
from gateway.core.verdict import Method
from gateway.keys.material import Signer, SigningKey
from gateway.store.clock import Clock, utc_now
from gateway.store.database import Tell, reading, untold, writing
from gateway.store.keyring import Keyring
from gateway.store.schema import own_keys

PURPOSE = b"own-key\0"
ACTIVE, RETIRED, REQUESTED = "active", "retired", "requested"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One key of the organization, without its private half."""

    id: str
    method: Method
    fingerprint: str
    state: str
    public: str = field(repr=False)
    not_after: datetime | None
    added: datetime


class OwnKeys:
    """Safe for many threads. Raises StoreUnavailable, BlobDamaged. `tell` is called as `KeyBook` does."""

    def __init__(self, engine: sa.Engine, keyring: Keyring, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._keyring = keyring
        self._clock = clock

    @property
    def clock(self) -> Clock:
        return self._clock

    def list(self) -> list[OwnKey]:
        """All of them, the newest first."""
        with reading(self._engine) as connection:
            query = sa.select(own_keys).order_by(own_keys.c.added.desc(), own_keys.c.id)
            return [_own(row) for row in connection.execute(query)]

    def add(
        self,
        method: Method,
        fingerprint: str,
        public: str,
        private: bytes,
        not_after: datetime | None,
        by: str,
        tell: Tell = untold,
    ) -> OwnKey:
        """Seal a key, to be used from now on. The older ones of its method stay until they are retired: copies under
        way and mail to them can still be opened. Adding the same again changes nothing but its public part."""
        state = ACTIVE if public else REQUESTED
        key_id, now = secrets.token_hex(16), self._clock()
        row: dict[str, object] = {"state": state, "public": public, "not_after": not_after, "changed_by": by}
        with writing(self._engine) as connection:
            which = sa.and_(own_keys.c.kind == method.value, own_keys.c.fingerprint == fingerprint)
            there = connection.execute(sa.select(own_keys.c.id).where(which)).scalar()
            sealed = self._keyring.wrap(private, PURPOSE + (there or key_id).encode())
            if there:
                connection.execute(sa.update(own_keys).where(which).values(sealed=sealed, **row))
            else:
                new = {"id": key_id, "kind": method.value, "fingerprint": fingerprint, "sealed": sealed, "added": now}
                connection.execute(sa.insert(own_keys).values(**new, **row))
            tell()
        return OwnKey(there or key_id, method, fingerprint, state, public, not_after, now)

    def retire(self, fingerprint: str, tell: Tell = untold) -> int:
        """Sign with it no more. How many were retired."""
        which = sa.and_(own_keys.c.fingerprint == fingerprint, own_keys.c.state == ACTIVE)
        with writing(self._engine) as connection:
            retired = connection.execute(sa.update(own_keys).where(which).values(state=RETIRED)).rowcount
            tell()
            return retired

    def private(self, key: OwnKey) -> bytes:
        """The private half, opened: PEM, or an armored secret key."""
        with reading(self._engine) as connection:
            sealed = connection.execute(sa.select(own_keys.c.sealed).where(own_keys.c.id == key.id)).scalar_one()
        return self._keyring.unwrap(sealed, PURPOSE + key.id.encode())

    def rewrap(self) -> int:
        """Seal every private half under the active key of the keyring. How many there are."""
        keys = self.list()
        for key in keys:
            private = self.private(key)
            with writing(self._engine) as connection:
                sealed = self._keyring.wrap(private, PURPOSE + key.id.encode())
                connection.execute(sa.update(own_keys).where(own_keys.c.id == key.id).values(sealed=sealed))
        return len(keys)

    def signer(self) -> Signer | None:
        """The newest certificate that is valid now, ready to sign."""
        key = self._current(Method.SMIME)
        if key is None:
            return None
        certificates = x509.load_pem_x509_certificates(key.public.encode())
        return Signer(certificates[0], tuple(certificates[1:]), load_private(self.private(key)))

    def signing_key(self) -> SigningKey | None:
        """The newest OpenPGP key that is valid now, under `passphrase`."""
        key = self._current(Method.PGP)
        return SigningKey(key.fingerprint, self.passphrase, self.private(key)) if key else None

    @property
    def passphrase(self) -> str:
        """What protects OpenPGP keys in the home of GnuPG."""
        return self._keyring.derive("openpgp").hex()

    def _current(self, method: Method) -> OwnKey | None:
        now = self._clock()
        usable = (
            key
            for key in self.list()
            if key.method is method and key.state == ACTIVE and (key.not_after is None or now < key.not_after)
        )
        return next(usable, None)


def load_private(pem: bytes, password: bytes | None = None) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A private key that can sign S/MIME. SetupError for any other."""
    try:
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError):
        raise SetupError("the private key cannot be read: it is no PEM, or another passphrase protects it") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SetupError("the private key is neither RSA nor elliptic curve")
    return key


def private_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS#8 in PEM, to be sealed."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _own(row: Any) -> OwnKey:
    return OwnKey(row.id, Method(row.kind), row.fingerprint, row.state, row.public, row.not_after, row.added)
