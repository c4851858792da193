"""Why a message is held, in words for the person who decides: read anew by a worker, under the rules as they are today.

Three ways to look, and none shows more than it says: `Why` has masked values in the outline of the text around them;
`Revealed` has the text with its values; the raw bytes are another right.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from typing import Protocol

from gateway.actions.words import AMBIGUOUS, OPAQUE, entity_words
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Finding
from gateway.core.message import Coverage, Place, Segment, View
from gateway.core.shown import ShownPart
from gateway.core.verdict import RuleHit, Step
from gateway.pipeline import Inspection
from gateway.policy.model import BUILT_IN_AREA

KEPT_WHYS = 32  # explanations that are not made anew for a while
WIDTH = 48  # signs around a value
MOST_FINDINGS = 200  # of one message on a page
_WIDE = "passage"  # group of findings that are made by all words of a text
_WORD = re.compile(r"\w+")
_IDENTIFIER = re.compile(r"(<[^<>\n]*)\n([^<>\n]*>)")
_WAY = re.compile(r"(?:\.\./)+(?:models/)?")
_QUOTED = re.compile(r"'([^']+)'")


class Inspects(Protocol):
    """The pool of workers, as far as it is needed here."""

    @property
    def policy_digest(self) -> str: ...

    def inspect(self, transaction: Transaction) -> Inspection: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of a rule for one recipient. `stands`: as far as it goes, the rule may apply."""

    condition: str
    seen: str
    stands: bool


@dataclass(frozen=True, slots=True)
class RuleWhy:
    """A rule, and for whom it applies or not."""

    rule: str
    title: str
    area: str
    severity: str
    watched: bool  # it changes nothing
    actions: tuple[str, ...]
    applies_to: tuple[str, ...]
    asked: tuple[tuple[str, bool, tuple[Asked, ...]], ...]  # recipient, whether it applies, its conditions

    @property
    def applies(self) -> bool:
        return bool(self.applies_to)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A value in the text around it. `value` is masked unless revealed."""

    key: str  # names the finding in its message, for marks
    entity: str
    words: str  # what kind of data that is
    confidence: str
    where: str
    before: str = field(repr=False)
    value: str = field(repr=False)
    after: str = field(repr=False)
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A line of the coverage ledger in words."""

    part: str
    reader: str
    octets: int
    read: int
    unread: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return self.read >= self.octets and not self.unread


