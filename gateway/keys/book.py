"""The store of what is known of recipients: keys, lanes, answers of sources. Nothing is judged here."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.core.verdict import Method
from gateway.keys.records import Answer, DomainLane, Lane, RecipientKey, Source, State
from gateway.store.clock import Clock, utc_now
from gateway.store.database import Tell, reading, untold, writing
from gateway.store.schema import recipient_keys, recipient_lanes, recipient_lookups

AT_ONCE = 400  # values in one IN (...): SQLite takes 32766, others fewer


# Made once: making a statement takes longer than running it.
_KEYS = (
    sa.select(recipient_keys)
    .where(recipient_keys.c.address.in_(sa.bindparam("part", expanding=True)))
    .order_by(recipient_keys.c.not_before.desc(), recipient_keys.c.added.desc())
)
_LANES = sa.select(recipient_lanes).where(recipient_lanes.c.domain.in_(sa.bindparam("part", expanding=True)))


class KeyBook:
    """Safe for many threads. Everything raises StoreUnavailable.

    `tell` is called in the transaction, once something was changed: where it raises nothing is.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    @property
    def clock(self) -> Clock:
        return self._clock

    def keys_of(self, addresses: Sequence[str]) -> list[RecipientKey]:
        """All keys of these addresses, used or not, the newest first."""
        return [_key(row) for part in _parts(addresses) for row in self._rows(part)]

    def all_keys(self, limit: int = 1_000_000) -> list[RecipientKey]:
        """Every key, by address."""
        with reading(self._engine) as connection:
            query = sa.select(recipient_keys).order_by(recipient_keys.c.address, recipient_keys.c.kind).limit(limit)
            return [_key(row) for row in connection.execute(query)]

    def put(self, key: RecipientKey, tell: Tell = untold) -> None:
        """Add a key, or what is known of it anew."""
        now = self._clock()
        row: dict[str, object] = {
            "address": key.address,
            "kind": key.method.value,
            "fingerprint": key.fingerprint,
            "source": key.source.value,
            "state": key.state.value,
            "reason": key.reason,
            "material": key.material,
            "manner": key.manner,
            "not_before": key.not_before,
            "not_after": key.not_after,
            "checked": now,
            "changed_by": key.changed_by,
        }
        with writing(self._engine) as connection:
            changed = connection.execute(sa.update(recipient_keys).where(_is(key)).values(**row)).rowcount
            if not changed:
                row |= {"id": secrets.token_hex(16), "added": now}
                connection.execute(sa.insert(recipient_keys).values(**row))
            tell()

    def renew(self, before: RecipientKey, after: RecipientKey, tell: Tell = untold) -> None:
        """Note how a key was judged anew, unless somebody changed or removed it meanwhile."""
        values = {"state": after.state.value, "reason": after.reason, "checked": self._clock()}
        same = sa.and_(
            _is(before), recipient_keys.c.state == before.state.value, recipient_keys.c.material == before.material
        )
        with writing(self._engine) as connection:
            if connection.execute(sa.update(recipient_keys).where(same).values(**values)).rowcount:
                tell()

    def retire_others(self, key: RecipientKey) -> int:
        """This key is the one of its address: the other active ones retire. How many did."""
        others = sa.and_(
            recipient_keys.c.address == key.address,
            recipient_keys.c.kind == key.method.value,
            recipient_keys.c.fingerprint != key.fingerprint,
            recipient_keys.c.state == State.ACTIVE.value,
        )
        change = (
            sa.update(recipient_keys).where(others).values(state=State.RETIRED.value, reason="another took its place")
        )
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount

    def remove(self, address: str, fingerprint: str = "", tell: Tell = untold) -> int:
        """Forget the keys of an address, or one of them. How many there were."""
        which = recipient_keys.c.address == address
        if fingerprint:
            which = sa.and_(which, recipient_keys.c.fingerprint == fingerprint)
        with writing(self._engine) as connection:
            removed = connection.execute(sa.delete(recipient_keys).where(which)).rowcount
            if removed:
                tell()
            return removed

    def lanes_of(self, domains: Iterable[str]) -> list[DomainLane]:
        """The lanes that are known for exactly these names."""
        found = []
        for part in _parts(tuple(domains)):
            with reading(self._engine) as connection:
                found += [_lane(row) for row in connection.execute(_LANES, {"part": part})]
        return found

    def all_lanes(self) -> list[DomainLane]:
        """Every lane, by domain."""
        with reading(self._engine) as connection:
            return [
                _lane(row) for row in connection.execute(sa.select(recipient_lanes).order_by(recipient_lanes.c.domain))
            ]

    def put_lane(self, lane: DomainLane, tell: Tell = untold) -> None:
        """Take the place of what this source said about this domain."""
        row: dict[str, object] = {"domain": lane.domain, "source": lane.source.value, "lane": lane.lane.value}
        row |= {"reason": lane.reason, "checked": self._clock(), "expires": lane.expires}
        with writing(self._engine) as connection:
            connection.execute(sa.delete(recipient_lanes).where(_of_source(recipient_lanes, lane.domain, lane.source)))
            connection.execute(sa.insert(recipient_lanes).values(**row))
            tell()

    def remove_lane(self, domain: str, source: Source, tell: Tell = untold) -> int:
        """Forget what a source said about a domain. How many lanes that were."""
        with writing(self._engine) as connection:
            which = _of_source(recipient_lanes, domain, source)
            removed = connection.execute(sa.delete(recipient_lanes).where(which)).rowcount
            tell()
            return removed

    def answers_of(self, subjects: Iterable[str]) -> list[Answer]:
        """What sources said about these addresses and domains, out of date or not."""
        found = []
        for part in _parts(tuple(subjects)):
            with reading(self._engine) as connection:
                query = sa.select(recipient_lookups).where(recipient_lookups.c.subject.in_(part))
                found += [
                    Answer(r.subject, Source(r.source), r.found, r.reason, r.checked, r.expires)
                    for r in connection.execute(query)
                ]
        return found

    def put_answer(self, answer: Answer) -> None:
        """Remember what a source said."""
        row: dict[str, object] = {"subject": answer.subject, "source": answer.source.value, "found": answer.found}
        row |= {"reason": answer.reason, "checked": answer.checked, "expires": answer.expires}
        subject = sa.and_(
            recipient_lookups.c.subject == answer.subject, recipient_lookups.c.source == answer.source.value
        )
        with writing(self._engine) as connection:
            connection.execute(sa.delete(recipient_lookups).where(subject))
            connection.execute(sa.insert(recipient_lookups).values(**row))

    def prune(self, before: datetime) -> None:
        """Forget answers and found lanes that ran out before that."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(recipient_lookups).where(recipient_lookups.c.expires < before))
            old = sa.and_(recipient_lanes.c.expires.is_not(None), recipient_lanes.c.expires < before)
            connection.execute(sa.delete(recipient_lanes).where(old))

    def _rows(self, part: Sequence[str]) -> list[Any]:
        with reading(self._engine) as connection:
            return list(connection.execute(_KEYS, {"part": part}))


def _parts(values: Sequence[str]) -> list[Sequence[str]]:
    unique = tuple(dict.fromkeys(values))
    return [unique[start : start + AT_ONCE] for start in range(0, len(unique), AT_ONCE)]


def _is(key: RecipientKey) -> sa.ColumnElement[bool]:
    return sa.and_(
        recipient_keys.c.address == key.address,
        recipient_keys.c.kind == key.method.value,
        recipient_keys.c.fingerprint == key.fingerprint,
    )


def _of_source(table: sa.Table, domain: str, source: Source) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.domain == domain, table.c.source == source.value)


def _key(row: Any) -> RecipientKey:
    return RecipientKey(
        address=row.address,
        method=Method(row.kind),
        fingerprint=row.fingerprint,
        source=Source(row.source),
        state=State(row.state),
        material=row.material,
        manner=row.manner,
        not_before=row.not_before,
        not_after=row.not_after,
        reason=row.reason,
        added=row.added,
        checked=row.checked,
        changed_by=row.changed_by,
    )


def _lane(row: Any) -> DomainLane:
    return DomainLane(row.domain, Lane(row.lane), Source(row.source), row.reason, row.checked, row.expires)
