"""Every shipped rule proves itself on its cases, matched both ways."""

from pathlib import Path

import pytest

from gateway.casework import Case, Casework, case_files, read_case, read_inline
from gateway.ruleset import RuleSet

RULES = Path(__file__).parents[2] / "rules"
CASES = case_files(RULES / "cases")
LEAST = 2


def cases_in(path: Path) -> tuple[Case, ...]:
    return (read_case(path),) if path.suffix == ".eml" else read_inline(path, [])


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_meets_its_rules_and_no_other(path: Path, casework: Casework) -> None:
    """A rule that is expected and silent fails, and so does one that speaks unexpectedly."""
    assert [(result.case, result.problems) for result in casework.try_file(path) if not result.ok] == []


def test_every_rule_has_cases_and_every_case_a_rule(ruleset: RuleSet) -> None:
    """Two positive and two negative ones at least; no folder is left over from a rule that is gone."""
    shipped = {rule.id for rule in ruleset.policy.rules if rule.area != "default"}

    assert {path.parent.name for path in CASES} == shipped
    for rule in shipped:
        cases = [case for path in CASES if path.parent.name == rule for case in cases_in(path)]
        assert sum(case.positive for case in cases) >= LEAST, rule
        assert sum(not case.positive for case in cases) >= LEAST, rule


def test_the_header_of_every_rule_is_complete(ruleset: RuleSet) -> None:
    """Owner, description, known false positives and references: what an auditor asks first."""
    for rule in ruleset.policy.rules:
        if rule.area != "default":
            assert all((rule.owner, rule.description, rule.false_positives, rule.references)), rule.id
