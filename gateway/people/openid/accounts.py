"""Accounts of people who sign in at the provider: made when they first come, with the role of their groups and no more.

An account is found by issuer and subject, which nobody chooses; never by a name or address, which somebody may choose.
Whoever is disabled here stays out, whatever the provider says.
"""

import re
import secrets
from collections.abc import Callable

import sqlalchemy as sa

from gateway.people.model import Person, PersonState, Role
from gateway.people.openid.idtoken import Claims, Refused
from gateway.people.passwords import hashed
from gateway.people.roster import NAME, NO_CONTROL
from gateway.people.rows import Row, change, end_sessions, of_address, person_of, revoke_tokens, row_of
from gateway.store.clock import Clock, utc_now
from gateway.store.database import reading, writing
from gateway.store.schema import people

_NO_NAME = re.compile(r"[^a-z0-9._-]+")
_MOST_OF_A_NAME = 100


class Arrivals:
    """Every method is one transaction; all raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def arrive(
        self, claims: Claims, role: Role, *, tell: Callable[[Person, str], object] = lambda person, what: None
    ) -> tuple[Person, str]:
        """The person, and what became of the account: "added", "role" or "". Raises Refused.

        `tell` writes evidence of that, in the transaction: where it raises nothing has become of the account.
        The provider's word holds at once, also where it takes the last administrator away: the machine's own
        administrator makes another one by command.
        """
        if not claims.address or "@" not in claims.address or not NO_CONTROL.fullmatch(claims.address):
            raise Refused("openid-name", "the provider does not vouch for your mail address, which is needed here")
        with writing(self._engine) as connection:
            row = _found(connection, claims.issuer, claims.subject)
            if row is None:
                person = self._new(connection, claims, role)
                tell(person, "added")
                return person, "added"
            if row.state == PersonState.DISABLED.value:
                raise Refused("disabled", "this account is disabled")
            change(connection, row.id, address=claims.address, display=_display(claims, row.name))
            changed = row.role != role.value
            if changed:
                now = self._clock()
                change(connection, row.id, role=role.value, changed=now, standing=now)
                end_sessions(connection, row.id)
            person = person_of(row_of(connection, row.name))  # type: ignore[arg-type]  # it was there just now
            if changed:
                tell(person, "role")
            return person, "role" if changed else ""

    def known(self, issuer: str, subject: str) -> Person | None:
        with reading(self._engine) as connection:
            row = _found(connection, issuer, subject)
        return person_of(row) if row is not None else None

    def leave(self, issuer: str, subject: str, *, for_good: bool = False) -> Person | None:
        """All sessions of that person end, `for_good` the tokens too; None where nobody is known."""
        with writing(self._engine) as connection:
            row = _found(connection, issuer, subject)
            if row is None:
                return None
            end_sessions(connection, row.id)
            if for_good:
                revoke_tokens(connection, row.id, self._clock())
            return person_of(row)

    def _new(self, connection: sa.Connection, claims: Claims, role: Role) -> Person:
        name = _free_name(connection, _NO_NAME.sub("-", claims.name.partition("@")[0].lower()).strip("-._"))
        if connection.execute(of_address(claims.address)).first() is not None:
            # whoever had two accounts could be both of two people
            raise Refused("openid-name", "another account here has your address: an administrator has to disable it")
        now = self._clock()
        row = {
            "id": secrets.token_hex(8),
            "name": name,
            "display": _display(claims, name),
            "address": claims.address,
            "role": role.value,
            "state": PersonState.ACTIVE.value,
            "emergency": False,
            "password": hashed(secrets.token_urlsafe(32)),  # which nobody knows
            "last_step": 0,
            "failures": 0,
            "created": now,
            "changed": now,
            "standing": now,
            "issuer": claims.issuer,
            "subject": claims.subject,
        }
        connection.execute(sa.insert(people).values(**row))
        return person_of(row_of(connection, name))  # type: ignore[arg-type]  # it was put there just now


def _found(connection: sa.Connection, issuer: str, subject: str) -> Row | None:
    own = sa.and_(people.c.issuer == issuer, people.c.subject == subject)
    found: Row | None = connection.execute(sa.select(people).where(own)).one_or_none()
    return found


def _free_name(connection: sa.Connection, wanted: str) -> str:
    """That, or with a number where accounts that are disabled have it: what they did stands in the log under theirs.

    Raises Refused.
    """
    if not NAME.fullmatch(wanted):
        raise Refused("openid-name", "the provider gives you no name that can be one here")
    for number in range(1, _MOST_OF_A_NAME):
        name = wanted if number == 1 else f"{wanted[:36]}-{number}"
        row = row_of(connection, name)
        if row is None:
            return name
        if row.state != PersonState.DISABLED.value:
            break
    raise Refused("openid-name", f"there is another account {name} here: an administrator has to look")


def _display(claims: Claims, name: str) -> str:
    shown = claims.display.strip()
    return shown if shown and NO_CONTROL.fullmatch(shown) else name
