"""From detector declarations to a names stage: one model in memory for all the detectors that name it."""

from collections.abc import Collection, Sequence
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Segment
from gateway.detect.names.base import Mark, Names, Tagger
from gateway.detect.names.card import configuration_digest, is_configuration, verified
from gateway.detect.names.stage import NamesStage


class _Later:
    """A tagger that is loaded when the first text asks for it. Raises SetupError then."""

    def __init__(self, model: Path, digest: str) -> None:
        self._made_of = (model, digest)
        self._tagger: Tagger | None = None

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        if not texts:
            return []
        if self._tagger is None:
            self._tagger = _tagger(*self._made_of)
        return self._tagger.tag(texts)


class _Several:
    """Stages one after another; each sees what patterns and lists found, none what the others did."""

    def __init__(self, stages: Sequence[Names]) -> None:
        self._stages = stages

    def detect(
        self, segments: Sequence[Segment], found: Sequence[Finding], limits: Limits, half_read: Collection[int] = ()
    ) -> tuple[list[Finding], list[DetectorFailure], list[Finding]]:
        findings: list[Finding] = []
        overlapped: list[Finding] = []
        failures: list[DetectorFailure] = []
        for stage in self._stages:
            more, failed, beside = stage.detect(segments, found, limits, half_read)
            findings += more
            failures += failed
            overlapped += beside
        return findings, failures, overlapped


_preloaded: dict[tuple[Path, str], Tagger] = {}


def preload(model: Path) -> None:
    """Load a model that detectors are likely to name. Raises SetupError."""
    digest = configuration_digest(model) if is_configuration(model) else verified(model)
    _preloaded[model, digest] = _tagger(model, digest)


def _tagger(model: Path, digest: str) -> Tagger:
    if (model, digest) in _preloaded:
        return _preloaded[model, digest]
    from gateway.detect.names.nlp import build_tagger  # the libraries of the model: seconds

    return build_tagger(model, digest)


def build_names(
    specs: Sequence[DetectorSpec],
    fingerprint_key: bytes,
    anywhere: frozenset[str] = frozenset(),
    *,
    later: bool = False,
    reads_passages: bool = False,
) -> Names:
    """Load the models that the specs name; entities of `anywhere` are looked for in all text.

    `later`: each is loaded when the first text needs it. Raises SetupError where a model is not there or not the one
    of its card. `reads_passages`: what is found before comes from a classifier too.
    """
    by_model: dict[tuple[Path, str], list[DetectorSpec]] = {}
    for spec in specs:
        path = (Path(spec.file).parent / spec.model).resolve()
        by_model.setdefault((path, spec.model_digest), []).append(spec)
    tagger = _Later if later else _tagger
    stages = [
        NamesStage(
            group,
            tagger(*model),
            fingerprint_key=fingerprint_key,
            anywhere=anywhere,
            reads_passages=reads_passages,
        )
        for model, group in by_model.items()
    ]
    return stages[0] if len(stages) == 1 else _Several(stages)
