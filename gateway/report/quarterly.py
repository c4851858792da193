"""The compliance report of a period, made of a tally and of what the store and the rules say about exceptions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from gateway.actions.words import entity_words
from gateway.report.accesses import access, changes
from gateway.report.document import (
    Block,
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Section,
    Source,
    Table,
    Value,
    Words,
    counted,
    duration,
    listed,
)
from gateway.report.reviewing import ninth, review, typical
from gateway.report.tally import Tally

SOON = timedelta(days=90)  # exceptions and keys that end within are told
BARS = 12
LEAD = (
    "What the outbound mail filter saw and did, who reviewed held messages and how fast, which rules changed, and "
    "whether the record of it is whole."
)
PROVED = (
    "writes these events with their proof and a page on how to check them. The SHA-256 of its events.jsonl is the "
    "digest at the foot of each page of this report, as long as no event of the period was written after the report."
)
FATES = {
    "plain": "delivered, with nothing to protect",
    "redacted": "delivered after data was taken out",
    "protected": "delivered encrypted",
    "held": "held for review",
    "refused": "refused",
}
HEADS = {"plain": "Delivered", "redacted": "Redacted", "protected": "Encrypted", "held": "Held", "refused": "Refused"}
METHODS = {"smime": "S/MIME", "pgp": "OpenPGP", "tls": "TLS on the way", "portal": "pickup portal", "none": "none"}


@dataclass(frozen=True, slots=True)
class Allowance:
    """Somebody whom a list treats differently, such as a partner: until when (None: without an end), and why."""

    entry: str
    list: str
    since: date | None
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class KeyEnd:
    """A key in use. `whose` is an address, or "the organization"."""

    whose: str
    method: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is not in the log: how rules are called, whom lists except, which keys are in use."""

    organization: str
    titles: Mapping[str, str] = field(default_factory=dict)
    allowances: Sequence[Allowance] = ()
    keys: Sequence[KeyEnd] = ()


def quarterly(tally: Tally, source: Source, around: Surroundings, made: datetime) -> Document:
    """The whole report."""
    sections = (
        Section("Summary", tuple(_summary(tally, source, around, made))),
        Section("Mail and what became of it", tuple(_volume(tally))),
        Section("Protection on the way", tuple(_protection(tally))),
        Section("Incidents", tuple(_incidents(tally, around))),
        Section("Review", tuple(review(tally))),
        Section("Changes of rules", tuple(changes(tally))),
        Section("Who had access", tuple(access(tally))),
        Section("Exceptions", tuple(_exceptions(tally, around, made))),
        Section("Verification of the audit log", tuple(_verification(tally, source))),
    )
    lead = (LEAD, "All figures are counted from the signed audit log; none is entered by hand.")
    title = "Compliance report on outbound mail"
    return Document("quarterly", title, around.organization, tally.period.words, made, source, sections, lead)


def _summary(tally: Tally, source: Source, around: Surroundings, made: datetime) -> Iterator[Block]:
    fates = tally.by_fate
    yield Words(tuple(_said(tally)))
    yield Figures(
        (
            Figure("messages", f"{tally.messages:,}", f"{tally.messages / tally.period.days:,.0f} a day"),
            Figure("messages with an incident", f"{tally.incidents:,}", _part(tally.incidents, tally.messages)),
            Figure("left encrypted", f"{fates['protected']:,}", _part(fates["protected"], tally.messages)),
            Figure("held for review", f"{fates['held']:,}", _part(fates["held"], tally.messages)),
            Figure("refused", f"{fates['refused']:,}", _part(fates["refused"], tally.messages)),
            Figure("time to a decision", typical(tally.decisions), f"median of {len(tally.decisions):,}"),
        )
    )
    yield Words((f"Audit log: {source.verified}.",), "good" if source.is_whole else "bad")
    if matters := _matters(tally, around, made):
        yield Words(matters, "bad")


def _said(tally: Tally) -> Iterator[str]:
    fates, period = tally.by_fate, tally.period
    if not tally.messages:
        yield f"No message went through the filter in this period ({counted(period.days, 'day')})."
        return
    yield (
        f"In {counted(period.days, 'day')} {counted(tally.messages, 'message')} left the organization by this gateway. "
        f"Rules in force applied to {tally.incidents:,} of them ({_part(tally.incidents, tally.messages)})."
    )
    yield (
        f"{fates['protected']:,} left encrypted, from {fates['redacted']:,} protected data was taken out, "
        f"{fates['held']:,} were held for review and {fates['refused']:,} refused. "
        f"{fates['plain']:,} had nothing to protect and were delivered."
    )
    if tally.entities:
        kinds = [f"{entity_words(entity)} ({number:,})" for entity, number in tally.entities.most_common(4)]
        yield f"What was found most: {listed(kinds)}; a message can have several kinds."
    if tally.decisions:
        people = len({decision.by for decision in tally.decisions})
        yield (
            f"{counted(people, 'person', 'people')} decided about {counted(len(tally.decisions), 'held message')}: "
            f"half of them within {typical(tally.decisions)}, nine of ten within {ninth(tally.decisions)}."
        )


