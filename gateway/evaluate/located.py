"""The findings of one message, placed in the text that was labelled."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect.resolve import PASSAGE
from gateway.evaluate.kinds import kind_of_finding
from gateway.evaluate.sample import Sample
from gateway.extract import extract
from gateway.parse import parse


@dataclass(frozen=True, slots=True)
class Located:
    """A finding at its place in `Reading.text`."""

    kind: str
    detector: str
    confidence: Confidence
    identifies: bool  # a patient, as the detectors see it
    masked: str
    span: Span
    value: str = field(repr=False)
    passage: bool = False  # some sentences, which stand for none of the values in them


@dataclass(frozen=True, slots=True)
class Reading:
    """One text for the sample, and the findings in it."""

    text: str = field(repr=False)
    findings: tuple[Located, ...]


def locate(sample: Sample, findings: Sequence[Finding], limits: Limits, least: Confidence) -> Reading:
    """Findings of at least that confidence. The text is the sample's own, or all that was read of the message.

    A value with a second name is there once under each: under a name that it has not, it is a mistake.
    """
    segments = extract(parse(sample.raw, limits), limits).segments
    findings = [each for finding in findings for each in _by_each_name(finding)]
    wanted = [finding for finding in findings if finding.confidence >= least and finding.segment < len(segments)]
    if sample.text:
        added = [place + before for before, place in enumerate(_line_ends(sample.text))]
        body = [f for f in wanted if f.place in {Place.BODY, Place.ATTACHMENT}]
        return Reading(sample.text, tuple(_in_text(f, segments[f.segment], added) for f in body))
    starts, length = [], 0
    for segment in segments:
        starts.append(length)
        length += len(segment.text) + 1
    whole = "\n".join(segment.text for segment in segments)
    return Reading(whole, tuple(_shifted(finding, starts[finding.segment]) for finding in wanted))


def _by_each_name(finding: Finding) -> Iterator[Finding]:
    yield finding
    for other in finding.also:
        yield replace(finding, entity=other.entity, confidence=other.confidence, fingerprint=other.fingerprint)


def _line_ends(text: str) -> list[int]:
    """Where `message_of` puts a carriage return."""
    return [place for place, char in enumerate(text) if char == "\n" and text[place - 1 : place] != "\r"]


def _in_text(finding: Finding, segment: Segment, added: Sequence[int]) -> Located:
    """Back through the mark-up and the carriage returns that the message has and the text has not."""
    spans = segment.origin(finding.span) or (finding.span,)
    start, end = spans[0].start, spans[-1].end
    return _at(finding, Span(start - bisect_left(added, start), end - bisect_left(added, end)))


def _shifted(finding: Finding, by: int) -> Located:
    return _at(finding, Span(finding.span.start + by, finding.span.end + by))


def _at(finding: Finding, span: Span) -> Located:
    return Located(
        kind=kind_of_finding(finding.entity, finding.groups),
        detector=finding.detector,
        confidence=finding.confidence,
        identifies="patient-identifier" in finding.groups,
        masked=finding.masked,
        span=span,
        value=finding.value,
        passage=PASSAGE in finding.groups,
    )
