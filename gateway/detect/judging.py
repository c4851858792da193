"""What a detector makes of a value: it stands by it or not, with what confidence and for what reasons."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.detect.care.classifier import Classifier
from gateway.detect.care.sentences import Sentences
from gateway.detect.grading import Grade, grade, score, stated
from gateway.detect.nearness import Nearness
from gateway.detect.ready import ReadyDetector
from gateway.detect.tally import Tally
from gateway.detect.text import FoldedText

HEALTH = "health"  # group of what a classifier's passage may have in it
_LABEL = 60  # bytes before a value that can be its label
_ANSWERS = {True: "valid", False: "not valid", None: "cannot say"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a detector stands by, before it is compared with others. `start` and `end` are bytes.

    `of_lines`: of the text with its lines as they stand; else of that with broken lines joined.
    """

    spec: DetectorSpec
    start: int
    end: int
    grade: Grade
    why: tuple[str, ...]
    of_lines: bool = False


def judged(
    detector: ReadyDetector,
    pattern: Pattern,
    text: FoldedText,
    spans: Iterator[tuple[int, int]],
    tally: Tally,
    nearness: Nearness,
) -> Iterator[Candidate]:
    """The values worth stating, as long as the tally lasts."""
    for start, end in spans:
        if tally.looks <= 0:
            tally.exhausted = True
            return
        tally.looks -= 1
        candidate = _judge(detector, pattern, text, (start, end), nearness)
        if candidate is None:
            continue
        if tally.findings <= 0:
            tally.exhausted = True
            return
        tally.findings -= 1
        yield candidate


def told(
    spec: DetectorSpec, classifier: Classifier | Sentences, text: FoldedText, tally: Tally, near: Nearness
) -> Iterator[Candidate]:
    """The passages that a classifier takes for telling of somebody's care; in doubt a known term in one helps."""
    for passage in classifier.passages(text.octets):
        known = passage.personal and not passage.sure and near.holds(HEALTH, passage.start, passage.end)
        if isinstance(classifier, Sentences) and not (passage.sure or known):
            continue
        if tally.findings <= 0:
            tally.exhausted = True
            return
        tally.findings -= 1
        confidence = min(spec.confidence, Confidence.MEDIUM if known or passage.sure else Confidence.LOW)
        why = [f"words of {spec.classifier}: {', '.join(map(repr, passage.words))}"]
        why += ["one sentence tells it by itself"] if isinstance(classifier, Sentences) else []
        if (read := passage.read) is not None:
            why.append(f"read in its order it speaks {'for' if read > 0 else 'against'} care ({read / 100:+.1f})")
        why += ["it has known health content"] if known else []
        why.append(f"{confidence.word}: score {passage.score / 100:.1f}")
        yield Candidate(spec, passage.start, passage.end, Grade(confidence, score(confidence)), tuple(why))


def _judge(
    detector: ReadyDetector, pattern: Pattern, text: FoldedText, span: tuple[int, int], nearness: Nearness
) -> Candidate | None:
    start, end = span
    value = text.octets[start:end]
    if any(exclude.compiled.fullmatch(value) for exclude in detector.exclude) or _is_another(detector, text, start):
        return None
    valid = detector.validator(text.text(start, end)) if detector.validator else None
    near = nearness.words(detector.context, start, end)
    graded = grade(pattern, in_context=bool(near), valid=valid)
    if graded is None:
        return None
    why = [f"pattern {pattern.name}" if pattern.regex else f"a term of {detector.spec.lexicon or 'the word list'}"]
    if near:
        why.append(near)
    if detector.validator:
        why.append(f"validator {detector.spec.validator}: {_ANSWERS[valid]}")
    why.append(stated(graded.confidence, in_context=bool(near), valid=valid))
    if graded.confidence > Confidence.LOW and (against := nearness.words(detector.against, start, end)):
        why.append(f"worth little: {against}")
        graded = Grade(Confidence.LOW, score(Confidence.LOW))
    return Candidate(detector.spec, start, end, graded, tuple(why))


def _is_another(detector: ReadyDetector, text: FoldedText, start: int) -> bool:
    """Whether the label of something else stands right before a value."""
    if detector.not_after is None:
        return False
    return detector.not_after.compiled.search(text.octets[max(0, start - _LABEL) : start]) is not None
