"""What must be done now and then, as a list of small tasks: `serve` runs it every hour, `gatepost maintain` on demand.

Every task may run at any time, twice, or not at all for a while: it looks at what there is and does what is due. Where
several gateways share a database, what is common is done by one of them; what is each one's own, by each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from gateway.audit import events, review_events
from gateway.audit.log import AuditLog
from gateway.pickup import Pickups, State
from gateway.pickup import events as pickup_events
from gateway.quarantine import Purging, QuarantineStore, Terms
from gateway.store.durable import locked
from gateway.store.journal import Journal
from gateway.store.members import upkeep_turn

JOURNAL = timedelta(days=14)
PICKUPS = timedelta(days=90)  # so long it is listed what waited at the portal

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What the tasks work on."""

    journal: Journal
    quarantine: QuarantineStore
    audit: AuditLog
    look_over_keys: Callable[[], None]
    terms: Terms
    now: Callable[[], datetime]
    pickups: Pickups | None = None  # what waits at the portal
    aftermath: Callable[[], int] | None = None  # tells senders; how many mails


@dataclass(frozen=True, slots=True)
class Task:
    """`run` does what is due and says how much that was. `own`: each gateway does it, whoever does the rest."""

    name: str
    about: str
    run: Callable[[Upkeep], Counts]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task. `failure` None: it ended well."""

    task: str
    counts: Counts
    failure: Exception | None = None


def _journal(upkeep: Upkeep) -> Counts:
    return {"forgotten": upkeep.journal.prune(upkeep.now() - JOURNAL)}


def _keys(upkeep: Upkeep) -> Counts:
    upkeep.look_over_keys()
    return {}


def _store(upkeep: Upkeep) -> Counts:
    swept = upkeep.quarantine.sweep_orphans()
    if swept.orphans or swept.missing:
        upkeep.audit.append(events.store_swept(orphans=swept.orphans, missing=swept.missing))
    return {"orphans": swept.orphans, "missing": len(swept.missing)}


def _retention(upkeep: Upkeep) -> Counts:
    return {"purged": sum(1 for _ in purge(upkeep.quarantine.purging(upkeep.terms), upkeep.audit, "retention"))}


def purge(purging: Purging, audit: AuditLog, by: str) -> Iterator[str]:
    """Purge what is due; the ids. The tombstone and its event are durable before anything is destroyed.

    Where the event cannot be written the item is left as it was claimed, and the sweep destroys it: AuditUnavailable.
    """
    for item in purging.due():
        tombstone = purging.claim(item)
        if tombstone is None:
            continue
        audit.append(
            review_events.purged(
                item=item.id,
                incident=item.incident,
                by=by,
                created=item.created.isoformat(),
                state=item.state.value,
                tombstone=tombstone,
                areas=item.areas,
                days=purging.terms.of(item.areas),
            )
        )
        purging.destroy(item)
        yield item.id


def _pickups(upkeep: Upkeep) -> Counts:
    """The event is durable before anything is destroyed."""
    store = upkeep.pickups
    if store is None:
        return {}
    expired = 0
    for pickup in store.due():
        upkeep.audit.append(pickup_events.ended(pickup, State.EXPIRED, "retention"))
        if store.end(pickup, State.EXPIRED, "retention"):
            store.destroy(pickup.id)
            expired += 1
    orphans = store.sweep_orphans()
    return {"expired": expired, "orphans": orphans, "forgotten": store.forget(upkeep.now() - PICKUPS)}


def _senders(upkeep: Upkeep) -> Counts:
    return {"told": upkeep.aftermath()} if upkeep.aftermath is not None else {}


def _checkpoint(upkeep: Upkeep) -> Counts:
    """Last, so that it signs what the others wrote."""
    upkeep.audit.checkpoint()
    return {}


TASKS: tuple[Task, ...] = (
    Task("journal", "forgets tries of messages that nobody will repeat", _journal),
    Task("keys", "judges certificates of recipients anew once a day, says which of our keys expire soon", _keys),
    Task("store", "removes what a crash left of sealed files, finds those that are missing", _store),
    Task("retention", "purges messages whose time is over", _retention),
    Task("pickups", "destroys what waited at the portal for too long", _pickups),
    Task("senders", "tells senders what became of held messages, and what nobody reads at the portal", _senders),
    Task("checkpoint", "signs the audit log up to now", _checkpoint, own=True),
)


def run(upkeep: Upkeep, tasks: Sequence[Task] = TASKS) -> Iterator[Done]:
    """Each task in its turn. One that fails keeps no other from its work."""
    for task in tasks:
        try:
            yield Done(task.name, task.run(upkeep))
        except Exception as error:  # noqa: BLE001 - told with the task, whatever it is
            yield Done(task.name, {}, error)


@contextmanager
def alone(folder: Path, engine: sa.Engine) -> Iterator[bool]:
    """Whether it is our turn: nobody else keeps up this store at this moment. Raises OSError, StoreUnavailable."""
    try:
        with locked(folder / "upkeep.lock", wait=False), upkeep_turn(engine) as ours:
            yield ours
    except BlockingIOError:
        yield False
