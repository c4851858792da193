"""Rules: files to a frozen `Policy`, and facts to a `Verdict`."""

from gateway.policy.answers import Answers, shared
from gateway.policy.decide import decide
from gateway.policy.load import load_policy
from gateway.policy.model import Policy, Rule, Status
from gateway.policy.organization import Organization

__all__ = ["Answers", "Organization", "Policy", "Rule", "Status", "decide", "load_policy", "shared"]
