"""The sealed store behind the portal: a message for one recipient, under a key of its own.

AES-256-GCM in authenticated chunks with a data key for each item, wrapped by the keyring (gateway.store.sealing). For
whom it is stands inside the seal too: who can write to the database makes no other recipient of it. The id is the same
for the same message and recipient, so that a message that is tried again is not kept twice. A link is not the id: it is
made of it with a key, so that ids may stand in the log and lead nowhere.

The blob comes before its row and goes after it, as in the quarantine. The same message may come again while its old row
ends: what ends a row names its `created` too, and a blob is destroyed under the lock of a row that has ended.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, islice

import sqlalchemy as sa

from gateway.pickup.model import Kept, NewPickup, Pickup, PickupUnknown, State
from gateway.store.blobs import BlobStore
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.errors import BlobDamaged, BlobMissing, StoreUnavailable
from gateway.store.schema import pickups

LONGEST_HEAD = 1 << 16  # bytes of the line before the message
ORPHAN_AGE = timedelta(hours=1)
BATCH = 500
UNREAD, EXPIRED = "unread", State.EXPIRED.value  # what its sender heard of it
SHORTEST = 8  # characters of an id that are enough


class Pickups:
    """Safe from many threads and processes. What returns is durable; raises StoreUnavailable."""

    def __init__(
        self, engine: sa.Engine, blobs: BlobStore, key: bytes, holds: timedelta, clock: Clock = utc_now
    ) -> None:
        """`blobs` in a folder of their own; `key` makes ids and links; a message waits for as long as `holds`."""
        self._engine = engine
        self._blobs = blobs
        self._key = key
        self._holds = holds
        self._clock = clock

    def put(self, new: NewPickup, octets: bytes) -> Kept:
        """Keep a message for this recipient, and for nobody else; one that waits already has its whole time again."""
        pickup_id, now = self._id(new.recipient, octets), self._clock()
        link = self.link_of(pickup_id)
        known = self._row(pickups.c.id == pickup_id)
        if known is not None and _waits(known, now) and self._blobs.exists(pickup_id):
            longer = replace(known, expires=max(known.expires, now + self._holds))
            if self._prolong(longer):
                return Kept(longer, link)
        head = json.dumps({"to": new.recipient}).encode() + b"\n"
        self._blobs.put(pickup_id, [head, octets])
        pickup = Pickup(pickup_id, new.recipient, new.mail_from, new.incident, now, now + self._holds, len(octets))
        with writing(self._engine) as connection:
            connection.execute(sa.delete(pickups).where(pickups.c.id == pickup_id))
            connection.execute(sa.insert(pickups).values(link=_digest(link), **_values(pickup)))
            if not self._blobs.exists(pickup_id):
                raise StoreUnavailable("the message was destroyed while it was sealed anew")
        return Kept(pickup, link)

    def link_of(self, pickup_id: str) -> str:
        """What the address of a message ends in: 256 bits that nobody can guess without the key."""
        octets = hmac.digest(self._key, b"link\0" + pickup_id.encode(), hashlib.sha256)
        return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")

    def find(self, link: str) -> Pickup:
        """What waits under a link. Raises PickupUnknown, in the same words whatever the reason."""
        pickup = self._row(pickups.c.link == _digest(link))
        if pickup is None or not _waits(pickup, self._clock()):
            raise PickupUnknown("there is no such message")
        return pickup

    def get(self, pickup_id: str) -> Pickup:
        """By its id, whatever its state. Raises PickupUnknown."""
        pickup = self._row(pickups.c.id == pickup_id)
        if pickup is None:
            raise PickupUnknown("there is no such message")
        return pickup

    def meant_by(self, beginning: str) -> Pickup:
        """The one whose id begins so. Raises PickupUnknown: none, or several."""
        found = sa.select(pickups).where(pickups.c.id.startswith(beginning, autoescape=True)).limit(2)
        with reading(self._engine) as connection:
            rows = connection.execute(found).all() if len(beginning) >= SHORTEST else []
        if len(rows) != 1:
            raise PickupUnknown("there is no such message" if not rows else "that begins several ids: write more of it")
        return _pickup(rows[0])

    def list(self, state: State | None = None, recipient: str = "", limit: int = 1_000_000) -> Iterator[Pickup]:
        """The newest first."""
        chosen = sa.select(pickups).order_by(pickups.c.created.desc(), pickups.c.id).limit(limit)
        if state is not None:
            chosen = chosen.where(pickups.c.state == state.value)
        if recipient:
            chosen = chosen.where(sa.func.lower(pickups.c.recipient) == recipient.lower())
        with reading(self._engine) as connection:
            rows = connection.execute(chosen).all()
        return map(_pickup, rows)

    def read(self, pickup: Pickup) -> Iterator[bytes]:
        """The message in chunks. Raises PickupUnknown: it is gone; BlobDamaged."""
        try:
            line, rest = _head(self._blobs.read(pickup.id))
        except BlobMissing:
            raise PickupUnknown("there is no such message") from None
        if json.loads(line)["to"] != pickup.recipient:
            raise BlobDamaged("it was sealed for somebody else: the database was changed")
        return rest

    def open(self, pickup_id: str) -> bool:
        """Its recipient sees it; True for the first time."""
        first = sa.and_(pickups.c.id == pickup_id, pickups.c.opened.is_(None))
        with writing(self._engine) as connection:
            return connection.execute(sa.update(pickups).where(first).values(opened=self._clock())).rowcount == 1

    def due(self) -> Iterator[Pickup]:
        """Those whose time is over, and that wait all the same."""
        over = sa.and_(pickups.c.state == State.WAITING.value, pickups.c.expires <= self._clock())
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(pickups).where(over)).all()
        return map(_pickup, rows)

    def unread(self, before: datetime, limit: int) -> tuple[Pickup, ...]:
        """Those that nobody opened, of which their senders have not heard: sent before that time, or destroyed."""
        waits = sa.and_(pickups.c.state == State.WAITING.value, pickups.c.created < before, pickups.c.told == "")
        over = sa.and_(pickups.c.state == State.EXPIRED.value, pickups.c.told != State.EXPIRED.value)
        chosen = sa.select(pickups).where(pickups.c.opened.is_(None), sa.or_(waits, over)).order_by(pickups.c.created)
        with reading(self._engine) as connection:
            return tuple(map(_pickup, connection.execute(chosen.limit(limit)).all()))

    def tell(self, about: Sequence[Pickup], *, back: bool = False) -> None:
        """Their senders hear of them; `back`: they did not after all."""
        with writing(self._engine, alone=False) as connection:
            for pickup in about:
                told = "" if back else EXPIRED if pickup.state is State.EXPIRED else UNREAD
                chosen = sa.update(pickups).where(pickups.c.id == pickup.id)
                connection.execute(chosen.values(told=told))

    def end(self, pickup: Pickup, state: State, by: str) -> bool:
        """Nobody can open it any more; False where it had ended already, or was sealed anew since it was looked up.

        What is sealed is still there: `destroy` comes next.
        """
        values = {"state": state.value, "ended": self._clock(), "ended_by": by}
        with writing(self._engine) as connection:
            return connection.execute(sa.update(pickups).where(_same(pickup)).values(values)).rowcount == 1

    def destroy(self, pickup_id: str) -> bool:
        """Destroy the data key of what ended; False where it is gone, or waits anew. A crash leaves it to the sweep."""
        over = sa.and_(pickups.c.id == pickup_id, pickups.c.state != State.WAITING.value)
        with writing(self._engine, alone=False) as connection:
            row = connection.execute(sa.select(pickups.c.id).where(over).with_for_update()).one_or_none()
            return row is not None and self._blobs.delete(pickup_id)

    def is_sealed(self, pickup_id: str) -> bool:
        """Whether its data key is still there."""
        return self._blobs.exists(pickup_id)

    def forget(self, before: datetime) -> int:
        """What ended before that time is not even listed any more. How many."""
        old = sa.and_(pickups.c.state != State.WAITING.value, pickups.c.ended < before)
        with writing(self._engine) as connection:
            return connection.execute(sa.delete(pickups).where(old)).rowcount

    def sweep_orphans(self, older_than: timedelta = ORPHAN_AGE) -> int:
        """Remove blobs that no row needs: of a crash between blob and row, or between ending and removing."""
        seconds = older_than.total_seconds()
        removed = self._blobs.sweep_temporaries(seconds)
        ids = chain(self._blobs.ids(), self._blobs.hidden())
        while batch := tuple(islice(ids, BATCH)):
            needed = sa.and_(pickups.c.id.in_(batch), pickups.c.state == State.WAITING.value)
            with reading(self._engine) as connection:
                kept = set(connection.execute(sa.select(pickups.c.id).where(needed)).scalars())
            removed += sum(self._blobs.delete_older(pickup_id, seconds) for pickup_id in set(batch) - kept)
        return removed

    def rewrap(self) -> Iterator[bool]:
        """Wrap every data key under the active key of the keyring, one at a step; False for one that was so already."""
        return (self._blobs.rewrap(pickup_id) for pickup_id in self._blobs.ids())

    def counts(self) -> tuple[int, int]:
        """How many wait, and how many of these were never opened."""
        waiting = sa.select(sa.func.count(), sa.func.count(pickups.c.opened)).where(
            pickups.c.state == State.WAITING.value
        )
        with reading(self._engine) as connection:
            every, opened = connection.execute(waiting).one()
        return int(every), int(every) - int(opened)

    def _prolong(self, pickup: Pickup) -> bool:
        with writing(self._engine, alone=False) as connection:
            chosen = sa.update(pickups).where(_same(pickup)).values(expires=pickup.expires)
            return connection.execute(chosen).rowcount == 1

    def _row(self, which: sa.ColumnElement[bool]) -> Pickup | None:
        with reading(self._engine, once=True) as connection:
            row = connection.execute(sa.select(pickups).where(which)).one_or_none()
        return _pickup(row) if row is not None else None

    def _id(self, recipient: str, octets: bytes) -> str:
        digest = hmac.new(self._key, b"id\0", digestmod=hashlib.sha256)
        digest.update(recipient.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(octets)
        return digest.hexdigest()


def _waits(pickup: Pickup, now: datetime) -> bool:
    return pickup.state is State.WAITING and now < pickup.expires


def _same(pickup: Pickup) -> sa.ColumnElement[bool]:
    """The row that was looked up, while it waits: a message that is sealed anew has the same id."""
    return sa.and_(
        pickups.c.id == pickup.id,
        pickups.c.created == pickup.created,
        pickups.c.state == State.WAITING.value,
    )


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode("utf-8", "replace")).hexdigest()


def _values(pickup: Pickup) -> dict[str, object]:
    names = Pickup.__slots__
    return {name: getattr(pickup, name) for name in names} | {"state": pickup.state.value}


def _pickup(row: sa.Row[tuple[object, ...]]) -> Pickup:
    values = {name: getattr(row, name) for name in Pickup.__slots__}
    return replace(Pickup(**values), state=State(values["state"]))


class _Rest:
    """What comes behind the head. Whoever stops halfway closes it, and the file with it."""

    def __init__(self, first: bytes, chunks: Iterator[bytes]) -> None:
        self._first = first
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, b""
        return first or next(self._chunks)

    def close(self) -> None:
        """Raises ValueError where another thread reads in this moment."""
        if isinstance(self._chunks, Generator):
            self._chunks.close()


def _head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first line, and what comes behind it."""
    gathered = b""
    for chunk in chunks:
        gathered += chunk
        line, end, rest = gathered.partition(b"\n")
        if end or len(gathered) > LONGEST_HEAD:
            return line, _Rest(rest, chunks)
    return gathered, iter(())
