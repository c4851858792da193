"""The form of the log: lines, their hashes, and what is signed.

A line is one event as canonical JSON (sorted keys, no spaces, ASCII) and LF. `seq` counts from 1 without a gap; `prev`
is the SHA-256, in hex, of the line before with its LF (64 zeros for the first), so `sed -n 7p FILE | sha256sum` gives
the `prev` of line 8. Signatures are Ed25519 (RFC 8032) over short plain texts that `printf` can make again.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

GENESIS = "0" * 64
HEAD = "head.json"
HEAD_BYTES = 512  # one sector, so that writing it in place is one step
LOCK = "audit.lock"
PUBLIC_KEY = "audit-key.pub.pem"
SEGMENT = re.compile(r"audit-([0-9]{6,})\.jsonl")
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
MAX_LINE = 16 * 1_048_576


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ended when it was last signed: segment number, its size in bytes, last event and its hash."""

    segment: int
    size: int
    seq: int
    hash: str
    checkpoint: int  # seq of the last checkpoint event, 0 if none
    time: int  # epoch milliseconds

    @property
    def payload(self) -> bytes:
        place = f"segment {self.segment}\nsize {self.size}\nseq {self.seq}\nhash {self.hash}"
        return f"gatepost audit head\n{place}\ncheckpoint {self.checkpoint}\ntime {self.time}\n".encode("ascii")


def canonical(value: Mapping[str, object]) -> bytes:
    """Canonical JSON; TypeError or ValueError for what JSON cannot say."""
    return ENCODER.encode(value).encode("ascii")


def checkpoint_in(event: Mapping[str, object]) -> object:
    """The signature that a line carries, None where it has none. Older logs have it beside the event's fields."""
    unmapped = event.get("unmapped")
    return event.get("checkpoint") or (unmapped.get("checkpoint") if isinstance(unmapped, dict) else None)


def line_of(event: Mapping[str, object]) -> bytes:
    return canonical(event) + b"\n"


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def segment_path(folder: Path, number: int) -> Path:
    return folder / f"audit-{number:06d}.jsonl"


def segment_numbers(folder: Path) -> list[int]:
    """Of the segments there, ascending. Raises OSError."""
    found = (SEGMENT.fullmatch(path.name) for path in folder.iterdir())
    return sorted(int(name[1]) for name in found if name)


def checkpoint_payload(seq: int, prev: str) -> bytes:
    """What a checkpoint event signs: its own number, and the hash of the line before, which stands for all before."""
    return f"gatepost audit checkpoint\nseq {seq}\nprev {prev}\n".encode("ascii")


def sign(key: Ed25519PrivateKey, payload: bytes) -> str:
    return base64.b64encode(key.sign(payload)).decode("ascii")


def is_signed(key: Ed25519PublicKey, payload: bytes, signature: object) -> bool:
    """Whether this is the signature of the payload; False for anything else that may stand there."""
    try:
        key.verify(base64.b64decode(str(signature), validate=True), payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def encode_head(head: Head, key: Ed25519PrivateKey) -> bytes:
    fields = {name: getattr(head, name) for name in Head.__slots__}
    return canonical({**fields, "signature": sign(key, head.payload)}).ljust(HEAD_BYTES - 1) + b"\n"


def decode_head(octets: bytes, key: Ed25519PublicKey) -> Head | None:
    """None unless it is a head that this key signed."""
    try:
        document = json.loads(octets)
        head = Head(**{name: document[name] for name in Head.__slots__})
        numbers = (head.segment, head.size, head.seq, head.checkpoint, head.time)
        valid = all(isinstance(number, int) for number in numbers) and isinstance(head.hash, str)
        return head if valid and is_signed(key, head.payload, document["signature"]) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def parse_public_pem(octets: bytes) -> Ed25519PublicKey | None:
    """None unless it is an Ed25519 public key in PEM."""
    try:
        key = serialization.load_pem_public_key(octets)
    except ValueError:
        return None
    return key if isinstance(key, Ed25519PublicKey) else None
