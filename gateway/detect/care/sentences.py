"""Does one sentence tell of the care of somebody, whatever the mail around it is about?

"Bertrand is back on Monday, his new hip permitting" drowns in a mail about a forklift, which a note's classifier weighs
as a whole. So each sentence is weighed by itself, by weights and a network of its own: trained on single sentences, of
ordinary mail and of mail in which somebody's care is told of in passing (models/care-classifier). It speaks for
sentences that it is sure of, and never against anything: what it does not find another may.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, repeat

from gateway.detect.care.classifier import ANY_SENTENCE, LETTERS, NOTE, READ, Classifier, Passage, shown_of
from gateway.detect.care.reading import sentences_of

SURE = 100  # score from which on a sentence tells of somebody's care, in hundredths
SURE_OF_LONG = 270  # and one of a text longer than a note, which has more of them
WITH_A_TERM = 100  # below them: what is enough where an illness or a drug is named in it
_WORTH_READING = -150  # what its words have to say, that the network is asked
_BY_PAIRS = 700  # what pairs of words mostly add to a sentence
_FEWEST = 3  # words of it that have a weight
_TOGETHER = 32  # sentences that the network reads at once
_ZEROS = repeat(0)
_SAID = re.compile(rb"(?s)[0-9A-Za-z].*[0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Sentences:
    """A classifier that is asked of each sentence."""

    classifier: Classifier

    def passages(self, octets: bytes) -> Iterator[Passage]:
        """Sentences that tell of somebody's care, in order; also those that do if there is known health content in
        them, which are not sure."""
        if len(octets) > NOTE and ANY_SENTENCE.search(octets[:READ]) is None:
            return  # a table of numbers and single words: nothing in it can be read
        mark = SURE if len(octets) <= NOTE else SURE_OF_LONG
        worth = filter(None, (self._by_words(octets, start, end) for start, end in sentences_of(octets[:READ])))
        while some := dict(islice(worth, _TOGETHER)):
            for sentence in self.classifier.read_in_order(list(some.values()), list(some)):
                if sentence.score >= mark - WITH_A_TERM:
                    yield replace(sentence, sure=sentence.score >= mark, personal=True)

    def insists(self, octets: bytes) -> bool:
        """Whether there is one that is sure."""
        return any(sentence.sure for sentence in self.passages(octets))

    def _by_words(self, octets: bytes, start: int, end: int) -> tuple[Passage, bytes] | None:
        """A sentence with what its words say, and these; None where that is too little, or too much against care."""
        said = octets[start:end]
        weights, bias = self.classifier.weights, self.classifier.bias
        spoken = said.translate(LETTERS).split()
        if sum(map(weights.get, spoken, _ZEROS)) < (_WORTH_READING - bias) * len(spoken) ** 0.5 - _BY_PAIRS:
            return None
        words, told, score = self.classifier.weighed(said)
        if score < _WORTH_READING or sum(map(weights.__contains__, words)) < _FEWEST:
            return None
        low, high = _extent(said)
        return Passage(start + low, start + high, score, shown_of(told)), said


def _extent(said: bytes) -> tuple[int, int]:
    """From the first to the last letter or digit; without a greeting or another short line that stood before it."""
    line = said.rstrip().rfind(b"\n") + 1
    is_apart = len(said[:line].split()) < _FEWEST <= len(said[line:].split())  # else a title ended the line before
    found = _SAID.search(said, line if is_apart else 0)
    return found.span() if found else (0, len(said))
