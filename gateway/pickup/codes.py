"""One-time codes, mailed to the address that a message was sent to: who can read its mail may open the message.

A code is good once, for ten minutes, a few tries and the browser that asked for it. How many are mailed is bounded for
each message and each address, whoever asks: nobody can fill a mailbox with them.

People click twice. A second wish within seconds mails no second code, and a code that is sent twice within seconds, by
the browser that used it, leads to the session that it began, unless that was ended: its secret is made of the code.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from gateway.core.errors import GatepostError
from gateway.pickup.model import Pickup
from gateway.pickup.sessions import Sessions
from gateway.store.clock import Clock, utc_now
from gateway.store.database import writing
from gateway.store.schema import pickup_codes as codes

DIGITS = 8
HOLDS = timedelta(minutes=10)
TRIES = 5  # wrong ones of one code
TWICE = timedelta(seconds=20)  # what comes again within it is the same wish
REMEMBERED = timedelta(days=1)
# So many in so long, of one message, and to one address
OF_MESSAGE = ((3, timedelta(minutes=10)), (12, timedelta(days=1)))
OF_RECIPIENT = ((6, timedelta(minutes=10)), (30, timedelta(days=1)))


class TooManyCodes(GatepostError):
    """Of this message, or for this address; later."""


class Codes:
    """Each method is one transaction; all raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, key: bytes, sessions: Sessions, clock: Clock = utc_now) -> None:
        """`key` makes digests, and secrets of sessions: who reads the database cannot try them out."""
        self._engine = engine
        self._key = key
        self._sessions = sessions
        self._clock = clock

    def new(self, pickup: Pickup, browser: str) -> str | None:
        """A code for this message in this browser (the secret of its cookie); None: it asked seconds ago.

        Raises TooManyCodes.
        """
        now, code, code_id = self._clock(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", secrets.token_hex(16)
        who, where = pickup.recipient.lower(), _digest(browser)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(codes).where(codes.c.created < now - REMEMBERED))
            own = sa.and_(codes.c.pickup_id == pickup.id, codes.c.browser == where)
            if self._is_asked_twice(connection, own):
                return None
            of_message, of_recipient = codes.c.pickup_id == pickup.id, codes.c.recipient == who
            for bounds, which in ((OF_MESSAGE, of_message), (OF_RECIPIENT, of_recipient)):
                if self._is_full(connection, bounds, which):
                    raise TooManyCodes("too many codes were mailed already")
            connection.execute(sa.update(codes).where(own).values(spent=True))
            connection.execute(
                sa.insert(codes).values(
                    id=code_id,
                    pickup_id=pickup.id,
                    recipient=who,
                    created=now,
                    digest=self._sealed(code_id, code),
                    browser=where,
                    tries=0,
                    spent=False,
                )
            )
        return code

    def take_back(self, pickup: Pickup, browser: str, code: str) -> None:
        """It was never mailed: it opens nothing, and does not count."""
        with writing(self._engine) as connection:
            row = self._last(connection, pickup, browser)
            if row is not None and self._is_right(row, code):
                connection.execute(sa.delete(codes).where(codes.c.id == row.id))

    def spend(self, pickup: Pickup, browser: str, code: str) -> str:
        """The secret of the session that this code begins; "": it is not that of this message in this browser.

        Then it is used, and else a try is.
        """
        if not browser:
            return ""
        with writing(self._engine) as connection:
            row = self._last(connection, pickup, browser)
            if row is None or row.tries >= TRIES:
                return ""
            right = self._is_right(row, code)
            tries = row.tries + (not right)
            spent = row.spent or right or tries >= TRIES
            connection.execute(sa.update(codes).where(codes.c.id == row.id).values(tries=tries, spent=spent))
            if not right:
                return ""
            secret = self._secret(row.id, code)
            if not row.spent:
                self._sessions.begin(connection, pickup, secret)
            elif not self._sessions.began(connection, pickup, secret, self._clock() - TWICE):
                return ""
        return secret

    def give_back(self, pickup: Pickup, browser: str, code: str) -> None:
        """Nothing came of spending it: it is good again, and the session that it began is over."""
        with writing(self._engine) as connection:
            row = self._last(connection, pickup, browser)
            if row is not None and self._is_right(row, code):
                connection.execute(sa.update(codes).where(codes.c.id == row.id).values(spent=False))
                self._sessions.drop(connection, self._secret(row.id, code))

    def _last(self, connection: sa.Connection, pickup: Pickup, browser: str) -> sa.Row[Any] | None:
        """The one in this browser that is good, or else the one that was used last; none that is too old."""
        own = sa.and_(
            codes.c.pickup_id == pickup.id,
            codes.c.browser == _digest(browser),
            codes.c.created > self._clock() - HOLDS,
        )
        newest = sa.select(codes).where(own).order_by(codes.c.spent, codes.c.created.desc()).limit(1)
        return connection.execute(newest).one_or_none()

    def _is_asked_twice(self, connection: sa.Connection, own: sa.ColumnElement[bool]) -> bool:
        young = sa.and_(own, codes.c.spent.is_(sa.false()), codes.c.created > self._clock() - TWICE)
        return connection.execute(sa.select(codes.c.id).where(young).limit(1)).one_or_none() is not None

    def _is_full(
        self, connection: sa.Connection, bounds: Sequence[tuple[int, timedelta]], which: sa.ColumnElement[bool]
    ) -> bool:
        now = self._clock()
        for most, time in bounds:
            chosen = sa.select(sa.func.count()).select_from(codes).where(which, codes.c.created > now - time)
            if connection.execute(chosen).scalar_one() >= most:
                return True
        return False

    def _is_right(self, row: sa.Row[Any], code: str) -> bool:
        return hmac.compare_digest(row.digest, self._sealed(row.id, code))

    def _sealed(self, code_id: str, code: str) -> str:
        return self._bound(b"code", code_id, code).hex()

    def _secret(self, code_id: str, code: str) -> str:
        """Of the session that this code begins: 256 bits that nobody can make without the key."""
        return urlsafe_b64encode(self._bound(b"session", code_id, code)).rstrip(b"=").decode("ascii")

    def _bound(self, what: bytes, code_id: str, code: str) -> bytes:
        bound = b"\0".join((what, code_id.encode(), code.encode("utf-8", "replace")))
        return hmac.digest(self._key, bound, hashlib.sha256)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
