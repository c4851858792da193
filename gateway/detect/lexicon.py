"""Word lists: which terms of a list a text has, whatever white space or punctuation stands between their words.

One pass says which words of all lists occur at whatever place (`vocabulary`); a term needs all of its words, so few are
left. Each of these is looked for at its longest word, its anchor: long words are rare. Terms are plain ASCII; `=` marks
one that counts only as it is written (`=AIDS`), `-` a phrase that is none, whatever lies in it (the name of a law).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise

from gateway.core.detector import hashable
from gateway.detect.vocabulary import PLAIN

CASE_MARK, NOT_MARK = "=", "-"
_BLOCK = 1 << 20  # bytes split into words at once, so that 64 MB of text need no list of ten million words
_OVERLAP = 512  # longer than any term
_LONGEST_GAP = 12  # bytes between two words of a phrase: a line break, a quote mark, some indentation
_TOKEN = re.compile(rb"[^ ]+")
_LINE = "\n"
_PLAIN_OF_LINES = PLAIN[: ord(_LINE)] + _LINE.encode() + PLAIN[ord(_LINE) + 1 :]

Words = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms that count in any case, by their anchor, and all their words."""

    words: tuple[bytes, ...] = field(repr=False)
    terms: Mapping[bytes, Sequence[Words]] = field(repr=False)
    none: frozenset[Words] = field(repr=False, default=frozenset())  # of `terms`, those that are none

    def spans(self, octets: bytes, present: frozenset[bytes]) -> Iterator[tuple[int, int]]:
        """Byte ranges of the terms in folded text that has these words; terms may lie within one another."""
        possible = self._possible(present)
        if not possible:
            return
        text = octets.translate(PLAIN)
        start, done = 0, 0
        while start < len(text):
            end = _cut(text, start + _BLOCK)
            for low, high in self._in_block(text[start:end], possible):
                if start + high > done:
                    yield start + low, start + high
            done = end
            start = end if end == len(text) else max(_cut(text, end - _OVERLAP), start + 1)

    def _possible(self, present: frozenset[bytes]) -> dict[bytes, list[Words]]:
        """By anchor, the terms whose words all occur."""
        anchors = present & self.terms.keys()
        possible = {anchor: [t for t in self.terms[anchor] if present.issuperset(t)] for anchor in anchors}
        return {anchor: terms for anchor, terms in possible.items() if terms}

    def _in_block(self, text: bytes, possible: Mapping[bytes, Sequence[Words]]) -> Iterator[tuple[int, int]]:
        if not any(anchor in text for anchor in possible):
            return
        words = text.split()
        found = [
            range_
            for at, word in enumerate(words)
            if word in possible
            for term in possible[word]
            if (range_ := _at(words, at, term, term.index(word)))
        ]
        if self.none:
            found = self._without(found, words)
        if not found:
            return
        wanted = {index for range_ in found for index in range_}
        places = {index: token.span() for index, token in enumerate(_TOKEN.finditer(text)) if index in wanted}
        for range_ in found:
            spans = [places[index] for index in range_]
            if all(b[0] - a[1] <= _LONGEST_GAP for a, b in pairwise(spans)):
                yield spans[0][0], spans[-1][1]

    def _without(self, found: list[range], words: Sequence[bytes]) -> list[range]:
        """Those that lie within no phrase which is none."""
        none = {at for range_ in found if tuple(words[range_.start : range_.stop]) in self.none for at in range_}
        return [range_ for range_ in found if not none.issuperset(range_)]


def _at(words: Sequence[bytes], at: int, term: Words, anchor: int) -> range:
    """Indexes of the words of a term whose anchor is the word at this place; empty where it is not there."""
    first = at - anchor
    if first >= 0 and tuple(words[first : first + len(term)]) == term:
        return range(first, first + len(term))
    return range(0)


@lru_cache(maxsize=4)
def _filed(terms: Sequence[str]) -> tuple[tuple[bytes, ...], dict[bytes, list[Words]]]:
    """All words, and the terms by their anchor."""
    split = _split(terms)
    usage = Counter(chain.from_iterable(map(set, split)))
    filed: dict[bytes, list[Words]] = {}
    for words in split:
        filed.setdefault(words[0] if len(words) == 1 else _anchor(words, usage), []).append(words)
    for several in filed.values():
        several.sort()
    return tuple(sorted(usage)), filed


def _split(terms: Iterable[str]) -> set[Words]:
    """The terms that count in any case, as words; all at once, since there are tens of thousands."""
    together = _LINE.join([" ".join(term.splitlines()) for term in terms if not term.startswith(CASE_MARK)])
    lines = together.encode("ascii", "ignore").translate(_PLAIN_OF_LINES).splitlines()
    return {words for words in map(tuple, map(bytes.split, lines)) if words}


def _anchor(words: Words, usage: Mapping[bytes, int]) -> bytes:
    """The longest; of several the one that fewest terms have."""
    lengths = list(map(len, words))
    longest = max(lengths)
    if lengths.count(longest) == 1:
        return words[lengths.index(longest)]
    return min((word for word in words if len(word) == longest), key=lambda word: (usage[word], word))


def lexicon_of(terms: Iterable[str]) -> Lexicon | None:
    """None where no term is left. A term that starts with CASE_MARK is not for this."""
    terms = hashable(terms)
    words, filed = _filed(terms)
    if not filed:
        return None
    return Lexicon(words, filed, frozenset(_split(t for t in terms if t.startswith(NOT_MARK))))


def forget() -> None:
    """Make the next word lists anew, for who keeps none."""
    _filed.cache_clear()


def as_written(terms: Iterable[str]) -> tuple[str, ...]:
    """The terms that count only as they are written, without their mark."""
    return tuple(sorted({term[len(CASE_MARK) :] for term in terms if len(term) > 1 and term.startswith(CASE_MARK)}))


def _cut(text: bytes, near: int) -> int:
    """The first gap at or behind `near`, the end of the text where there is none close by."""
    if near >= len(text):
        return len(text)
    gap = text.find(b" ", near)
    return len(text) if gap < 0 else gap
