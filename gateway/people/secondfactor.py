"""The second factor: codes by time (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, as every app reads them), and the
codes on paper for the day when the telephone is gone."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from gateway.people.passwords import WORDS

PERIOD, DIGITS = 30, 6
SECRET_BYTES = 20
DRIFT = 1  # steps that a clock may be wrong, each way
RECOVERY_CODES = 10


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """As apps take it by hand: base 32 in groups of four."""
    text = base64.b32encode(secret).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address_of(secret: bytes, name: str, issuer: str) -> str:
    """The otpauth address that a QR code carries."""
    query = urlencode({"secret": base64.b32encode(secret).decode("ascii"), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?{query}"


def qr_code(text: str) -> str:
    """An SVG element, to be put into a page. Black on white in both themes: cameras want it so."""
    drawn: str = segno.make(text, error="m").svg_inline(
        scale=5, border=4, light="#fff", dark="#000", svgclass="qr", lineclass=None, omitsize=True
    )
    return drawn


def step_of(secret: bytes, code: str, seconds: float, last_step: int) -> int | None:
    """The step of time that a code belongs to; None where it is wrong, or of a step that was used before."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdecimal():
        return None
    now = int(seconds // PERIOD)
    # enforce_key_length: RFC 4226 asks for 128 bits, we make 160
    codes = HOTP(secret, DIGITS, SHA1())  # noqa: S303 - HMAC-SHA-1 is what the apps have, and unbroken as HMAC
    right = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if step >= 0 and hmac.compare_digest(codes.generate(step), digits.encode())
    ]
    return next((step for step in right if step > last_step), None)


def new_recovery_codes() -> tuple[str, ...]:
    """Ten of about 49 bits each."""
    return tuple(
        "-".join("".join(secrets.choice(WORDS) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    )


def recovery_digest(person_id: str, code: str) -> str:
    """How a recovery code is kept: it has entropy enough for a plain hash."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(f"{person_id}\0{plain}".encode()).hexdigest()
