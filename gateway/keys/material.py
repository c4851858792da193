"""What keys are, to those who use them."""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa


@dataclass(frozen=True, slots=True)
class Key:
    """What a copy is encrypted with for one recipient: a certificate in PEM, or an armored key."""

    fingerprint: str
    material: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """The organization's certificate with its private key, which never leaves this process."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The organization's OpenPGP key: armored, under a passphrase; it is put into the home of GnuPG once."""

    fingerprint: str
    passphrase: str = field(repr=False)
    armored: bytes = field(repr=False, default=b"")
