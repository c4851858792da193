"""One way to the provider and back: what binds the answer to the browser that asked, kept in its cookie alone.

The cookie has a random word, where to go on, and a seal. State, nonce and verifier are made of the word with a key of
ours: nothing is kept for those who only begin, and what comes back is taken once.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

HOLDS = 600.0  # seconds to sign in at the provider


@dataclass(frozen=True, slots=True)
class Flow:
    """`session`: the id of the one whose person is to prove once more who it is; "": to sign in. `begun` in seconds."""

    session: str
    following: str
    begun: float
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """RFC 7636, S256."""
        return _plain(hashlib.sha256(self.verifier.encode()).digest())


class Flows:
    """Safe for many threads."""

    def __init__(self, key: bytes, clock: Callable[[], float]) -> None:
        self._key = key
        self._clock = clock
        self._taken: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self, session: str, following: str) -> tuple[str, Flow]:
        """The cookie, and what to ask the provider with."""
        word, now = secrets.token_urlsafe(32), self._clock()
        body = _plain(json.dumps([word, session, following, now]).encode())
        return f"{body}.{self._mark('cookie', body)}", self._flow(word, session, following, now)

    def take(self, cookie: str, state: str) -> Flow | None:
        """What was begun in this browser, if the answer is to it; once."""
        body, _, mark = cookie.partition(".")
        if not hmac.compare_digest(mark.encode(), self._mark("cookie", body).encode()):
            return None
        word, session, following, begun = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        flow = self._flow(word, session, following, begun)
        if not hmac.compare_digest(flow.state.encode(), state.encode("utf-8", "replace")):
            return None
        now = self._clock()
        with self._lock:
            self._taken = {each: until for each, until in self._taken.items() if until > now}
            if not begun <= now <= begun + HOLDS or word in self._taken:
                return None
            self._taken[word] = begun + HOLDS
        return flow

    def _flow(self, word: str, session: str, following: str, begun: float) -> Flow:
        state, nonce, verifier = (self._mark(what, word) for what in ("state", "nonce", "verifier"))
        return Flow(session, following, begun, state, nonce, verifier)

    def _mark(self, what: str, word: str) -> str:
        sealed = b"\0".join((b"openid", what.encode(), word.encode("utf-8", "replace")))
        return _plain(hmac.new(self._key, sealed, hashlib.sha256).digest())


def _plain(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")
