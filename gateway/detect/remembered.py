"""What was found in a text, for when the same comes again: a newsletter, a form, a file sent to many, a sender's name.

Remembered are places and reasons by a keyed digest, never a text or a value of it. The key is of this process alone.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Generic, TypeVar

from gateway.detect.tally import Used

PAGE = 500  # bytes; what is shorter is a line: a subject, a sender, the name of a file
_MOST = 2_000  # texts
_MOST_PLACES = 50_000  # in all of them
_MOST_OF_ONE = 1_000

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Known(Generic[Place]):
    """What was found in a text, and what that took of the limits, by detector."""

    places: tuple[Place, ...]
    used: Used


@dataclass(slots=True)
class Remembered(Generic[Place]):
    """Of the texts that came last. For several threads."""

    _known: OrderedDict[bytes, Known[Place]] = field(default_factory=OrderedDict, repr=False)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _places: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def digest(self, octets: bytes) -> bytes:
        """What a text is known by. Of the digests that nobody forges the one that processors have instructions for."""
        digest = sha256(self._key)
        digest.update(octets)
        return digest.digest()

    def get(self, digest: bytes) -> Known[Place] | None:
        """None for a text that is not known."""
        with self._lock:
            known = self._known.get(digest)
            if known is not None:
                self._known.move_to_end(digest)
            return known

    def put(self, digest: bytes, known: Known[Place]) -> None:
        """Those that came longest ago are forgotten for it."""
        if len(known.places) > _MOST_OF_ONE:
            return
        with self._lock:
            if digest in self._known:
                return
            self._known[digest] = known
            self._places += len(known.places)
            while len(self._known) > _MOST or self._places > _MOST_PLACES:
                _, forgotten = self._known.popitem(last=False)
                self._places -= len(forgotten.places)
