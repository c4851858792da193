"""Accounts to rows and back."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gateway.people.model import Person, PersonState, PersonUnknown, Role
from gateway.store.schema import people, recovery_codes, sessions, tokens

Row = sa.Row[tuple[object, ...]]


def person_of(row: Row) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        display=row.display,
        address=row.address,
        role=Role(row.role),
        state=PersonState(row.state),
        emergency=row.emergency,
        created=row.created,
        changed=row.changed,
        expires=row.expires,
        failures=row.failures,
        rests_until=row.rests_until,
        has_second_factor=row.second_factor is not None,
        standing=row.standing or row.created,
        issuer=row.issuer or "",
    )


def plain_name(name: str) -> str:
    """A name as accounts are found by it, however it was written."""
    return name.strip().lower()


def is_same_name(one: str, other: str) -> bool:
    """Whether both find the same account."""
    return plain_name(one) == plain_name(other)


def row_of(connection: sa.Connection, name: str) -> Row | None:
    """By name, whatever its case."""
    found: Row | None = connection.execute(sa.select(people).where(people.c.name == plain_name(name))).one_or_none()
    return found


def known_row(connection: sa.Connection, name: str) -> Row:
    """Raises PersonUnknown where there is nobody of that name."""
    row = row_of(connection, name)
    if row is None:
        raise PersonUnknown("there is nobody of that name: `gatepost users list` shows all")
    return row


def of_address(address: str) -> sa.Select[tuple[str]]:
    """Accounts of it that somebody can use."""
    return sa.select(people.c.id).where(people.c.address == address, people.c.state != PersonState.DISABLED.value)


def change(connection: sa.Connection, person_id: str, **values: object) -> None:
    connection.execute(sa.update(people).where(people.c.id == person_id).values(**values))


def end_sessions(connection: sa.Connection, person_id: str, *, but: str = "") -> int:
    """All sessions of a person, or all but one; how many ended."""
    ended = connection.execute(sa.delete(sessions).where(sessions.c.person_id == person_id, sessions.c.digest != but))
    return int(ended.rowcount)


def revoke_tokens(connection: sa.Connection, person_id: str, now: datetime) -> None:
    """All tokens of a person that hold."""
    owned = sa.and_(tokens.c.person_id == person_id, tokens.c.revoked.is_(None))
    connection.execute(sa.update(tokens).where(owned).values(revoked=now))


def put_recovery_codes(connection: sa.Connection, person_id: str, digests: Sequence[str]) -> None:
    """In the place of all older ones."""
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.person_id == person_id))
    if digests:
        rows = [{"person_id": person_id, "digest": digest} for digest in digests]
        connection.execute(sa.insert(recovery_codes), rows)
