"""gateway.pipeline"""

import base64
import io
import itertools
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PIL import Image

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.detector import Confidence
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Also, Depth, DetectorFailure, FailureKind, Finding, Mark
from gateway.core.limits import Limits
from gateway.core.message import OpaqueReason, Place, Span
from gateway.core.plan import Notify
from gateway.core.verdict import Disposition
from gateway.detect import Engine
from gateway.pipeline import Inspection, conclude, inspect
from gateway.policy.demand import Demand
from gateway.ruleset import RuleSet

RULES = Path(__file__).parents[2] / "rules"
NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
PATIENT = b"Patient: Erika Musterfrau, DOB 03/04/1961, MRN 00482913, diagnosis E11.9 type 2 diabetes."
HEAD = b"From: Ada <ada@clinic.example>\r\nMessage-ID: <1@clinic.example>\r\nSubject: x\r\n"
OUT = "bo@partner-lab.example"
INSIDE = "in@clinic.example"


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return rules_of(RULES / "policy.yaml")


@pytest.fixture(scope="module")
def engine(ruleset: RuleSet) -> Engine:
    return Engine(ruleset.detectors)


def transaction(raw: bytes, *recipients: str) -> Transaction:
    envelope = Envelope("ada@clinic.example", tuple(map(Recipient, recipients or (OUT,))))
    return Transaction(Session(), envelope, raw, "Q1", "20260101-i")


def run(
    ruleset: RuleSet,
    engine: Engine,
    raw: bytes,
    *recipients: str,
    reveal: bool = False,
    explain: bool = False,
) -> Inspection:
    ticks = itertools.count()
    message = transaction(raw, *recipients)
    return inspect(
        message,
        ruleset.policy,
        engine,
        Limits(),
        NOTICES,
        lambda: float(next(ticks)),
        reveal=reveal,
        explain=explain,
    )


def png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (60, 60), "green").save(target, "PNG")
    return target.getvalue()


def test_patient_information_to_the_outside_is_held_and_inside_delivered(ruleset: RuleSet, engine: Engine) -> None:
    """Each recipient has an outcome of its own; the verdict says what planning came to."""
    inspection = run(ruleset, engine, HEAD + b"\r\n" + PATIENT, OUT, INSIDE)

    assert [outcome.disposition for outcome in inspection.verdict.outcomes] == [
        Disposition.QUARANTINE,
        Disposition.DELIVER,
    ]
    assert inspection.verdict.disposition is Disposition.QUARANTINE
    assert inspection.message_id == "<1@clinic.example>"
    assert inspection.size == len(HEAD + b"\r\n" + PATIENT)


def test_every_stage_is_timed_by_the_clock_given(ruleset: RuleSet, engine: Engine) -> None:
    """The clock counts one at each look, so every stage took one."""
    inspection = run(ruleset, engine, HEAD + b"\r\nhello")

    assert inspection.seconds == dict.fromkeys(("parse", "extract", "detect", "decide", "plan"), 1.0)


def test_the_ledger_says_what_was_read_of_every_part(ruleset: RuleSet, engine: Engine) -> None:
    """A picture that cannot be read is a line with the reason; the text beside it was read to its end."""
    body = b"--b\r\n\r\nhello\r\n--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\0\0\r\n--b--\r\n"
    inspection = run(ruleset, engine, HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body)
    lines = [(line.part_path, line.octets, line.read, line.unread) for line in inspection.ledger]

    assert ("1.1", 5, 5, ()) in lines
    assert ("1.2", 10, 0, (OpaqueReason.DAMAGED,)) in lines
    assert {line.part_path for line in inspection.ledger} == {"1", "1.1", "1.2"}


def test_values_and_trace_leave_only_where_they_are_asked_for(ruleset: RuleSet, engine: Engine) -> None:
    """Without `reveal` no finding has its value, without `explain` there is no trace."""
    raw = HEAD + b"\r\n" + PATIENT
    plain, told = run(ruleset, engine, raw), run(ruleset, engine, raw, reveal=True, explain=True)

    assert {finding.value for finding in plain.findings} == {""}
    assert "00482913" in {finding.value for finding in told.findings}
    assert plain.verdict.trace == ()
    assert told.verdict.trace


def test_the_notice_names_what_the_rules_counted_and_nothing_else(ruleset: RuleSet, engine: Engine) -> None:
    """The sender's own address in From is a finding, but not a reason."""
    inspection = run(ruleset, engine, HEAD + b"\r\n" + PATIENT)
    (notice,) = [e.octets for e in inspection.plan.effects if isinstance(e, Notify)]

    assert any(finding.entity == "EMAIL_ADDRESS" for finding in inspection.findings)
    assert b"medical record number" in notice
    assert b"mail address" not in notice


