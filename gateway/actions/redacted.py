"""Everything that was found in a message taken out of it, for a reviewer who releases it so. Pure."""

from bisect import bisect_right
from collections.abc import Iterator

from gateway.actions.draft import draft_of, edits
from gateway.actions.headers import CORRESPONDENTS
from gateway.actions.redact import left_of, redact
from gateway.actions.standing import standing_again
from gateway.core.finding import Detection, Finding
from gateway.core.message import Content, Message, Span
from gateway.core.redacted import Redacted


def without_findings(message: Message, content: Content, detection: Detection) -> Redacted:
    """Labels in the place of all findings, whatever rule asks for them; the correspondents stay in their fields.

    What was found in one place goes from all others too: a number is one without its label.
    Of findings at one place all goes that any of them covers, also the one that was taken for something else there.
    The fingerprints are those that must not be found again: an address of a correspondent may.
    """
    told = (*detection.findings, *_sticking_out(detection))
    findings = (*told, *(again.here for again in standing_again(content.segments, told)))
    done = redact(draft_of(message), content, ((finding, True) for finding in findings))
    gone = (finding for finding in done.redacted if finding.entity not in CORRESPONDENTS)
    return Redacted(
        edits=edits(done.draft),
        entities=tuple(sorted({finding.entity for finding in done.redacted})),
        fingerprints=frozenset(finding.fingerprint for finding in gone if finding.fingerprint),
        left=left_of(done.kept),
        unfinished=tuple(sorted(detection.spent - {failure.detector for failure in detection.failures})),
    )


def _sticking_out(detection: Detection) -> Iterator[Finding]:
    """What gave way to other findings and is longer than they are together."""
    covered: dict[int, list[Span]] = {}
    for finding in sorted(detection.findings, key=lambda each: (each.segment, each.span.start)):
        spans = covered.setdefault(finding.segment, [])
        if spans and finding.span.start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, finding.span.end))
        else:
            spans.append(finding.span)
    for finding in detection.overlapped:
        spans = covered.get(finding.segment, [])
        index = bisect_right(spans, finding.span.start, key=lambda span: span.start) - 1
        if index < 0 or spans[index].end < finding.span.end:
            yield finding
