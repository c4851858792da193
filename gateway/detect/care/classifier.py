"""Does a passage tell of the care of somebody in particular? Weighted words and pairs of words, added up.

What no list has ("my foot is black", "put a bead up his nose", "can't keep anything down") is told by its words
together. The weights are trained (models/care-classifier); what a passage's words say is their sum over the root of its
length. Where that leaves it open, a network that reads them in their order has half a say. Quick first: a piece of text
whose words in favour can hardly reach the mark is not looked at again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING

import re2

from gateway.core.detector import hashable
from gateway.detect.care.reading import grams_of, size_of, words_of

if TYPE_CHECKING:
    from gateway.detect.care.network import Network

SURE = -20  # score from which on a note is about somebody's care, in hundredths
SURE_OF_PART = 85  # and from which on a passage of a longer text is: there are more of them to be wrong about
SURE_OF_PARAGRAPH = 5  # and a paragraph of a note that is about something else as a whole
LIKELY = -75  # from which on a note or a passage may be
NOTE = 700  # bytes; a text up to this is one passage
READ = 200_000  # bytes of one text; beyond, what is found by name has to do
DOUBTFUL = -230  # below it, a note is about nobody's care whatever is said of whom in it
DOUBTFUL_PARAGRAPH = -20  # and a paragraph
INSISTS = 30  # from which on a paragraph makes a message one about somebody's care
_PIECE, _LONGEST = 110, 260  # bytes of a piece of a longer text; two neighbours are one passage
_SHORTEST = 60  # and of one that ends with its paragraph
_CLEAR = 60  # weight of a word that speaks for care
_FEWEST = 5  # words that have a weight; fewer tell nothing together
_FEW = 12  # of fewer than so many, what a score has to be at least, and to be sure: "call me back" is about anything
_LIKELY_OF_FEW, _SURE_OF_FEW = -45, -5
_FEWEST_AGAINST = 8  # known words; of fewer it is not said that they are about nobody
OF_WORDS, OF_ORDER = 0.5, 0.25  # the say of the words and of the network
_OPEN = -300  # what the words say, from which on the network is asked; below it is taken to say the least it can
_WORTH_READING = -150  # and of a part of a longer text, of which there are many
_MOST = 1000  # that it can say for or against
NOTHING = -(10**6)  # score of what cannot be told
_FEWEST_CLEAR = 3  # of them that speak for care, in a part of a text
_BY_PAIRS = 900  # what pairs of words mostly add to a passage; a second look costs 0.05 ms more a mail than by 350
_BREAK = re.compile(rb"\n|[.!?;] ")
_LINE_END = re.compile(rb"\n")
_GAP = re.compile(rb"\n[ \t>*|]*\r?\n\s*")
_GAP_OR_ITEM = re.compile(_GAP.pattern + rb"|\n(?=[ \t>]*(?:[\-*+]|\d{1,2}[.)])[ \t])")  # before each of a list
_PERSON = re.compile(
    rb"(?i)\b(?:i|i'm|im|me|my|mine|he|him|his|she|her|hers|pt|mr|mrs|ms|mom|dad|son|daughter|wife|husband|baby|"
    rb"\d+ ?[mf]|\d+ ?y/?o)\b"
)
# Words that any news of families and friends is made of
_OF_PEOPLE = frozenset(
    b"i i'm im me my mine you your yours he he's him his himself she she's her hers herself it it's its they they're "
    b"them their we we're us our mr mrs ms miss mom mum mother dad father parents son daughter wife husband baby boy "
    b"girl brother sister grandma grandpa man woman lady is was be been being has had have am are were who and the a "
    b"an of to for that this as so but or not no if with at in on by from".split()
)
LETTERS = bytes(b if chr(b).isalpha() and b < 0x80 else 0x20 for b in bytes(range(0x100)).lower())
_BESIDE = rb"(?:[A-Za-z']+[ ,]+){3}[A-Za-z]"  # words beside each other, not one in each cell of a table
_SENTENCE = re.compile(_BESIDE)
ANY_SENTENCE = re2.compile(_BESIDE)  # quicker where there is none
_ZEROS = repeat(0)
_SHOWN = 4  # words given as the reason


@dataclass(frozen=True, slots=True)
class Passage:
    """Bytes of a text, how much they tell of somebody's care, and the words that say so most."""

    start: int
    end: int
    score: int
    words: tuple[str, ...] = ()
    sure: bool = False
    personal: bool = False  # a note that speaks of somebody: what is known by name in it makes it sure
    read: int | None = None  # what the network makes of it, in hundredths


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights in hundredths, by word or pair of words, and what reads them in their order."""

    weights: Mapping[bytes, int] = field(repr=False)
    bias: int
    network: "Network | None" = field(default=None, repr=False)

    def passages(self, octets: bytes) -> Iterator[Passage]:
        """Those that may be about care, in order, apart."""
        if len(octets) > NOTE:
            yield from self._apart(octets, self._worth_a_look(octets[:READ]), SURE_OF_PART)
            return
        note = self._read(octets, 0, len(octets), note=True)
        told = [] if note.sure else list(self._apart(octets, _paragraphs(octets), SURE_OF_PARAGRAPH))
        if note.score >= LIKELY and not any(passage.sure for passage in told):
            yield note
        else:
            yield from told

    def _apart(self, octets: bytes, places: Iterable[tuple[int, int]], sure: int) -> Iterator[Passage]:
        """Those in parts of a text, one for places that touch."""
        last: Passage | None = None
        for start, end in places:
            passage = self._read(octets, start, end, sure_from=sure)
            if passage.score < LIKELY:
                continue
            if last is None or passage.start >= last.end:
                if last is not None:
                    yield last
                last = passage
            else:
                best = max(last, passage, key=lambda p: p.score)
                last = replace(best, start=last.start, end=max(last.end, passage.end), sure=last.sure or passage.sure)
        if last is not None:
            yield last

    def can_tell(self, octets: bytes) -> bool:
        """Whether enough of a text is known to say that it tells of nobody's care."""
        return len(octets) > NOTE or self.knows(octets, _FEWEST_AGAINST)

    def knows(self, octets: bytes, fewest: int) -> bool:
        """Whether so many different words of a text have a weight."""
        return sum(map(self.weights.__contains__, words_of(octets))) >= fewest

    def doubts(self, octets: bytes) -> list[tuple[int, int]]:
        """Where care may be told of, though maybe no passage is likely to: a note, or paragraphs of a longer text."""
        paragraphs = [
            (start, end)
            for start, end in _paragraphs(octets[:READ])
            if end - start <= NOTE
            and (end < READ or end == len(octets))  # else it goes on, nobody knows how far
            and self.told(octets[start:end], _FEWEST) >= DOUBTFUL_PARAGRAPH
        ]
        if len(octets) > NOTE:
            return paragraphs
        return [(0, len(octets))] if paragraphs or self.score(octets) >= DOUBTFUL else []

    def insists(self, octets: bytes) -> bool:
        """Whether a paragraph tells of somebody's care whatever the others are about."""
        places = [(0, len(octets))] if len(octets) <= NOTE else []
        places += _paragraphs(octets[:READ])
        return any(self.told(octets[start:end], _FEWEST) >= INSISTS for start, end in places)

    def score(self, octets: bytes) -> int:
        """Of a whole text as one passage."""
        return self.told(octets, 0)

    def told(self, octets: bytes, fewest: int) -> int:
        """Its score as one passage; NOTHING where not so many different words of it have a weight."""
        words, pairs = grams_of(octets)
        if fewest and sum(map(self.weights.__contains__, words)) < fewest:
            return NOTHING
        said = self.bias + round(sum(self.weights.get(gram, 0) for gram in (*words, *pairs)) / size_of(words))
        return said + self._added(said, self._in_order(said, octets))

    def weighed(self, octets: bytes) -> tuple[list[bytes], dict[bytes, int], int]:
        """Of a passage: its different words, what of it has which weight, and what these say together."""
        words, pairs = grams_of(octets)
        told = {gram: weight for gram in (*words, *pairs) if (weight := self.weights.get(gram, 0))}
        return words, told, self.bias + round(sum(told.values()) / size_of(words))

    def read_in_order(self, texts: Sequence[bytes], passages: Sequence[Passage]) -> list[Passage]:
        """Passages whose scores are what the words of their texts say, with what the network makes of each."""
        if self.network is None:
            return list(passages)
        logits = self.network.scores(texts)
        reads = [max(-_MOST, min(_MOST, round(100 * logit))) for logit in logits]
        return [
            replace(passage, score=passage.score + self._added(passage.score, read), read=read)
            for passage, read in zip(passages, reads, strict=True)
        ]

    def _in_order(self, said: int, octets: bytes) -> int | None:
        """What the network makes of a passage of which the words say so much; None where there is none."""
        if self.network is None:
            return None
        return -_MOST if said < _OPEN else max(-_MOST, min(_MOST, round(100 * self.network.score(octets))))

    def _added(self, said: int, read: int | None) -> int:
        return 0 if read is None else round(OF_ORDER * read - (1 - OF_WORDS) * said)

    def _without_chat(self, told: Mapping[bytes, int], size: float) -> int:
        """The score where words about people speak for care no more than all other words in favour do together."""
        people = sum(weight for gram, weight in told.items() if weight > 0 and _of_people(gram))
        others = sum(weight for weight in told.values() if weight > 0) - people
        return self.bias + round((sum(told.values()) - max(0, people - others)) / size)

    def _worth_a_look(self, octets: bytes) -> Iterator[tuple[int, int]]:
        """Windows of two neighbouring pieces of a longer text with enough in favour, or one where the other has not."""
        if ANY_SENTENCE.search(octets) is None:  # a table of numbers and single words: nothing in it can be read
            return
        before, before_count, before_weight = 0, 0, 0
        for start, end in _pieces(octets):
            words = octets[start:end].translate(LETTERS).split()
            weight = sum(map(self.weights.get, words, _ZEROS))
            if self._may_tell(weight + before_weight, len(words) + before_count):
                yield before, end
            elif self._may_tell(weight, len(words)):
                yield start, end
            before, before_count, before_weight = start, len(words), weight

    def _may_tell(self, weight: int, words: int) -> bool:
        """Whether so many words of such a weight can reach the mark with what pairs of them may add."""
        mark = LIKELY if self.network is None else _WORTH_READING
        needed: float = (mark - self.bias) * words**0.5 - _BY_PAIRS
        return weight >= needed

    def _read(self, octets: bytes, start: int, end: int, *, sure_from: int = SURE, note: bool = False) -> Passage:
        """A window with its score, narrowed to what lies between the first and the last word in favour.

        A `note`: all of a text, about which less has to be known than about a part of one.
        """
        if not note and not _SENTENCE.search(octets, start, end):
            return Passage(start, end, NOTHING)
        words, told, said = self.weighed(octets[start:end])
        known = sum(word in self.weights for word in words)
        read = self._in_order(said, octets[start:end]) if known >= _FEWEST else None
        added = self._added(said, read)
        score = said + added if known >= _FEWEST else NOTHING
        few = known < _FEW
        if few and score < _LIKELY_OF_FEW:
            score = NOTHING
        if score < LIKELY:
            return Passage(start, end, score)
        clear = [word for word in words if told.get(word, 0) >= _CLEAR]
        low, high = _extent(octets[start:end].lower(), clear)
        sure = score >= (_SURE_OF_FEW if note and few else sure_from)
        if sure and not few:
            sure = self._without_chat(told, size_of(words)) + added >= sure_from
        plain = [word for word in clear if word in octets[start:end] or word.upper() in octets[start:end]]  # no names
        enough = note or (len(plain) >= _FEWEST_CLEAR and 2 * len(told) >= len(words))
        shown = shown_of(told)
        personal = note and _PERSON.search(octets) is not None
        score = score if enough else NOTHING
        return Passage(start + low, start + high, score, shown, sure=sure and enough, personal=personal, read=read)


