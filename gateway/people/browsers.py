"""Browsers in which somebody signed in before: a stranger who knows a name can let it rest, and keeps nobody out.

Such a browser has a mark of the account, which stands in for no password and no code. Failures with it, or within an
open session, count against that browser or session alone; after some it is as any other. A mark ends with its time, and
with a change of the account: a new password, a reset, another role.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.people.model import Person
from gateway.store.clock import Clock

HOLDS = timedelta(days=90)
FREE = 4  # failures of one browser or session
COUNTED = timedelta(minutes=15)
MOST_SHOWN = 20  # marks that are looked at
MOST_COUNTED = 10_000


class Browsers:
    """Safe for many threads. Failures are counted in this process, and forgotten when it ends."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._failures: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def mark_of(self, person: Person) -> str:
        """A new one, for the browser in which this person signed in."""
        body = f"{int(self._clock().timestamp())}.{secrets.token_urlsafe(12)}"
        return f"{body}.{self._sealed(person, body)}"

    def known(self, person: Person, marks: Sequence[str]) -> str:
        """What failures of this browser are counted by; "": none of its marks is of this person, or it failed often."""
        for mark in marks[:MOST_SHOWN]:
            body, _, seal = mark.rpartition(".")
            right = hmac.compare_digest(self._sealed(person, body).encode(), seal.encode("utf-8", "replace"))
            if right and self._is_young(body) and not self.is_worn(mark):
                return mark
        return ""

    def failed(self, where: str) -> None:
        """In a browser that is known, or in a session."""
        with self._lock:
            if len(self._failures) >= MOST_COUNTED:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(where, []).append(self._clock())

    def is_worn(self, where: str) -> bool:
        """It failed too often of late."""
        with self._lock:
            late = [when for when in self._failures.get(where, ()) if when > self._clock() - COUNTED]
            return len(late) > FREE

    def _is_young(self, body: str) -> bool:
        made = datetime.fromtimestamp(int(body.partition(".")[0]), self._clock().tzinfo)
        return self._clock() - HOLDS < made

    def _sealed(self, person: Person, body: str) -> str:
        bound = "\0".join(("browser", person.id, person.changed.isoformat(), body))
        return hmac.new(self._key, bound.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
