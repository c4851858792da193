"""How a delivery is signed: Standard Webhooks 1.0 (standardwebhooks.com), which libraries of many languages check.

    webhook-id: the event's uid, the same in every try
    webhook-timestamp: seconds since 1970, of this try
    webhook-signature: "v1," and base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>"; one for each secret, in a row

A receiver refuses a timestamp more than five minutes away from its own clock, and an id that it has had.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.audit.chain import canonical
from gateway.audit.reading import Event, code, word
from gateway.core.errors import SetupError

PREFIX = "whsec_"
SECRET_BYTES = (24, 64)
NEW_SECRET_BYTES = 32
_SECRET = re.compile(rf"{PREFIX}([A-Za-z0-9+/]+={{0,2}})")


def body_of(event: Event) -> bytes:
    """What is sent: type, time and the event as it stands in the log. ASCII."""
    wrapped: Mapping[str, Any] = {"type": code(event), "timestamp": word(event, "time_dt"), "data": event}
    return canonical(wrapped)


def headers_of(uid: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The fields of the signature."""
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(uid, timestamp, body, secret) for secret in secrets),
    }


def signature(uid: str, timestamp: int, body: bytes, secret: bytes) -> str:
    signed = hmac.new(secret, f"{uid}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode('ascii')}"


def new_secret() -> str:
    """A line of a secret file."""
    return PREFIX + base64.b64encode(os.urandom(NEW_SECRET_BYTES)).decode("ascii")


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """The secrets of a file, a line each; the first is the newest. Raises SetupError, never with what stands in it."""
    try:
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            lines = [line.strip() for line in file.read(4_096).splitlines() if line.strip()]
    except OSError as error:
        raise SetupError(f"{path}: the secret cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SetupError(f"{path}: this is no secret: `gatepost webhooks secret FILE` makes one") from None
    if stat.S_IMODE(mode) & 0o077:
        raise SetupError(f"{path}: others can read the secret: chmod 600 {path}")
    secrets = tuple(_secret(path, number, line) for number, line in enumerate(lines, 1))
    if not secrets:
        raise SetupError(f"{path}: there is no secret in it: `gatepost webhooks secret FILE` makes one")
    return secrets


def _secret(path: Path, number: int, line: str) -> bytes:
    found = _SECRET.fullmatch(line)
    try:
        secret = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        secret = b""
    if not SECRET_BYTES[0] <= len(secret) <= SECRET_BYTES[1]:
        raise SetupError(f"{path}:{number}: must be {PREFIX} and 24 to 64 bytes in base64")
    return secret
