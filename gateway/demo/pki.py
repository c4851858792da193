"""A made-up certification authority for the demo, the tests and the bench. Its keys are made anew each time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
ENCRYPTING = ("key_encipherment", "key_agreement", "digital_signature")
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a certificate is to say. Times are days from now."""

    addresses: Sequence[str] = ()
    hosts: Sequence[str] = ()
    name: str = "somebody"
    kind: str = "rsa"
    bits: int = 2048
    begins: float = -1
    ends: float = 365
    usages: Sequence[str] = ENCRYPTING
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.EMAIL_PROTECTION
    extensions: Sequence[x509.ExtensionType] = ()


def new_key(kind: str = "rsa", bits: int = 2048) -> PrivateKey:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, bits)


class Authority:
    """Issues certificates."""

    def __init__(self, name: str = "Example Authority") -> None:
        self.key = new_key("ec")
        subject = _subject(name)
        builder = _dated(subject, subject, self.key, -2, 3650)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        builder = builder.add_extension(_usage(("key_cert_sign", "crl_sign")), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
        )
        self.certificate = builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    def below(self, name: str, purpose: x509.ObjectIdentifier | None = None) -> "Authority":
        """Another authority that this one vouches for, for one purpose alone where it is given."""
        lower = Authority(name)
        builder = _dated(lower.certificate.subject, self.certificate.subject, lower.key, -2, 3650)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(("key_cert_sign", "crl_sign")), critical=True)
        if purpose:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        lower.certificate = builder.sign(self.key, hashes.SHA256())
        return lower

    def issue(self, wish: Wish, key: PrivateKey | None = None) -> Identity:
        """A certificate as wished for."""
        key = key or new_key(wish.kind, wish.bits)
        builder = _dated(_subject(wish.name), self.certificate.subject, key, wish.begins, wish.ends)
        names: list[x509.GeneralName] = [x509.RFC822Name(address) for address in wish.addresses]
        names += [_host(host) for host in wish.hosts]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if wish.usages:
            builder = builder.add_extension(_usage(wish.usages), critical=True)
        if wish.purpose:
            builder = builder.add_extension(x509.ExtendedKeyUsage([wish.purpose]), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        for extension in wish.extensions:
            builder = builder.add_extension(extension, critical=False)
        return Identity(builder.sign(self.key, hashes.SHA256()), key)

    def crl(self, *revoked: x509.Certificate, days: float = 7, scope: x509.ExtensionType | None = None) -> bytes:
        """A list of revoked certificates, DER. `scope`: what it is limited to."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=days))
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(now - timedelta(hours=1)).build())
        if scope is not None:
            builder = builder.add_extension(scope, critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _dated(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, begins: float, ends: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
    )


def _usage(usages: Sequence[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in usages for name in USAGES})


def _host(host: str) -> x509.GeneralName:
    return x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host)
