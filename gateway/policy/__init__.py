"""Rules: files to a frozen `Policy`, and facts to a `Verdict`."""

from gateway.policy.answers import Answers
from gateway.policy.decide import decide, decide_by, open_rules
from gateway.policy.load import load_policy
from gateway.policy.model import Policy, Rule, Status, together
from gateway.policy.organization import Organization

__all__ = [
    "Answers",
    "Organization",
    "Policy",
    "Rule",
    "Status",
    "decide",
    "decide_by",
    "load_policy",
    "open_rules",
    "together",
]
