"""The accounting of disclosures for one individual (45 CFR 164.528), by the keyed fingerprint of a value of theirs."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.actions.words import entity_words
from gateway.audit.fingerprints import carries, is_cut
from gateway.audit.reading import Event, at, code, incident, word
from gateway.core.finding import Depth
from gateway.report.copies import METHODS, Copy, copies
from gateway.report.document import Column, Document, Section, Source, Table, Words, counted
from gateway.report.timeline import moment_time

Wanted = Mapping[str, Collection[str]]  # fingerprints by entity
LEAD = "Whom mail carried an individual's information to, by the records of the outbound mail filter."
NEVER_SHOWN = (
    "The individual was looked for by a keyed fingerprint of a value that was typed in. The value is neither in this "
    "report nor in the audit log; write the individual's name on it by hand."
)
EXEMPT = (
    "Disclosures for treatment, payment and health care operations, to the individual, or by their authorization need "
    "not be accounted for (164.528(a)(1)). The filter cannot know the purpose of a message: strike those rows, and "
    "fill in the purpose of the others."
)
UNSOUGHT = (
    "matched no rule and had no content that rules need, such as of health, so values of most kinds were not looked "
    "for in the body and the attachments. Whether one carried this value is not in the log."
)
LIMITS = (
    "Listed are messages in which the filter found this very value. What it did not find or could not read is not "
    "here, nor what left by another way than mail. Encrypted copies are disclosures too. Copies from which data was "
    "taken out are listed as such; they may have had other data of the individual left."
)


@dataclass(slots=True)
class Found:
    """Messages that carried the value, each with all events of its incident.

    Of the others `cut` had, or could have had, more values than they name, and at the moments `unsought` values of most
    kinds were not looked for.
    """

    incidents: dict[str, list[Event]] = field(default_factory=dict)
    entities: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cut: int = 0
    unsought: list[datetime] = field(default_factory=list)


def find(events: Iterable[Event], wanted: Wanted) -> Found:
    """One pass over the log. What follows a message, such as a release, stands behind it."""
    found = Found()
    for event in events:
        name = incident(event)
        if code(event) == "message-decided":
            listed = at(event, "unmapped", "entities")
            depth = word(event, "unmapped", "looked_for")
            stopped = depth == Depth.ENOUGH
            having = tuple(_having(listed if isinstance(listed, list) else [], wanted, found, stopped=stopped))
            if having:
                found.incidents.setdefault(name, [])
                found.entities[name] = having
            if depth == Depth.FIRST and not having:
                found.unsought.append(moment_time(event))
            found.cut += stopped and not having
        if name in found.incidents:
            found.incidents[name].append(event)
    return found


def _having(entities: Iterable[Any], wanted: Wanted, found: Found, *, stopped: bool) -> Iterator[str]:
    """`stopped`: the message is counted as one that may have had more already."""
    for entity in (each for each in entities if isinstance(each, dict)):
        name = word(entity, "entity")
        if carries(entity, wanted.get(name, ())):
            yield name
        elif name in wanted and is_cut(entity) and not stopped:
            found.cut += 1


def disclosures(
    found: Found,
    is_inside: Callable[[str], bool],
    source: Source,
    period: tuple[datetime, datetime],
    organization: str,
    made: datetime,
) -> Document:
    """The accounting. `is_inside` tells addresses of the organization itself, which are no disclosure."""
    since, until = period
    rows = [row for row in _rows(found, is_inside) if since <= row.sent < until]
    table = Table(
        "disclosures",
        "",
        (
            Column("Date", "day"),
            Column("Received by"),
            Column("What was disclosed"),
            Column("Purpose"),
            Column("Protection"),
            Column("Incident", "code"),
        ),
        tuple((r.sent, r.copy.recipient, r.what, "", r.protection, r.incident) for r in rows),
        "",
        "No disclosure was found.",
        most=100_000,
    )
    said = f"{counted(len(rows), 'disclosure')} in {counted(len({r.incident for r in rows}), 'message')}."
    warnings = [said, NEVER_SHOWN]
    if found.cut:
        warnings.append(f"{counted(found.cut, 'message')} had more values than the log names: look at them by hand.")
    if unsought := sum(since <= moment < until for moment in found.unsought):
        warnings.append(f"{counted(unsought, 'message')} {UNSOUGHT}")
    sections = (
        Section("In short", (Words(tuple(warnings)), Words((EXEMPT,), "note"))),
        Section("Disclosures", (table,)),
        Section(
            "What is not in here", (Words((LIMITS,)), Words(("Individual, request received on, by whom.",), "blank"))
        ),
    )
    words = f"{since:%Y-%m-%d} to {until:%Y-%m-%d}"
    return Document("disclosures", "Accounting of disclosures", organization, words, made, source, sections, (LEAD,))


@dataclass(frozen=True, slots=True)
class _Row:
    sent: datetime
    copy: Copy
    what: str
    incident: str

    @property
    def protection(self) -> str:
        method = METHODS.get(self.copy.method, "none")
        return f"{method}, data taken out" if self.copy.redacted else method


def _rows(found: Found, is_inside: Callable[[str], bool]) -> list[_Row]:
    rows = []
    for name, events in found.incidents.items():
        first = next(event for event in events if code(event) == "message-decided")
        kinds = [entity_words(word(entity, "entity")) for entity in at(first, "unmapped", "entities") or ()]
        what = f"mail of {moment_time(first):%Y-%m-%d} with {', '.join(kinds)}"
        rows += [
            _Row(copy.sent, copy, what, name)
            for copy in copies(events)
            if copy.sent is not None and not is_inside(copy.recipient)
        ]
    return sorted(rows, key=lambda row: (row.sent, row.copy.recipient))
