"""The search of one text: what detectors stand by in it.

One Hyperscan pass for what can occur, RE2 for where (a pattern that says nothing without context is asked for only
where some occurs, and only near it), then what the detector declares: exclusions, validator, context words, confidence.
The words of lists and of context take one pass together, then formats and tables are read by their shape.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from threading import Lock

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.detect.care.classifier import READ, Classifier
from gateway.detect.care.messages import is_of_work
from gateway.detect.care.sentences import Sentences
from gateway.detect.grading import Grade, score
from gateway.detect.judging import Candidate, judged, told
from gateway.detect.nearness import Nearness
from gateway.detect.patterns import prefilters
from gateway.detect.plan import Waiting, asks, planned
from gateway.detect.ready import made_ready, needs_context
from gateway.detect.remembered import PAGE, Known, Remembered
from gateway.detect.structures import READERS
from gateway.detect.tally import Tallies
from gateway.detect.text import FoldedText, WholeText
from gateway.detect.vocabulary import Vocabulary

_BY_PLACE = Grade(Confidence.HIGH, score(Confidence.HIGH))  # what the field of a structure says


class Search:
    """These detectors, compiled, for one process; the scans of several threads take turns.

    Raises RefusedPattern for a regex that RE2 does not take, KeyError for an unknown validator. `later`: regexes are
    compiled when the first text needs them.
    """

    def __init__(self, specs: Sequence[DetectorSpec], *, later: bool) -> None:
        self._detectors = tuple(made_ready(spec, later=later) for spec in specs)
        self._by_entity = {spec.entity: spec for spec in sorted(specs, key=_stands_for)}
        self._plan = planned(self._detectors, later=later)
        self._prefilter, self._prefilter_of_signs, self._prefilter_of_waiting = prefilters(
            self._plan.sought,
            [Pattern("sign", sign) for sign, _ in READERS],
            [pattern.spec for _, pattern in self._plan.waiting],
        )
        lexicons = [detector.lexicon for detector in self._detectors if detector.lexicon is not None]
        self._vocabulary = Vocabulary(chain(self._plan.doors.words, *(lexicon.words for lexicon in lexicons)))
        self._pages: Remembered[Candidate] = Remembered()
        self._lines: Remembered[Candidate] = Remembered()  # apart, so that no number of subjects pushes out a page
        self._lock = Lock()

    def candidates(self, text: WholeText, tallies: Tallies) -> Iterable[Candidate]:
        """What the detectors stand by in one text, looked for or remembered: the same text gives the same."""
        if not text.lines.octets:
            return ()
        remembered = self._pages if len(text.lines.octets) >= PAGE else self._lines
        digest = remembered.digest(text.lines.octets)
        known = remembered.get(digest)
        if known is not None and tallies.spend(known.used):
            return known.places
        before = tallies.left()
        found = tuple(self._looked_for(text, tallies))
        if not tallies.exhausted:
            remembered.put(digest, Known(found, tallies.used_since(before)))
        return found

    def all_passages_found(self, text: FoldedText, tallies: Tallies) -> bool:
        """Else what stands elsewhere in the text may be about somebody's care all the same."""
        spent = (tallies[d.spec.id].exhausted for d in self._detectors if d.classifier is not None)
        notes = self._of_notes()  # what reads sentences says nothing of those that it does not speak for
        can_tell = (classifier.can_tell(text.octets) for classifier in notes)
        return bool(notes) and len(text.octets) <= READ and not any(spent) and all(can_tell)

    def passages(self, text: FoldedText) -> list[tuple[int, int]]:
        """Bytes of the passages that tell of somebody's care, by every classifier."""
        return [(p.start, p.end) for classifier in self._classifiers() for p in classifier.passages(text.octets)]

    def doubts(self, text: FoldedText) -> list[tuple[int, int]]:
        """Bytes of a note, or of paragraphs, of which a classifier is not sure that they tell of nobody's care."""
        return sorted({place for classifier in self._of_notes() for place in classifier.doubts(text.octets)})

    def is_of_care(self, texts: Sequence[bytes]) -> bool:
        """Whether a paragraph or sentence of these folded texts tells of somebody's care, whatever the others say."""
        return any(any(map(classifier.insists, texts)) for classifier in self._classifiers())

    def is_of_work(self, texts: Sequence[bytes]) -> bool:
        """Whether by the words of a message, in all of its folded texts, nobody in it is cared for."""
        classifiers = self._of_notes()
        return bool(classifiers) and all(is_of_work(classifier, texts) for classifier in classifiers)

    def _classifiers(self) -> list[Classifier | Sentences]:
        return [detector.classifier for detector in self._detectors if detector.classifier is not None]

    def _of_notes(self) -> list[Classifier]:
        return [classifier for classifier in self._classifiers() if isinstance(classifier, Classifier)]

    def _looked_for(self, whole: WholeText, tallies: Tallies) -> Iterator[Candidate]:
        text = whole.joined
        with self._lock:
            present = self._vocabulary.of(text.octets)
            occurring = [*self._prefilter.of(text.octets), *self._plan.doors.open(present)]
            near = Nearness(text, self._plan.gates, frozenset(occurring))
            for candidate in self._of_words_and_patterns(text, present, occurring, tallies, near):
                near.add(
                    candidate.spec.groups & self._plan.groups,
                    candidate.start,
                    candidate.end,
                    candidate.grade.confidence,
                )
                yield candidate
            signs = occurring if text is whole.lines else self._signs(whole.lines)
        yield from self._of_structures(whole.lines, signs, tallies)

    def _signs(self, lines: FoldedText) -> list[int]:
        """What of formats occurs in a text with its lines as they stand, by the numbers of the plan."""
        numbers = list(self._plan.readers)
        return [numbers[index] for index in self._prefilter_of_signs.of(lines.octets)]

    def _of_words_and_patterns(
        self, text: FoldedText, present: frozenset[bytes], occurring: list[int], tallies: Tallies, near: Nearness
    ) -> Iterator[Candidate]:
        """Those that ask what was found near them come last."""
        for detector in self._detectors:
            if detector.lexicon is not None:
                term = Pattern("term", "", detector.spec.confidence, detector.spec.confidence)
                spans = detector.lexicon.spans(text.octets, present)
                yield from judged(detector, term, text, spans, tallies[detector.spec.id], near)
        waiting = Waiting(self._plan, self._prefilter_of_waiting, text.octets, near, occurring)
        alone = [self._plan.steps[index] for index in occurring if index in self._plan.steps]
        for asking in (False, True):
            if asking:
                yield from self._of_passages(text, tallies, near)
            for detector, pattern in chain((step for step in alone if asks(step) == asking), waiting.open(asking)):
                search = detector.context if needs_context(pattern.spec) else None
                spans = pattern.spans(text.octets) if search is None else near.spans(search, pattern)
                yield from judged(detector, pattern.spec, text, spans, tallies[detector.spec.id], near)
        for expression in near.unfinished():
            for detector in self._detectors:
                if detector.context and detector.context.expression == expression:
                    tallies[detector.spec.id].exhausted = True

    def _of_passages(self, text: FoldedText, tallies: Tallies, near: Nearness) -> Iterator[Candidate]:
        """Passages that tell of somebody's care: after what is known by name, before those that ask for company."""
        for detector in self._detectors:
            if detector.classifier is not None:
                yield from told(detector.spec, detector.classifier, text, tallies[detector.spec.id], near)

    def _of_structures(self, text: FoldedText, occurring: list[int], tallies: Tallies) -> Iterator[Candidate]:
        """What fields and columns say; stated by the detector of its entity, if one is there."""
        for reader in (self._plan.readers[index] for index in occurring if index in self._plan.readers):
            for value in reader(text.octets):
                spec = self._by_entity.get(value.entity)
                if spec is None:
                    continue
                tally = tallies[spec.id]
                if tally.findings <= 0:
                    tally.exhausted = True
                    continue
                tally.findings -= 1
                yield Candidate(spec, value.start, value.end, _BY_PLACE, (value.why,), of_lines=True)


def _stands_for(spec: DetectorSpec) -> tuple[bool, str]:
    """The last one of an entity states what a structure says of it: one of patients, where there is one."""
    return "patient-identifier" in spec.groups, spec.id