def classifier_of(lines: Iterable[str], network: "Network | None" = None) -> Classifier:
    """From "weight gram" a line; the line without a gram is the bias. Raises ValueError."""
    classifier = _classifier_of(hashable(lines))
    return classifier if network is None else replace(classifier, network=network)


def forget() -> None:
    """Make the next classifiers anew, for who keeps none."""
    _classifier_of.cache_clear()


@lru_cache(maxsize=4)  # checked at load, then used
def _classifier_of(lines: Sequence[str]) -> Classifier:
    parted = [line.partition(" ") for line in lines]
    grams = "\n".join([gram for _, _, gram in parted]).encode().split(b"\n")
    weights = dict(zip(grams, [int(weight) for weight, _, _ in parted], strict=False))
    bias = weights.pop(b"", 0)
    return Classifier(weights, bias)


def shown_of(told: Mapping[bytes, int]) -> tuple[str, ...]:
    """The words that speak for care most, for people."""
    return tuple(gram.decode() for gram in sorted(told, key=lambda gram: (-told[gram], gram))[:_SHOWN])


def _of_people(gram: bytes) -> bool:
    return _OF_PEOPLE.issuperset(gram.split())


def _pieces(octets: bytes) -> Iterator[tuple[int, int]]:
    """The text cut behind paragraphs, lines and sentences."""
    start = 0
    while start < len(octets):
        gap = _GAP.search(octets, start + _SHORTEST, start + _LONGEST)
        found = gap or _BREAK.search(octets, start + _PIECE, start + _LONGEST)
        end = found.end() if found else min(start + _LONGEST, len(octets))
        if not found and end < len(octets):
            space = octets.rfind(b" ", start + _PIECE, end)
            end = end if space < 0 else space + 1
        yield start, end
        start = end


def _paragraphs(octets: bytes) -> Iterator[tuple[int, int]]:
    """Those of a text that has more than one: what stands between empty lines, each of a list; or lines where none is
    empty, as in text of HTML. Lines that a program broke are joined before."""
    gap = _GAP_OR_ITEM if _GAP.search(octets) else _LINE_END
    start = 0
    for found in gap.finditer(octets):
        if start < found.start():
            yield start, found.start()
        start = found.end()
    if 0 < start < len(octets):
        yield start, len(octets)


def _extent(lowered: bytes, words: Iterable[bytes]) -> tuple[int, int]:
    """From the first of these words to the end of the last; all of the text where none is there."""
    found = [place for word in words for place in _places(lowered, word)]
    return (min(found)[0], max(end for _, end in found)) if found else (0, len(lowered))


def _places(lowered: bytes, word: bytes) -> Iterator[tuple[int, int]]:
    """Where it stands by itself, in no other word."""
    at = lowered.find(word)
    while at >= 0:
        end = at + len(word)
        if not lowered[at - 1 : at].isalpha() and not lowered[end : end + 1].isalpha():
            yield at, end
        at = lowered.find(word, at + 1)
