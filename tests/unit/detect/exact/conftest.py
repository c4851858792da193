"""A list of made-up people, its index, and a detector that asks for columns of it."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect.exact.build import Builder, Row, Wanted
from gateway.detect.exact.kinds import KINDS_OF_COLUMNS, Ways
from gateway.detect.exact.stage import ExactStage

KEY = b"k" * 32
NAMES = ("family", "given", "born", "mrn", "phone", "street", "city", "zip", "email")
PEOPLE = (
    "de la Cruz|Ana María|1984-03-01|MRN-00123456|(555) 010-4477|12 N. Main St., #4|Springfield|12345-6789|ana@m.test",
    "O'Brien|Will|1990-12-31|00987654|555-010-1234|400 Elm Avenue|New York|10001|will.ob@mail.example",
    "Müller|Jürgen|2001-07-09|A1234567|555 010 9999|9 Long Oak Rd|Des Moines|50301|jm@mail.example",
    "May|April|1984-03-01|7700812|+44 20 7946 0018|1 High Street|Bath|20002|april@mail.example",
)
OTHERS = 200  # further rows, so that values are rare

Find = Callable[..., list[Finding]]


def written(people: Sequence[str] = PEOPLE, *, key: bytes = KEY, salt: str = "aa" * 16) -> bytes:
    """The index of these people and some others."""
    columns = [Wanted(name, KINDS_OF_COLUMNS[name]) for name in NAMES]
    with Builder(columns, key, salt, Ways()) as builder:
        for line, person in enumerate(people, start=2):
            builder.add(Row(line, dict(zip(NAMES, person.split("|"), strict=True))))
        for n in range(OTHERS):
            values = {"family": f"Fam{'abcdefghij'[n % 10]}x", "given": f"Giv{'abcde'[n % 5]}n"}
            builder.add(Row(n, {**values, "born": f"19{n % 60 + 20}-05-{n % 28 + 1:02}", "mrn": f"44{n:05}"}))
        file = io.BytesIO()
        builder.write(file, "2026-11-25T18:00:00+00:00")
    return file.getvalue()


def asking(path: Path, *columns: str, within: int = 300, enough: int = 0) -> DetectorSpec:
    """A detector for these columns."""
    return DetectorSpec(
        id="patient-record",
        entity="PATIENT_RECORD",
        title="Patient on our list",
        groups=frozenset({"patient-identifier"}),
        engine="exact",
        index=str(path),
        columns=columns,
        within=within,
        confidence=Confidence.HIGH,
        mask="all",
        enough=enough,
        file="rules/detectors/patient-record.yaml",
        line=1,
    )


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exact") / "patients.index"
    path.write_bytes(written())
    return path


@pytest.fixture
def find(index: Path) -> Find:
    """What a detector for some columns finds in a text."""

    def look(text: str, *columns: str, within: int = 300) -> list[Finding]:
        stage = ExactStage([asking(index, *columns, within=within)], KEY, b"f" * 32)
        findings, failures = stage.detect([Segment("1", Place.BODY, text)], Limits())
        assert failures == []
        return findings

    return look
