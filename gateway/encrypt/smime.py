"""S/MIME 4.0 (RFC 8551): signed by `cryptography` where asked for, encrypted by OpenSSL's `cms`.

`cryptography` has no AuthEnvelopedData (RFC 5083), so the command does that part. It is given certificates as files and
the message on its standard input; nothing that came with the message is ever in its arguments.
"""

import secrets
from base64 import encodebytes
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from gateway.encrypt.errors import EncryptFailed
from gateway.keys.material import Signer
from gateway.processes.programs import Patience, private_folder, run

OPENSSL = "openssl"
CIPHERS = {"gcm": "-aes-256-gcm", "cbc": "-aes-256-cbc"}
BEGIN, END = b"-----BEGIN CMS-----\n", b"-----END CMS-----\n"
SMIME_TYPES = {"gcm": "authEnveloped-data", "cbc": "enveloped-data"}  # RFC 8551 section 3.2.2
SIGNATURE_FIELDS = (
    b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n'
    b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n'
)
# OpenSSL derives with SHA-1 unless told otherwise (RFC 5753 section 7.1.4)
ECDH = ("-keyopt", "ecdh_kdf_md:sha256")


def sign(entity: bytes, signer: Signer) -> bytes:
    """A multipart/signed entity (RFC 8551 section 3.5.3) around this one, which stays as it is."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(entity)
    builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())
    for certificate in signer.chain:
        builder = builder.add_certificate(certificate)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    signature = builder.sign(Encoding.DER, options)
    boundary = b"=_signed_" + secrets.token_hex(16).encode()
    return b"".join(
        (
            b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n micalg=sha-256;'
            b' boundary="' + boundary + b'"\r\n\r\n',
            b"--" + boundary + b"\r\n",
            entity,
            b"\r\n--" + boundary + b"\r\n",
            SIGNATURE_FIELDS,
            _base64(signature),
            b"--" + boundary + b"--\r\n",
        )
    )


def encrypt(entity: bytes, certificates: Sequence[str], manner: str, patience: Patience) -> tuple[bytes, bytes]:
    """The header fields and the body of the encrypted entity. Raises EncryptFailed, ProgramFailed.

    `certificates` are PEM, one a recipient; `manner` is "gcm" or "cbc".
    """
    if not certificates or manner not in CIPHERS:
        raise EncryptFailed("there is no certificate to encrypt for")
    with private_folder() as folder:
        arguments = [OPENSSL, "cms", "-encrypt", "-binary", CIPHERS[manner], "-outform", "PEM"]
        for number, pem in enumerate(certificates):
            file = folder / f"{number}.pem"
            file.write_text(pem, "ascii")
            is_ec = isinstance(_leaf(pem).public_key(), ec.EllipticCurvePublicKey)
            arguments += ["-recip", str(file), *(ECDH if is_ec else ())]
        ran = run(arguments, entity, patience)
    if ran.code or not (ran.stdout.startswith(BEGIN) and ran.stdout.endswith(END)):
        raise EncryptFailed(f"openssl cms ended with {ran.code}")
    fields = (
        f'Content-Type: application/pkcs7-mime; smime-type={SMIME_TYPES[manner]};\r\n name="smime.p7m"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="smime.p7m"\r\n'
    )
    # base64 as OpenSSL writes it: Python takes five times as long for it
    return fields.encode(), ran.stdout[len(BEGIN) : -len(END)].replace(b"\n", b"\r\n")


def _leaf(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(pem.encode())[0]
    except ValueError:
        raise EncryptFailed("a stored certificate is damaged") from None


def _base64(octets: bytes) -> bytes:
    return encodebytes(octets).replace(b"\n", b"\r\n")
