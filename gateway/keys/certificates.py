"""S/MIME certificates (RFC 8550): what one says, and whether it may be used for an address.

The path to an anchor is validated by OpenSSL's `verify` (RFC 5280, name constraints of addresses and extended key usage
included), at security level 2: no RSA below 2048 bits, no SHA-1. Everything about the recipient is checked here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from gateway.keys.records import form
from gateway.processes.programs import Patience, private_folder, run

MOST_CERTIFICATES = 16  # in one file or answer
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_REASON = re.compile(rb"error \d+ at \d+ depth lookup: ?([^\r\n]+)")


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate of a person with what leads to an anchor."""

    leaf: x509.Certificate
    others: tuple[x509.Certificate, ...] = field(repr=False, default=())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return self.leaf.fingerprint(hashes.SHA256()).hex()

    @property
    def pem(self) -> str:
        return "".join(c.public_bytes(Encoding.PEM).decode("ascii") for c in (self.leaf, *self.others))


def read_chains(octets: bytes) -> list[Chain]:
    """Every certificate of a person in PEM, DER or PKCS#7 bytes, with the CA certificates beside it. [] for none.

    Where there is none, those of authorities that name a mail address: what is wrong with them can be told then.
    """
    certificates = _certificates(octets)[:MOST_CERTIFICATES]
    cas = tuple(c for c in certificates if _is_ca(c))
    people = [c for c in certificates if not _is_ca(c)] or [c for c in cas if addresses_in(c)]
    return [Chain(c, cas) for c in people]


def _certificates(octets: bytes) -> list[x509.Certificate]:
    from cryptography.hazmat.primitives.serialization import pkcs7

    try:
        if found := _PEM.findall(octets):
            return [x509.load_pem_x509_certificate(pem) for pem in found]
        if b"-----BEGIN PKCS7" in octets:
            return list(pkcs7.load_pem_pkcs7_certificates(octets))
        if octets.startswith(b"\x30"):
            return _der(octets)
    except ValueError:
        return []
    return []


def _der(octets: bytes) -> list[x509.Certificate]:
    from cryptography.hazmat.primitives.serialization import pkcs7

    try:
        return [x509.load_der_x509_certificate(octets)]
    except ValueError:
        return list(pkcs7.load_der_pkcs7_certificates(octets))


def addresses_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """The mail addresses of its subject alternative names, then of its subject, as they are compared."""
    found: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += [str(name) for name in names.get_values_for_type(x509.RFC822Name)]
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        pass
    attributes = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    found += [attribute.value for attribute in attributes if isinstance(attribute.value, str)]
    return tuple(dict.fromkeys(filter(None, map(form, found))))


def problems_of(chain: Chain, address: str, anchors: Path | None, now: datetime, patience: Patience) -> list[str]:
    """Why the certificate may not be used for this address, in plain words; [] where it may. Raises ProgramFailed.

    `anchors` None: somebody else vouches for it than an authority.
    """
    leaf = chain.leaf
    found = [*_names(leaf, address), *_strength(leaf), *_usage(leaf)]
    if now < leaf.not_valid_before_utc:
        found.append(f"it is valid only from {leaf.not_valid_before_utc:%Y-%m-%d} on")
    if now >= leaf.not_valid_after_utc:
        found.append(f"it expired on {leaf.not_valid_after_utc:%Y-%m-%d}")
    if found or anchors is None:
        return found
    return _path(chain, anchors, now, patience)


def _names(leaf: x509.Certificate, address: str) -> list[str]:
    names = addresses_in(leaf)
    if address in names:
        return []
    if not names:
        return ["it names no mail address"]
    if address.lower() in {name.lower() for name in names}:
        return [f"it is for {', '.join(names)}: upper and lower case differ"]
    return [f"it is for {', '.join(names[:3])}, not for this address"]


