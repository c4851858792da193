"""Items to rows and back, and the questions asked of them. Nothing here knows which database it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.core.wishes import NONE, Wishes, wished
from gateway.quarantine.items import NOBODY, FoundEntity, Held, Item, NewItem, Query, Recipient, State, Way
from gateway.store.database import has_text, insert_if_absent, pattern_of
from gateway.store.schema import items, labels, recipients

OF_AN_ID = re.compile(r"[a-z-]*[0-9][0-9a-z-]*")
# Labels of agreements: place of a recipient, and who agrees to send it there in this way.
AGREED_TO = {Way.AS_IT_CAME: "plain-to", Way.ENCRYPTED: "safe-to", Way.REDACTED: "cut-to"}
DUE = "due"  # follow_up of an item whose sender waits to hear of it
LONGEST_LABEL = 128
WAITING = (State.HELD.value, State.RELEASING.value)


def insert_item(connection: sa.Connection, new: NewItem, size: int, now: datetime) -> bool:
    """False if an item of this id is there already."""
    findings = [
        {"entity": found.entity, "count": found.count, "samples": list(found.samples)} for found in new.findings
    ]
    row: dict[str, object] = {"id": new.id, "incident": new.incident, "created": new.created or now}
    row |= {"state": State.HELD.value, "mail_from": new.mail_from, "size": size, "severity": new.severity}
    row |= {"policy_digest": new.policy_digest, "message_id_hash": new.message_id_hash, "findings": findings}
    row |= {"wishes": _kept(new.wishes), "follow_up": DUE if new.sender_told else ""}
    if not insert_if_absent(connection, items, row):
        return False
    to = [
        {"item_id": new.id, "position": position, "address": address, "state": State.HELD.value}
        for position, address in enumerate(dict.fromkeys(new.recipients))
    ]
    why = [{"item_id": new.id, "kind": "rule", "name": name} for name in dict.fromkeys(new.rules)]
    why += [{"item_id": new.id, "kind": "area", "name": name} for name in dict.fromkeys(new.areas)]
    why += [{"item_id": new.id, "kind": "needs", "name": str(new.reviewers)}] if new.reviewers > 1 else []
    if to:
        connection.execute(sa.insert(recipients), to)
    if why:
        connection.execute(sa.insert(labels), why)
    return True


def select_items(query: Query, meant: "Meant | None" = None) -> sa.Select[tuple[object, ...]]:
    """In the order asked for. `meant`: by the search, of `meant_by`."""
    key, up = _order(query)
    way = (key.asc(), items.c.id.asc()) if up else (key.desc(), items.c.id.desc())
    return (
        sa.select(items).order_by(*way).limit(query.limit).where(*_conditions(query, meant or Meant()), *_after(query))
    )


def count_states(connection: sa.Connection) -> dict[State, int]:
    """How many items are in each state."""
    counted = connection.execute(sa.select(items.c.state, sa.func.count()).group_by(items.c.state))
    return {State(state): int(count) for state, count in counted}


def _order(query: Query) -> tuple[sa.Column[Any], bool]:
    """The column, and whether it goes upwards."""
    return (items.c.size if query.order == "largest" else items.c.created), query.order == "oldest"


def _after(query: Query) -> list[sa.ColumnElement[bool]]:
    if not query.after:
        return []
    value, item_id = query.after
    key, up = _order(query)
    beyond, next_to = (key > value, items.c.id > item_id) if up else (key < value, items.c.id < item_id)
    # the first condition lets an index find the place at once
    return [key >= value if up else key <= value, sa.or_(beyond, sa.and_(key == value, next_to))]


def _conditions(query: Query, meant: "Meant") -> list[sa.ColumnElement[bool]]:
    asked: list[sa.ColumnElement[bool] | None] = [
        items.c.state == query.state.value if query.state else None,
        sa.func.lower(items.c.mail_from) == query.mail_from.lower() if query.mail_from else None,
        items.c.incident == query.incident if query.incident else None,
        _has_recipient(query.recipient) if query.recipient else None,
        _has_label("rule", query.rule) if query.rule else None,
        _has_label("area", query.area) if query.area else None,
        items.c.severity == query.severity if query.severity else None,
        items.c.assignee == ("" if query.assignee == NOBODY else query.assignee) if query.assignee else None,
        items.c.legal_hold.is_(sa.literal(query.legal_hold)) if query.legal_hold is not None else None,
        _matches(query.search, meant) if query.search else None,
        *_times(query),
    ]
    return [condition for condition in asked if condition is not None]


def _times(query: Query) -> list[sa.ColumnElement[bool] | None]:
    return [
        items.c.created >= query.since if query.since else None,
        items.c.created < query.until if query.until else None,
    ]


@dataclass(frozen=True, slots=True)
class Meant:
    """What a search was found to mean: rules whose name has it in it; or `exact`, one incident or item by its id."""

    rules: tuple[str, ...] = ()
    exact: bool = False


def meant_by(connection: sa.Connection, text: str) -> Meant:
    """By the indexes, however many items there are."""
    plain = text.strip().lower()
    if not plain:
        return Meant()
    if OF_AN_ID.fullmatch(plain) and connection.execute(sa.select(items.c.id).where(_is_id(plain)).limit(1)).first():
        return Meant(exact=True)
    names = [str(row.name) for row in connection.execute(_RULES)]
    return Meant(rules=tuple(name for name in names if plain in name.lower()))


def _is_id(plain: str) -> sa.ColumnElement[bool]:
    return sa.or_(items.c.id == plain, items.c.incident == plain)


def _matches(text: str, meant: Meant) -> sa.ColumnElement[bool]:
    """A part of an address, of a rule's name, of an incident or an id; no more than the one where it is a whole id.

    Never of content: that is sealed.
    """
    plain = text.strip().lower()
    if meant.exact:
        return _is_id(plain)
    pattern = pattern_of(plain)
    to = sa.select(recipients.c.item_id).where(has_text(recipients.c.address, pattern))
    asked: list[sa.ColumnElement[bool]] = [has_text(items.c.mail_from, pattern), items.c.id.in_(to)]
    if OF_AN_ID.fullmatch(plain):
        asked += [has_text(items.c.id, pattern), has_text(items.c.incident, pattern)]
    if meant.rules:
        named = sa.select(labels.c.item_id).where(labels.c.kind == "rule", labels.c.name.in_(meant.rules))
        asked.append(items.c.id.in_(named))
    return sa.or_(*asked)


def _rule_names() -> sa.Select[tuple[str]]:
    """Of all rules with items: from name to name by the index."""
    of_rules = labels.c.kind == sa.literal("rule")
    names = sa.select(sa.func.min(labels.c.name).label("name")).where(of_rules).cte("names", recursive=True)
    following = sa.select(sa.func.min(labels.c.name)).where(of_rules, labels.c.name > names.c.name)
    names = names.union_all(sa.select(following.scalar_subquery()).where(names.c.name.is_not(None)))
    return sa.select(names.c.name).where(names.c.name.is_not(None))


_RULES = _rule_names()


def _has_recipient(address: str) -> sa.ColumnElement[bool]:
    sought = sa.select(recipients.c.item_id).where(sa.func.lower(recipients.c.address) == address.lower())
    return items.c.id.in_(sought)


def _has_label(kind: str, name: str) -> sa.ColumnElement[bool]:
    return items.c.id.in_(sa.select(labels.c.item_id).where(labels.c.kind == kind, labels.c.name == name))


def load_items(connection: sa.Connection, rows: Sequence[sa.Row[tuple[object, ...]]]) -> tuple[Item, ...]:
    """Rows of `items` with what belongs to them, in three questions however many they are."""
    ids = [row.id for row in rows]
    to: dict[str, list[Recipient]] = {item_id: [] for item_id in ids}
    chosen = sa.select(recipients).where(recipients.c.item_id.in_(ids)).order_by(recipients.c.position)
    for row in connection.execute(chosen):
        to[row.item_id].append(Recipient(row.address, State(row.state), row.queue_id or ""))
    why: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(sa.select(labels).where(labels.c.item_id.in_(ids)).order_by(labels.c.name)):
        why.setdefault((row.item_id, row.kind), []).append(row.name)
    return tuple(_item(row, to[row.id], why) for row in rows)


def _item(row: sa.Row[tuple[object, ...]], to: Sequence[Recipient], why: dict[tuple[str, str], list[str]]) -> Item:
    return Item(
        id=row.id,
        incident=row.incident,
        created=row.created,
        state=State(row.state),
        mail_from=row.mail_from,
        recipients=tuple(to),
        size=row.size,
        severity=row.severity,
        policy_digest=row.policy_digest,
        rules=tuple(why.get((row.id, "rule"), ())),
        areas=tuple(why.get((row.id, "area"), ())),
        findings=tuple(FoundEntity(f["entity"], f["count"], tuple(f["samples"])) for f in row.findings),
        message_id_hash=row.message_id_hash,
        release_started=row.release_started,
        changed_at=row.changed_at,
        changed_by=row.changed_by or "",
        reason=row.reason or "",
        reviewers=int(next(iter(why.get((row.id, "needs"), ())), 1)),
        agreed=tuple(why.get((row.id, "agreed"), ())),
        assignee=row.assignee,
        legal_hold=row.legal_hold,
        purged=row.purged,
        tombstone=row.tombstone,
        wishes=wished(row.wishes["mail"], row.wishes["recipients"]) if row.wishes else NONE,
    )


def _kept(wishes: Wishes) -> dict[str, object] | None:
    of_recipients = {who: list(words) for who, words in wishes.of_recipients.items()}
    return {"mail": list(wishes.of_mail), "recipients": of_recipients} if wishes else None


def add_agreement(connection: sa.Connection, item_id: str, by: str, places: Sequence[int], way: Way) -> None:
    """Somebody wants the item released to the recipients at these places, in this way; noted once."""
    noted = [("agreed", by), *((AGREED_TO[way], f"{place} {by}"[:LONGEST_LABEL]) for place in places)]
    for kind, name in noted:
        insert_if_absent(connection, labels, {"item_id": item_id, "kind": kind, "name": name})


def agreements(connection: sa.Connection, item_id: str, way: Way) -> dict[int, set[str]]:
    """Who agreed, by the place of the recipient. Whoever agrees to all of it in plain has nothing against less."""
    kinds = {AGREED_TO[Way.AS_IT_CAME], AGREED_TO[way]}
    chosen = sa.select(labels.c.name).where(labels.c.item_id == item_id, labels.c.kind.in_(kinds))
    found: dict[int, set[str]] = {}
    for name in connection.execute(chosen).scalars():
        place, _, by = str(name).partition(" ")
        found.setdefault(int(place), set()).add(by)
    return found


def load_item(connection: sa.Connection, item_id: str) -> Item | None:
    found = connection.execute(sa.select(items).where(items.c.id == item_id)).all()
    return load_items(connection, found)[0] if found else None


def held(connection: sa.Connection) -> Held:
    chosen = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(items.c.size), 0), sa.func.min(items.c.created))
    count, size, oldest = connection.execute(chosen.where(items.c.state.in_(WAITING))).one()
    return Held(int(count), int(size), oldest)


def set_recipients(
    connection: sa.Connection, item_id: str, addresses: Sequence[str], values: dict[str, object]
) -> None:
    """In slices: databases limit how many values one statement takes."""
    for start in range(0, len(addresses), 500):
        some = addresses[start : start + 500]
        chosen = sa.and_(recipients.c.item_id == item_id, recipients.c.address.in_(some))
        connection.execute(sa.update(recipients).where(chosen).values(values))
