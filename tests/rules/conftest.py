"""The shipped rule set, loaded once, and the way a case goes through it."""

from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.casework import Casework
from gateway.cli.ruleset import rules_of
from gateway.core.limits import Limits
from gateway.ruleset import RuleSet
from tests.makers.environment import without_settings

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine that runs the tests."""
    without_settings(monkeypatch)


@pytest.fixture(scope="session")
def ruleset() -> RuleSet:
    """The rules as they are shipped."""
    return rules_of(RULES / "policy.yaml")


@pytest.fixture(scope="session")
def casework(ruleset: RuleSet) -> Casework:
    """Inspects a case the way the gateway does."""
    return Casework(ruleset, Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example"), Limits())
