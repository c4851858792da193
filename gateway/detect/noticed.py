"""Notices at the end of a mail ("may contain confidential information …") as texts of their own.

They say nothing of anybody, but every mail of a house has one: weighed together with a note of two lines they make it
a long text about something else, and hide the patient in it. What stands in one is looked at, too.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gateway.core.finding import Finding
from gateway.core.message import Place, Segment, Span
from gateway.detect.signed import notices

LONGEST = 20_000  # characters; in a longer text a notice weighs nothing
_PHONE = re.compile(r"\(?\b\d{3}\)?[ .-]{0,2}\d{3}[ .-]\d{4}\b")
_DIGIT = re.compile(r"\d")
Pieces = tuple[tuple[int, int], ...]  # where each begins, here and in the whole text


@dataclass(frozen=True, slots=True)
class Apart:
    """The texts of a message with the notices behind them, each by itself."""

    segments: Sequence[Segment]
    _pieces: dict[int, tuple[int, Pieces]]  # by segment: the one that it comes from, and what of that it is

    def back(self, findings: Iterable[Finding]) -> list[Finding]:
        """The same findings where they stand in the whole texts."""
        if not self._pieces:
            return list(findings)
        return [self._back(finding) for finding in findings]

    def _back(self, finding: Finding) -> Finding:
        if finding.segment not in self._pieces:
            return finding
        index, pieces = self._pieces[finding.segment]
        span = finding.span
        start = _place(pieces, span.start)
        end = _place(pieces, max(span.start, span.end - 1)) + (span.end > span.start)
        return replace(finding, segment=index, span=Span(start, end))


def apart(segments: Sequence[Segment]) -> Apart:
    """Bodies without their notices. One with a number in it stays where it is: what is before it may be its label."""
    parted, pieces = list(segments), dict[int, tuple[int, Pieces]]()
    for index, segment in enumerate(segments):
        spans = _said(segment.text) if segment.place is Place.BODY and len(segment.text) <= LONGEST else []
        if not spans:
            continue
        for start, end in spans:
            pieces[len(parted)] = index, ((0, start),)
            parted.append(replace(segment, text=segment.text[start:end]))
        kept = _between(spans, len(segment.text))
        parted[index] = replace(segment, text="".join(segment.text[start:end] for start, end in kept))
        pieces[index] = index, _begun(kept)
    return Apart(parted, pieces)


def _said(text: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end in notices(text) if not _DIGIT.search(_PHONE.sub("", text[start:end]))]


def _between(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """What is left of a text; never nothing."""
    edges = [0, *(edge for span in spans for edge in span), length]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end] or [(0, 0)]


def _begun(kept: Sequence[tuple[int, int]]) -> Pieces:
    pieces, length = [], 0
    for start, end in kept:
        pieces.append((length, start))
        length += end - start
    return tuple(pieces)


def _place(pieces: Pieces, at: int) -> int:
    here, there = pieces[bisect_right(pieces, at, key=lambda piece: piece[0]) - 1]
    return there + at - here
