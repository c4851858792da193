"""From detector declarations to a names stage: one model in memory for all the detectors that name it."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Segment, Span
from gateway.detect.names.base import NOWHERE, Elsewhere, Mark, Names, Tagger
from gateway.detect.names.stage import NamesStage


class _Later:
    """A tagger that is loaded when the first text asks for it, unless it is to be had elsewhere. Raises SetupError."""

    def __init__(self, model: Path, digest: str, elsewhere: Elsewhere | None) -> None:
        self._made_of = (model, digest)
        self._elsewhere = elsewhere
        self._tagger: Tagger | None = None

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        if not texts:
            return []
        if self._tagger is None and self._elsewhere is not None:
            marks = self._elsewhere.tag(*self._made_of, texts)
            if marks is not None:
                return marks
        if self._tagger is None:
            self._tagger = _tagger(*self._made_of, many=False)
        return self._tagger.tag(texts)


class _Several:
    """Stages one after another; each sees what patterns and lists found, none what the others did."""

    def __init__(self, stages: Sequence[Names]) -> None:
        self._stages = stages

    def detect(
        self,
        segments: Sequence[Segment],
        found: Sequence[Finding],
        limits: Limits,
        half_read: Collection[int] = (),
        doubtful: Mapping[int, Sequence[Span]] = NOWHERE,
    ) -> tuple[list[Finding], list[DetectorFailure], list[Finding]]:
        findings: list[Finding] = []
        overlapped: list[Finding] = []
        failures: list[DetectorFailure] = []
        for stage in self._stages:
            more, failed, beside = stage.detect(segments, found, limits, half_read, doubtful)
            findings += more
            failures += failed
            overlapped += beside
        return findings, failures, overlapped


def _tagger(model: Path, digest: str, *, many: bool = True) -> Tagger:
    from gateway.detect.names.nlp import build_tagger  # the libraries of the model: seconds

    return build_tagger(model, digest, many=many)


def build_names(
    specs: Sequence[DetectorSpec],
    fingerprint_key: bytes,
    anywhere: frozenset[str] = frozenset(),
    *,
    later: bool = False,
    elsewhere: Elsewhere | None = None,
    reads_passages: bool = False,
) -> Names:
    """Load the models that the specs name; entities of `anywhere` are looked for in all text.

    `later`: each is loaded when the first text needs it, where it is not to be had `elsewhere`. Raises SetupError where
    a model is not there or not the one of its card. `reads_passages`: what is found before comes from a classifier too.
    """
    by_model: dict[tuple[Path, str], list[DetectorSpec]] = {}
    for spec in specs:
        path = (Path(spec.file).parent / spec.model).resolve()
        by_model.setdefault((path, spec.model_digest), []).append(spec)
    stages = [
        NamesStage(
            group,
            _Later(*model, elsewhere) if later else _tagger(*model),
            fingerprint_key=fingerprint_key,
            anywhere=anywhere,
            reads_passages=reads_passages,
        )
        for model, group in by_model.items()
    ]
    return stages[0] if len(stages) == 1 else _Several(stages)
