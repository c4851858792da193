"""Comparisons of rule sets under way, whichever process of the console they run in: one a person, few of all people.

A turn is a lease: a process that dies gives its turns back when they run out. Each is kept up by whoever works in it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.core.errors import GatepostError
from gateway.store.clock import Clock, utc_now
from gateway.store.database import insert_if_absent, reading, writing
from gateway.store.schema import replays

LEASE = timedelta(minutes=5)  # longer than one message can take
KEPT_EVERY = timedelta(seconds=2)  # in the database; sooner is asked of nobody


class TurnRefused(GatepostError):
    """Not now; the text says why and what to do."""


@dataclass
class Turn:
    """Of one person. `kept`: when the database heard of it last."""

    person: str
    holder: str
    kept: datetime


class Turns:
    """Every method is one transaction; all raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, most: int, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._most = most
        self._clock = clock

    def take(self, person: str) -> Turn:
        """Raises TurnRefused: this person has one, or all are taken."""
        now = self._clock()
        turn = Turn(person, secrets.token_hex(16), now)
        row = {"person": person, "holder": turn.holder, "lease_until": now + LEASE, "stop": False}
        with writing(self._engine) as connection:
            connection.execute(sa.delete(replays).where(replays.c.lease_until < now))
            others = connection.execute(
                sa.select(sa.func.count()).select_from(replays).where(replays.c.person != person)
            )
            others_running = others.scalar_one()
            if not insert_if_absent(connection, replays, row):
                raise TurnRefused("you have one running: stop it, or wait for its end")
            if others_running >= self._most:
                raise TurnRefused("others have some running at this moment: try again later")
        return turn

    def goes_on(self, turn: Turn) -> bool:
        """Keep it up; False where it is to stop: its person wants it, or it ran out and is somebody else's."""
        now = self._clock()
        if now - turn.kept < KEPT_EVERY:
            return True
        own = sa.and_(replays.c.person == turn.person, replays.c.holder == turn.holder, replays.c.stop.is_(sa.false()))
        with writing(self._engine) as connection:
            kept = connection.execute(sa.update(replays).where(own).values(lease_until=now + LEASE))
        turn.kept = now
        return bool(kept.rowcount)

    def give_back(self, turn: Turn) -> None:
        own = sa.and_(replays.c.person == turn.person, replays.c.holder == turn.holder)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(replays).where(own))

    def stop(self, person: str) -> None:
        """Whoever works in it hears of it within moments."""
        with writing(self._engine) as connection:
            connection.execute(sa.update(replays).where(replays.c.person == person).values(stop=True))

    def is_taken(self, person: str) -> bool:
        """Whether this person has one, in any process."""
        held = sa.and_(replays.c.person == person, replays.c.lease_until >= self._clock())
        with reading(self._engine) as connection:
            return connection.execute(sa.select(replays.c.holder).where(held)).first() is not None
