"""Mail in, plan and mail out, as files.

Each folder is a case: `in.eml`, `case.yaml` (values found, outcomes, and what the plan must be) and the messages that
come out. `find` gives the values of each entity; every place of a value in any text of the message is a finding, so
that the case does not depend on detectors. Messages have CRLF line ends.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.actions import Notices, apply_edits, plan
from gateway.core.detector import Confidence
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Content, Span
from gateway.core.plan import Notify, Plan, Quarantine
from gateway.core.verdict import Action, Disposition, Outcome, RuleHit, Verb, Verdict
from gateway.extract import extract
from gateway.parse import parse

FOLDER = Path(__file__).parent
CASES = sorted(path.parent.name for path in FOLDER.glob("*/case.yaml"))
NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path
    raw: bytes = field(repr=False)
    said: Mapping[str, Any]

    def plan(self) -> Plan:
        message = parse(self.raw, Limits())
        content = extract(message, Limits())
        outcomes = tuple(outcome_of(entry) for entry in self.said["outcomes"])
        recipients = tuple(Recipient(outcome.recipient) for outcome in outcomes)
        envelope = Envelope(self.said.get("mail_from", "nurse@clinic.example"), recipients)
        entities = tuple(self.said.get("find", {}))
        received = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
        verdict = Verdict(
            max(o.disposition for o in outcomes), "sha256:00", outcomes, tuple(hits_of(outcomes, entities))
        )
        return plan(
            verdict,
            Transaction(Session(), envelope, self.raw, incident="gp-7f3a", received=received),
            message,
            content,
            tuple(findings_of(content, self.said.get("find", {}))),
            NOTICES,
            mixed_recipients=self.said.get("mixed_recipients", "strictest"),
        )

    def file(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def outcome_of(entry: Mapping[str, Any]) -> Outcome:
    actions = tuple(
        Action(Verb(verb), settings or {}) for action in entry.get("do", ()) for verb, settings in action.items()
    )
    return Outcome(entry["to"], Disposition[entry["disposition"].upper()], actions, (entry.get("rule", "phi-out"),))


def hits_of(outcomes: tuple[Outcome, ...], entities: tuple[str, ...]) -> Iterator[RuleHit]:
    for rule in dict.fromkeys(rule for outcome in outcomes for rule in outcome.rules):
        yield RuleHit(rule, "hipaa", f"Title of {rule}", "high", "enforce", (), (), entities)


def findings_of(content: Content, find: Mapping[str, Any]) -> Iterator[Finding]:
    for entity, values in find.items():
        for value in values:
            places = [(n, m) for n, s in enumerate(content.segments) for m in re.finditer(re.escape(value), s.text)]
            assert places, f"{entity} is nowhere in the message"
            for number, found in places:
                segment = content.segments[number]
                masked = re.sub(r"\w", "*", value[:-4]) + value[-4:]
                yield Finding(
                    entity, frozenset(), "golden", Confidence.HIGH, 0.85, segment.part_path, segment.place, number,
                    Span(*found.span()), masked, value,
                )  # fmt: skip


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    folder = FOLDER / request.param
    said = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    return Case(folder, (folder / "in.eml").read_bytes(), said)


def test_plan_is_as_the_case_says(case: Case) -> None:
    """Disposition, reply, who gets a copy, who is held and who is told."""
    found = case.plan()
    expected = case.said["plan"]

    assert found.disposition.word == expected["disposition"]
    assert found.reply.code == expected["reply"]
    assert [list(copy.recipients) for copy in found.copies] == [entry["to"] for entry in expected.get("copies", [])]
    assert [list(e.recipients) for e in found.effects if isinstance(e, Quarantine)] == expected.get("held", [])
    assert [e.recipient for e in found.effects if isinstance(e, Notify)] == [e["to"] for e in expected.get("told", [])]


def test_messages_that_come_out_are_byte_for_byte_those_of_the_case(case: Case) -> None:
    """Copies after their edits, and notifications."""
    found = case.plan()
    expected = case.said["plan"]

    for copy, entry in zip(found.copies, expected.get("copies", []), strict=True):
        assert apply_edits(case.raw, copy.edits) == case.file(entry["file"])
    told = [effect for effect in found.effects if isinstance(effect, Notify)]
    for note, entry in zip(told, expected.get("told", []), strict=True):
        assert note.octets == case.file(entry["file"])


def test_no_value_comes_out(case: Case) -> None:
    """What was to be redacted is in no copy, in no reading of it; no notification has any value or the subject."""
    found = case.plan()
    gone = [value for entity in case.said.get("redacted", []) for value in case.said["find"][entity]]

    for copy in found.copies:
        content = extract(parse(apply_edits(case.raw, copy.edits), Limits()), Limits())
        assert not [value for value in gone for segment in content.segments if value in segment.text]
    for effect in found.effects:
        if isinstance(effect, Notify):
            values = [value for values in case.said.get("find", {}).values() for value in values]
            assert not [value for value in values if value.encode() in effect.octets]


def test_there_are_cases() -> None:
    """An empty folder would pass everything."""
    assert len(CASES) >= 8