@dataclass(frozen=True, slots=True)
class Why:
    """The trace of today's rules, findings masked, and what was read."""

    policy: str
    outcomes: tuple[tuple[str, str, tuple[str, ...]], ...]  # recipient, disposition, actions
    rules: tuple[RuleWhy, ...]
    findings: tuple[Snippet, ...]
    more_findings: int
    coverage: tuple[Read, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of revealed text; `entity` "" where nothing was found in it. `is_wide`: found by all of its words."""

    text: str = field(repr=False)
    entity: str = ""
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class ShownText:
    """The text of one segment in passages. `is_field`: of the header of the message."""

    heading: str
    part_path: str
    passages: tuple[Passage, ...] = field(repr=False)
    is_field: bool = False


@dataclass(frozen=True, slots=True)
class Revealed:
    """The message for the eyes of somebody who gave a reason."""

    texts: tuple[ShownText, ...]
    parts: tuple[ShownPart, ...]
    findings: tuple[Snippet, ...]


class Reader:
    """Has messages inspected by workers that show what they read. `workers` gives the pool in use."""

    def __init__(self, workers: Inspects) -> None:
        self._workers = workers

    @property
    def policy(self) -> str:
        """Digest of the rules in use."""
        return self._workers.policy_digest

    def inspect(
        self, raw: bytes, mail_from: str, recipients: Sequence[str], incident: str, received: datetime, user: str = ""
    ) -> Inspection:
        """Raises WorkersUnavailable."""
        envelope = Envelope(mail_from, tuple(Recipient(address) for address in recipients))
        return self._workers.inspect(
            Transaction(Session(auth_authen=user), envelope, raw, incident=incident, received=received)
        )


def why(inspection: Inspection) -> Why:
    """For a page that shows no value."""
    verdict = inspection.verdict
    shown = inspection.findings[:MOST_FINDINGS]
    return Why(
        policy=verdict.policy_digest,
        outcomes=tuple(
            (o.recipient, o.disposition.word, tuple(dict.fromkeys(action.verb.value for action in o.actions)))
            for o in verdict.outcomes
        ),
        rules=tuple(_rules(verdict.trace, verdict.hits)),
        findings=tuple(_snippets(shown, _segments(inspection), revealed=False)),
        more_findings=len(inspection.findings) - len(shown),
        coverage=tuple(_read(line) for line in inspection.ledger),
        problems=tuple(_problems(inspection)),
    )


class Whys:
    """The last explanations, masked. Safe for many threads."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Why] = {}  # by item and digest of the rules

    def of(self, item: str, policy: str, make: Callable[[], Why]) -> Why:
        """The one that is kept; else one that is made."""
        key = (item, policy)
        if (known := self._kept.get(key)) is not None:
            return known
        made = make()
        while len(self._kept) >= KEPT_WHYS:
            self._kept.pop(next(iter([*self._kept])), None)
        self._kept[key] = made
        return made

    def forget(self, item: str) -> None:
        """What went with a message goes from memory too."""
        for key in [*self._kept]:
            if key[0] == item:
                self._kept.pop(key, None)


def revealed(inspection: Inspection) -> Revealed:
    """For a page that shows the message."""
    segments = _segments(inspection)
    by_segment: dict[int, list[Finding]] = {}
    for finding in inspection.findings:
        by_segment.setdefault(finding.segment, []).append(finding)
    texts = tuple(
        ShownText(
            _heading(segment),
            segment.part_path,
            tuple(_passages(segment.text, by_segment.get(number, []))),
            is_field=segment.place in (Place.SUBJECT, Place.HEADER),
        )
        for number, segment in enumerate(segments)
        if segment.view is View.VISIBLE and segment.text.strip()
    )
    parts = inspection.display.parts if inspection.display else ()
    shown = inspection.findings[:MOST_FINDINGS]
    return Revealed(texts, parts, tuple(_snippets(shown, segments, revealed=True)))


def _segments(inspection: Inspection) -> tuple[Segment, ...]:
    """As people read them, each text as long as it was."""
    return tuple(map(_as_written, inspection.display.segments)) if inspection.display else ()


def _as_written(segment: Segment) -> Segment:
    """With the "@" of identifiers, for which a line end was read: they have the form of addresses, and are none."""
    if segment.place is not Place.HEADER or "<" not in segment.text:
        return segment
    return replace(segment, text=_IDENTIFIER.sub(r"\1@\2", segment.text))


def _rules(trace: Sequence[Step], hits: Sequence[RuleHit]) -> Iterator[RuleWhy]:
    """Those that apply first."""
    known = {hit.rule: hit for hit in hits}
    grouped = [(rule, list(steps)) for rule, steps in groupby(trace, key=lambda step: step.rule)]
    for rule, steps in sorted(grouped, key=lambda pair: pair[0] not in known):
        hit = known.get(rule)
        people = groupby(steps, key=lambda step: step.recipient)
        yield RuleWhy(
            rule=rule,
            title=hit.title if hit else "",
            area=hit.area if hit and hit.area != BUILT_IN_AREA else "",
            severity=hit.severity if hit else "",
            watched=hit is not None and hit.status != "enforce",
            actions=tuple(dict.fromkeys(action.verb.value for action in hit.actions)) if hit else (),
            applies_to=hit.recipients if hit else (),
            asked=tuple(
                (who or "the message", hit is not None and who in hit.recipients, tuple(map(_asked, asked)))
                for who, asked in people
            ),
        )


def _asked(step: Step) -> Asked:
    """A condition below `none` is an exception: the rule may apply where it does not hold."""
    section, _, asked = step.condition.partition(": ")
    if section == "none":
        return Asked(f"exception {'applies' if step.held else 'does not apply'}: {asked}", step.seen, not step.held)
    return Asked(asked or step.condition, step.seen, step.held)


def _snippets(findings: Sequence[Finding], segments: Sequence[Segment], *, revealed: bool) -> Iterator[Snippet]:
    for finding in sorted(findings, key=lambda f: (f.segment, f.span.start)):
        before, value, after = "", finding.masked, ""
        if finding.segment < len(segments):
            text, span = segments[finding.segment].text, finding.span
            before, after = text[max(0, span.start - WIDTH) : span.start], text[span.end : span.end + WIDTH]
            if revealed:
                value = text[span.start : span.end]
            else:
                said = words_of(finding.why)
                before, after = outlined(before, said), outlined(after, said)
        yield Snippet(
            key=f"{finding.segment}.{finding.span.start}.{finding.span.end}",
            entity=finding.entity,
            words=entity_words(finding.entity),
            confidence=finding.confidence.word,
            where=_where(finding),
            before=" ".join(before.split()) + (" " if before[-1:].isspace() else ""),
            value=value,
            after=(" " if after[:1].isspace() else "") + " ".join(after.split()),
            why=tuple(map(without_way, finding.why)),
        )


def _where(finding: Finding) -> str:
    part = "" if finding.part_path == "1" else f" {finding.part_path}"
    return f"{_PLACES[finding.place]}{part if finding.place in (Place.ATTACHMENT, Place.BODY) else ''}"


_PLACES = {
    Place.SUBJECT: "subject",
    Place.HEADER: "header field",
    Place.BODY: "body",
    Place.ATTACHMENT: "attachment",
    Place.FILENAME: "file name",
}


def _heading(segment: Segment) -> str:
    if segment.place is Place.HEADER and segment.header:
        return segment.header
    inner = f" {segment.part_path}" if segment.place in (Place.ATTACHMENT, Place.FILENAME) else ""
    return f"{_PLACES[segment.place].capitalize()}{inner}"


def outlined(text: str, shown: Collection[str]) -> str:
    """Only its shape: x for a letter, 9 for a digit. `shown`, words of rules in lower case, may be read."""

    def outline(found: re.Match[str]) -> str:
        word = found[0]
        return word if word.lower() in shown else "".join("9" if sign.isdecimal() else "x" for sign in word)

    return _WORD.sub(outline, text)


def without_way(reason: str) -> str:
    """A list of words is named as it is called, not by the way to it from the detector's file."""
    return _WAY.sub("", reason)


def words_of(reasons: Iterable[str]) -> frozenset[str]:
    """The words that reasons quote; they come from rules, not from messages."""
    return frozenset(word for reason in reasons for quoted in _QUOTED.findall(reason) for word in quoted.split())


def _passages(text: str, findings: Sequence[Finding]) -> Iterator[Passage]:
    """The text cut at the values in it. Where values overlap the shortest is shown: a number within a passage."""
    begins = sorted((f.span.start, f.span.end - f.span.start, number) for number, f in enumerate(findings))
    edges = sorted({0, len(text), *(min(len(text), at) for f in findings for at in (f.span.start, f.span.end))})
    open_ones: list[tuple[int, int]] = []  # length, number
    at, shown, begun = 0, -1, 0
    for edge in edges:
        while begun < len(begins) and begins[begun][0] <= edge:
            heappush(open_ones, begins[begun][1:])
            begun += 1
        while open_ones and findings[open_ones[0][1]].span.end <= edge:
            heappop(open_ones)
        now = open_ones[0][1] if open_ones else -1
        if now != shown or edge == len(text):
            if at < edge:
                yield _passage(text[at:edge], findings, shown)
            at, shown = edge, now


def _passage(text: str, findings: Sequence[Finding], number: int) -> Passage:
    if number < 0:
        return Passage(text)
    return Passage(text, findings[number].entity, _WIDE in findings[number].groups)


def _read(line: Coverage) -> Read:
    part = line.part_path + (f", file {line.member}" if line.member else "")
    return Read(part, line.reader, line.octets, line.read, tuple(OPAQUE[reason] for reason in line.unread))


def _problems(inspection: Inspection) -> Iterator[str]:
    for opaque in inspection.opaque:
        yield f"Part {opaque.part_path} could not be read: {OPAQUE[opaque.reason]}."
    for part in inspection.ambiguous:
        yield f"Part {part.part_path} could be read differently: {AMBIGUOUS[part.reason]}."
    for failure in inspection.failures:
        yield f"The detector {failure.detector} {failure.kind.words}."
