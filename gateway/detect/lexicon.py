"""Word lists: which terms of a list a text has, whatever white space or punctuation stands between their words.

Each term is filed under its longest word, its anchor: long words are rare. A text is split into words once, and only
where an anchor occurs are terms compared, so that ordinary mail costs little more than one set operation. Terms are
plain ASCII; `=` marks one that counts only as it is written (`=AIDS`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

CASE_MARK = "="
_BLOCK = 1 << 20  # bytes split into words at once, so that 64 MB of text need no list of ten million words
_OVERLAP = 512  # longer than any term
_LONGEST_GAP = 12  # bytes between two words of a phrase: a line break, a quote mark, some indentation
_TOKEN = re.compile(rb"[^ ]+")
_WORDS = bytes(byte if byte < 0x80 and chr(byte).isalnum() else ord(" ") for byte in bytes(range(0x100)).lower())

Words = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms that count in any case: anchor to (place of the anchor in the term, the term's words)."""

    terms: Mapping[bytes, tuple[tuple[int, Words], ...]] = field(repr=False)

    def spans(self, octets: bytes) -> Iterator[tuple[int, int]]:
        """Byte ranges of the terms in folded text; terms may lie within one another."""
        text = octets.translate(_WORDS)
        start, done = 0, 0
        while start < len(text):
            end = _cut(text, start + _BLOCK)
            for low, high in self._in_block(text[start:end]):
                if start + high > done:
                    yield start + low, start + high
            done = end
            start = end if end == len(text) else max(_cut(text, end - _OVERLAP), start + 1)

    def _in_block(self, text: bytes) -> Iterator[tuple[int, int]]:
        words = text.split()
        present = self.terms.keys() & set(words)
        if not present:
            return
        found = [range_ for at, word in enumerate(words) if word in present for range_ in self._at(words, at)]
        if not found:
            return
        wanted = {index for range_ in found for index in range_}
        places = {index: token.span() for index, token in enumerate(_TOKEN.finditer(text)) if index in wanted}
        for range_ in found:
            spans = [places[index] for index in range_]
            if all(b[0] - a[1] <= _LONGEST_GAP for a, b in pairwise(spans)):
                yield spans[0][0], spans[-1][1]

    def _at(self, words: Sequence[bytes], at: int) -> Iterator[range]:
        """Indexes of the words of each term whose anchor is the word at this place."""
        for place, term in self.terms[words[at]]:
            first = at - place
            if first >= 0 and tuple(words[first : first + len(term)]) == term:
                yield range(first, first + len(term))


def lexicon_of(terms: Iterable[str]) -> Lexicon | None:
    """None where no term is left. A term that starts with CASE_MARK is not for this."""
    split = sorted({words for term in terms if not term.startswith(CASE_MARK) and (words := _split(term))})
    usage = Counter(word for words in split for word in set(words))
    filed: dict[bytes, list[tuple[int, Words]]] = {}
    for words in split:
        anchor = min(words, key=lambda word: (-len(word), usage[word], word))
        filed.setdefault(anchor, []).append((words.index(anchor), words))
    return Lexicon({anchor: tuple(group) for anchor, group in filed.items()}) if filed else None


def as_written(terms: Iterable[str]) -> tuple[str, ...]:
    """The terms that count only as they are written, without their mark."""
    return tuple(sorted({term[len(CASE_MARK) :] for term in terms if len(term) > 1 and term.startswith(CASE_MARK)}))


def _split(term: str) -> Words:
    return tuple(term.encode("ascii", "ignore").translate(_WORDS).split())


def _cut(text: bytes, near: int) -> int:
    """The first gap at or behind `near`, the end of the text where there is none close by."""
    if near >= len(text):
        return len(text)
    gap = text.find(b" ", near)
    return len(text) if gap < 0 else gap
