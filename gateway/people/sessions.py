"""Sessions: opened by signing in, found by a cookie, ended by idleness, age, their person or an administrator.

The cookie is kept as a digest only. What somebody may do is looked up with each request, never kept in a session:
whoever is disabled is out with the next one.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache

import sqlalchemy as sa

from gateway.people.model import NotSignedIn, Person, PersonState, Session, Times
from gateway.people.rows import end_sessions, person_of
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.schema import people, security_keys, sessions

SEEN_EVERY = timedelta(seconds=30)  # a request writes when it was seen no more often
MOST = 10  # sessions of one person: the oldest ends
CLIENT, AGENT = 64, 200


class Sessions:
    """All methods raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now, times: Times = Times()) -> None:  # noqa: B008 - frozen
        self._engine = engine
        self._clock = clock
        self.times = times

    def open(self, person: Person, client: str, agent: str, proved: float | None = None) -> str:
        """A session of somebody who proved who it is, just now or at that POSIX time; the secret for the cookie."""
        self.prune()
        secret, now = secrets.token_urlsafe(32), self._clock()
        with writing(self._engine) as connection:
            own = sa.select(sessions.c.digest).where(sessions.c.person_id == person.id)
            oldest = own.order_by(sessions.c.seen.desc()).offset(MOST - 1)
            gone = list(connection.execute(oldest).scalars())
            connection.execute(sa.delete(sessions).where(sessions.c.digest.in_(gone)))
            connection.execute(
                sa.insert(sessions).values(
                    digest=digest_of(secret),
                    person_id=person.id,
                    created=now,
                    seen=now,
                    confirmed=now if proved is None else datetime.fromtimestamp(min(proved, now.timestamp()), UTC),
                    client=client[:CLIENT],
                    agent=agent[:AGENT],
                )
            )
        return secret

    def find(self, secret: str) -> Session:
        """The session of a cookie, seen now. Raises NotSignedIn: none, ended, or of somebody who is disabled."""
        digest, now = digest_of(secret), self._clock()
        with reading(self._engine) as connection:
            row = connection.execute(_joined().where(sessions.c.digest == digest)).one_or_none()
        if row is None:
            raise NotSignedIn("you are not signed in")
        session = _session(row)
        if not self._holds(session, now):
            self._end(digest)
            raise NotSignedIn("your session has ended")
        if now - session.seen > SEEN_EVERY:
            with writing(self._engine) as connection:
                connection.execute(sa.update(sessions).where(sessions.c.digest == digest).values(seen=now))
        return session

    def known(self, session_id: str) -> Session:
        """By its id, which opens nothing: for what was begun in it. Raises NotSignedIn."""
        with reading(self._engine) as connection:
            row = connection.execute(_joined().where(sessions.c.digest == session_id)).one_or_none()
        session = _session(row) if row is not None else None
        if session is None or not self._holds(session, self._clock()):
            raise NotSignedIn("your session has ended")
        return session

    def confirm(self, session: Session) -> None:
        """Its person has proved once more who it is."""
        with writing(self._engine) as connection:
            values = {"confirmed": self._clock(), "seen": self._clock()}
            connection.execute(sa.update(sessions).where(sessions.c.digest == session.id).values(**values))

    def is_confirmed(self, session: Session) -> bool:
        """Whether that was lately."""
        return self._clock() - session.confirmed <= self.times.confirmation

    def of(self, person: Person) -> tuple[Session, ...]:
        """Of one person, the newest first; those that have ended are left out."""
        now = self._clock()
        chosen = _joined().where(sessions.c.person_id == person.id).order_by(sessions.c.seen.desc())
        with reading(self._engine) as connection:
            found = [_session(row) for row in connection.execute(chosen)]
        return tuple(session for session in found if self._holds(session, now))

    def end(self, person: Person, session_id: str) -> bool:
        """One session of this person; False where it has none of that id."""
        with writing(self._engine) as connection:
            own = sa.and_(sessions.c.person_id == person.id, sessions.c.digest == session_id)
            return connection.execute(sa.delete(sessions).where(own)).rowcount == 1

    def end_all(self, person: Person) -> int:
        """How many there were."""
        with writing(self._engine) as connection:
            return end_sessions(connection, person.id)

    def prune(self) -> None:
        """Forget those that have ended."""
        now = self._clock()
        old = sa.or_(sessions.c.seen < now - self.times.idle, sessions.c.created < now - self.times.absolute)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(sessions).where(old))

    def _holds(self, session: Session, now: datetime) -> bool:
        longest = self.times.emergency if session.person.emergency else self.times.absolute
        fresh = now - session.seen <= self.times.idle and now - session.created <= longest
        return fresh and session.person.state is not PersonState.DISABLED

    def _end(self, digest: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.digest == digest))


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@cache
def _joined() -> sa.Select[tuple[object, ...]]:
    names = [
        sessions.c[name].label(f"session_{name}")
        for name in ("digest", "created", "seen", "confirmed", "client", "agent")
    ]
    own = sa.select(sa.func.count()).where(security_keys.c.person_id == people.c.id)
    keys = own.correlate(people).scalar_subquery().label("session_keys")
    return sa.select(people, *names, keys).join(sessions, sessions.c.person_id == people.c.id)


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.session_digest,
        person=person_of(row),
        created=row.session_created,
        seen=row.session_seen,
        confirmed=row.session_confirmed,
        client=row.session_client,
        agent=row.session_agent,
        keys=int(row.session_keys),
    )
