"""The shipped detectors, built once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.load import load_detectors

Detect = Callable[[str], list[Finding]]
FOLDER = Path(__file__).parents[3] / "rules" / "detectors"


@pytest.fixture(scope="session")
def shipped() -> tuple[DetectorSpec, ...]:
    """Every detector of the repository; a fault in one fails every test that asks."""
    faults: list[Fault] = []
    specs = load_detectors(FOLDER, faults)
    assert [str(fault) for fault in faults] == []
    return specs


@pytest.fixture(scope="session")
def shipped_engine(shipped: tuple[DetectorSpec, ...]) -> Engine:
    """Patterns and word lists; the tests of names have an engine with the model too."""
    return Engine([spec for spec in shipped if not spec.engine], fingerprint_key=b"k" * 32)


@pytest.fixture(scope="session")
def names_engine(shipped: tuple[DetectorSpec, ...]) -> Engine:
    """All of it, the language model included."""
    return Engine(shipped, fingerprint_key=b"k" * 32)


@pytest.fixture
def detect(shipped_engine: Engine) -> Detect:
    """Findings of all shipped detectors in one body text."""

    def run(text: str) -> list[Finding]:
        detection = shipped_engine.detect([Segment("1", Place.BODY, text)], Limits())
        assert detection.failures == ()
        return list(detection.findings)

    return run
