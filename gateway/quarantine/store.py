"""The quarantine: sealed messages in the blob store, what is known of them in the database."""

import builtins
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice

import sqlalchemy as sa

from gateway.quarantine.errors import (
    AlreadyDiscarded,
    AlreadyReleased,
    ItemUnknown,
    OnHold,
    ReleaseBusy,
    ReleaseUncertain,
)
from gateway.quarantine.items import Held, Item, NewItem, Query, State, Sweep
from gateway.quarantine.purging import Purging, Terms
from gateway.quarantine.release import AS_IT_CAME, Releases, Submit
from gateway.quarantine.release import Terms as ReleaseTerms
from gateway.quarantine.rows import (
    WAITING,
    count_states,
    held,
    insert_item,
    load_item,
    load_items,
    meant_by,
    select_items,
)
from gateway.store.blobs import BlobStore, check_item_id
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.errors import BlobMissing
from gateway.store.schema import items, recipients

ORPHAN_AGE = timedelta(minutes=60)


class QuarantineStore:
    """Safe from many threads and processes. What returns is durable; every failure of ours is a TransactionError.

    The blob comes before the row and goes after it, so a crash leaves at most a blob without a row, which
    `sweep_orphans` removes. A waiting item without a blob comes of tampering alone.
    """

    def __init__(self, engine: sa.Engine, blobs: BlobStore, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._blobs = blobs
        self._clock = clock
        self._releases = Releases(engine, clock)
        self._releasing: set[str] = set()
        self._lock = threading.Lock()

    def put(self, new: NewItem, chunks: Iterable[bytes]) -> str:
        """Keep a message; its id. An item of this id for the same recipients that is there already stays as it is.

        One for other recipients (an earlier try of the message held other people) keeps its id, and this one gets
        "-2" behind its own. Raises StoreUnavailable, ValueError for an id that is not ours.
        """
        check_item_id(new.id)
        number, first = 1, new.id
        while (there := self._find(new.id)) is not None:
            if {recipient.address for recipient in there.recipients} == set(new.recipients):
                return new.id
            number += 1
            new = replace(new, id=f"{first}-{number}")
        size = self._blobs.put(new.id, chunks)
        with writing(self._engine, alone=False) as connection:
            insert_item(connection, new, size, self._clock())
        return new.id

    def _find(self, item_id: str) -> Item | None:
        with reading(self._engine) as connection:
            return load_item(connection, item_id)

    def get(self, item_id: str) -> Item:
        """Raises ItemUnknown, StoreUnavailable."""
        item = self._find(item_id)
        if item is None:
            raise ItemUnknown("there is no such item")
        return item

    def list(self, query: Query = Query()) -> tuple[Item, ...]:  # noqa: B008  # frozen
        """Newest first unless asked otherwise, `query.limit` at most; go on with `query.following(last)`.

        Raises StoreUnavailable.
        """
        with reading(self._engine) as connection:
            meant = meant_by(connection, query.search)
            return load_items(connection, connection.execute(select_items(query, meant)).all())

    def read(self, item_id: str) -> Iterator[bytes]:
        """The message as it came, in chunks. Raises ItemUnknown, AlreadyDiscarded, BlobDamaged, StoreUnavailable."""
        item = self.get(item_id)
        if item.state is State.DISCARDED or item.purged:
            raise AlreadyDiscarded(f"item {item_id} was {'purged' if item.purged else 'discarded'}")
        return self._blobs.read(item_id)

    def release(
        self,
        item_id: str,
        submit: Submit,
        by: str,
        recipients: Sequence[str] | None = None,
        *,
        force: bool = False,
        reason: str = "",
        terms: ReleaseTerms = AS_IT_CAME,
    ) -> str:
        """Send the sealed original to its recipients, or some of them, by `submit`; the queue id.

        See `gateway.quarantine.release` for what happens when it is cut off, for `force` and `terms`. Raises
        ItemUnknown, SecondReviewerNeeded, AlreadyReleased, AlreadyDiscarded, ReleaseBusy, ReleaseUncertain:
        nothing was sent; ReleaseUnrecorded: it was;
        BlobDamaged, StoreUnavailable and what `submit` raises.
        """
        with self._alone(item_id):
            self._releases.agree(item_id, recipients, by, terms, force=force)
            claim = self._releases.claim(item_id, recipients, by, force=force)
            queue_id = self._releases.send(claim, submit, self._blobs.read)
            self._releases.succeed(claim, queue_id, by, reason)
        return queue_id

    def confirm(self, item_id: str, by: str, queue_id: str = "") -> None:
        """A release that was cut off did send the message: note it, send nothing.

        Raises ItemUnknown, AlreadyReleased or AlreadyDiscarded if nothing was cut off, ReleaseBusy, StoreUnavailable.
        """
        with self._alone(item_id):
            item = self.get(item_id)
            if item.state is not State.RELEASING:
                raise AlreadyReleased(f"item {item_id} is {item.state.value}: no release of it was cut off")
            cut = tuple(r.address for r in item.recipients if r.state is State.RELEASING)
            claim = self._releases.claim(item_id, cut, by, force=True)
            self._releases.succeed(claim, queue_id, by, "confirmed: the release had been cut off")

    def discard(self, item_id: str, by: str, reason: str) -> None:
        """Never send it to those still waiting; the sealed message is destroyed, what is known of it stays.

        Raises ItemUnknown, AlreadyReleased, AlreadyDiscarded, OnHold, ReleaseBusy, ReleaseUncertain, StoreUnavailable.
        """
        with self._alone(item_id):
            now, item = self._clock(), self.get(item_id)
            _check_discardable(item)
            values = {"state": State.DISCARDED.value, "changed_at": now, "changed_by": by}
            mine = {"reason": reason, "tombstone": self._tombstone(item_id)}
            with writing(self._engine) as connection:
                free = items.c.legal_hold.is_(sa.false())
                waits = sa.and_(items.c.id == item_id, items.c.state == State.HELD.value, free)
                if connection.execute(sa.update(items).where(waits).values(values | mine)).rowcount != 1:
                    raise ReleaseBusy(f"item {item_id} was changed by somebody else meanwhile")
                left = sa.and_(recipients.c.item_id == item_id, recipients.c.state == State.HELD.value)
                connection.execute(sa.update(recipients).where(left).values(values))
            self._blobs.delete(item_id)

    def states(self) -> dict[State, int]:
        """How many items are in each state. Raises StoreUnavailable."""
        with reading(self._engine) as connection:
            return count_states(connection)

    def purging(self, terms: Terms) -> Purging:
        """Retention on these terms."""
        return Purging(self._engine, self._blobs, terms, self._clock)

    def size_and_age(self) -> Held:
        """How many items wait, their bytes, and when the oldest came (None: none waits). Raises StoreUnavailable."""
        with reading(self._engine) as connection:
            return held(connection)

    def sweep_orphans(self, older_than: timedelta = ORPHAN_AGE) -> Sweep:
        """Remove blobs that no item needs (crash between blob and row, or between discarding and deleting).

        Only those older than that: a younger one may be waiting for its row. Reports items whose blob is missing.
        Raises StoreUnavailable.
        """
        seconds, removed = older_than.total_seconds(), self._blobs.sweep_temporaries(older_than.total_seconds())
        ids = chain(self._blobs.ids(), self._blobs.hidden())
        while batch := tuple(islice(ids, 500)):
            for item_id in set(batch) - self._needed(batch):
                removed += self._blobs.delete_older(item_id, seconds)
        return Sweep(removed, self._missing())

    def rewrap(self) -> Iterator[bool]:
        """Seal every item's data key under the active key, one at a step; False for one that was so already.

        Can be stopped anywhere and begun again. Raises BlobDamaged, StoreUnavailable.
        """
        return (self._blobs.rewrap(item_id) for item_id in self._blobs.ids())

    def _needed(self, ids: Sequence[str]) -> set[str]:
        kept = sa.and_(items.c.state != State.DISCARDED.value, items.c.purged.is_(None))
        chosen = sa.select(items.c.id).where(items.c.id.in_(ids), kept)
        with reading(self._engine) as connection:
            return set(connection.execute(chosen).scalars())

    def _tombstone(self, item_id: str) -> str:
        try:
            return self._blobs.digest(item_id)
        except BlobMissing:
            return ""

    def _missing(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            chosen = sa.select(items.c.id).where(items.c.state.in_(WAITING)).order_by(items.c.created)
            waiting: builtins.list[str] = builtins.list(connection.execute(chosen).scalars())
        return tuple(item_id for item_id in waiting if not self._blobs.exists(item_id) and self._waits(item_id))

    def _waits(self, item_id: str) -> bool:
        """Still, now that its blob was found missing: it may have been discarded in between."""
        return self.get(item_id).state.value in WAITING

    @contextmanager
    def _alone(self, item_id: str) -> Iterator[None]:
        """One at a time for an item in this process; between processes the claim in the database decides."""
        with self._lock:
            if item_id in self._releasing:
                raise ReleaseBusy(f"item {item_id} is being released or discarded at this moment")
            self._releasing.add(item_id)
        try:
            yield
        finally:
            with self._lock:
                self._releasing.discard(item_id)


def _check_discardable(item: Item) -> None:
    if item.state is State.DISCARDED:
        raise AlreadyDiscarded(f"item {item.id} was discarded before")
    if item.state is State.RELEASED:
        raise AlreadyReleased(f"item {item.id} was released")
    if item.state is State.RELEASING:
        raise ReleaseUncertain(f"item {item.id}: a release is under way or was cut off: confirm or force it first")
    if item.legal_hold:
        raise OnHold(f"item {item.id} is under legal hold: an officer has to lift that first")
