"""A detector with all that it needs to look at texts, compiled."""

from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.detector import DetectorSpec, Pattern
from gateway.detect.care.classifier import Classifier, classifier_of
from gateway.detect.care.sentences import Sentences
from gateway.detect.care.taught import network_at
from gateway.detect.context import ContextSearch, against_search, context_search
from gateway.detect.labelled import other_label
from gateway.detect.lexicon import Lexicon, as_written, lexicon_of
from gateway.detect.patterns import Regex, regex_of
from gateway.detect.validators import Validator, validator_for


@dataclass(frozen=True, slots=True)
class ReadyDetector:
    """A spec with what was compiled of it."""

    spec: DetectorSpec
    validator: Validator | None
    context: ContextSearch | None
    against: ContextSearch | None
    not_after: Regex | None = field(repr=False)
    exclude: tuple[Regex, ...] = field(repr=False)
    lexicon: Lexicon | None = field(repr=False)
    classifier: Classifier | Sentences | None = field(repr=False)


def made_ready(spec: DetectorSpec, *, later: bool) -> ReadyDetector:
    """`later`: regexes are compiled when the first text needs them."""
    return ReadyDetector(
        spec,
        validator_for(spec),
        context_search(spec.context, later=later),
        against_search(spec.context, later=later),
        regex_of(other_label(spec.context.not_after), later=later) if spec.context.not_after else None,
        tuple(regex_of(regex, later=later) for regex in spec.exclude),
        None if spec.patterns else lexicon_of(spec.lexicon_terms),
        _classifier(spec),
    )


def _classifier(spec: DetectorSpec) -> Classifier | Sentences | None:
    if not spec.classifier_weights:
        return None
    network = network_at(Path(spec.file).parent / spec.network, spec.network_digest) if spec.network else None
    classifier = classifier_of(spec.classifier_weights, network)
    return Sentences(classifier) if spec.reads == "sentences" else classifier


def patterns_of(spec: DetectorSpec) -> tuple[Pattern, ...]:
    """Those declared; of a word list, one for the terms that count only as they are written."""
    words = as_written(spec.lexicon_terms) if not spec.patterns else ()
    if not words:
        return spec.patterns
    terms = "|".join(_escaped(word) for word in sorted(words, key=lambda w: (-len(w), w)))
    regex = rf"(?:^|[^0-9A-Za-z])(?P<value>{terms})(?:[^0-9A-Za-z]|$)"
    return (Pattern("term as written", regex, spec.confidence, spec.confidence, case_sensitive=True),)


def _escaped(word: str) -> str:
    return "".join(c if c.isalnum() or c == " " else f"\\{c}" for c in word)


def needs_context(pattern: Pattern) -> bool:
    """Whether a value of it says nothing where it stands alone."""
    return pattern.alone is None and pattern.invalid_alone is None
