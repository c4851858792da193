"""Where values that were found stand once more, told by no detector: a number without its label, or in other spelling.

What is taken out of a message in one place and stays in another was not taken out.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from unicodedata import decimal

from gateway.actions.headers import CORRESPONDENTS, is_free_text
from gateway.core.finding import Finding
from gateway.core.message import Place, Segment, Span

# Letters and digits apart: a number may follow a word without a space.
_WORD = re.compile(r"[0-9]+|[^\W\d_]+|\d+")
_SHORTEST = 4  # letters and digits of a value that is looked for elsewhere: an age is no name
_SURE = 6  # letters and digits of one that has a digit: however it is cut up, and where machines write too
_MOST_WORDS = 12
_APART = 3  # signs between two words of it

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """One more place of a value. `first` is the finding that told it, `here` the same one in this place."""

    first: Finding
    here: Finding


def standing_again(segments: Sequence[Segment], findings: Sequence[Finding]) -> Iterator[Again]:
    """The same values in other places, whatever stands between their words.

    A value of six letters and digits or more that has a digit is one however it is cut up, and stands in names of
    files, in fields that machines write and in what is not shown too.
    """
    known = _Known(findings)
    if not known.lengths:
        return
    told: dict[int, set[Span]] = {}
    for finding in findings:
        told.setdefault(finding.segment, set()).add(finding.span)
    for index, segment in enumerate(segments):
        there = told.get(index, set())
        for span, finding in known.standing(segment.text, sure_alone=not _is_free(segment)):
            if span not in there:
                here = replace(
                    finding,
                    segment=index,
                    span=span,
                    part_path=segment.part_path,
                    place=segment.place,
                    value=segment.text[span.start : span.end],
                )
                yield Again(finding, here)


def _is_free(segment: Segment) -> bool:
    """Text that people write. Other readings of a text that can be changed say what that one says."""
    if segment.place is Place.HEADER:
        return segment.runs is None and is_free_text(segment.header.lower())
    return segment.editable or segment.place is not Place.BODY


class _Known:
    """Values by what they are made of, and by how long that is."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._whole: dict[Words, Finding] = {}  # word by word
        self._sure: dict[str, Finding] = {}
        self._begins: set[str] = set()
        self.lengths: tuple[int, ...] = ()
        for finding in findings:
            if finding.place is Place.HEADER and finding.entity in CORRESPONDENTS:
                continue
            words = tuple(word for word, _ in _words(finding.value))
            joined = "".join(words)
            if len(words) <= _MOST_WORDS and len(joined) >= _SHORTEST:
                self._whole.setdefault(words, finding)
                self._begins.add(joined[0])
                if len(joined) >= _SURE and any(character.isdigit() for character in joined):
                    self._sure.setdefault(joined, finding)
        self.lengths = tuple(sorted({sum(map(len, words)) for words in self._whole}))

    def standing(self, text: str, *, sure_alone: bool) -> Iterator[tuple[Span, Finding]]:
        """Where in a text; `sure_alone`: only those that are one however they are cut up."""
        words = list(_words(text))
        ends: list[int] = []  # of each word, in the text without anything between
        total = 0
        for word, _ in words:
            total += len(word)
            ends.append(total)
        joined = "".join(word for word, _ in words)
        near = _near([span for _, span in words])
        for first, (word, span) in enumerate(words):
            if word[0] not in self._begins:
                continue
            start = ends[first] - len(word)
            for length in self.lengths:
                last = bisect_left(ends, start + length, first)
                if last == len(ends) or near[last] > first:
                    break
                if ends[last] != start + length:
                    continue
                finding = self._sure.get(joined[start : start + length])
                if finding is None and not sure_alone:
                    finding = self._whole.get(tuple(each for each, _ in words[first : last + 1]))
                if finding is not None:
                    yield Span(span.start, words[last][1].end), finding


def _near(spans: Sequence[Span]) -> list[int]:
    """For each word the first one from which on all stand near one another up to it."""
    firsts: list[int] = []
    for number, span in enumerate(spans):
        is_near = number > 0 and span.start - spans[number - 1].end <= _APART
        firsts.append(firsts[-1] if is_near else number)
    return firsts


def _words(text: str) -> Iterator[tuple[str, Span]]:
    return ((_folded(match[0]), Span(*match.span())) for match in _WORD.finditer(text))


def _folded(word: str) -> str:
    """A digit of any script is that digit; other letters are compared without case."""
    if word.isascii() or not word.isdecimal():
        return word.casefold()
    return "".join(str(decimal(sign)) for sign in word)
