"""An inspection as a worker answers it, and a configuration in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.config import load_config
from gateway.core.detector import Confidence
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.message import Ambiguity, AmbiguousReason, Opaque, OpaqueReason, Place, Span
from gateway.core.verdict import Action, Disposition, Method, Outcome, RuleHit, Step, Verb, Verdict
from gateway.quarantine import FoundEntity, NewItem
from gateway.wiring.stored import Stored, opened
from tests.makers.called import MESSAGE, Call
from tests.makers.inspected import Inspected


def finding(part: str = "1", start: int = 0, entity: str = "US_SSN", place: Place = Place.BODY) -> Finding:
    return Finding(
        entity=entity,
        groups=frozenset(),
        detector="us-ssn",
        confidence=Confidence.HIGH,
        score=0.95,
        part_path=part,
        place=place,
        segment=0,
        span=Span(start, start + 11),
        masked="***-**-6789",
        value="canary-value",
        fingerprint="f1",
        why=("pattern dashed",),
    )


@pytest.fixture
def make_finding() -> Callable[..., Finding]:
    """Findings by part, start, entity and place."""
    return finding


@pytest.fixture
def inspected() -> Inspected:
    """One of everything."""
    hit = RuleHit(
        rule="hipaa-phi-external",
        area="hipaa",
        title="PHI",
        severity="high",
        status="enforce",
        recipients=("a@x.test",),
        actions=(Action(Verb.NOTIFY), Action(Verb.ENCRYPT)),
    )
    outcomes = (
        Outcome("a@x.test", Disposition.QUARANTINE, hit.actions, (hit.rule,), Method.SMIME),
        Outcome("b@x.test", Disposition.DELIVER),
    )
    steps = (
        Step(hit.rule, "a@x.test", "at least 1 of PHI is found", held=True, seen="2 findings"),
        Step(hit.rule, "b@x.test", "the recipient is outside", held=False, seen="inside"),
    )
    return Inspected(
        Verdict(Disposition.QUARANTINE, "sha256:aa", outcomes, (hit,), steps),
        (finding("1.10"), finding("1.2", 40), finding("1.2", 7)),
        (Opaque("1.3", OpaqueReason.ENCRYPTED_ARCHIVE),),
        (Ambiguity("1", AmbiguousReason.CHARSET),),
        (DetectorFailure("us-ssn", FailureKind.TIMEOUT),),
        {"parse": 0.0012345678},
    )


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A gatepost.yaml whose store is in a folder of the test."""
    file = tmp_path / "gatepost.yaml"
    file.write_text("store: {folder: state}\npostfix: {submit-port: 1}\nworkers: {count: 1}\n")
    return file


@pytest.fixture
def call(settings: Path) -> Call:
    """Run a command with the configuration of the test; `typed` goes to standard input."""

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, [*words, "--config", str(settings)], input=typed)

    return run


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a wide terminal, whose name is known."""
    monkeypatch.setenv("SUDO_USER", "pat")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def stored(settings: Path, call: Call) -> Iterator[Stored]:
    """Keys, an empty quarantine and an audit log."""
    assert call("keys", "init").exit_code == 0
    with opened(load_config(settings, {}), {}) as stored:
        yield stored


@pytest.fixture
def held(stored: Stored) -> str:
    """The id of one held message."""
    new = NewItem(
        id="20261122-aaaa",
        incident="20261122-inc",
        mail_from="nurse@clinic.example",
        recipients=("a@outside.example", "b@outside.example"),
        severity="high",
        policy_digest="sha256:aa",
        rules=("hipaa-phi-external",),
        areas=("hipaa",),
        findings=(FoundEntity("US_SSN", 2, ("***-**-6789",)),),
    )
    return stored.quarantine.put(new, [MESSAGE])
