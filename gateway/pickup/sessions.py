"""Who showed the code of a message, and may see that one message: for a while, by a cookie that is kept as a digest."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.pickup.model import Pickup
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.schema import pickup_sessions as sessions

SEEN_EVERY = timedelta(seconds=30)  # a request writes when it was seen no more often


@dataclass(frozen=True, slots=True)
class Times:
    """A session ends after so long without a request, and after so long in any case."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(minutes=60)


class Sessions:
    """All methods raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, times: Times, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock
        self.times = times

    def begin(self, connection: sa.Connection, pickup: Pickup, secret: str) -> None:
        """For somebody who showed the code just now; in the transaction that spends it. `secret`: of the cookie."""
        now = self._clock()
        old = sa.or_(sessions.c.seen < now - self.times.idle, sessions.c.created < now - self.times.absolute)
        connection.execute(sa.delete(sessions).where(old))
        row = {"digest": _digest(secret), "pickup_id": pickup.id, "created": now, "seen": now}
        connection.execute(sa.insert(sessions).values(**row))

    def began(self, connection: sa.Connection, pickup: Pickup, secret: str, since: datetime) -> bool:
        """Whether it began after that time, and nobody ended it."""
        own = sa.and_(sessions.c.digest == _digest(secret), sessions.c.pickup_id == pickup.id)
        young = sa.select(sessions.c.digest).where(own, sessions.c.created > since)
        return connection.execute(young).one_or_none() is not None

    def drop(self, connection: sa.Connection, secret: str) -> bool:
        """The same as `end`, in a transaction of somebody else."""
        return connection.execute(sa.delete(sessions).where(sessions.c.digest == _digest(secret))).rowcount == 1

    def holds(self, secret: str, pickup: Pickup) -> bool:
        """Whether this cookie opens this message now."""
        digest, now = _digest(secret), self._clock()
        own = sa.and_(sessions.c.digest == digest, sessions.c.pickup_id == pickup.id)
        with reading(self._engine, once=True) as connection:
            row = connection.execute(sa.select(sessions).where(own)).one_or_none()
        if row is None or now - row.seen > self.times.idle or now - row.created > self.times.absolute:
            return False
        if now - row.seen > SEEN_EVERY:
            with writing(self._engine) as connection:
                connection.execute(sa.update(sessions).where(own).values(seen=now))
        return True

    def end(self, secret: str) -> bool:
        """False where there was none."""
        with writing(self._engine) as connection:
            return self.drop(connection, secret)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
