"""Which words of lists and of context a text has, at whatever place: one Hyperscan pass for all of them.

Words are looked for in plain text, lower-case letters and digits with a space for everything else, each with its spaces
around it: in English few of them are ever looked at twice, where a word without its edges stands within others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.detect.database import Expression, Occurrences

PLAIN = bytes(byte if byte < 0x80 and chr(byte).isalnum() else ord(" ") for byte in bytes(range(0x100)).lower())
_BLOCK = 1 << 17  # bytes made plain at once: what the processor keeps at hand
_PADDED = b" %b "


class Vocabulary:
    """Of these plain words, or words with single spaces between, those of a text. Not for two threads at once."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = tuple(sorted(set(words)))
        self._longest = max(map(len, self._words), default=0)
        self._occurrences = Occurrences([Expression(_PADDED % word, case_sensitive=True) for word in self._words])

    def of(self, octets: bytes) -> frozenset[bytes]:
        """Those of folded text."""
        if not self._words:
            return frozenset()
        if len(octets) <= _BLOCK:
            return frozenset(map(self._words.__getitem__, self._occurrences.of(_PADDED % octets.translate(PLAIN))))
        found = {number for block in self._blocks(octets) for number in self._occurrences.of(block)}
        return frozenset(map(self._words.__getitem__, found))

    def _blocks(self, octets: bytes) -> Iterator[bytes]:
        """The plain text in pieces, each with the end of the one before, so that every word is whole in one of them."""
        for start in range(0, len(octets), _BLOCK):
            plain = octets[max(0, start - self._longest - 1) : start + _BLOCK].translate(PLAIN)
            if not start:
                plain = b" " + plain
            yield plain if start + _BLOCK < len(octets) else plain + b" "


@dataclass(frozen=True, slots=True)
class Gates:
    """Numbers of contexts, by their words: which of them can occur where which words do."""

    by_word: Mapping[bytes, tuple[tuple[frozenset[bytes], int], ...]] = field(repr=False)  # the longest one needed
    words: frozenset[bytes] = field(repr=False)  # all that have to be looked for
    always: frozenset[int] = frozenset()  # of signs without letters or digits

    def open(self, present: frozenset[bytes]) -> set[int]:
        """The numbers of those that can occur in a text with these words: all that do, maybe more."""
        numbers = set(self.always)
        for word in present & self.by_word.keys():
            for needed, number in self.by_word[word]:
                if number not in numbers and needed <= present:
                    numbers.add(number)
        return numbers


def gates_of(contexts: Mapping[int, Iterable[str]]) -> Gates:
    """For the context words of each number, in whatever case and with whatever white space between."""
    by_word: dict[bytes, tuple[tuple[frozenset[bytes], int], ...]] = {}
    always: set[int] = set()
    for number, words in contexts.items():
        for needed in dict.fromkeys(map(_needed, words)):
            if not needed:
                always.add(number)
                continue
            longest = max(needed, key=lambda word: (len(word), word))
            by_word[longest] = (*by_word.get(longest, ()), (needed, number))
    every = frozenset(word for several in by_word.values() for needed, _ in several for word in needed)
    return Gates(by_word, every, frozenset(always))


def _needed(word: str) -> frozenset[bytes]:
    """What of a context word has to be there: signs within it are a space each, other scripts say nothing."""
    pieces: list[bytes] = []
    for piece in word.split():
        plain = piece.encode("utf-8", "replace").translate(PLAIN)
        pieces += [plain.strip()] if piece.isascii() else plain.split()
    return frozenset(piece for piece in pieces if piece)
