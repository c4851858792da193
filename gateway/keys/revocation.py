"""Whether an authority has revoked a certificate (RFC 5280 section 5, RFC 6960): OCSP first, else its list.

Asked only of authorities that lead to an anchor, over plain HTTP as their certificates say: answers are signed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gateway.keys.certificates import Chain, issuer_of, read_anchors

REVOKED = "its authority has revoked it"
UNKNOWN = "its authority could not be asked whether it is revoked"

# Whatever the library stumbles over in an answer is no answer: over plain HTTP anybody on the way can make one.
UNREADABLE = (OSError, ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)

# An answer without an end holds no longer: anybody on the way could show one from before the revocation for ever.
ENDLESS = timedelta(days=7)

Fetch = Callable[[str, bytes], bytes]  # address, body to post or b"": the answer; raises OSError


@dataclass(frozen=True, slots=True)
class Revocation:
    """How revocation is looked at. "required": a certificate whose authority cannot be asked is not used."""

    policy: Literal["off", "when-reachable", "required"]
    fetch: Fetch

    def problems_of(self, chain: Chain, anchors: Path, now: datetime) -> list[str]:
        """Why the certificate may not be used; [] where it may. The chain must have been validated."""
        if self.policy == "off":
            return []
        issuer = issuer_of(chain, read_anchors(anchors))
        revoked = None if issuer is None else self._is_revoked(chain.leaf, issuer, now)
        if revoked is None:
            return [UNKNOWN] if self.policy == "required" else []
        return [REVOKED] if revoked else []

    def _is_revoked(self, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool | None:
        for address in _ocsp_addresses(leaf):
            revoked = self._by_ocsp(address, leaf, issuer, now)
            if revoked is not None:
                return revoked
        for address in _list_addresses(leaf):
            revoked = self._by_list(address, leaf, issuer, now)
            if revoked is not None:
                return revoked
        return None

    def _by_ocsp(self, address: str, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool | None:
        request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
        try:
            answer = ocsp.load_der_ocsp_response(self.fetch(address, request.public_bytes(Encoding.DER)))
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return None
            end = answer.next_update_utc or answer.this_update_utc + ENDLESS
            current = answer.this_update_utc <= now < end
            if answer.serial_number != leaf.serial_number or not current or not _is_signed(answer, issuer, now):
                return None
            status = answer.certificate_status
        except UNREADABLE:
            return None
        return None if status is ocsp.OCSPCertStatus.UNKNOWN else status is ocsp.OCSPCertStatus.REVOKED

    def _by_list(self, address: str, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool | None:
        try:
            octets = self.fetch(address, b"")
            crl = x509.load_pem_x509_crl(octets) if octets.startswith(b"-----") else x509.load_der_x509_crl(octets)
            end = crl.next_update_utc
            if crl.issuer != issuer.subject or not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                return None
            if end is None or not crl.last_update_utc <= now < end or not _tells_of_people(crl, address):
                return None
            return crl.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None
        except UNREADABLE:
            return None


def _tells_of_people(crl: x509.CertificateRevocationList, address: str) -> bool:
    """Whether silence of this list says that a certificate which names its address is good (RFC 5280 section 6.3.3).

    One of authorities, of some reasons, of changes alone or of another address is signed as well, and anybody on the
    way can put it in the place of the right one.
    """
    for extension in crl.extensions:
        scope = extension.value
        if isinstance(scope, x509.IssuingDistributionPoint):
            places = [name.value for name in scope.full_name or ()]
            others = scope.only_contains_ca_certs or scope.only_contains_attribute_certs
            if others or scope.only_some_reasons or scope.indirect_crl or scope.relative_name:
                return False
            if places and address not in places:
                return False
        elif extension.critical or isinstance(scope, x509.DeltaCRLIndicator):
            return False
    return True


def _is_signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> bool:
    """By the issuer, or by a certificate that the issuer gave for just this (RFC 6960 section 4.2.2.2)."""
    from cryptography.exceptions import InvalidSignature

    for candidate in (issuer, *answer.certificates):
        if candidate is not issuer and not _is_responder(candidate, issuer, now):
            continue
        key, digest = candidate.public_key(), answer.signature_hash_algorithm
        try:
            _verify(key, answer.signature, answer.tbs_response_bytes, digest)
        except (InvalidSignature, TypeError, ValueError, AttributeError):
            continue
        return True
    return False


def _verify(key: object, signature: bytes, octets: bytes, digest: hashes.HashAlgorithm | None) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    if digest is None or digest.name in {"md5", "sha1"}:
        raise ValueError("signed with a weak digest")
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, octets, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, octets, ec.ECDSA(digest))
    else:
        raise TypeError("a key that is not supported")


def _is_responder(candidate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    try:
        candidate.verify_directly_issued_by(issuer)
        purposes = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no responder
        return False
    valid = candidate.not_valid_before_utc <= now < candidate.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _ocsp_addresses(leaf: x509.Certificate) -> list[str]:
    try:
        access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        description.access_location.value
        for description in access
        if description.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    ]


def _list_addresses(leaf: x509.Certificate) -> list[str]:
    try:
        points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    names = (name for point in points for name in point.full_name or ())
    return [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
