"""From detector declarations to a names stage: one model in memory for all the detectors that name it."""

from collections.abc import Sequence
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.message import Segment
from gateway.detect.names.base import Names
from gateway.detect.names.nlp import build_tagger
from gateway.detect.names.stage import NamesStage


class _Several:
    """Stages one after another; each sees what patterns and lists found, none what the others did."""

    def __init__(self, stages: Sequence[Names]) -> None:
        self._stages = stages

    def detect(
        self, segments: Sequence[Segment], found: Sequence[Finding]
    ) -> tuple[list[Finding], list[DetectorFailure]]:
        findings: list[Finding] = []
        failures: list[DetectorFailure] = []
        for stage in self._stages:
            more, failed = stage.detect(segments, found)
            findings += more
            failures += failed
        return findings, failures


def build_names(specs: Sequence[DetectorSpec], fingerprint_key: bytes, anywhere: frozenset[str] = frozenset()) -> Names:
    """Load the models that the specs name; entities of `anywhere` are looked for in all text.

    Raises SetupError where a model is not there or not the one of its card.
    """
    by_model: dict[tuple[Path, str], list[DetectorSpec]] = {}
    for spec in specs:
        path = (Path(spec.file).parent / spec.model).resolve()
        by_model.setdefault((path, spec.model_digest), []).append(spec)
    stages = [
        NamesStage(group, build_tagger(*model), fingerprint_key=fingerprint_key, anywhere=anywhere)
        for model, group in by_model.items()
    ]
    return stages[0] if len(stages) == 1 else _Several(stages)
