"""A made-up quarter of a clinic: enough of everything for a report to look like one."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.audit import events
from gateway.core.verdict import Disposition, Method
from gateway.report.quarterly import Allowance, KeyEnd, Surroundings
from tests.makers.ledger import Ledger

SEED = 20_261_001
RULES = (
    ("hipaa-phi-external", "hipaa", "high", "PHI to somebody outside is encrypted"),
    ("hipaa-phi-bulk", "hipaa", "high", "Lists of patients are held"),
    ("hipaa-medicare-number", "hipaa", "high", "Medicare numbers are encrypted"),
    ("pci-card-number", "pci", "high", "Card numbers are refused"),
    ("secrets-private-key", "secrets", "high", "Private keys are refused"),
    ("us-pii-ssn", "us-pii", "medium", "Social Security numbers are taken out"),
)
DOMAINS = ("clearing-house.example", "reference-lab.example", "insurer.example", "mail.example", "clinic-north.example")
PEOPLE = ("dana.reyes", "kim.osei", "lee.novak")
KINDS = ("US_SSN", "MEDICAL_RECORD_NUMBER", "PERSON", "DATE_OF_BIRTH", "HEALTH_TERM", "ICD10_CODE", "US_MBI")


def made_up_quarter(ledger: Ledger, a_day: int = 30, days: int = 92) -> Surroundings:
    """Fill the ledger from 1 October 2026 on, and say what the store and the rules would."""
    chance = random.Random(SEED)
    names = [rule for rule, *_ in RULES]
    ledger.at = datetime(2026, 9, 30, 23, tzinfo=UTC)
    ledger.add(events.policy_changed(old="", new="sha256:" + "a1" * 32, enforced=names[:4], monitored=names[4:]))
    for number in range(days):
        ledger.at = datetime(2026, 10, 1, 6, tzinfo=UTC) + timedelta(days=number)
        if ledger.at.weekday() == 0:
            ledger.add(events.gateway_started(policy="sha256:aa", listener="unix:/milter", workers=2))
        if number == 33:
            change: Any = {
                "old": "sha256:" + "a1" * 32,
                "new": "sha256:" + "b2" * 32,
                "by": "root",
                "signer": "r.ahmadi",
            }
            ledger.add(events.policy_changed(**change, enforced=names[:5], monitored=names[5:], key="ab"))
        volume = a_day if ledger.at.weekday() < 5 else a_day // 5
        held = [one for _ in range(chance.randint(volume * 3 // 4, volume)) if (one := _message(ledger, chance))]
        for incident in held[: chance.randint(len(held) // 2, len(held))]:
            who = chance.choice(PEOPLE)
            ledger.add(events.viewed(item=incident, incident=incident, by=who), after=chance.randint(60, 5_000))
            ledger.review(
                chance.choice(("release", "release", "discard")), incident, by=who, after=120, reason="checked"
            )
    ledger.add(events.searched(found=2, by="dana.reyes"))
    return Surroundings("Example Clinic", {rule: title for rule, _, _, title in RULES}, _allowances(), _keys())


def _message(ledger: Ledger, chance: random.Random) -> str:
    """One message of any kind; its incident where it is held."""
    to = f"{chance.choice(('office', 'intake', 'billing'))}@{chance.choice(DOMAINS)}"
    if chance.random() < 0.86:
        ledger.message(to)
        return ""
    found = {kind: f"{chance.randint(0, 10**9):x}" for kind in chance.sample(KINDS, 3)}
    rule, area, severity, _ = chance.choices(RULES, (12, 3, 4, 2, 1, 5))[0]
    asked: Any = {"rule": rule, "area": area, "severity": severity}
    if rule in ("pci-card-number", "secrets-private-key"):
        ledger.message(to, outcome=Disposition.BLOCK, entities={"CREDIT_CARD": "c1"}, **asked)
        return ""
    if rule == "hipaa-phi-bulk":
        return ledger.message(to, outcome=Disposition.QUARANTINE, entities=found, opaque=chance.random() < 0.3, **asked)
    if rule == "us-pii-ssn":
        ledger.message(to, entities=found, redacted=True, **asked)
        return ""
    method = chance.choice((Method.SMIME, Method.SMIME, Method.PGP, Method.TLS))
    incident = ledger.message(to, method=method, entities=found, **asked)
    ledger.delivered(incident, to, method=method.value)
    return ""


def _allowances() -> tuple[Allowance, ...]:
    start = date(2026, 1, 1)
    return (
        Allowance("clearing-house.example", "trusted-partners", start, date(2030, 12, 31), "clearing house, BA-0001"),
        Allowance("*.reference-lab.example", "trusted-partners", start, date(2027, 1, 31), "reference lab, BA-0002"),
        Allowance("insurer.example", "trusted-partners", start, date(2026, 12, 1), "insurer, BA-0003"),
    )


def _keys() -> tuple[KeyEnd, ...]:
    return (
        KeyEnd("the organization", "smime", datetime(2027, 2, 20, tzinfo=UTC)),
        KeyEnd("office@insurer.example", "pgp", datetime(2027, 3, 1, tzinfo=UTC)),
    )
