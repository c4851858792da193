"""The accounts: made, changed and ended by an administrator, never by themselves."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from gateway.people.model import AccountRefused, Person, PersonState, Role, Times
from gateway.people.passwords import hashed, made
from gateway.people.rows import (
    Row,
    change,
    end_sessions,
    known_row,
    of_address,
    person_of,
    put_recovery_codes,
    revoke_tokens,
    row_of,
)
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.schema import people, security_keys

NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
NO_CONTROL = re.compile(r"[^\x00-\x1f\x7f-\x9f<>]{0,200}")


DECIDING = frozenset({Role.OFFICER, Role.REVIEWER})  # may release and destroy messages
_TWICE = "another account here has the same address: nobody is two people, disable that first"
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")

Tell = Callable[[Person], object]  # writes evidence of what becomes of the account, or raises


def _untold(_: Person) -> None:
    """Nobody is owed evidence."""


class Roster:
    """Every method is one transaction; all raise StoreUnavailable, and AccountRefused with what to do.

    `tell` is called in the transaction, once all of it is done: where it raises nothing is changed.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now, times: Times = Times()) -> None:  # noqa: B008 - frozen
        self._engine = engine
        self._clock = clock
        self._first_password: timedelta = times.first_password

    def add(
        self,
        name: str,
        role: Role,
        *,
        display: str = "",
        address: str = "",
        emergency: bool = False,
        tell: Tell = _untold,
    ) -> tuple[Person, str]:
        """A new account with its first password, which is told once and kept nowhere.

        An emergency account has a long password and no second factor: it is for the day when nobody else gets in.
        """
        name = name.strip().lower()
        if not NAME.fullmatch(name):
            raise AccountRefused("a name has 2 to 40 signs of a-z, 0-9, dot, dash and underscore, a letter first")
        if not NO_CONTROL.fullmatch(display) or not NO_CONTROL.fullmatch(address):
            raise AccountRefused("the full name or the address has signs that none has")
        address = address.strip().lower()
        _must_be_known(role, address, emergency=emergency)
        password, now = made(8 if emergency else 4), self._clock()
        row = {
            "id": secrets.token_hex(8),
            "name": name,
            "display": display or name,
            "address": address,
            "role": role.value,
            "state": (PersonState.ACTIVE if emergency else PersonState.NEW).value,
            "emergency": emergency,
            "password": hashed(password),
            "last_step": 0,
            "failures": 0,
            "created": now,
            "changed": now,
            "expires": None if emergency else now + self._first_password,
        }
        with writing(self._engine) as connection:
            if row_of(connection, name) is not None:
                raise AccountRefused(f"there is an account {name} already")
            if address and connection.execute(of_address(address)).first() is not None:
                raise AccountRefused(_TWICE)
            connection.execute(sa.insert(people).values(**row))
            return _told(connection, name, tell), password

    def disable(self, name: str, *, tell: Tell = _untold) -> Person:
        """Nobody can sign in with it any more; its sessions and tokens end in the same step. The account stays."""
        with writing(self._engine) as connection:
            row = known_row(connection, name)
            keep_an_admin(connection, row)
            change(connection, row.id, state=PersonState.DISABLED.value, changed=self._clock())
            end_sessions(connection, row.id)
            revoke_tokens(connection, row.id, self._clock())
            return _told(connection, name, tell)

    def enable(self, name: str, *, tell: Tell = _untold) -> Person:
        """Somebody who signs in at the provider may come in again. Such a word counts as that of a new account.

        With a password here, a reset does it: who was away gets a new one.
        """
        with writing(self._engine) as connection:
            row, now = known_row(connection, name), self._clock()
            if not row.issuer:
                raise AccountRefused(
                    "this person signs in here: a reset gives a new first password, and ends being disabled"
                )
            if row.state != PersonState.DISABLED.value:
                raise AccountRefused("this account is not disabled")
            if connection.execute(of_address(row.address)).first() is not None:
                raise AccountRefused(_TWICE)
            change(connection, row.id, state=PersonState.ACTIVE.value, changed=now, standing=now)
            return _told(connection, name, tell)

    def reset(self, name: str, *, tell: Tell = _untold) -> tuple[Person, str]:
        """A new first password; no second factor, session, token. It ends being disabled, too."""
        with writing(self._engine) as connection:
            row = known_row(connection, name)
            if row.issuer:
                raise AccountRefused("this person signs in at the provider: password and second factor are set there")
            is_back = row.state == PersonState.DISABLED.value and bool(row.address)
            if is_back and connection.execute(of_address(row.address)).first() is not None:
                raise AccountRefused(_TWICE)
            password, now = made(8 if row.emergency else 4), self._clock()
            change(
                connection,
                row.id,
                password=hashed(password),
                second_factor=None,
                last_step=0,
                failures=0,
                rests_until=None,
                state=(PersonState.ACTIVE if row.emergency else PersonState.NEW).value,
                changed=now,
                expires=None if row.emergency else now + self._first_password,
            )
            end_sessions(connection, row.id)
            revoke_tokens(connection, row.id, now)
            put_recovery_codes(connection, row.id, ())
            connection.execute(sa.delete(security_keys).where(security_keys.c.person_id == row.id))
            return _told(connection, name, tell), password

    def set_role(self, name: str, role: Role, *, tell: Tell = _untold) -> Person:
        """Its sessions end: what is open on a screen belongs to the old role."""
        with writing(self._engine) as connection:
            row = known_row(connection, name)
            if role is not Role.ADMIN:
                keep_an_admin(connection, row)
            _must_be_known(role, row.address, emergency=row.emergency)
            change(connection, row.id, role=role.value, changed=self._clock(), standing=self._clock())
            end_sessions(connection, row.id)
            return _told(connection, name, tell)

    def list(self) -> tuple[Person, ...]:
        """All, by name."""
        with reading(self._engine) as connection:
            return tuple(person_of(row) for row in connection.execute(sa.select(people).order_by(people.c.name)))

    def get(self, name: str) -> Person:
        """Raises AccountRefused where there is nobody of that name."""
        with reading(self._engine) as connection:
            return person_of(known_row(connection, name))


def _told(connection: sa.Connection, name: str, tell: Tell) -> Person:
    """The account as it is now."""
    person = person_of(known_row(connection, name))
    tell(person)
    return person


def keep_an_admin(connection: sa.Connection, row: Row) -> None:
    """The last administrator cannot be taken away from within. Raises AccountRefused."""
    if row.role != Role.ADMIN.value or row.state == PersonState.DISABLED.value:
        return
    others = sa.select(sa.func.count()).where(
        people.c.role == Role.ADMIN.value, people.c.state != PersonState.DISABLED.value, people.c.id != row.id
    )
    if not connection.execute(others).scalar_one():
        raise AccountRefused("this is the last administrator: add another one first")


def _must_be_known(role: Role, address: str, *, emergency: bool) -> None:
    """Raises AccountRefused."""
    if role in DECIDING and not emergency and not _ADDRESS.fullmatch(address):
        raise AccountRefused(
            "who decides about messages needs a mail address (--address): nobody decides about mail of their own"
        )