def _matters(tally: Tally, around: Surroundings, made: datetime) -> tuple[str, ...]:
    """What a board should ask about."""
    said = []
    grave = [each for each in tally.waiting.values() if each.severity in ("high", "critical")]
    if grave:
        oldest = tally.period.until.timestamp() - min(each.since for each in grave)
        said.append(
            f"{counted(len(grave), 'message')} of high severity still waited at the end, the oldest {duration(oldest)}."
        )
    if failed := sum(n for (_, status, _), n in tally.deliveries.items() if status == "bounced"):
        said.append(f"{counted(failed, 'protected copy', 'protected copies')} came back undelivered.")
    ended = [a for a in around.allowances if a.until is not None and a.until < made.date()]
    soon = [a for a in around.allowances if a.until is not None and made.date() <= a.until <= (made + SOON).date()]
    if ended:
        said.append(f"{counted(len(ended), 'exception')} ended and still stands on a list.")
    if soon:
        said.append(f"{counted(len(soon), 'exception ends', 'exceptions end')} within 90 days.")
    if emergencies := sum(each.code == "emergency-signed-in" for each in tally.accesses):
        said.append(f"The emergency account was used {counted(emergencies, 'time')}.")
    if odd := [each for each in tally.service if each.code in ("log-recovered", "postfix-removed")]:
        said.append(
            f"{counted(len(odd), 'event')} of the service to be explained: {listed(sorted({e.code for e in odd}))}."
        )
    return tuple(said)


def _volume(tally: Tally) -> Iterator[Block]:
    labels, series = _over_time(tally)
    told = [fate for fate in ("protected", "redacted", "held", "refused") if tally.by_fate[fate]]
    if told and labels:
        shown = tuple((FATES[fate], tuple(series[fate])) for fate in told)
        totals = ", ".join(f"{FATES[fate]} {tally.by_fate[fate]:,}" for fate in told)
        yield Chart("Messages that needed something", labels, shown, f"Columns over time. In all: {totals}.")
    columns = (Column("From"), *(Column(HEADS[fate], "number") for fate in FATES), Column("All", "number"))
    rows: list[tuple[Value, ...]] = []
    for place, label in enumerate(labels):
        counts = [series[fate][place] for fate in FATES]
        rows.append((label, *counts, sum(counts)))
    if rows:
        rows.append(("All", *(tally.by_fate[fate] for fate in FATES), tally.messages))
    note = (
        "A message counts once, by the gravest of what became of it for any recipient; one that its server sent again, "
        "after Postfix had failed, counts again. "
        f"{counted(tally.deferred, 'try', 'tries')} ended with 451 because something on the gateway's side failed: "
        "nothing was delivered then, and the sending server came again."
    )
    yield Table("volume", "", columns, tuple(rows), note)
    unread = tuple((reason, number) for reason, number in tally.unread.most_common())
    yield Table(
        "unread",
        "What could not be read",
        (Column("Reason"), Column("Messages", "number")),
        unread,
        "Unread parts are held or delivered as the policy says; they never count as clean.",
    )
    if tally.unfinished:
        rows_ = tuple((name, number) for name, number in tally.unfinished.most_common())
        yield Table(
            "unfinished", "Detectors that did not finish", (Column("Detector"), Column("Messages", "number")), rows_
        )


def _protection(tally: Tally) -> Iterator[Block]:
    reached = tally.by_method.total()
    yield Table(
        "methods",
        "How protected copies were sent",
        (Column("Method"), Column("Recipients", "number"), Column("Share", "share")),
        tuple((METHODS.get(m, m), n, n / reached) for m, n in tally.by_method.most_common()),
        "A recipient counts once for each message.",
        "No copy left encrypted in this period.",
    )
    yield Table(
        "deliveries",
        "How they left, by Postfix's log",
        (Column("Method"), Column("Status"), Column("Connection"), Column("Deliveries", "number")),
        tuple((METHODS.get(m, m), status, how, n) for (m, status, how), n in tally.deliveries.most_common()),
        "S/MIME and OpenPGP protect the message itself, whatever the connection.",
        "No delivery was read from Postfix's log: set postfix.mail-log to have them.",
    )
    rows = sorted(tally.domains.items(), key=lambda each: (-_graver(each[1]), each[0]))
    yield Table(
        "domains",
        "Recipients' domains with most incidents",
        (Column("Domain"), *(Column(HEADS[fate], "number") for fate in ("protected", "held", "refused", "plain"))),
        tuple(
            (domain, fates["protected"], fates["held"], fates["refused"], fates["plain"])
            for domain, fates in rows
            if _graver(fates)
        ),
        "Recipients, not messages.",
        most=15,
    )


