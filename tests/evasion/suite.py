"""Every trick inspected once, the way the gateway does it, with the rules as they are shipped."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.verdict import Disposition
from gateway.detect import Engine
from gateway.detect.masking import fingerprint
from gateway.pipeline import Inspection, inspect
from gateway.policy import Policy

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "rules" / "policy.yaml"
KEY = b"for the evasion suite"
WANTED = fingerprint(KEY, "US_SSN", "219-09-9999")
NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
ENVELOPE = Envelope("desk@clinic.example", (Recipient("bo@partner.example"),))


@dataclass(frozen=True)
class Case:
    """One line of a table. `outcome` is what became of it: "found", "held" or "silent"."""

    kind: str
    name: str
    expected: str
    what: str
    outcome: str


def tables() -> Iterator[tuple[Path, dict[str, list[str]]]]:
    """Each `<kind>/table.yaml`, whoever wrote it."""
    for table in sorted(HERE.glob("*/table.yaml")):
        yield table.parent, yaml.safe_load(table.read_text(encoding="utf-8"))


def outcome_of(inspection: Inspection) -> str:
    """Found: the number itself is a finding, and nobody outside gets the message as it is."""
    if inspection.verdict.disposition is Disposition.DELIVER:
        return "silent"
    return "found" if any(finding.fingerprint == WANTED for finding in inspection.findings) else "held"


@cache
def gate() -> tuple[Policy, Engine]:
    """The rules as they are shipped, ready."""
    ruleset = rules_of(RULES)
    return ruleset.policy, Engine(ruleset.detectors, fingerprint_key=KEY)


def inspected_one(raw: bytes) -> str:
    """What becomes of a message."""
    policy, engine = gate()
    transaction = Transaction(Session(), ENVELOPE, raw)
    return outcome_of(inspect(transaction, policy, engine, Limits(), NOTICES, lambda: 0.0))


def inspected() -> list[Case]:
    """Every line of every table, inspected."""
    return [
        Case(folder.name, name, expected, what, inspected_one((folder / f"{name}.eml").read_bytes()))
        for folder, table in tables()
        for name, (expected, what) in table.items()
    ]
