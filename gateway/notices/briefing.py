"""What officers are told now and then: the digest of what waits, and a reminder before messages are destroyed unseen.

Ids, addresses, rules and ages; never anything of a message.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.actions import Notices
from gateway.actions.notices import compose_plain
from gateway.quarantine import Item, QuarantineStore, Query, State

SHOWN = 40  # messages one by one
PAGE = 200
GRAVEST = ("critical", "high", "medium", "low")

Ends = Callable[[Item], datetime]  # when an item's time is over


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits at one moment, the gravest and oldest first; `came` since a day before."""

    now: datetime
    waiting: tuple[Item, ...]
    came: int
    ends: Ends

    def expiring(self, within: timedelta) -> tuple[Item, ...]:
        """Those whose time is over within so long, the first to go first. A legal hold has no end."""
        soon = [item for item in self.waiting if not item.legal_hold and self.ends(item) <= self.now + within]
        return tuple(sorted(soon, key=lambda item: (self.ends(item), item.id)))


def standing(store: QuarantineStore, now: datetime, ends: Ends) -> Standing:
    """What the quarantine holds now. Raises StoreUnavailable."""
    waiting = [*_all(store, Query(state=State.HELD)), *_all(store, Query(state=State.RELEASING))]
    came = sum(1 for _ in _all(store, Query(since=now - timedelta(days=1))))
    return Standing(now, tuple(sorted(waiting, key=_order)), came, ends)


def digest(notices: Notices, standing: Standing, remind: timedelta, addressee: str) -> bytes:
    """The digest for one officer: a whole message."""
    waiting, expiring = standing.waiting, standing.expiring(remind)
    values = {
        "date": f"{standing.now:%Y-%m-%d %H:%M} UTC",
        "count": f"{len(waiting):,}",
        "figures": _figures(standing),
        "items": _listed("Waiting, the gravest and oldest first:", waiting, standing, notices.console),
        "expiring": _listed(f"Over within {remind.days} days:", expiring, standing, notices.console, ends=True),
        "link": _way(notices),
    }
    return compose_plain(notices, "officer-digest", values, standing.now, f"digest-{standing.now:%Y%m%d}", addressee)


def reminder(notices: Notices, standing: Standing, remind: timedelta, addressee: str) -> bytes | None:
    """The reminder for one officer; None where nothing is near its end."""
    expiring = standing.expiring(remind)
    if not expiring:
        return None
    values = {
        "date": f"{standing.now:%Y-%m-%d %H:%M} UTC",
        "count": f"{len(expiring):,}",
        "days": str(remind.days),
        "expiring": _listed("The first to go first:", expiring, standing, notices.console, ends=True),
        "link": _way(notices),
    }
    mark = f"reminder-{standing.now:%Y%m%d}"
    return compose_plain(notices, "officer-reminder", values, standing.now, mark, addressee)


def _figures(standing: Standing) -> str:
    waiting = standing.waiting
    lines = [f"  Came in the last 24 hours:  {standing.came:,}", f"  Waiting now:                {len(waiting):,}"]
    counts = Counter(item.severity for item in waiting)
    lines += [f"    {severity + ':':<26}{counts[severity]:,}" for severity in GRAVEST if counts[severity]]
    if waiting:
        oldest = min(item.created for item in waiting)
        lines.append(f"  The oldest waits since:     {oldest:%Y-%m-%d %H:%M} UTC ({_age(standing.now - oldest)})")
    return "\n".join(lines)


def _listed(title: str, items: Sequence[Item], standing: Standing, console: str, *, ends: bool = False) -> str:
    if not items:
        return ""
    lines = [_line(item, standing, console, ends=ends) for item in items[:SHOWN]]
    more = [f"  - and {len(items) - SHOWN:,} more"] if len(items) > SHOWN else []
    return "\n".join((title, *lines, *more))


def _line(item: Item, standing: Standing, console: str, *, ends: bool) -> str:
    when = f"until {standing.ends(item):%Y-%m-%d}" if ends else _age(standing.now - item.created)
    people = len(item.recipients)
    to = f"to {people} {'recipient' if people == 1 else 'recipients'}"
    said = (
        f"  - {item.id}  {item.severity}, {when}, from {_plain(item.mail_from) or '<>'} {to}: {', '.join(item.rules)}"
    )
    return f"{said}\n    {console}/items/{item.id}" if console else said


def _way(notices: Notices) -> str:
    if notices.console:
        return f"Review them here:\n  {notices.console}/items"
    return 'Review them with "gatepost quarantine list" and "gatepost quarantine show ID".'


def _all(store: QuarantineStore, query: Query) -> Iterator[Item]:
    """All items of the query, a page at a time."""
    query = replace(query, limit=PAGE)
    while page := store.list(query):
        yield from page
        if len(page) < PAGE:
            return
        query = replace(query, after=(page[-1].created, page[-1].id))


def _order(item: Item) -> tuple[int, datetime, str]:
    grave = GRAVEST.index(item.severity) if item.severity in GRAVEST else len(GRAVEST)
    return grave, item.created, item.id


def _age(waited: timedelta) -> str:
    hours = int(waited.total_seconds() // 3_600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _plain(address: str) -> str:
    """On one line, without what could control anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in address)[:200]


def addressees(officers: Iterable[str]) -> tuple[str, ...]:
    """Who gets them: each officer once."""
    return tuple(dict.fromkeys(officers))
