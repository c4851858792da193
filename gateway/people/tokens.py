"""Keys for programs: a SIEM, a ticket system. Each has an owner, who made it, scopes and a day on which it ends."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.people.model import AccountRefused, NotSignedIn, Person, PersonState, Token
from gateway.people.roster import NO_CONTROL
from gateway.people.rows import known_row, person_of
from gateway.people.sessions import SEEN_EVERY, digest_of
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.schema import people, tokens

LONGEST = timedelta(days=366)
MOST = 20  # of one person that hold
PREFIX = "gp_"  # so that scanners for secrets know one


class Tokens:
    """All methods raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def issue(
        self,
        owner: str,
        name: str,
        scopes: Sequence[str],
        holds: timedelta,
        *,
        tell: Callable[[Token], object] = lambda token: None,
    ) -> tuple[Token, str]:
        """A token and its secret, which is told once. Raises AccountRefused.

        `tell` writes evidence of it, in the transaction: where that raises there is no token.
        """
        if not scopes:
            raise AccountRefused("a token needs at least one scope")
        if not timedelta(0) < holds <= LONGEST:
            raise AccountRefused(f"a token holds between one and {LONGEST.days} days")
        if not name.strip() or len(name) > 64 or not NO_CONTROL.fullmatch(name):
            raise AccountRefused("a token needs a name, of 64 signs at most")
        secret, token_id, now = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(8), self._clock()
        with writing(self._engine) as connection:
            person = known_row(connection, owner)
            if person.state != PersonState.ACTIVE.value or person.emergency:
                raise AccountRefused("its owner must be an active account, and not the one for emergencies")
            if int(connection.execute(_holding(person.id, now)).scalar_one()) >= MOST:
                raise AccountRefused(f"you have {MOST} tokens that hold: revoke one that nothing uses any more")
            connection.execute(
                sa.insert(tokens).values(
                    id=token_id,
                    digest=digest_of(secret),
                    name=name.strip(),
                    person_id=person.id,
                    scopes=sorted(set(scopes)),
                    created=now,
                    expires=now + holds,
                )
            )
            token = _token(connection.execute(_joined().where(tokens.c.id == token_id)).one())
            tell(token)
        return token, secret

    def find(self, secret: str) -> Token:
        """Raises NotSignedIn: unknown, expired, revoked, or its owner is disabled."""
        now = self._clock()
        with reading(self._engine) as connection:
            row = connection.execute(_joined().where(tokens.c.digest == digest_of(secret))).one_or_none()
        token = _token(row) if row is not None else None
        if token is None or token.revoked or token.expires <= now or token.owner.state is not PersonState.ACTIVE:
            raise NotSignedIn("the token is unknown, revoked or expired")
        if token.used is None or now - token.used > SEEN_EVERY:
            with writing(self._engine) as connection:
                connection.execute(sa.update(tokens).where(tokens.c.id == token.id).values(used=now))
        return token

    def list(self) -> tuple[Token, ...]:
        """All, the newest first."""
        with reading(self._engine) as connection:
            return tuple(_token(row) for row in connection.execute(_joined().order_by(tokens.c.created.desc())))

    def of(self, person: Person) -> tuple[Token, ...]:
        """Of one person, the newest first."""
        return tuple(token for token in self.list() if token.owner.id == person.id)

    def revoke(self, token_id: str, owner: Person | None = None) -> Token:
        """One of anybody's, or of this owner's. Raises AccountRefused where there is none that holds."""
        with writing(self._engine) as connection:
            holding = sa.and_(tokens.c.id == token_id, tokens.c.revoked.is_(None))
            if owner is not None:
                holding = sa.and_(holding, tokens.c.person_id == owner.id)
            if connection.execute(sa.update(tokens).where(holding).values(revoked=self._clock())).rowcount != 1:
                raise AccountRefused("there is no such token, or it was revoked before")
        return next(token for token in self.list() if token.id == token_id)


def _holding(person_id: str, now: datetime) -> sa.Select[int]:
    own = sa.and_(tokens.c.person_id == person_id, tokens.c.revoked.is_(None), tokens.c.expires > now)
    return sa.select(sa.func.count()).select_from(tokens).where(own)


def _joined() -> sa.Select[tuple[object, ...]]:
    names = [
        tokens.c[name].label(f"token_{name}")
        for name in ("id", "name", "scopes", "created", "expires", "used", "revoked")
    ]
    return sa.select(people, *names).join(tokens, tokens.c.person_id == people.c.id)


def _token(row: sa.Row[tuple[object, ...]]) -> Token:
    return Token(
        id=row.token_id,
        name=row.token_name,
        owner=person_of(row),
        scopes=tuple(row.token_scopes),
        created=row.token_created,
        expires=row.token_expires,
        used=row.token_used,
        revoked=row.token_revoked,
    )