@pytest.mark.parametrize(
    ("kind", "octets", "expected"),
    [
        (b"image/png", png(), Disposition.DELIVER),
        (b"image/png", b"\x89PNG\r\n\x1a\n" + bytes(400), Disposition.QUARANTINE),
        (b"image/png", b"PK\x03\x04" + bytes(400), Disposition.QUARANTINE),
        (b"application/pdf", b"%PDF-1.7" + bytes(400), Disposition.QUARANTINE),
    ],
)
@pytest.mark.parametrize("disposition", [b"", b"Content-Disposition: attachment; filename=a\r\n"])
def test_only_a_real_picture_passes(
    ruleset: RuleSet, engine: Engine, kind: bytes, octets: bytes, expected: Disposition, disposition: bytes
) -> None:
    """A logo does not hold a mail, with or without a file name; a document under its label does."""
    raw = (
        HEAD
        + b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        + b"--b\r\n\r\nhello\r\n--b\r\nContent-Type: "
        + kind
        + b"\r\nContent-Transfer-Encoding: base64\r\n"
        + disposition
        + b"\r\n"
        + base64.encodebytes(octets).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )

    assert run(ruleset, engine, raw).verdict.disposition is expected


def test_an_inspection_that_died_is_a_fact_that_the_policy_decides_on(ruleset: RuleSet) -> None:
    """The shipped policy holds it, for everybody; nothing of the message is looked at."""
    failure = DetectorFailure("inspection", FailureKind.TIMEOUT)
    inspection = conclude(transaction(b"", OUT, INSIDE), ruleset.policy, NOTICES, failure, 12345)

    assert {outcome.disposition for outcome in inspection.verdict.outcomes} == {Disposition.QUARANTINE}
    assert inspection.plan.copies == ()
    assert inspection.size == 12345
    assert inspection.failures == (failure,)


def test_findings_say_how_sure_they_are(ruleset: RuleSet, engine: Engine) -> None:
    """A labelled record number is a sure finding."""
    found = {f.entity: f.confidence for f in run(ruleset, engine, HEAD + b"\r\n" + PATIENT).findings}

    assert found["MEDICAL_RECORD_NUMBER"] is Confidence.HIGH


def test_a_finding_without_its_value_is_the_same_otherwise() -> None:
    """Every field but that one, also one that is added later."""
    whole = Finding(
        "US_SSN", frozenset({"g"}), "us-ssn", Confidence.HIGH, 0.9, "1.2", Place.BODY, 3, Span(4, 9), "***", "value",
        "fingerprint", ("why",), frozenset({Mark.NEGATED}), 7, 8, (Also("US_ITIN", Confidence.LOW),),
    )  # fmt: skip
    plain = [known.name for known in fields(Finding) if getattr(whole, known.name) == known.default]

    assert plain == []
    assert whole.bare == replace(whole, value="")


def test_passages_stand_around_findings_and_fields_are_named(ruleset: RuleSet, engine: Engine) -> None:
    """Only where they are asked for: they are protected data."""
    message = transaction(HEAD + b"\r\n" + b"x " * 100 + PATIENT + b" y" * 100)
    clock = itertools.count().__next__

    def inspected(*, passages: bool) -> Inspection:
        return inspect(message, ruleset.policy, engine, Limits(), NOTICES, lambda: float(clock()), passages=passages)

    plain, shown = inspected(passages=False), inspected(passages=True)

    assert plain.passages == ()
    assert len(shown.passages) == len(shown.findings)
    (mrn,) = [number for number, f in enumerate(shown.findings) if f.entity == "MEDICAL_RECORD_NUMBER"]
    passage, span = shown.passages[mrn], shown.findings[mrn].span
    assert passage.text[span.start - passage.start : span.end - passage.start] == "00482913"
    assert len(passage.text) == span.end - span.start + 80
    assert set(plain.headers.values()) == {"From"}


def test_an_inspection_says_whether_all_was_looked_for(ruleset: RuleSet, engine: Engine) -> None:
    """So that nobody takes what is listed for all that there is."""

    def depth(body: bytes, demand: Demand | None) -> Depth:
        message = transaction(HEAD + b"\r\n" + body)
        return inspect(message, ruleset.policy, engine, Limits(), NOTICES, lambda: 0.0, demand=demand).depth

    many = PATIENT + b"\r\n" + b"".join(b"SSN 219-09-%d, E11.9\r\n" % number for number in range(1000, 1600))
    assert depth(b"See you at noon, 202-555-0143", ruleset.demand) is Depth.FIRST
    assert depth(PATIENT, ruleset.demand) is Depth.ALL
    assert depth(many, ruleset.demand) is Depth.ENOUGH
    assert depth(many, None) is Depth.ALL
