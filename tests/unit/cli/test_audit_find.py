"""`gatepost audit find`: a value is typed, and the messages that carried it are listed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from gateway.audit import events
from gateway.cli.exits import Exit
from gateway.config import load_config
from gateway.core.detector import Confidence
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Finding
from gateway.core.message import Place, Span
from gateway.core.verdict import Disposition, Verdict
from gateway.detect.masking import fingerprint
from gateway.wiring.stored import opened

Call = Callable[..., Result]
SSN = "219-09-9999"


@pytest.fixture
def call(call: Call) -> Call:
    """Run a command where there are keys."""
    assert call("keys", "init").exit_code == 0
    return call


@pytest.fixture
def log(call: Call, settings: Path) -> None:
    """Two messages: one with a number, a name and a day of birth, one with forty numbers."""
    with opened(load_config(settings, {}), {}) as stored:
        key = stored.keyring.derive("fingerprint")
        values = [("US_SSN", SSN), ("PERSON", "Jane Doe"), ("DATE_OF_BIRTH", "03/14/1984")]
        stored.audit.append(_decided("inc-1", key, values))
        stored.audit.append(_decided("inc-2", key, [("US_SSN", f"219-09-{n}") for n in range(9960, 10_000)]))


def _decided(incident: str, key: bytes, values: list[tuple[str, str]]) -> dict[str, object]:
    findings = [
        Finding(
            entity, frozenset(), "d", Confidence.HIGH, 0.9, "1", Place.BODY, 0, Span(0, 1), "***", value,
            fingerprint(key, entity, value),
        )
        for entity, value in values
    ]  # fmt: skip
    envelope = Envelope("dana@clinic.example", (Recipient("x@partner.example"),))
    transaction = Transaction(Session(), envelope, b"", incident=incident, received=datetime(2026, 11, 25, tzinfo=UTC))
    return events.message_decided(transaction, Verdict(Disposition.QUARANTINE, "sha256:aa", ()), findings=findings)


def incidents(result: Result) -> list[str]:
    return [json.loads(line)["incident"] for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("219 09 9999\n", ["inc-1", "inc-2"]),
        ("219-09-9960", ["inc-2"]),
        ("219-09-9995", ["inc-2"]),
        ("DOE, Jane", ["inc-1"]),
        ("14 March 1984", ["inc-1"]),
    ],
)
def test_a_value_is_found_however_it_is_written(call: Call, typed: str, found: list[str]) -> None:
    """Among the first values of a message and among the last."""
    result = call("audit", "find", "--format", "json", typed=typed)

    assert incidents(result) == found


@pytest.mark.usefixtures("log")
def test_text_has_one_line_a_message_and_not_the_value(call: Call) -> None:
    """When, which incident, what became of it, who sent it, as what the value was found."""
    result = call("audit", "find", "--entity", "PERSON", typed="Jane Doe")

    assert "  inc-1  Quarantined  dana@clinic.example  PERSON\n" in result.stdout
    assert "Doe" not in result.output


@pytest.mark.usefixtures("log")
def test_what_no_message_carried_is_said(call: Call) -> None:
    """With a code for scripts; as another entity it is another value."""
    assert call("audit", "find", typed="219-09-1111").exit_code == Exit.NOT_FOUND
    assert call("audit", "find", "--entity", "PERSON", typed=SSN).exit_code == Exit.NOT_FOUND
    assert call("audit", "find", typed=" \n").exit_code == Exit.USAGE


@pytest.mark.usefixtures("log")
def test_a_search_is_evidence_without_the_value(call: Call) -> None:
    """Who asked, and how many messages that told."""
    call("audit", "find", typed=SSN)

    last = json.loads(call("audit", "export", "--kind", "audit-searched").stdout.splitlines()[-1])

    assert last["unmapped"] == {"found": 2}
    assert SSN not in json.dumps(last)


@pytest.mark.usefixtures("log")
def test_a_fingerprint_may_be_given_in_place_of_the_value(call: Call) -> None:
    """As `explain` and the events give it."""
    event = json.loads(call("audit", "show", "inc-1", "--format", "json").stdout.splitlines()[0])
    person = next(e for e in event["unmapped"]["entities"] if e["entity"] == "PERSON")

    result = call("audit", "find", "--fingerprint", person["fingerprints"][0], "--format", "json")

    assert incidents(result) == ["inc-1"]
