"""A made-up model of names, and what the names stage makes of its marks."""

import re
from collections.abc import Sequence

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect.names import Mark
from gateway.detect.names.stage import NamesStage

PATIENT = "patient-identifier"
SPEC = DetectorSpec("people", "PERSON", "people", frozenset({PATIENT, "person"}), engine="names", labels=("PER",))
STREET = DetectorSpec(
    "streets", "STREET_ADDRESS", "streets", frozenset({PATIENT, "location"}), engine="names", labels=("ADR",)
)
CARE = DetectorSpec("houses", "FACILITY", "houses", frozenset({"facility"}), engine="names", labels=("FAC",))
LABELS = (
    ("PER", re.compile(r"Ann?a(?: [A-Z][a-z]+)?|Bo(?: Silva)?|DOE, JANE|Foley|Crohn|anna|quick|C\.T\.")),
    ("ADR", re.compile(r"\d+ Elm St")),
    ("FAC", re.compile(r"Mercy Hospital")),
)


class Words:
    """Marks the names of these tests; remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def tag(self, texts: Sequence[str]) -> list[tuple[Mark, ...]]:
        self.shown.extend(texts)
        return [
            tuple(Mark(*m.span(), label) for label, words in LABELS for m in words.finditer(text)) for text in texts
        ]


def known(text: str, value: str, entity: str, group: str, segment: int = 0) -> list[Finding]:
    """What patterns would have found: every place of a value."""
    spans = [Span(*m.span()) for m in re.finditer(re.escape(value), text)]
    return [
        Finding(
            entity,
            frozenset({group}),
            entity.lower(),
            Confidence.MEDIUM,
            0.75,
            "1",
            Place.BODY,
            segment,
            span,
            "***",
            value,
        )
        for span in spans
    ]


def detect(
    text: str, *headers: tuple[str, str], spec: DetectorSpec = SPEC, more: Sequence[DetectorSpec] = ()
) -> list[Finding]:
    segments = [Segment("1", Place.BODY, text), *(Segment("1", Place.HEADER, v, header=h) for h, v in headers)]
    found = known(text, "asthma", "HEALTH_TERM", "health") + known(text, "Crohn's disease", "HEALTH_TERM", "health")
    found += known(text, "MRN 4711", "MEDICAL_RECORD_NUMBER", PATIENT)
    findings, failures, _ = NamesStage([spec, *more], Words()).detect(segments, found, Limits())
    assert failures == []
    return findings


def patients_of(findings: Sequence[Finding]) -> list[str]:
    return [f.value for f in findings if PATIENT in f.groups and f.confidence >= Confidence.MEDIUM]