def _incidents(tally: Tally, around: Surroundings) -> Iterator[Block]:
    rules = tally.by_rule.most_common()
    if rules:
        shown = rules[:BARS]
        names = tuple(around.titles.get(rule, rule) for (rule, _), _ in shown)
        alt = f"Bars: {', '.join(f'{name} {number}' for name, (_, number) in zip(names, shown, strict=True))}."
        yield Chart("Messages by rule", names, (("messages", tuple(n for _, n in shown)),), alt, "bars")
    fates = [fate for fate in FATES if any(counts[fate] for counts in tally.fate_of_rule.values())]
    yield Table(
        "rules",
        "By rule",
        (
            Column("Rule", "code"),
            Column("Area"),
            Column("Messages", "number"),
            *(Column(HEADS[f], "number") for f in fates),
        ),
        tuple((rule, area, n, *(tally.fate_of_rule[rule][f] for f in fates)) for (rule, area), n in rules),
        "Several rules can apply to one message.",
    )
    yield Table(
        "areas",
        "By area",
        (Column("Area"), Column("Messages", "number")),
        tuple(tally.by_area.most_common()),
    )
    yield Table(
        "severities",
        "By severity",
        (Column("Severity"), Column("Messages", "number"), Column("Share", "share")),
        tuple(
            (word, tally.by_severity[word], tally.by_severity[word] / tally.incidents)
            for word in ("critical", "high", "medium", "low", "none")
            if tally.by_severity[word]
        ),
    )
    yield Table(
        "kinds",
        "Kinds of data found",
        (Column("Kind"), Column("Entity", "code"), Column("Messages", "number")),
        tuple((_capital(entity_words(entity)), entity, n) for entity, n in tally.entities.most_common()),
        "Found in messages with and without an incident; where no rule could match, only some kinds were looked for. "
        "Whether a find is right is a reviewer's judgement.",
        most=25,
    )
    yield Table(
        "watched",
        "What rules that only watch would have done",
        (Column("Rule", "code"), Column("Would have"), Column("Messages", "number")),
        tuple(
            (rule, {"quarantine": "held", "block": "refused"}.get(what, "let pass, changed or protected"), n)
            for (rule, what), n in tally.watched.most_common()
        ),
    )


def _exceptions(tally: Tally, around: Surroundings, made: datetime) -> Iterator[Block]:
    allowances = sorted(around.allowances, key=lambda a: (a.until or date.max, a.list, a.entry))
    yield Table(
        "exceptions",
        "Whom lists except",
        (Column("Entry"), Column("List"), Column("From"), Column("Until"), Column("State"), Column("Reason")),
        tuple((a.entry, a.list, _day(a.since), _day(a.until), _state(a.until, made), a.reason) for a in allowances),
        f"As the lists stand on {made:%Y-%m-%d}. Partners are treated as insiders by the rules that say so.",
        "No list of the policy has an entry.",
        most=60,
    )
    ends = sorted((k for k in around.keys if k.until <= made + SOON), key=lambda key: key.until)
    yield Table(
        "keys",
        "Keys that end within 90 days, or have ended",
        (Column("Whose"), Column("Method"), Column("Until", "day"), Column("State")),
        tuple((k.whose, METHODS.get(k.method, k.method), k.until, _state(k.until.date(), made)) for k in ends),
        "Without a key a message that has to be encrypted is held.",
        "None.",
    )


def _verification(tally: Tally, source: Source) -> Iterator[Block]:
    yield Words(
        (f"The log was checked line by line, link by link and signature by signature: {source.verified}.",),
        "good" if source.is_whole else "bad",
    )
    period = tally.period
    until = f"{period.until:%Y-%m-%dT%H:%M:%S}"
    events = f"{counted(tally.read.events, 'event')}, number {source.first:,} to {source.last:,}"
    yield Words((f"This report is made of {events}. Anybody can check them without Gatepost: the command",))
    since, until = (f"{each:%Y-%m-%dT%H:%M:%S}" for each in (tally.period.since, tally.period.until))
    yield Words((f"gatepost audit export --from {since} --to {until} --output evidence.zip",), "command")
    yield Words((PROVED,))


def _over_time(tally: Tally) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """By day where there are few, by week (from Monday on) otherwise; without gaps."""
    weekly = tally.period.days > 31
    since, until = tally.period.since.date(), tally.period.until.date()
    starts, day = [], since - timedelta(days=since.weekday() if weekly else 0)
    while day < until and tally.by_day:
        starts.append(day)
        day += timedelta(days=7 if weekly else 1)
    series = {fate: [0] * len(starts) for fate in FATES}
    for when, fates in tally.by_day.items():
        place = (when - starts[0]).days // (7 if weekly else 1)
        for fate, number in fates.items():
            series[fate][place] += number
    return tuple(f"{max(start, since):%d %b}" for start in starts), series


def _graver(fates: Counter[str]) -> int:
    return fates["held"] + fates["protected"] + fates["refused"]


def _state(until: date | None, made: datetime) -> str:
    if until is None:
        return "no end"
    if until < made.date():
        return "ended"
    return f"ends in {(until - made.date()).days} days" if until <= (made + SOON).date() else "in force"


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""


def _part(number: int, whole: int) -> str:
    return f"{100 * number / whole:.1f} %" if whole else "–"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
