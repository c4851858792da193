"""One pass over the audit log: what a period holds, counted. Memory grows with what is reviewed, not with mail."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from gateway.audit.reading import Event, at, code, incident, milliseconds, word
from gateway.domains import domain_of
from gateway.report.finished import waits_for_acts
from gateway.report.source import Read

SEVERITIES: Mapping[int, str] = MappingProxyType({1: "none", 2: "low", 3: "medium", 4: "high", 5: "critical"})
FATES = ("plain", "redacted", "protected", "held", "refused")
PERSONAL = (3001, 3002, 6003)  # OCSF: account change, authentication, API activity
MOST_OVER = 50_000
MOST_LISTED = 100_000  # accesses and changes listed one by one


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until) in UTC."""

    since: datetime
    until: datetime

    @property
    def words(self) -> str:
        last = datetime.fromtimestamp(self.until.timestamp() - 1, UTC)
        quarter = (self.since.month + 2) // 3
        first = datetime(self.since.year, 3 * quarter - 2, 1, tzinfo=UTC)
        if self.since == first and self.until == first_of_next_quarter(first):
            return f"Quarter {quarter} of {self.since.year}"
        return f"{self.since:%Y-%m-%d} to {last:%Y-%m-%d}"

    @property
    def days(self) -> int:
        return max(1, -(-int((self.until - self.since).total_seconds()) // 86_400))

    def has(self, when: int) -> bool:
        return self.since.timestamp() * 1000 <= when < self.until.timestamp() * 1000


def first_of_next_quarter(first: datetime) -> datetime:
    year, month = (first.year + 1, 1) if first.month == 10 else (first.year, first.month + 3)
    return datetime(year, month, 1, tzinfo=UTC)


def quarter(year: int, number: int) -> Period:
    """One of the four of a year."""
    first = datetime(year, 3 * number - 2, 1, tzinfo=UTC)
    return Period(first, first_of_next_quarter(first))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is held: since when (epoch seconds) and how grave its rule says it is.

    `recipients`: those who have not got it, in lower case; none where the log does not name them.
    """

    since: float
    severity: str
    rules: tuple[str, ...]
    recipients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about one held message, and how many seconds it had waited (None: not known)."""

    by: str
    what: str  # released, discarded
    severity: str
    waited: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An event that stands in a list of the report: when, its code, who, about what."""

    when: datetime
    code: str
    by: str
    about: str


@dataclass(slots=True)
class Tally:
    """Counts of a period. A message counts when it is over: see `gateway.report.finished`."""

    period: Period
    messages: int = 0
    octets: int = 0
    deferred: int = 0  # tries answered 451: the client came again
    by_fate: Counter[str] = field(default_factory=Counter)  # messages, by one of FATES
    by_day: dict[date, Counter[str]] = field(default_factory=dict)
    by_method: Counter[str] = field(default_factory=Counter)  # recipients reached
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)  # (rule, area): messages it applied to
    by_area: Counter[str] = field(default_factory=Counter)
    by_severity: Counter[str] = field(default_factory=Counter)
    fate_of_rule: dict[str, Counter[str]] = field(default_factory=dict)
    watched: Counter[tuple[str, str]] = field(default_factory=Counter)  # (rule, what it would have done)
    entities: Counter[str] = field(default_factory=Counter)  # messages in which a kind was found
    unread: Counter[str] = field(default_factory=Counter)  # reasons, in messages
    unfinished: Counter[str] = field(default_factory=Counter)  # detectors that failed, in messages
    domains: dict[str, Counter[str]] = field(default_factory=dict)  # recipients' domains: held, protected, refused
    deliveries: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (method, status, how)
    decisions: list[Decision] = field(default_factory=list)
    viewed: Counter[str] = field(default_factory=Counter)  # looks at sealed messages by person
    waiting: dict[str, Waiting] = field(default_factory=dict)  # at the end of the period, by item
    accesses: list[Listed] = field(default_factory=list)
    changes: list[tuple[datetime, str, str, str, str]] = field(default_factory=list)  # rules: when, what, by, +, -
    service: list[Listed] = field(default_factory=list)  # starts, keys, Postfix, what was found wrong
    read: Read = field(default_factory=Read)

    @property
    def incidents(self) -> int:
        """Messages to which a rule applied that is in force."""
        return self.by_severity.total()


def count(lines: Iterable[tuple[bytes, Event]], period: Period) -> Tally:
    """From the lines of a log, in order, from its beginning: what was held before the period counts as waiting."""
    counting = _Counting(Tally(period))
    for line, event in lines:
        when = milliseconds(event)
        if when >= period.until.timestamp() * 1000:
            continue  # not the end: clocks may be set back
        counting.take(line, event, inside=period.has(when))
    return counting.tally


class _Counting:
    """The pass."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._decided: dict[str, Event] = {}  # messages whose end has not come yet
        self._over: OrderedDict[str, None] = OrderedDict()  # those counted at their decision, the latest
        self._rules: tuple[frozenset[str], frozenset[str]] | None = None
        self._told: set[tuple[str, str, str]] = set()  # of decisions: item, what, by
        self._takers: dict[str, Callable[[Event, datetime], None]] = {
            "message-failed": self._failed,
            "copy-delivered": self._delivered,
            "policy-refused": self._policy_refused,
        }

    def take(self, line: bytes, event: Event, *, inside: bool) -> None:
        tally, kind, when = self.tally, code(event), _time(event)
        if inside:
            tally.read.take(line, event)
        if kind == "message-decided":
            self._decide(event, when, inside=inside)
        elif kind == "message-acted":
            self._acted(event, when, inside=inside)
        elif kind in ("released", "discarded"):
            self._reviewed(event, kind, when, inside=inside)
        elif kind == "purged":  # at the end of its time: nobody decided about it
            tally.waiting.pop(word(event, "unmapped", "item"), None)
        elif kind == "policy-changed":
            self._policy(event, when, inside=inside)
        elif inside and kind in self._takers:
            self._takers[kind](event, when)
        if inside:
            self._list(event, kind, when)

    def _decide(self, event: Event, when: datetime, *, inside: bool) -> None:
        if waits_for_acts(event):
            self._decided[incident(event)] = event
            return
        self._over[incident(event)] = None
        if len(self._over) > MOST_OVER:
            self._over.popitem(last=False)
        if inside:
            self._count(event, event, when)

    def _acted(self, event: Event, when: datetime, *, inside: bool) -> None:
        if incident(event) in self._over:
            del self._over[incident(event)]
            return
        decided = self._decided.pop(incident(event), {})
        for item in _texts(event, "unmapped", "items"):
            rules = tuple(word(rule, "rule") for rule in _enforced(decided))
            self.tally.waiting[item] = Waiting(when.timestamp(), _severity(decided), rules, _held(decided))
        if inside:
            self._count(event, decided, when)

    def _count(self, event: Event, decided: Event, when: datetime) -> None:
        tally, size = self.tally, at(event, "email", "size")
        fate = _fate(event, decided)
        tally.messages += 1
        tally.octets += size if isinstance(size, int) else 0
        tally.by_fate[fate] += 1
        tally.by_day.setdefault(when.date(), Counter())[fate] += 1
        for copy in _list(event, "unmapped", "protected"):
            tally.by_method[word(copy, "method") or "none"] += len(_texts(copy, "recipients"))
        self._outcomes(decided)
        self._found(decided)
        self._hits(decided, fate)

    def _outcomes(self, decided: Event) -> None:
        for outcome in _list(decided, "unmapped", "outcomes"):
            disposition, method = word(outcome, "disposition"), word(outcome, "method")
            fate = {"quarantine": "held", "block": "refused"}.get(disposition, "protected" if method else "plain")
            for recipient in _texts(outcome, "recipients"):
                self.tally.domains.setdefault(domain_of(recipient) or "?", Counter())[fate] += 1

    def _found(self, decided: Event) -> None:
        tally = self.tally
        tally.entities.update({word(entity, "entity") for entity in _list(decided, "unmapped", "entities")})
        tally.unread.update({word(part, "reason") for part in _list(decided, "unmapped", "opaque")})
        tally.unfinished.update({word(failure, "detector") for failure in _list(decided, "unmapped", "failures")})

    def _hits(self, decided: Event, fate: str) -> None:
        tally, enforced = self.tally, _enforced(decided)
        for rule in enforced:
            tally.by_rule[word(rule, "rule"), word(rule, "area")] += 1
            tally.fate_of_rule.setdefault(word(rule, "rule"), Counter())[fate] += 1
        tally.by_area.update({word(rule, "area") for rule in enforced})
        if enforced:
            tally.by_severity[_severity(decided)] += 1
        for rule in _list(decided, "unmapped", "rules"):
            if word(rule, "status") != "enforce":
                tally.watched[word(rule, "rule"), word(rule, "would", "disposition") or "?"] += 1

    def _failed(self, event: Event, _: datetime) -> None:
        self._decided.pop(incident(event), None)
        if at(event, "unmapped", "reply") == 451:
            self.tally.deferred += 1

    def _delivered(self, event: Event, _: datetime) -> None:
        version, trust = word(event, "unmapped", "tls", "version"), word(event, "unmapped", "tls", "trust")
        how = f"{version}, {trust.lower()}" if version else "without TLS"
        self.tally.deliveries[word(event, "unmapped", "method"), word(event, "unmapped", "status"), how] += 1

    def _reviewed(self, event: Event, kind: str, when: datetime, *, inside: bool) -> None:
        """A release in several copies is one decision, and some may wait on."""
        item, by = word(event, "unmapped", "item"), _by(event)
        held = self.tally.waiting.pop(item, None)
        if held and kind == "released" and (left := held.recipients - _lower(event, "unmapped", "recipients")):
            self.tally.waiting[item] = replace(held, recipients=left)
        is_new = (item, kind, by) not in self._told
        self._told.add((item, kind, by))
        if inside and is_new:
            waited = when.timestamp() - held.since if held else None
            severity = held.severity if held else "none"
            self.tally.decisions.append(Decision(by, kind, severity, waited))

    def _policy(self, event: Event, when: datetime, *, inside: bool) -> None:
        now = frozenset(_texts(event, "unmapped", "enforced")), frozenset(_texts(event, "unmapped", "monitored"))
        before = self._rules or now
        old, new = word(event, "unmapped", "old"), word(event, "unmapped", "new")
        self._rules = now
        if not inside or (old == new and before == now):
            return
        added = [f"{rule} in force" for rule in sorted(now[0] - before[0])]
        added += [f"{rule} watched" for rule in sorted(now[1] - before[1])]
        gone = sorted((before[0] | before[1]) - now[0] - now[1])
        signer = word(event, "unmapped", "signer")
        what = f"policy {new.removeprefix('sha256:')[:12]}" + (f", signed by {signer}" if signer else "")
        started = "taken at start" if not old else "reloaded"
        self.tally.changes.append((when, f"{what}, {started}", _by(event), ", ".join(added), ", ".join(gone)))

    def _policy_refused(self, event: Event, when: datetime) -> None:
        why = "no valid signature" if at(event, "unmapped", "unsigned") is True else "faults in it"
        self.tally.changes.append((when, f"a new policy was refused: {why}; the old one stayed", _by(event), "", ""))

    def _list(self, event: Event, kind: str, when: datetime) -> None:
        tally, by = self.tally, _by(event)
        about = incident(event) or word(event, "entity", "uid") or word(event, "unmapped", "what")
        if kind in ("viewed", "revealed", "message-downloaded"):
            tally.viewed[by] += 1
        if at(event, "class_uid") in PERSONAL:
            if len(tally.accesses) < MOST_LISTED:
                tally.accesses.append(Listed(when, kind, by, about))
        elif not kind.startswith(("message-", "policy-", "copy-")) and kind != "checkpoint":
            tally.service.append(Listed(when, kind, by, about))


def _fate(end: Event, decided: Event) -> str:
    """One word for a message: the gravest of what became of it for any recipient."""
    disposition = at(end, "disposition_id")
    if disposition == 2:
        return "refused"
    if disposition == 3 or _list(end, "unmapped", "items"):
        return "held"
    if _list(end, "unmapped", "protected"):
        return "protected"
    redacted = any("redact" in _texts(outcome, "actions") for outcome in _list(decided, "unmapped", "outcomes"))
    return "redacted" if redacted else "plain"


def _severity(decided: Event) -> str:
    found = at(decided, "severity_id")
    return SEVERITIES.get(found, "none") if isinstance(found, int) else "none"


def _enforced(decided: Event) -> list[Any]:
    return [rule for rule in _list(decided, "unmapped", "rules") if word(rule, "status") == "enforce"]


def _held(decided: Event) -> frozenset[str]:
    """Recipients, in lower case."""
    outcomes = _list(decided, "unmapped", "outcomes")
    held = (_lower(outcome, "recipients") for outcome in outcomes if word(outcome, "disposition") == "quarantine")
    return frozenset().union(*held)


def _lower(event: object, *names: str) -> frozenset[str]:
    return frozenset(each.lower() for each in _texts(event, *names))


def _by(event: Event) -> str:
    return word(event, "actor", "user", "name")


def _time(event: Event) -> datetime:
    return datetime.fromtimestamp(milliseconds(event) / 1000, UTC)


def _list(event: object, *names: str) -> list[Any]:
    found = at(event, *names)
    return found if isinstance(found, list) else []


def _texts(event: object, *names: str) -> list[str]:
    return [str(each) for each in _list(event, *names)]
