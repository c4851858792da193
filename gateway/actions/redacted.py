"""Everything that was found in a message taken out of it, for a reviewer who releases it so. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from gateway.actions.draft import draft_of, edits
from gateway.actions.headers import CORRESPONDENTS, is_free_text
from gateway.actions.redact import redact
from gateway.core.finding import Detection, Finding
from gateway.core.message import Content, Message, Place, Segment, Span
from gateway.core.redacted import Left, Redacted

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 4  # letters and digits of a value that is looked for elsewhere: an age is no name
_MOST_WORDS = 12
_APART = 3  # signs between two words of it

Words = tuple[str, ...]


def without_findings(message: Message, content: Content, detection: Detection) -> Redacted:
    """Labels in the place of all findings, whatever rule asks for them; the correspondents stay in their fields.

    What was found in one place goes from all others too where it could be changed: a number is one without its label.
    Of findings at one place all goes that any of them covers, also the one that was taken for something else there.
    The fingerprints are those that must not be found again: an address of a correspondent may.
    """
    told = (*detection.findings, *_sticking_out(detection))
    findings = (*told, *_elsewhere(content.segments, told))
    done = redact(draft_of(message), content, ((finding, True) for finding in findings))
    gone = (finding for finding in done.redacted if finding.entity not in CORRESPONDENTS)
    return Redacted(
        edits=edits(done.draft),
        entities=tuple(sorted({finding.entity for finding in done.redacted})),
        fingerprints=frozenset(finding.fingerprint for finding in gone if finding.fingerprint),
        left=tuple(dict.fromkeys(Left(f.entity, f.part_path, obstacle.value) for f, obstacle in done.kept)),
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


def _elsewhere(segments: Sequence[Segment], findings: Sequence[Finding]) -> Iterator[Finding]:
    """The same values where no detector told them, word by word, whatever stands between the words."""
    known: dict[Words, Finding] = {}
    lengths: dict[str, set[int]] = {}
    for finding in findings:
        if finding.place is Place.HEADER and finding.entity in CORRESPONDENTS:
            continue
        words = tuple(word for word, _ in _words(finding.value))
        if len(words) <= _MOST_WORDS and sum(map(len, words)) >= _SHORTEST:
            known.setdefault(words, finding)
            lengths.setdefault(words[0], set()).add(len(words))
    told = {(finding.segment, finding.span) for finding in findings}
    for index, segment in enumerate(segments):
        if known and _is_free(segment):
            for span, finding in _standing(segment.text, known, lengths):
                if (index, span) not in told:
                    yield replace(finding, segment=index, span=span, part_path=segment.part_path, place=segment.place)


def _standing(text: str, known: dict[Words, Finding], lengths: dict[str, set[int]]) -> Iterator[tuple[Span, Finding]]:
    words = list(_words(text))
    for first, (word, span) in enumerate(words):
        for length in lengths.get(word, ()):
            here = words[first : first + length]
            finding = known.get(tuple(each for each, _ in here))
            near = all(b.start - a.end <= _APART for (_, a), (_, b) in pairwise(here))
            if finding is not None and near:
                yield Span(span.start, here[-1][1].end), finding


def _words(text: str) -> Iterator[tuple[str, Span]]:
    return ((match[0].casefold(), Span(*match.span())) for match in _WORD.finditer(text))


def _is_free(segment: Segment) -> bool:
    """Text that people write. Other readings of a text that can be changed say what that one says."""
    if segment.place is Place.HEADER:
        name = segment.header.lower()
        return segment.runs is None and is_free_text(name)
    return segment.editable or segment.place is not Place.BODY