def _strength(leaf: x509.Certificate) -> list[str]:
    found = []
    try:
        key = leaf.public_key()
        digest = leaf.signature_hash_algorithm
    except Exception:  # noqa: BLE001 - of an algorithm that nobody here knows
        return ["its key is of a kind that is not supported"]
    if isinstance(key, rsa.RSAPublicKey):
        if leaf.public_key_algorithm_oid != PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5:
            found.append("its RSA key is for signatures alone (RFC 4055)")
        if key.key_size < 2048:
            found.append(f"its RSA key has {key.key_size} bits, fewer than 2048")
    elif not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)):
        found.append("its key is neither RSA nor on a NIST curve")
    if digest is not None and digest.name in {"sha1", "md5"}:
        found.append(f"it is signed with {digest.name.upper()}")
    return found


def _usage(leaf: x509.Certificate) -> list[str]:
    found = ["it is that of an authority, not of a person (CA:TRUE)"] if _is_ca(leaf) else []
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        is_rsa = isinstance(leaf.public_key(), rsa.RSAPublicKey)
        if not (usage.key_encipherment if is_rsa else usage.key_agreement or usage.key_encipherment):
            found.append("its key usage does not allow encryption")
    except x509.ExtensionNotFound:
        pass
    except (ValueError, x509.DuplicateExtension):
        found.append("its extensions cannot be read")
    if not _is_for_mail(leaf):
        found.append("its extended key usage is not mail")
    return found


def problem_of_signer(certificate: x509.Certificate, now: datetime) -> str:
    """Why recipients' programs would doubt what it signs now, in plain words; "" where they would not."""
    if now < certificate.not_valid_before_utc:
        return f"is valid only from {certificate.not_valid_before_utc:%Y-%m-%d} on: import it then"
    if now >= certificate.not_valid_after_utc:
        return f"expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return "cannot sign mail: its key usage does not allow signatures"
    except x509.ExtensionNotFound:
        pass
    except (ValueError, x509.DuplicateExtension):
        return "cannot be used: its extensions cannot be read"
    return "" if _is_for_mail(certificate) else "cannot sign mail: its extended key usage is not mail"


def _is_for_mail(certificate: x509.Certificate) -> bool:
    """Nothing that it says excludes mail (RFC 5280 section 4.2.1.12, RFC 8550 section 4.4.4)."""
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except (ValueError, x509.DuplicateExtension):
        return False
    return bool({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(purposes))


def _path(chain: Chain, anchors: Path, now: datetime, patience: Patience) -> list[str]:
    if not anchors.is_file():
        return [f"no certification authority is trusted: there is no {anchors}"]
    with private_folder() as folder:
        leaf, others = folder / "leaf.pem", folder / "others.pem"
        leaf.write_bytes(chain.leaf.public_bytes(Encoding.PEM))
        # OpenSSL looks at the purpose of the path for RSA alone: its check of it refuses keys that only agree on a key
        known = [c for c in chain.others if _is_for_mail(c)]
        others.write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in known))
        command = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", str(anchors), "-auth_level", "2"]
        command += ["-attime", str(int(now.timestamp()))]
        if isinstance(chain.leaf.public_key(), rsa.RSAPublicKey):
            command += ["-purpose", "smimeencrypt"]
        command += ["-untrusted", str(others)] if known else []
        ran = run([*command, str(leaf)], patience=patience)
    if ran.code == 0:
        return []
    reason = _REASON.search(ran.stderr) or _REASON.search(ran.stdout)
    words = reason[1].decode("ascii", "replace") if reason else "OpenSSL refused it"
    if len(known) < len(chain.others):
        words += " (an authority beside it is not for mail)"
    return [f"no valid path leads from it to a trusted authority: {words}"]


def issuer_of(chain: Chain, anchors: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """Who issued it, among the certificates beside it and the anchors; by signature."""
    for candidate in (*chain.others, *anchors):
        try:
            chain.leaf.verify_directly_issued_by(candidate)
        except Exception:  # noqa: BLE001, S112 - another name, another kind of key, a wrong signature: not the issuer
            continue
        return candidate
    return None


def read_anchors(path: Path) -> tuple[x509.Certificate, ...]:
    """The trusted authorities; () where there is no such file or it holds none."""
    try:
        return tuple(_certificates(path.read_bytes()))
    except OSError:
        return ()


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        return False
