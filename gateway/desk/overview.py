"""What happened over time, how old what waits is, how often rules were right: counts, never content."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.audit.index import AuditIndex, Tally
from gateway.desk.guard import Guard, Log
from gateway.desk.rights import Act, Caller
from gateway.quarantine import Casefile, Precision, QuarantineStore, Query, State
from gateway.store.clock import Clock

AGES = (("under an hour", 1), ("under four hours", 4), ("under a day", 24), ("under three days", 72), ("older", None))
MOST = 12
SAMPLE = 5_000  # of the items that wait, the oldest

# Whether a part of the gateway is well: its name, "" or what is wrong.
Health = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Day:
    """Messages of one day by what was decided, and copies that left protected."""

    day: date
    delivered: int
    held: int
    refused: int
    protected: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`rules`, `partners`, `departments`: (name, count), the most first. `watched`: (rule, what it would have done, how
    often)."""

    days: tuple[Day, ...]
    waiting: int
    ages: tuple[tuple[str, int], ...]
    rules: tuple[tuple[str, int], ...]
    watched: tuple[tuple[str, str, int], ...]
    partners: tuple[tuple[str, int], ...]
    departments: tuple[tuple[str, int], ...]
    methods: tuple[tuple[str, int], ...]
    precision: tuple[Precision, ...]
    health: tuple[tuple[str, str], ...]

    @property
    def total(self) -> Day:
        """All days together."""
        return Day(
            self.days[0].day if self.days else date.min,
            sum(day.delivered for day in self.days),
            sum(day.held for day in self.days),
            sum(day.refused for day in self.days),
            sum(day.protected for day in self.days),
        )


class OverviewDesk:
    """Raises Forbidden, AuditUnavailable, StoreUnavailable."""

    def __init__(
        self,
        index: AuditIndex,
        quarantine: QuarantineStore,
        casefile: Casefile,
        health: Health,
        audit: Log,
        clock: Clock,
    ) -> None:
        self._index = index
        self._quarantine = quarantine
        self._casefile = casefile
        self._health = health
        self._clock = clock
        self._guard = Guard(audit)

    def look(self, caller: Caller, days: int) -> Overview:
        """The last days, today included."""
        self._guard.demand(caller, Act.OVERVIEW)
        today = self._clock().date()
        first = today - timedelta(days=days - 1)
        tallies = self._index.tallies(first, today)
        waiting = self._quarantine.states().get(State.HELD, 0)
        return Overview(
            days=_days(tallies, first, days),
            waiting=waiting,
            ages=self._ages(),
            rules=_most(tallies, "rule"),
            watched=_watched(tallies),
            partners=_most(tallies, "partner"),
            departments=_most(tallies, "department"),
            methods=_most(tallies, "protected"),
            precision=self._casefile.precision(),
            health=tuple(self._health().items()),
        )

    def _ages(self) -> tuple[tuple[str, int], ...]:
        """Of those that wait, by how long."""
        now, counts = self._clock(), Counter[str]()
        for item in self._quarantine.list(Query(state=State.HELD, order="oldest", limit=SAMPLE)):
            hours = (now - item.created).total_seconds() / 3600
            counts[next(word for word, most in AGES if most is None or hours < most)] += 1
        return tuple((word, counts[word]) for word, _ in AGES)


def _days(tallies: tuple[Tally, ...], first: date, days: int) -> tuple[Day, ...]:
    counts: dict[date, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        if tally.what == "message":
            counts[tally.day][tally.name] += tally.count
        elif tally.what == "protected":
            counts[tally.day]["protected"] += tally.count
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        of = counts[day]
        found.append(Day(day, of["deliver"], of["quarantine"], of["block"], of["protected"]))
    return tuple(found)


def _most(tallies: tuple[Tally, ...], what: str) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for tally in tallies:
        if tally.what == what:
            counts[tally.name] += tally.count
    return tuple(counts.most_common(MOST))


def _watched(tallies: tuple[Tally, ...]) -> tuple[tuple[str, str, int], ...]:
    return tuple((*_pair(name), count) for name, count in _most(tallies, "would"))


def _pair(name: str) -> tuple[str, str]:
    rule, _, would = name.partition(" ")
    return rule, would
