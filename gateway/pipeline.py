"""The way of one message, from bytes to a plan. The only place that knows the order.

Everything here is pure: bytes and values in, values out. `gateway.act` carries the plan out.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from gateway.actions import Notices, plan
from gateway.actions.redacted import without_findings
from gateway.core.envelope import Transaction
from gateway.core.facts import Attachment, Facts
from gateway.core.finding import Depth, Detection, DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Ambiguity, Content, Coverage, Message, Opaque, OpaqueReason, Place, Segment
from gateway.core.plan import Plan, Quarantine
from gateway.core.redacted import Redacted
from gateway.core.shown import Display, Passage
from gateway.core.verdict import Disposition, Method, Verdict
from gateway.extract import extract
from gateway.extract.attached import attachments_of, is_encrypted
from gateway.extract.display import display
from gateway.parse import parse
from gateway.parse.addresses import addr_spec
from gateway.policy import Answers, Policy, decide
from gateway.policy.demand import LONG, Demand, is_settled, may_match

AROUND = 40  # code points on each side of a finding
_MANY = 500  # values of one detector that are found before asking whether more of them could change anything
_SHOWN = 10_000  # characters that a model of language reads before that
UNREAD = Content(segments=(), opaque=(Opaque("1", OpaqueReason.FAILURE),))


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that is known of one message after inspecting it. `seconds` of each stage."""

    verdict: Verdict
    plan: Plan
    findings: tuple[Finding, ...] = ()
    opaque: tuple[Opaque, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()
    ledger: tuple[Coverage, ...] = ()
    message_id: str = field(repr=False, default="")
    size: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    display: Display | None = field(repr=False, default=None)  # the message for a person's eyes, where that was asked
    passages: tuple[Passage, ...] = field(repr=False, default=())  # around each finding, where that was asked
    headers: Mapping[int, str] = field(repr=False, default_factory=dict)  # names, by the segments of findings in them
    depth: Depth = Depth.ALL  # how much of what there is was looked for
    redacted: Redacted | None = None  # what it becomes without all that was found, where it was asked to be shown


class Detects(Protocol):
    """What is asked of an engine, which may know an answer from before."""

    def detect(self, segments: Sequence[Segment], limits: Limits) -> Detection: ...


class Glances(Detects, Protocol):
    """An engine that can look for a part first."""

    def glance(self, segments: Sequence[Segment], limits: Limits, long: Collection[Place]) -> Detection: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says and what was found in it. `answers`: of policies that were asked on the way."""

    message: Message = field(repr=False)
    content: Content = field(repr=False)
    detection: Detection = field(repr=False)
    facts: Facts = field(repr=False)
    answers: Answers | None = field(repr=False, default=None)


def inspect(
    transaction: Transaction,
    policy: Policy,
    engine: Glances,
    limits: Limits,
    notices: Notices,
    clock: Callable[[], float],
    *,
    cpu: Callable[[], float] | None = None,
    reveal: bool = False,
    explain: bool = False,
    show: bool = False,
    passages: bool = False,
    demand: Demand | None = None,
) -> Inspection:
    """Read the message once and say what is to be done with it for each recipient.

    `clock` counts seconds from anywhere and times the stages; `cpu` those that this process worked, for the limit on
    reading files: other work on the machine does not count against a message. The values found stay inside but for
    `reveal`, the trace of the decision but for `explain`, the text but for `show`, and but for `passages` what stands
    around findings.
    `demand`: where no rule can match for what is found first, nothing else is looked for; the verdict is the same.
    """
    watch = _Stopwatch(clock)
    sparing = Sparing(engine, ((policy, demand),)) if demand else None
    reading = _read(transaction, engine, limits, watch, cpu or clock, sparing)
    inspection = _judge(transaction, reading, policy, notices=notices, watch=watch, reveal=reveal, explain=explain)
    if show:
        inspection = replace(
            inspection,
            display=display(reading.message, reading.content),
            redacted=without_findings(reading.message, reading.content, reading.detection),
        )
    if passages:
        inspection = replace(inspection, passages=tuple(_around(f, reading.content) for f in inspection.findings))
    return inspection


def read(
    transaction: Transaction,
    engine: Detects,
    limits: Limits,
    *,
    message: Message | None = None,
    cpu: Callable[[], float] = lambda: 0.0,
    sparing: "Sparing | None" = None,
) -> Reading:
    """Parse, extract and detect alone, for those who ask several policies about one message.

    `message`: where it was parsed before.
    """
    return _read(transaction, engine, limits, _Stopwatch(lambda: 0.0), cpu, sparing, message)


def read_again(reading: Reading, engine: Detects, limits: Limits, sparing: "Sparing | None" = None) -> Reading:
    """The same message by other detectors."""
    return _detected(reading.message, reading.content, reading.facts, engine, limits, sparing)


def judge(
    transaction: Transaction, reading: Reading, policy: Policy, notices: Notices, *, explain: bool = False
) -> Inspection:
    """What a policy makes of a message that was read."""
    watch = _Stopwatch(lambda: 0.0)
    return _judge(transaction, reading, policy, notices=notices, watch=watch, reveal=False, explain=explain)


@dataclass(frozen=True, slots=True)
class Sparing:
    """Looks for no more than some policies can still be moved by; they have one list of questions (`together`).

    `enough`: of a kind with very many values no more are found than can change anything.
    """

    engine: Glances
    sides: tuple[tuple[Policy, Demand], ...]
    enough: bool = True

    def detect(self, content: Content, limits: Limits, facts: Facts) -> tuple[Detection, Answers]:
        """All that matters. `facts`: what is known before anything was looked for.

        Nothing but a glance where no rule can match then; no glance where one may match whatever that finds.
        """
        answers, glance = Answers(self.sides[0][0].questions, facts), None
        if not self._may_match(answers):
            glance = self._glance(content, limits)
            if _says_nothing(glance) and not (facts.findings or facts.failures):
                return replace(glance, depth=Depth.FIRST), answers  # the question was asked with as little known
            answers = _answers_with(glance, answers)
            if not glance.failures and not self._may_match(answers):
                return replace(glance, depth=Depth.FIRST), answers
        if not self.enough:
            detection = self.engine.detect(content.segments, limits)
            return detection, _answers_with(detection, answers)
        few = replace(
            limits, findings=min(limits.findings, _MANY), model_characters=min(limits.model_characters, _SHOWN)
        )
        detection = self.engine.detect(content.segments, few)
        if not detection.spent:
            return detection, _answers_with(detection, answers)
        failures = tuple(each for each in detection.failures if each.detector not in detection.spent)
        enough = replace(detection, failures=failures, depth=Depth.ENOUGH)
        known = _answers_with(enough, answers)
        glance = glance or self._glance(content, limits)
        short = None if glance.failures else [found for found in glance.findings if found.place not in LONG]
        if all(is_settled(policy, known.facts, more.of(detection.spent), short) for policy, more in self.sides):
            return enough, known
        detection = self.engine.detect(content.segments, limits)
        return detection, _answers_with(detection, answers)

    def _glance(self, content: Content, limits: Limits) -> Detection:
        """All detectors see the texts of places that are short for any of the policies."""
        long = frozenset[Place].intersection(*(demand.long for _, demand in self.sides))
        return self.engine.glance(content.segments, limits, long)

    def _may_match(self, answers: Answers) -> bool:
        return any(may_match(policy, answers.facts, demand, answers) for policy, demand in self.sides)


def _says_nothing(detection: Detection) -> bool:
    return not (detection.findings or detection.echoes or detection.failures)


def _answers_with(detection: Detection, answers: Answers) -> Answers:
    return answers.with_findings(_facts_with(detection, answers.facts))


def _facts_with(detection: Detection, facts: Facts) -> Facts:
    return replace(facts, findings=detection.findings + detection.echoes, failures=detection.failures)


def _read(
    transaction: Transaction,
    engine: Detects,
    limits: Limits,
    watch: "_Stopwatch",
    cpu: Callable[[], float],
    sparing: Sparing | None = None,
    message: Message | None = None,
) -> Reading:
    with watch("parse"):
        message = message or parse(transaction.raw, limits)
    with watch("extract"):
        content = extract(message, limits, cpu)
    with watch("detect"):
        return _detected(message, content, _facts(transaction, message, content), engine, limits, sparing)


def _detected(
    message: Message, content: Content, facts: Facts, engine: Detects, limits: Limits, sparing: Sparing | None
) -> Reading:
    if sparing is None:
        detection = engine.detect(content.segments, limits)
        return Reading(message, content, detection, _facts_with(detection, facts))
    detection, answers = sparing.detect(content, limits, facts)
    return Reading(message, content, detection, answers.facts, answers)


def _judge(
    transaction: Transaction,
    reading: Reading,
    policy: Policy,
    *,
    notices: Notices,
    watch: "_Stopwatch",
    reveal: bool,
    explain: bool,
) -> Inspection:
    message, content, detection = reading.message, reading.content, reading.detection
    unmatched = detection.depth is Depth.FIRST  # the policy was asked before, and no rule of it can match
    with watch("decide"):
        verdict = decide(policy, reading.facts, trace=explain, unmatched=unmatched, answers=reading.answers)
    with watch("plan"):
        todo = plan(
            verdict,
            transaction,
            message,
            content,
            detection.findings,
            notices,
            mixed_recipients=policy.mixed_recipients,
            overlapped=detection.overlapped,
        )
    verdict = _as_planned(verdict, todo)
    found = detection.findings if reveal else tuple([finding.bare for finding in detection.findings])
    return Inspection(
        verdict=verdict,
        plan=todo,
        findings=found,
        opaque=content.opaque,
        ambiguous=content.ambiguous,
        failures=detection.failures,
        depth=detection.depth,
        ledger=content.ledger,
        message_id=(message.root.header("message-id") or "").strip(),
        size=reading.facts.size,
        seconds=watch.seconds,
        headers={f.segment: content.segments[f.segment].header for f in found if f.place is Place.HEADER},
    )


def _around(finding: Finding, content: Content) -> Passage:
    start = max(0, finding.span.start - AROUND)
    return Passage(start, content.segments[finding.segment].text[start : finding.span.end + AROUND])


def conclude(
    transaction: Transaction, policy: Policy, notices: Notices, failure: DetectorFailure, size: int
) -> Inspection:
    """Decide about a message whose inspection did not finish: nothing was read, and the policy knows it.

    `transaction.raw` may be empty; `size` is the real one. Nothing of the message is looked at here.
    """
    facts = Facts(
        session=transaction.session,
        envelope=transaction.envelope,
        size=size,
        opaque=UNREAD.opaque,
        failures=(failure,),
        received=transaction.received,
        capabilities=_capabilities(transaction),
    )
    verdict = decide(policy, facts, trace=False)
    todo = plan(verdict, transaction, None, UNREAD, (), notices, mixed_recipients=policy.mixed_recipients)
    verdict = _as_planned(verdict, todo)
    return Inspection(verdict=verdict, plan=todo, opaque=UNREAD.opaque, failures=(failure,), size=size)


def _facts(transaction: Transaction, message: Message, content: Content) -> Facts:
    """What is known before anything was looked for."""
    root = message.root
    return Facts(
        session=transaction.session,
        envelope=transaction.envelope,
        size=len(transaction.raw),
        headers=tuple((header.name.lower(), header.value) for header in root.headers),
        header_from=addr_spec(root.header("from") or ""),
        attachments=(*(attached for _, attached in attachments_of(message)), *_inner_files(content)),
        opaque=content.opaque,
        ambiguous=content.ambiguous,
        ledger=content.ledger,
        received=transaction.received,
        encrypted=is_encrypted(message, content),
        capabilities=_capabilities(transaction),
    )


def _inner_files(content: Content) -> Iterator[Attachment]:
    """Pictures inside attachments, so that a rule on unread parts knows what they are."""
    for inner in content.files:
        yield Attachment(inner.part_path, "", inner.content_type, inner.size, is_inline=True)


def _capabilities(transaction: Transaction) -> dict[str, frozenset[Method]]:
    return {address: frozenset(means.method for means in all_) for address, all_ in transaction.means.items()}


def _as_planned(verdict: Verdict, todo: Plan) -> Verdict:
    """The verdict with the dispositions that planning came to: stricter where an action could not be carried out."""
    delivered = {recipient for copy in todo.copies for recipient in copy.recipients}
    held = {recipient for effect in todo.effects if isinstance(effect, Quarantine) for recipient in effect.recipients}

    def final(recipient: str) -> Disposition:
        if todo.disposition is Disposition.DEFER:
            return Disposition.DEFER
        if recipient in delivered:
            return Disposition.DELIVER
        return Disposition.QUARANTINE if recipient in held else Disposition.BLOCK

    if verdict.disposition is todo.disposition and all(
        outcome.disposition is final(outcome.recipient) for outcome in verdict.outcomes
    ):
        return verdict
    outcomes = tuple(replace(outcome, disposition=final(outcome.recipient)) for outcome in verdict.outcomes)
    return replace(verdict, disposition=todo.disposition, outcomes=outcomes)


class _Stopwatch:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = self.clock()
        try:
            yield
        finally:
            self.seconds[stage] = self.clock() - start
