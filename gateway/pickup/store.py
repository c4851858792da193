"""The sealed store behind the portal: a message for some recipients, under a key of its own.

AES-256-GCM in authenticated chunks with a data key for each item, wrapped by the keyring (gateway.store.sealing). For
whom it is and since when stands inside the seal too. An id is what a link ends in: 256 bits that nobody can guess, the
same for the same message and recipients, so that a message that is tried again is not kept twice.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from gateway.core.errors import TransactionError
from gateway.store.blobs import BlobStore
from gateway.store.clock import Clock, utc_now
from gateway.store.errors import BlobMissing

LONGEST_HEAD = 1 << 20  # bytes of the line before the message


class PickupUnknown(TransactionError):
    """There is no such message, or no longer. It says no more, so that nobody can try ids."""


@dataclass(frozen=True, slots=True)
class Pickup:
    """What waits, for whom, since when (aware)."""

    id: str
    recipients: tuple[str, ...]
    created: datetime


class Pickups:
    """Safe from many threads and processes. What returns is durable; raises StoreUnavailable."""

    def __init__(self, blobs: BlobStore, key: bytes, clock: Clock = utc_now) -> None:
        """`blobs` in a folder of their own; `key` makes ids."""
        self._blobs = blobs
        self._key = key
        self._clock = clock

    def put(self, recipients: Sequence[str], octets: bytes) -> Pickup:
        """Keep a message for these recipients, and for nobody else."""
        pickup = Pickup(self._id(recipients, octets), tuple(recipients), self._clock())
        head = {"to": pickup.recipients, "created": pickup.created.isoformat()}
        self._blobs.put(pickup.id, [json.dumps(head).encode() + b"\n", octets])
        return pickup

    def open(self, pickup_id: str) -> tuple[Pickup, Iterator[bytes]]:
        """What waits under an id, and the message in chunks. Raises PickupUnknown, BlobDamaged."""
        try:
            chunks = self._blobs.read(pickup_id)
        except (BlobMissing, ValueError):
            raise PickupUnknown("there is no such message") from None
        line, rest = _head(chunks)
        told = json.loads(line)
        created = datetime.fromisoformat(told["created"])
        return Pickup(pickup_id, tuple(told["to"]), created), rest

    def discard(self, pickup_id: str) -> bool:
        """Destroy it; False where there is none."""
        with suppress(ValueError):
            return self._blobs.delete(pickup_id)
        return False

    def sweep(self, older_than: timedelta) -> int:
        """Destroy what has waited longer than that. How many."""
        seconds = older_than.total_seconds()
        return sum(self._blobs.delete_older(pickup_id, seconds) for pickup_id in list(self._blobs.ids()))

    def rewrap(self) -> Iterator[bool]:
        """Wrap every data key under the active key of the keyring, one at a step; False for one that was so already."""
        return (self._blobs.rewrap(pickup_id) for pickup_id in self._blobs.ids())

    def _id(self, recipients: Sequence[str], octets: bytes) -> str:
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        for word in sorted(recipients):
            digest.update(word.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(b"\0" + octets)
        return digest.hexdigest()


def _head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first line, and what comes behind it."""
    gathered = b""
    for chunk in chunks:
        gathered += chunk
        line, end, rest = gathered.partition(b"\n")
        if end or len(gathered) > LONGEST_HEAD:
            return line, chain([rest] if rest else [], chunks)
    return gathered, iter(())
