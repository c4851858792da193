"""What people add to an item: who looks after it, comments, marks, a legal hold."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.quarantine.errors import AlreadyDiscarded, ItemUnknown
from gateway.quarantine.items import State
from gateway.store.clock import Clock, utc_now
from gateway.store.database import Tell, reading, untold, writing
from gateway.store.schema import comments, items, marks

RULE, FINDING = "rule", "finding"


@dataclass(frozen=True, slots=True)
class Comment:
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """`kind` "rule": the rule `name` was right about the item. "finding": the value at `place` is an entity `name`."""

    kind: str
    name: str
    place: str
    is_true: bool
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Precision:
    """How often people said that a rule or a finding was right."""

    kind: str
    name: str
    right: int
    wrong: int

    @property
    def share(self) -> float:
        """Of the marks, those that say right."""
        return self.right / (self.right + self.wrong)


class Casefile:
    """Each method is one transaction; all raise StoreUnavailable, those that change ItemUnknown.

    `tell` is called once it is done, in the transaction: where that raises nothing is changed.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def assign(self, item_id: str, to: str, *, tell: Tell = untold) -> None:
        """`to` "": nobody any more."""
        with writing(self._engine) as connection:
            _check_there(connection, item_id)
            connection.execute(sa.update(items).where(items.c.id == item_id).values(assignee=to))
            tell()

    def set_hold(self, item_id: str, *, on: bool, tell: Tell = untold) -> None:
        """While it is on, the item can be neither purged nor discarded. AlreadyDiscarded: it came too late."""
        there = sa.and_(items.c.purged.is_(None), items.c.state != State.DISCARDED.value)
        chosen = sa.update(items).where(items.c.id == item_id).values(legal_hold=on)
        with writing(self._engine) as connection:
            _check_there(connection, item_id)
            if connection.execute(chosen.where(there) if on else chosen).rowcount != 1:
                raise AlreadyDiscarded(f"item {item_id} is gone: its message was destroyed")
            tell()

    def comment(self, item_id: str, by: str, text: str, *, tell: Tell = untold) -> None:
        with writing(self._engine) as connection:
            _check_there(connection, item_id)
            row = {"id": secrets.token_hex(12), "item_id": item_id, "at": self._clock(), "by": by, "text": text}
            connection.execute(sa.insert(comments).values(**row))
            tell()

    def comments(self, item_id: str) -> tuple[Comment, ...]:
        """Oldest first."""
        chosen = sa.select(comments).where(comments.c.item_id == item_id).order_by(comments.c.at, comments.c.id)
        with reading(self._engine) as connection:
            return tuple(Comment(row.at, row.by, row.text) for row in connection.execute(chosen))

    def mark(
        self, item_id: str, kind: str, name: str, place: str, by: str, *, is_true: bool, tell: Tell = untold
    ) -> None:
        """In the place of an earlier mark of the same thing."""
        key = {"item_id": item_id, "kind": kind, "name": name[:128], "place": place[:128]}
        with writing(self._engine) as connection:
            _check_there(connection, item_id)
            same = sa.and_(*(marks.c[column] == value for column, value in key.items()))
            connection.execute(sa.delete(marks).where(same))
            connection.execute(sa.insert(marks).values(**key, is_true=is_true, at=self._clock(), by=by))
            tell()

    def marks(self, item_id: str) -> tuple[Mark, ...]:
        chosen = sa.select(marks).where(marks.c.item_id == item_id).order_by(marks.c.kind, marks.c.name, marks.c.place)
        with reading(self._engine) as connection:
            return tuple(
                Mark(row.kind, row.name, row.place, row.is_true, row.at, row.by) for row in connection.execute(chosen)
            )

    def precision(self, since: datetime | None = None) -> tuple[Precision, ...]:
        """Of each rule and entity with marks, the worst first."""
        right = sa.func.sum(sa.case((marks.c.is_true, 1), else_=0))
        chosen = sa.select(marks.c.kind, marks.c.name, right, sa.func.count()).group_by(marks.c.kind, marks.c.name)
        if since is not None:
            chosen = chosen.where(marks.c.at >= since)
        with reading(self._engine) as connection:
            rows = connection.execute(chosen).all()
        found = [Precision(kind, name, int(right), int(count) - int(right)) for kind, name, right, count in rows]
        return tuple(sorted(found, key=lambda each: (each.share, each.kind, each.name)))


def _check_there(connection: sa.Connection, item_id: str) -> None:
    if connection.execute(sa.select(items.c.id).where(items.c.id == item_id)).one_or_none() is None:
        raise ItemUnknown(f"there is no item {item_id}")
