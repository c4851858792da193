"""A small folder of rules, and facts to decide about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.envelope import Envelope, Recipient, Session
from gateway.core.errors import Fault
from gateway.core.facts import Attachment, Facts
from gateway.core.finding import Also, DetectorFailure, FailureKind, Finding
from gateway.core.message import Ambiguity, AmbiguousReason, Coverage, Opaque, OpaqueReason, Place, Span
from gateway.core.verdict import Method
from gateway.policy import Policy, decide, load_policy

POLICY = """\
organization:
  name: Example Clinic
  domains: [clinic.example, '*.clinic.example']
  officers: [privacy@clinic.example]
  notices-from: gatepost@clinic.example
  partners: lists/partners.txt
packs: [test]
"""
HEAD = """\
id: {id}
title: A rule
status: {status}
severity: high
owner: privacy@clinic.example
"""
DETECTORS = (
    DetectorSpec("us-ssn", "US_SSN", "SSN", frozenset({"patient-identifier"})),
    DetectorSpec("mrn", "MEDICAL_RECORD_NUMBER", "MRN", frozenset({"patient-identifier"})),
    DetectorSpec("icd10", "ICD10_CODE", "ICD-10", frozenset({"health"})),
    DetectorSpec("card", "CREDIT_CARD", "Card", frozenset({"payment"})),
)
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
GROUPS = {spec.entity: spec.groups for spec in DETECTORS}


@dataclass(frozen=True)
class Rules:
    """A folder of rules under way."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def rule(self, rule_id: str, body: str, *, status: str = "enforce") -> Path:
        """A rule of the pack `test`; `body` is its `when` and `then`."""
        return self.write(f"packs/test/{rule_id}.yaml", HEAD.format(id=rule_id, status=status) + body)

    def load(self) -> Policy:
        faults: list[Fault] = []
        policy = load_policy(self.folder / "policy.yaml", DETECTORS, faults)
        assert [str(fault) for fault in faults] == []
        assert policy is not None
        return policy

    def faults(self) -> list[str]:
        """Every fault in order, with paths as seen from the folder."""
        faults: list[Fault] = []
        assert load_policy(self.folder / "policy.yaml", DETECTORS, faults) is None
        return [str(fault).replace(f"{self.folder}/", "") for fault in sorted(faults)]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    """`policy.yaml` with one pack `test`, no rule in it yet, and a list of partners."""
    made = Rules(tmp_path)
    made.write("policy.yaml", POLICY)
    made.write("lists/partners.txt", "partner.example\n")
    return made


def make_finding(
    entity: str = "US_SSN",
    value: str = "1",
    *,
    start: int = 0,
    segment: int = 0,
    confidence: Confidence = Confidence.HIGH,
    place: Place = Place.BODY,
    fingerprint: str = "",
    also: tuple[Also, ...] = (),
) -> Finding:
    return Finding(
        entity=entity,
        groups=GROUPS[entity],
        detector=entity.lower(),
        confidence=confidence,
        score=0.85,
        part_path="1",
        place=place,
        segment=segment,
        span=Span(start, start + 10),
        masked="***",
        value=value,
        fingerprint=fingerprint,
        also=also,
    )


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """Makes a finding ten characters long."""
    return make_finding


def make_facts(
    *recipients: str,
    sender: str = "nurse@clinic.example",
    findings: tuple[Finding, ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    header_from: str = "",
    user: str = "",
    size: int = 1000,
    attachments: tuple[Attachment, ...] = (),
    opaque: tuple[tuple[str, str], ...] = (),
    ambiguous: tuple[str, ...] = (),
    failures: tuple[str, ...] = (),
    ledger: tuple[Coverage, ...] = (),
    capabilities: Mapping[str, frozenset[Method]] | None = None,
    received: datetime = NOW,
    encrypted: bool = False,
) -> Facts:
    return Facts(
        session=Session(auth_authen=user),
        envelope=Envelope(sender, tuple(Recipient(address) for address in recipients)),
        size=size,
        headers=headers,
        header_from=header_from,
        attachments=attachments,
        findings=findings,
        opaque=tuple(Opaque(part, OpaqueReason(reason)) for part, reason in opaque),
        ambiguous=tuple(Ambiguity("1", AmbiguousReason(reason)) for reason in ambiguous),
        failures=tuple(DetectorFailure("names", FailureKind(kind)) for kind in failures),
        ledger=ledger,
        capabilities=capabilities or {},
        received=received,
        encrypted=encrypted,
    )


@pytest.fixture
def facts() -> Callable[..., Facts]:
    """Makes facts about a message to some recipients."""
    return make_facts


@pytest.fixture
def holds(rules: Rules) -> Callable[[str, Facts], bool]:
    """Whether a condition, written as YAML, holds for the first recipient of some facts."""

    def ask(condition: str, given: Facts) -> bool:
        rules.rule("test-it", f"when:\n  all:\n    - {condition}\nthen:\n  tag: '[seen]'\n")
        return any(hit.rule == "test-it" for hit in decide(rules.load(), given).hits)

    return ask
