"""The inspection by the shipped rules of mail to somebody outside."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.verdict import Verdict
from gateway.detect import Engine
from gateway.pipeline import Inspection, inspect

ROOT = Path(__file__).parents[2]
OUTSIDE = Envelope("scan@clinic.example", (Recipient("someone@outside.example"),))


def sent_outside(octets: bytes) -> Transaction:
    """A message of the clinic."""
    return Transaction(Session(), OUTSIDE, octets)


def acts(verdict: Verdict) -> bool:
    """Whether an enforced rule does."""
    return any(hit.status == "enforce" for hit in verdict.hits)


def looked_at() -> Callable[[Transaction], Inspection]:
    """The inspection by the shipped rules."""
    ruleset = rules_of(ROOT / "rules" / "policy.yaml")
    return partial(
        inspect,
        policy=ruleset.policy,
        engine=Engine(ruleset.detectors),
        limits=Limits(),
        notices=Notices("gatepost@clinic.example", "Example Clinic", ""),
        clock=lambda: 0.0,
    )
