"""Samples, findings and verdicts in one line each."""

from collections.abc import Callable, Sequence

import pytest

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Place, Span
from gateway.core.verdict import Disposition, RuleHit, Verdict
from gateway.evaluate.sample import Expected, Sample, message_of
from tests.makers.inspected import Inspected


def _hit(area: str, status: str) -> RuleHit:
    return RuleHit(f"{area}-rule", area, "A rule", "high", status, ("a@outside.example",), ())


@pytest.fixture
def inspected() -> Callable[..., Inspected]:
    """Findings, and the areas whose rules act; `monitored` are areas whose rules only look."""

    def make(*findings: Finding, areas: Sequence[str] = (), monitored: Sequence[str] = ()) -> Inspected:
        hits = tuple(_hit(area, "enforce") for area in areas) + tuple(_hit(area, "monitor") for area in monitored)
        return Inspected(Verdict(Disposition.DELIVER, "sha256:0", (), hits), findings)

    return make


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """A finding of an entity at a place in the body of the message."""

    def make(
        entity: str,
        start: int,
        end: int,
        confidence: Confidence = Confidence.HIGH,
        groups: Sequence[str] = ("patient-identifier",),
    ) -> Finding:
        return Finding(
            entity=entity,
            groups=frozenset(groups),
            detector="made-up",
            confidence=confidence,
            score=0.9,
            part_path="1",
            place=Place.BODY,
            segment=0,
            span=Span(start, end),
            masked="***",
        )

    return make


@pytest.fixture
def sample() -> Callable[..., Sample]:
    """A text with its labels; a label is (kind, start, end) and "?" before the kind makes it optional."""

    def make(text: str, *labels: tuple[str, int, int], protected: bool | None = None) -> Sample:
        expected = tuple(
            Expected(kind.removeprefix("?"), Span(start, end), optional=kind.startswith("?"))
            for kind, start, end in labels
        )
        return Sample("s1", message_of(text), text, expected, protected)

    return make
