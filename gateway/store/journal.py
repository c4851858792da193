"""What was already done for a message whose client may send it again ("Nothing repeats").

An attempt is open from `begin` to `close`. If the gateway answers 451, or dies, it stays open; the client's retry,
known by the same key, resumes it and skips the steps already done.

Two at once: an attempt may be resumed only when nobody works on it any more. Who works on it is known
- in this process, exactly: the `Attempt` object itself is the claim. It is given up by `close` or `leave`, or when the
  last reference to it is gone, so a thread that died cannot hold a key for ever;
- for an earlier process of the same gateway, exactly: one gateway name is one `serve` process at a time, so an open
  attempt of our name that no object here holds belongs to a process that is gone;
- for another gateway on the same database, by a lease that every step renews, by the clock of the database. `done`
  fails once the lease is lost, and `hold` before anything is handed over that would outlive it.
"""

import secrets
import socket
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import sqlalchemy as sa

from gateway.store.clock import Clock
from gateway.store.database import insert_if_absent, is_shared, reading, time_of, writing
from gateway.store.errors import JournalBusy, StoreUnavailable
from gateway.store.schema import attempts, steps

LEASE = timedelta(minutes=10)  # longer than a step may take: Postfix gives a milter 300 s for a message


FRESH = 0.25  # share of a lease after which `hold` renews it
MANY = 100_000  # open attempts whose keys are not kept in memory any more

# Made once: making a statement takes longer than running it.
_OPEN = sa.select(attempts.c.id).where(attempts.c.open_key == sa.bindparam("sought"))
_RENEW = (
    sa.update(attempts)
    .where(
        attempts.c.id == sa.bindparam("its_id"),
        attempts.c.open_key == sa.bindparam("its_key"),
        attempts.c.gateway == sa.bindparam("ours"),
    )
    .values(lease_until=sa.bindparam("until"))
)
_CLOSE = (
    sa.update(attempts).where(attempts.c.id == sa.bindparam("its_id")).values(open_key=None, closed=sa.bindparam("at"))
)
_OTHERS = attempts.alias()
_REOPEN = (  # not where another gateway has begun that message anew; waits for the end of a close that is under way
    sa.update(attempts)
    .where(
        attempts.c.id == sa.bindparam("its_id"),
        ~sa.exists().where(_OTHERS.c.open_key == sa.bindparam("its_key"), _OTHERS.c.id != sa.bindparam("its_id")),
    )
    .values(open_key=sa.bindparam("its_key"), closed=None)
)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Attempt:
    """`done` are the steps that were done before this begin, with their references (queue ids, item ids)."""

    id: str
    key: str
    incident: str
    done: Mapping[str, str]


