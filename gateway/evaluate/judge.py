"""One message beside its labels: what was found, what was missed, what was found and ought not to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.detector import Confidence
from gateway.core.limits import Limits
from gateway.core.message import Span
from gateway.core.verdict import Verdict
from gateway.evaluate.cover import HALF, places_of, share
from gateway.evaluate.kinds import judged_kinds, relatives
from gateway.evaluate.located import Located, Reading, locate
from gateway.evaluate.sample import Corpus, Expected, Sample
from gateway.metrics import Inspected
from gateway.policy.model import BUILT_IN_AREA


@dataclass(frozen=True, slots=True)
class Asked:
    """A labelled value. `found` by a finding of its kind, `seen` by one of any value; `whole`: no letter is left."""

    kind: str
    span: Span
    found: bool
    seen: bool
    whole: bool
    by: str = ""  # kind of a finding that covers it under another name


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding of a kind that the corpus labels. `right`: there is such a label; `covered`: there is a label."""

    finding: Located
    right: bool
    covered: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one sample. `areas`: those whose rules act on it; `rules`: which rules."""

    sample: Sample = field(repr=False)
    text: str = field(repr=False)
    asked: tuple[Asked, ...]
    claims: tuple[Claim, ...]
    others: tuple[Located, ...]  # findings that nobody can judge here
    areas: frozenset[str]
    rules: tuple[str, ...]
    held_otherwise: bool  # only a built-in rule acts: something could not be read
    failed: bool
    identified: bool  # a finding of medium confidence at least that identifies a patient

    @property
    def acted(self) -> bool:
        """A rule acts on the message."""
        return bool(self.areas)

    @property
    def exact(self) -> bool:
        """All that was asked for, and nothing else of the labelled kinds."""
        return all(asked.found for asked in self.asked) and all(claim.right for claim in self.claims)


def judge(
    corpus: Corpus, sample: Sample, inspected: Inspected, limits: Limits, least: Confidence = Confidence.LOW
) -> Judgement:
    """Compare an inspection, made with the values revealed, with the labels of its sample."""
    reading = locate(sample, inspected.findings, limits, least)
    labels = [(expected, _spans(expected, reading)) for expected in sample.expected]
    judged = judged_kinds(corpus.kinds if sample.kinds is None else sample.kinds)
    claims = (_claim(finding, labels, reading.text) for finding in reading.findings if finding.kind in judged)
    areas, rules = _acting(inspected.verdict)
    return Judgement(
        sample=sample,
        text=reading.text,
        asked=tuple(_asked(expected, spans, reading) for expected, spans in labels if not expected.optional),
        claims=tuple(claim for claim in claims if claim is not None),
        others=tuple(finding for finding in reading.findings if finding.kind not in judged),
        areas=areas - {BUILT_IN_AREA},
        rules=rules,
        held_otherwise=areas == {BUILT_IN_AREA},
        failed=bool(inspected.failures),
        identified=any(f.identifies and f.confidence >= Confidence.MEDIUM for f in reading.findings),
    )


def _spans(expected: Expected, reading: Reading) -> Sequence[Span]:
    if expected.span is not None:
        return (expected.span,)
    if expected.values:
        return places_of(reading.text, expected.values)
    return (Span(0, len(reading.text)),)


def _asked(expected: Expected, spans: Sequence[Span], reading: Reading) -> Asked:
    """At the place where most of the value is found. A value that was lost on the way is missed."""
    kinds = relatives(expected.kind)
    of_values = [finding for finding in reading.findings if not finding.passage]
    same = [finding for finding in of_values if finding.kind in kinds]
    if expected.span is None and not expected.values:
        return Asked(expected.kind, spans[0], found=bool(same), seen=bool(of_values), whole=bool(same))
    if not spans:
        return Asked(expected.kind, Span(0, 0), found=False, seen=False, whole=False)
    best = max(spans, key=lambda span: share(reading.text, span, [finding.span for finding in same]))
    anything = share(reading.text, best, [finding.span for finding in of_values])
    found = share(reading.text, best, [finding.span for finding in same]) >= HALF
    by = "" if found else _other_name(best, of_values)
    return Asked(expected.kind, best, found=found, seen=anything >= HALF, whole=anything == 1.0, by=by)


def _other_name(span: Span, findings: Sequence[Located]) -> str:
    return next((f.kind for f in findings if f.span.start < span.end and span.start < f.span.end), "")


def _claim(finding: Located, labels: Sequence[tuple[Expected, Sequence[Span]]], text: str) -> Claim | None:
    """None where the finding lies on nothing but optional values."""
    kinds = relatives(finding.kind)

    def lies(*, optional: bool | None, same: bool) -> bool:
        spans = [
            span
            for expected, places in labels
            if (optional is None or expected.optional is optional) and (not same or expected.kind in kinds)
            for span in places
        ]
        return share(text, finding.span, spans) >= HALF

    right = lies(optional=None, same=True)
    if (right and not lies(optional=False, same=True)) or (not right and lies(optional=True, same=False)):
        return None
    return Claim(finding, right, right or lies(optional=None, same=False))


def _acting(verdict: Verdict) -> tuple[frozenset[str], tuple[str, ...]]:
    hits = [hit for hit in verdict.hits if hit.status == "enforce"]
    return frozenset(hit.area for hit in hits), tuple(hit.rule for hit in hits)
