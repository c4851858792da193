"""What a security key is asked to sign: random, bound to one browser and one purpose, good for five minutes and once.

Nothing is kept for those who only ask: strangers can fill no memory. What was signed is remembered until it is old.
"""

import hashlib
import hmac
import secrets
import struct
import threading
from collections.abc import Callable

NONCE = 16
HOLDS = 300.0  # seconds
_TIME = struct.Struct(">d")


class Challenges:
    """Safe for many threads. `clock`: seconds, of the same day."""

    def __init__(self, key: bytes, clock: Callable[[], float]) -> None:
        self._key = key
        self._clock = clock
        self._spent: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def new(self, purpose: str, browser: str) -> bytes:
        """`browser`: the secret of its cookie."""
        body = secrets.token_bytes(NONCE) + _TIME.pack(self._clock())
        return body + self._mark(body, purpose, browser)

    def spend(self, challenge: bytes, purpose: str, browser: str) -> bool:
        """Whether it is one of ours for this, not too old and not used; it is used now."""
        body, mark = challenge[: NONCE + _TIME.size], challenge[NONCE + _TIME.size :]
        if not browser or not hmac.compare_digest(mark, self._mark(body, purpose, browser)):
            return False
        now, made = self._clock(), _TIME.unpack(body[NONCE:])[0]
        with self._lock:
            self._spent = {nonce: until for nonce, until in self._spent.items() if until > now}
            if not now - HOLDS <= made <= now or body[:NONCE] in self._spent:
                return False
            self._spent[body[:NONCE]] = made + HOLDS
        return True

    def _mark(self, body: bytes, purpose: str, browser: str) -> bytes:
        bound = b"\0".join((b"webauthn", purpose.encode(), browser.encode("utf-8", "replace"), body))
        return hmac.new(self._key, bound, hashlib.sha256).digest()
