"""Which known forms a message carries, filled in or blank."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.errors import SetupError
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, View
from gateway.detect.forms.phrases import MOST_WORDS, count_words, extent, phrases_of_text
from gateway.detect.forms.shelf import BlankForm, ShelfRefused, read_forms
from gateway.detect.grading import score
from gateway.detect.masking import fingerprint, mask
from gateway.detect.text import FoldedText, fold

_SURE = 85  # percent of a form
_READ = frozenset({Place.BODY, Place.ATTACHMENT})
_SLACK = 0.02  # of a form's words that a text may have besides without anything being filled in
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Read:
    """What one part says, over all of its texts."""

    texts: Mapping[int, FoldedText]
    phrases: Mapping[int, set[int]]
    words: int

    def share(self, form: BlankForm) -> int:
        """Percent of a form's phrases that are there."""
        there = set().union(*(form.phrases & found for found in self.phrases.values()))
        return 100 * len(there) // len(form.phrases)

    def fullest(self, form: BlankForm) -> int:
        return max(self.phrases, key=lambda index: (len(form.phrases & self.phrases[index]), -index))


class FormsStage:
    """All detectors of forms."""

    def __init__(self, specs: Sequence[DetectorSpec], fingerprint_key: bytes) -> None:
        """Raises SetupError."""
        self._key = fingerprint_key
        self._detectors = [(spec, forms_for(spec)) for spec in specs]

    def detect(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]:
        """One finding for each form in each part. More words or findings than are looked at are a failure too."""
        parts, complete = _read(segments)
        findings = [
            self._finding(spec, form, share, part, segments)
            for part in parts
            for spec, forms in self._detectors
            for form in forms
            if (share := part.share(form)) >= spec.threshold
        ]
        complete = complete and len(findings) <= limits.findings
        failures = [] if complete else [DetectorFailure(spec.id, FailureKind.LIMIT) for spec, _ in self._detectors]
        return findings[: limits.findings], failures

    def _finding(
        self, spec: DetectorSpec, form: BlankForm, share: int, part: _Read, segments: Sequence[Segment]
    ) -> Finding:
        index = part.fullest(form)
        text, segment = part.texts[index], segments[index]
        span = text.span(*extent(text.octets, form.phrases))
        value = segment.text[span.start : span.end]
        blank = part.words - form.words <= max(_FEW_WORDS, _SLACK * form.words)
        confidence = min(_confidence(share, blank=blank), spec.confidence)
        return Finding(
            entity=spec.entity,
            groups=spec.groups,
            detector=spec.id,
            confidence=confidence,
            score=score(confidence, in_context=True),
            part_path=segment.part_path,
            place=segment.place,
            segment=index,
            span=span,
            masked=mask(value, spec.mask),
            value=value,
            fingerprint=fingerprint(self._key, spec.entity, form.name),
            why=(
                f"the form {form.name}: {share} % of its {len(form.phrases)} phrases are there",
                "nothing seems to be filled in" if blank else f"and {part.words - form.words} words besides",
            ),
        )


def forms_for(spec: DetectorSpec) -> tuple[BlankForm, ...]:
    """The forms that a detector asks for, all where it names none. Raises SetupError."""
    place = f"{spec.file}:{spec.line}:1: {spec.id}: the forms of {spec.index}"
    try:
        forms, _ = read_forms(Path(spec.file).parent / spec.index)
    except ShelfRefused as refused:
        raise SetupError(f"{place}: {refused}") from None
    wanted = tuple(form for form in forms if not spec.forms or form.name in spec.forms)
    if missing := set(spec.forms) - {form.name for form in wanted}:
        raise SetupError(f"{place}: there is none named {', '.join(sorted(missing))}")
    return wanted


def _read(segments: Sequence[Segment]) -> tuple[list[_Read], bool]:
    """Each part once, of its whole text where there is one, and whether all of it was looked at."""
    whole = {(s.part_path, s.place) for s in segments if s.view is View.VISIBLE}
    parts: dict[str, dict[int, FoldedText]] = {}
    for index, segment in enumerate(segments):
        hidden = segment.view is View.ALL and (segment.part_path, segment.place) in whole
        if segment.place in _READ and segment.text and not hidden:
            parts.setdefault(segment.part_path, {})[index] = fold(segment.text)
    read = [(texts, sum(count_words(text.octets) for text in texts.values())) for texts in parts.values()]
    kept = list(_within(read))
    return kept, len(kept) == len(read)


def _within(read: Sequence[tuple[dict[int, FoldedText], int]]) -> Iterator[_Read]:
    left = MOST_WORDS
    for texts, words in read:
        left -= words
        if left >= 0:
            yield _Read(texts, {index: phrases_of_text(text.octets) for index, text in texts.items()}, words)


def _confidence(share: int, *, blank: bool) -> Confidence:
    if blank:
        return Confidence.LOW
    return Confidence.HIGH if share >= _SURE else Confidence.MEDIUM
