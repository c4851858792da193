"""Retention: what is older than it may be loses its data key for ever, and leaves a tombstone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.quarantine.items import Item, State
from gateway.quarantine.rows import load_items
from gateway.store.blobs import BlobStore
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.errors import BlobMissing
from gateway.store.schema import items, recipients

BATCH = 200
REASON = "retention: its time was over"


@dataclass(frozen=True, slots=True)
class Terms:
    """How many days an item is kept: the longest of its areas, else the usual ones."""

    days: int
    areas: Mapping[str, int]

    def of(self, areas: tuple[str, ...]) -> int:
        named = [self.areas[area] for area in areas if area in self.areas]
        return max(named) if named else self.days

    def ends(self, item: Item) -> datetime:
        """When the item may be purged."""
        return item.created + timedelta(days=self.of(item.areas))

    @property
    def shortest(self) -> int:
        return min(self.days, *self.areas.values()) if self.areas else self.days


class Purging:
    """Looks for items whose time is over. All methods raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, blobs: BlobStore, terms: Terms, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._blobs = blobs
        self._terms = terms
        self._clock = clock

    @property
    def terms(self) -> Terms:
        return self._terms

    def due(self) -> Iterator[Item]:
        """Those whose time is over, oldest first; none under legal hold, none in release, none purged."""
        now = self._clock()
        after: tuple[datetime, str] | None = None
        while page := self._page(now - timedelta(days=self._terms.shortest), after):
            yield from (item for item in page if self._terms.ends(item) <= now)
            after = (page[-1].created, page[-1].id)

    def claim(self, item: Item) -> str | None:
        """Note that the item is purged, with the digest of what is about to go: the tombstone.

        None where it may not be any more: a legal hold came, a release began, somebody was faster.
        """
        try:
            digest = self._blobs.digest(item.id)
        except BlobMissing:
            digest = ""  # decided and swept before
        now = self._clock()
        purgeable = sa.and_(
            items.c.id == item.id,
            items.c.purged.is_(None),
            items.c.legal_hold.is_(sa.false()),
            items.c.state == item.state.value,
            items.c.state != State.RELEASING.value,
        )
        values: dict[str, object] = {"purged": now, "tombstone": digest}
        if item.state is State.HELD:
            values |= {"state": State.DISCARDED.value, "changed_at": now, "changed_by": "retention", "reason": REASON}
        with writing(self._engine) as connection:
            if connection.execute(sa.update(items).where(purgeable).values(**values)).rowcount != 1:
                return None
            waiting = sa.and_(recipients.c.item_id == item.id, recipients.c.state == State.HELD.value)
            gone = {"state": State.DISCARDED.value, "changed_at": now, "changed_by": "retention"}
            connection.execute(sa.update(recipients).where(waiting).values(**gone))
        return digest

    def destroy(self, item: Item) -> None:
        """The data key first, then the file. What a crash leaves here the sweep of orphans takes."""
        self._blobs.delete(item.id)

    def _page(self, before: datetime, after: tuple[datetime, str] | None) -> tuple[Item, ...]:
        old = [items.c.created <= before, items.c.purged.is_(None), items.c.legal_hold.is_(sa.false())]
        old.append(items.c.state.in_((State.HELD.value, State.RELEASED.value)))
        if after is not None:
            created, item_id = after
            old.append(sa.or_(items.c.created > created, sa.and_(items.c.created == created, items.c.id > item_id)))
        chosen = sa.select(items).where(*old).order_by(items.c.created, items.c.id).limit(BATCH)
        with reading(self._engine) as connection:
            return load_items(connection, connection.execute(chosen).all())
