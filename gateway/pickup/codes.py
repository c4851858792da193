"""One-time codes, mailed to the address that a message was sent to: who can read its mail may open the message.

A code is good once, for ten minutes, a few tries and the browser that asked for it. How many are mailed is bounded for
each message and each address, whoever asks: nobody can fill a mailbox with them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from gateway.pickup.model import Pickup
from gateway.store.clock import Clock, utc_now
from gateway.store.database import writing
from gateway.store.schema import pickup_codes as codes

DIGITS = 8
HOLDS = timedelta(minutes=10)
TRIES = 5  # of one code
REMEMBERED = timedelta(days=1)
# So many in so long, of one message, and to one address
OF_MESSAGE = ((3, timedelta(minutes=10)), (12, timedelta(days=1)))
OF_RECIPIENT = ((6, timedelta(minutes=10)), (30, timedelta(days=1)))


class Codes:
    """Each method is one transaction; all raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, key: bytes, clock: Clock = utc_now) -> None:
        """`key` makes digests: who reads the database cannot try them out."""
        self._engine = engine
        self._key = key
        self._clock = clock

    def new(self, pickup: Pickup, browser: str) -> str | None:
        """A code for this message in this browser (the secret of its cookie); None: too many were mailed already."""
        now, code, code_id = self._clock(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", secrets.token_hex(16)
        who, where = pickup.recipient.lower(), _digest(browser)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(codes).where(codes.c.created < now - REMEMBERED))
            of_message, of_recipient = codes.c.pickup_id == pickup.id, codes.c.recipient == who
            if self._is_full(connection, OF_MESSAGE, of_message):
                return None
            if self._is_full(connection, OF_RECIPIENT, of_recipient):
                return None
            own = sa.and_(codes.c.pickup_id == pickup.id, codes.c.browser == where)
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

    def spend(self, pickup: Pickup, browser: str, code: str) -> bool:
        """Whether it is the code of this message in this browser; then it is used, and else a try is."""
        if not browser:
            return False
        good = sa.and_(
            codes.c.pickup_id == pickup.id,
            codes.c.browser == _digest(browser),
            codes.c.spent.is_(sa.false()),
            codes.c.created > self._clock() - HOLDS,
        )
        with writing(self._engine) as connection:
            row = connection.execute(sa.select(codes).where(good)).one_or_none()
            if row is None:
                return False
            right = hmac.compare_digest(row.digest, self._sealed(row.id, code))
            tries = row.tries + 1
            spent = right or tries >= TRIES
            connection.execute(sa.update(codes).where(codes.c.id == row.id).values(tries=tries, spent=spent))
        return right

    def _is_full(
        self, connection: sa.Connection, bounds: Sequence[tuple[int, timedelta]], which: sa.ColumnElement[bool]
    ) -> bool:
        now = self._clock()
        for most, time in bounds:
            chosen = sa.select(sa.func.count()).select_from(codes).where(which, codes.c.created > now - time)
            if connection.execute(chosen).scalar_one() >= most:
                return True
        return False

    def _sealed(self, code_id: str, code: str) -> str:
        bound = b"\0".join((b"code", code_id.encode(), code.encode("utf-8", "replace")))
        return hmac.new(self._key, bound, hashlib.sha256).hexdigest()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
