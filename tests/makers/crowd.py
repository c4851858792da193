"""An OpenPGP key with as many user ids as one likes (RFC 9580, version 4): GnuPG would take minutes to make it."""

import hashlib
import time
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = bytes.fromhex("092b06010401da470f01")  # with its length
CURVE25519 = bytes.fromhex("0a2b060104019755010501")
KDF = bytes.fromhex("03010807")  # SHA-256, AES-128
PUBLIC_KEY, USER_ID, SUBKEY, SIGNATURE = 6, 13, 14, 2
POSITIVE, BINDING = 0x13, 0x18
CERTIFY_AND_SIGN, ENCRYPT = 0x03, 0x0C


def key_of(addresses: Sequence[str]) -> bytes:
    """Binary; each user id is bound by the key itself."""
    signer, made = Ed25519PrivateKey.generate(), int(time.time()) - 60
    when = made.to_bytes(4, "big")
    primary = b"\x04" + when + b"\x16" + ED25519 + _integer(b"\x40" + _raw(signer))
    sub = b"\x04" + when + b"\x12" + CURVE25519 + _integer(b"\x40" + _raw(X25519PrivateKey.generate())) + KDF
    hashed = _hashed(primary)
    packets = [_packet(PUBLIC_KEY, primary)]
    for address in addresses:
        uid = f"p <{address}>".encode()
        signed = hashed + b"\xb4" + len(uid).to_bytes(4, "big") + uid
        packets += [_packet(USER_ID, uid), _signature(signer, signed, POSITIVE, CERTIFY_AND_SIGN, primary, when)]
    bound = _signature(signer, hashed + _hashed(sub), BINDING, ENCRYPT, primary, when)
    return b"".join((*packets, _packet(SUBKEY, sub), bound))


def _signature(signer: Ed25519PrivateKey, octets: bytes, kind: int, flags: int, primary: bytes, when: bytes) -> bytes:
    key_id = hashlib.sha1(_hashed(primary)).digest()[-8:]
    hashed = b"\x05\x02" + when + b"\x02\x1b" + bytes([flags])
    head = bytes([4, kind, 0x16, 8]) + len(hashed).to_bytes(2, "big") + hashed
    digest = hashlib.sha256(octets + head + b"\x04\xff" + len(head).to_bytes(4, "big")).digest()
    signed = signer.sign(digest)
    body = head + b"\x00\x0a\x09\x10" + key_id + digest[:2] + _integer(signed[:32]) + _integer(signed[32:])
    return _packet(SIGNATURE, body)


def _raw(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _hashed(key: bytes) -> bytes:
    return b"\x99" + len(key).to_bytes(2, "big") + key


def _packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def _integer(octets: bytes) -> bytes:
    stripped = octets.lstrip(b"\0")
    bits = int.from_bytes(stripped, "big").bit_length()
    return bits.to_bytes(2, "big") + stripped