class Journal:
    """One for a `serve` process; safe from many threads. `gateway` must be unique among the gateways of a database.

    `clock` None: that of the database.
    """

    def __init__(
        self, engine: sa.Engine, *, gateway: str = "", clock: Clock | None = None, lease: timedelta = LEASE
    ) -> None:
        self._engine = engine
        self._gateway = gateway or socket.gethostname()
        self._clock = clock
        self._lease = lease
        self._shared = is_shared(engine)
        self._lock = threading.Lock()
        self._renewed: weakref.WeakKeyDictionary[Attempt, float] = weakref.WeakKeyDictionary()
        self._live: weakref.WeakValueDictionary[str, Attempt] = weakref.WeakValueDictionary()
        self._beginning: set[str] = set()
        self._unsure: dict[str, str] = {}  # attempt by key: closed perhaps, while its client was told to come again
        self._open_now = self.open_count()  # attempts, those at work here included; rather too many than too few
        self._keys = self._open_keys()  # of all that are open, and of some that were; None: only the database knows
        self._changing = 0  # threads that open or close one at this moment
        self._changes = 0  # begun so far

    def begin(self, key: str, incident: str) -> Attempt:
        """Open an attempt, or resume the open one of this key with its first incident and the steps done.

        Durable on return. Raises JournalBusy while another works on it, StoreUnavailable.
        """
        with self._claim(key):
            attempt = self._open(key, incident)
            with self._lock:
                self._live[key] = attempt
        return attempt

    @property
    def quiet(self) -> bool:
        """No attempt is open but those at work now: no message can be a retry. Costs no look at the database.

        Never where other gateways use the same database: a retry of what they left open may come here.
        """
        with self._lock:
            return not (self._shared or self._unsure) and self._open_now <= len(self._live)

    def may_be_open(self, key: str) -> bool:
        """False: no earlier try of this message was left open. Costs no look at the database."""
        with self._lock:
            return self._keys is None or key in self._keys or key in self._unsure

    def is_open(self, key: str) -> bool:
        """An earlier try of this message did not come to its end. Raises StoreUnavailable."""
        if key in self._unsure:
            return True
        with reading(self._engine, once=True) as connection:
            return connection.execute(_OPEN, {"sought": key}).first() is not None

    @contextmanager
    def attempt(self, key: str, incident: str) -> Iterator[Attempt]:
        """`begin`, and `leave` at the end of the block whatever happened; call `close` inside when all is done."""
        attempt = self.begin(key, incident)
        try:
            yield attempt
        finally:
            self.leave(attempt)

    def done(self, attempt: Attempt, step: str, reference: str = "") -> None:
        """Note a step, durable on return; noting it again changes nothing.

        Raises JournalBusy if another gateway took the attempt over, StoreUnavailable.
        """
        with writing(self._engine, alone=False) as connection:
            now = self._renew(connection, attempt)
            row = {"attempt_id": attempt.id, "step": step, "reference": reference, "at": now}
            insert_if_absent(connection, steps, row)

    def hold(self, attempt: Attempt) -> None:
        """The attempt stays ours for long enough to hand something over: most of a lease.

        Raises JournalBusy if another gateway took it over, StoreUnavailable.
        """
        if _elapsed() - self._renewed.get(attempt, 0.0) > self._lease.total_seconds() * FRESH:
            with writing(self._engine, alone=False) as connection:
                self._renew(connection, attempt)

    def close(self, attempt: Attempt) -> None:
        """The client is about to get its final reply: the same message again is a new one. Durable on return.

        Where it raises StoreUnavailable the client hears 451, and the attempt is open, also where the database closed
        it and its answer was lost.
        """
        with self._changed():
            try:
                with writing(self._engine, alone=False) as connection:
                    now = self._renew(connection, attempt)
                    connection.execute(_CLOSE, {"its_id": attempt.id, "at": now})
            except StoreUnavailable:
                self._unsure[attempt.key] = attempt.id
                raise
            with self._lock:
                if self._keys is not None:
                    self._keys.discard(attempt.key)  # while it is ours: nobody can have begun it again
            self._forget(attempt)
            with self._lock:
                self._open_now -= 1

    def settle(self, attempt_id: str) -> None:
        """Close an attempt that nobody works on any more, here or elsewhere. Durable on return; closed stays closed."""
        with self._lock:
            if any(attempt.id == attempt_id for attempt in self._live.values()):
                return
        left = sa.and_(attempts.c.id == attempt_id, attempts.c.open_key.is_not(None))
        with self._changed():
            with writing(self._engine, alone=False) as connection:
                now = self._now(connection)
                idle = sa.and_(left, self._not_leased(now))
                closed = connection.execute(sa.update(attempts).where(idle).values(open_key=None, closed=now))
            with self._lock:
                self._open_now -= closed.rowcount

    def open_steps(self, prefix: str) -> dict[str, str]:
        """Attempt ids by the references of all steps of open attempts whose names begin so."""
        with reading(self._engine) as connection:
            query = sa.select(steps.c.reference, steps.c.attempt_id).join(attempts, attempts.c.id == steps.c.attempt_id)
            query = query.where(attempts.c.open_key.is_not(None), steps.c.step.startswith(prefix, autoescape=True))
            return {row.reference: row.attempt_id for row in connection.execute(query)}

    def left_open(self, prefix: str) -> list[tuple[str, str]]:
        """Key and incident of the open attempts with a step whose name begins so, that nobody works on here."""
        with reading(self._engine) as connection:
            query = sa.select(attempts.c.open_key, attempts.c.incident).join(steps, attempts.c.id == steps.c.attempt_id)
            query = query.where(attempts.c.open_key.is_not(None), steps.c.step.startswith(prefix, autoescape=True))
            found = {row.open_key: row.incident for row in connection.execute(query)}
        with self._lock:
            return [(key, incident) for key, incident in found.items() if key not in self._live]

    def leave(self, attempt: Attempt) -> None:
        """The client gets 451: give the claim up, keep what was done. Never raises; a closed attempt stays closed."""
        if not self._forget(attempt):
            return
        with suppress(StoreUnavailable), self._reopening(attempt.key) as connection:
            self._lease_until(connection, attempt, self._now(connection))

    def prune(self, older_than: datetime) -> int:
        """Delete attempts begun before that, open ones too (their clients gave up); not those at work. How many."""
        with self._lock:
            live = [attempt.id for attempt in self._live.values()]
        with writing(self._engine) as connection:
            unleased = self._not_leased(self._now(connection))
            old = sa.and_(attempts.c.begun < older_than, attempts.c.id.not_in(live), unleased)
            pruned = connection.execute(sa.delete(attempts).where(old)).rowcount
        self._count_anew()
        return pruned

    def _count_anew(self) -> None:
        """Unless an attempt was opened or closed meanwhile, which the count may lack: then next time."""
        with self._lock:
            before = None if self._changing else self._changes
        count, keys = self.open_count(), self._open_keys()
        with self._lock:
            if self._changes == before:
                self._open_now, self._keys = count, keys

    @contextmanager
    def _changed(self) -> Iterator[None]:
        """The database and the count of open attempts may differ while the block runs."""
        with self._lock:
            self._changing += 1
            self._changes += 1
        try:
            yield
        finally:
            with self._lock:
                self._changing -= 1

    def _open_keys(self) -> set[str] | None:
        """None where other gateways open attempts too, or there are too many."""
        if self._shared:
            return None
        with reading(self._engine) as connection:
            query = sa.select(attempts.c.open_key).where(attempts.c.open_key.is_not(None)).limit(MANY + 1)
            keys = set(connection.execute(query).scalars())
        return keys if len(keys) <= MANY else None

    def _note(self, key: str) -> None:
        if self._keys is not None:
            self._keys.add(key)
            if len(self._keys) > MANY:
                self._keys = None  # until they are counted anew

    def open_count(self) -> int:
        """How many attempts are open; for metrics. Raises StoreUnavailable."""
        with reading(self._engine) as connection:
            query = sa.select(sa.func.count()).select_from(attempts).where(attempts.c.open_key.is_not(None))
            return int(connection.execute(query).scalar_one())

    @contextmanager
    def _claim(self, key: str) -> Iterator[None]:
        """This process's right to begin this key, while the block runs."""
        with self._lock:
            if key in self._live or key in self._beginning:
                raise JournalBusy("the same message is being handled already")
            self._beginning.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._beginning.discard(key)

    def _open(self, key: str, incident: str) -> Attempt:
        attempt_id, before = secrets.token_hex(16), _elapsed()
        row: dict[str, object] = {"id": attempt_id, "key": key, "open_key": key, "incident": incident}
        with self._changed(), self._reopening(key) as connection:
            now = self._now(connection)
            row |= {"begun": now, "gateway": self._gateway, "lease_until": now + self._lease}
            attempt = Attempt(attempt_id, key, incident, MappingProxyType({}))
            if insert_if_absent(connection, attempts, row):
                with self._lock:
                    # before the commit: one that fails may have been made all the same, and must be counted
                    self._open_now += 1
                    self._note(key)
            else:
                attempt = self._resume(connection, key, now)
        self._renewed[attempt] = before
        return attempt

    @contextmanager
    def _reopening(self, key: str) -> Iterator[sa.Connection]:
        """A transaction in which the attempt of this key is open if nobody is sure that it was closed."""
        unsure = self._unsure.get(key)
        with writing(self._engine, alone=False) as connection:
            if unsure is not None:
                connection.execute(_REOPEN, {"its_id": unsure, "its_key": key})
            yield connection
        if unsure is not None:
            self._unsure.pop(key, None)

    def _resume(self, connection: sa.Connection, key: str, now: datetime) -> Attempt:
        free = sa.or_(attempts.c.gateway == self._gateway, attempts.c.lease_until <= now)
        taken = connection.execute(
            sa.update(attempts)
            .where(attempts.c.open_key == key, free)
            .values(gateway=self._gateway, lease_until=now + self._lease)
        )
        if taken.rowcount != 1:
            raise JournalBusy("the same message is being handled by another gateway")
        first = connection.execute(sa.select(attempts).where(attempts.c.open_key == key)).one()
        done = connection.execute(
            sa.select(steps.c.step, steps.c.reference).where(steps.c.attempt_id == first.id).order_by(steps.c.at)
        )
        return Attempt(first.id, key, first.incident, MappingProxyType({row.step: row.reference for row in done}))

    def _renew(self, connection: sa.Connection, attempt: Attempt) -> datetime:
        """For another lease; the time of the database."""
        before = _elapsed()
        with self._lock:
            held = self._live.get(attempt.key) is attempt
        if not held:
            raise JournalBusy("the attempt was closed or given up")
        now = self._now(connection)
        if not self._lease_until(connection, attempt, now + self._lease):
            raise JournalBusy("another gateway took the attempt over")
        self._renewed[attempt] = before
        return now

    def _now(self, connection: sa.Connection) -> datetime:
        return self._clock() if self._clock is not None else time_of(connection)

    def _lease_until(self, connection: sa.Connection, attempt: Attempt, until: datetime) -> bool:
        """False where the attempt is not ours."""
        named = {"its_id": attempt.id, "its_key": attempt.key, "ours": self._gateway, "until": until}
        return connection.execute(_RENEW, named).rowcount == 1

    def _not_leased(self, now: datetime) -> sa.ColumnElement[bool]:
        """Not at work on another gateway."""
        return sa.or_(
            attempts.c.open_key.is_(None),
            attempts.c.gateway == self._gateway,
            attempts.c.lease_until <= now,
        )

    def _forget(self, attempt: Attempt) -> bool:
        """Give the claim up; False if it was given up before."""
        with self._lock:
            if self._live.get(attempt.key) is not attempt:
                return False
            del self._live[attempt.key]
            return True


def _elapsed() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
