"""A security key made of software, which can also be told to lie."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """Answers for `site` and `origin`, whatever it was asked. `count` goes up with each answer."""

    site: str = "localhost"
    origin: str = "https://localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 1
    handle: str | None = None
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def made(self, challenge: bytes) -> str:
        """What a browser says of a new key."""
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        about = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + cbor2.dumps(cose)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._about(self.flags | ATTESTED) + about})
        return self._answer(self._client("webauthn.create", challenge), attestationObject=text(attested))

    def asked(self, challenge: bytes) -> str:
        """What a browser says of a key that was asked."""
        self.count += 1
        about, client = self._about(self.flags), self._client("webauthn.get", challenge)
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(client, authenticatorData=text(about), signature=text(signature), userHandle=self.handle)

    def _about(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: bytes) -> bytes:
        said = {"type": kind, "challenge": text(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, client: bytes, **response: str | None) -> str:
        response = {"clientDataJSON": text(client), **response}
        name = text(self.credential)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}
        )


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
