"""Keys of the organization: made here, or taken in from files. Nothing private is ever an argument of a program."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from gateway.core.errors import SetupError
from gateway.core.verdict import Method
from gateway.keys.certificates import problem_of_signer
from gateway.keys.openpgp import BATCH, GPG, read_keys
from gateway.keys.own import load_private, private_pem
from gateway.keys.records import form
from gateway.processes.programs import Patience, private_folder, run

RSA_BITS = 3072
PATIENCE = Patience(120.0)


@dataclass(frozen=True, slots=True)
class Made:
    """A key ready to be kept. `public` "": a request for a certificate is still under way, and is in `request`."""

    method: Method
    fingerprint: str
    public: str = field(repr=False)
    private: bytes = field(repr=False)
    not_after: datetime | None = None
    request: str = field(repr=False, default="")


def request_certificate(address: str, name: str) -> Made:
    """A new RSA key with a request for a certificate (RFC 2986) to send to an authority. Raises SetupError."""
    key = rsa.generate_private_key(65537, RSA_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name or address)])
    names = x509.SubjectAlternativeName([x509.RFC822Name(_plain(address))])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(names, critical=False)
    request = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode("ascii")
    return Made(Method.SMIME, _key_id(key.public_key()), "", private_pem(key), request=request)


def certificate_of(octets: bytes, password: bytes | None = None, known: bytes = b"") -> Made:
    """A certificate with its chain, and its private key from the same file or `known`. Raises SetupError."""
    try:
        certificates = x509.load_pem_x509_certificates(octets)
    except ValueError:
        raise SetupError("there is no certificate in PEM in the file") from None
    key = load_private(known or octets, password)
    own = [c for c in certificates if _spki(c.public_key()) == _spki(key.public_key())]
    if not own:
        raise SetupError("the private key does not belong to a certificate in the file")
    if problem := problem_of_signer(own[0], datetime.now(UTC)):
        raise SetupError(f"the certificate {problem}")
    ordered = [own[0], *(c for c in certificates if c is not own[0])]
    public = "".join(c.public_bytes(Encoding.PEM).decode("ascii") for c in ordered)
    return Made(Method.SMIME, _key_id(key.public_key()), public, private_pem(key), own[0].not_valid_after_utc)


def key_ids_in(octets: bytes) -> list[str]:
    """The ids of the keys that the certificates in a file are for."""
    try:
        return [_key_id(c.public_key()) for c in x509.load_pem_x509_certificates(octets)]
    except ValueError:
        return []


def generate_openpgp(address: str, name: str, years: int, passphrase: str) -> Made:
    """A new OpenPGP key under `passphrase`: Ed25519 to sign, X25519 to encrypt. Raises SetupError, ProgramFailed."""
    parameters = [
        "Key-Type: EDDSA",
        "Key-Curve: ed25519",
        "Subkey-Type: ECDH",
        "Subkey-Curve: cv25519",
        f"Name-Email: {_plain(address)}",
        f"Expire-Date: {years}y",
        f"Passphrase: {passphrase}",
        "%commit",
    ]
    if name:
        if not name.isprintable() or len(name) < 5:
            raise SetupError("the name in an OpenPGP key has at least five characters, and no line breaks")
        parameters.insert(4, f"Name-Real: {name}")
    with private_folder() as home:
        gpg = [GPG, *BATCH, "--homedir", str(home), "--pinentry-mode", "loopback"]
        ran = run([*gpg, "--gen-key"], "\n".join(parameters).encode(), PATIENCE)
        if ran.code:
            raise SetupError("gpg made no key")
        return _exported(gpg, passphrase, home_of=str(home))


def openpgp_of(octets: bytes, passphrase: str) -> Made:
    """An OpenPGP secret key without a passphrase, or under this one, from a file. Raises SetupError."""
    with private_folder() as home:
        gpg = [GPG, *BATCH, "--homedir", str(home), "--pinentry-mode", "loopback"]
        run([*gpg, "--import"], octets, PATIENCE)
        return _exported(gpg, passphrase, home_of=str(home))


def _exported(gpg: list[str], passphrase: str, home_of: str) -> Made:
    listed = run([*gpg, "--with-colons", "--list-secret-keys"], patience=PATIENCE).stdout.decode("utf-8", "replace")
    fingerprint = next((line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:")), "")
    if not fingerprint:
        raise SetupError("there is no OpenPGP secret key in the file")
    armored = run([*gpg, "--armor", "--export", fingerprint], patience=PATIENCE).stdout
    secret = run(
        [*gpg, "--passphrase-fd", "0", "--armor", "--export-secret-keys", fingerprint],
        f"{passphrase}\n".encode(),
        PATIENCE,
    ).stdout
    run(["gpgconf", "--homedir", home_of, "--kill", "gpg-agent"], patience=PATIENCE)
    keys = read_keys(armored, PATIENCE)
    if not keys or not secret:
        raise SetupError("the OpenPGP key cannot be read: another passphrase protects it, or it is damaged")
    if keys[0].problem:
        raise SetupError(f"the OpenPGP key cannot be used: {keys[0].problem}")
    return Made(Method.PGP, fingerprint, armored.decode("ascii", "replace"), secret, keys[0].expires)


def _plain(address: str) -> str:
    known = form(address)
    if not known or not known.isascii():
        raise SetupError(f"{address}: this is no mail address of ASCII letters")
    return known


def _key_id(key: object) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(_spki(key))
    return digest.finalize().hex()


def _spki(key: object) -> bytes:
    public: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return public
