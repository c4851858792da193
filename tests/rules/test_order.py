"""What becomes of a message does not hang on what files are called, and so not on the order they are read in."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.casework import Casework, case_files, clean_files, read_case, read_clean, read_inline
from gateway.core.envelope import Transaction
from gateway.core.limits import Limits
from gateway.core.verdict import Verdict
from gateway.ruleset import RuleSet

RULES = Path(__file__).parents[2] / "rules"


def messages() -> Iterator[Transaction]:
    """Of every case of every shipped rule, and the clean mail."""
    for path in case_files(RULES / "cases"):
        cases = (read_case(path),) if path.suffix == ".eml" else read_inline(path, [])
        yield from (case.transaction for case in cases)
    for path in clean_files(RULES / "policy.yaml"):
        yield from read_clean(path, [])


@pytest.fixture(scope="module")
def mail() -> tuple[Transaction, ...]:
    """All of it, read once."""
    return tuple(messages())


def outcomes(verdict: Verdict) -> object:
    """Of each recipient, and which rules spoke for whom, whatever came first."""
    fates = [
        (each.recipient, each.disposition, each.method, sorted(each.rules), sorted(map(repr, each.actions)))
        for each in verdict.outcomes
    ]
    hits = [(hit.rule, hit.status, sorted(hit.recipients), sorted(hit.entities)) for hit in verdict.hits]
    return verdict.disposition, fates, sorted(hits)


def casework_of(ruleset: RuleSet) -> Casework:
    return Casework(ruleset, notices_of(ruleset), Limits())


def test_the_order_of_detectors_changes_no_finding(
    casework: Casework, ruleset: RuleSet, mail: Sequence[Transaction]
) -> None:
    """Not its confidence, its reasons or its place; backwards, every pair of detectors stands the other way round."""
    backwards = casework_of(replace(ruleset, detectors=ruleset.detectors[::-1]))

    assert len(mail) > 150
    for message in mail:
        assert backwards.read(message).detection == casework.read(message).detection, message.incident
        assert backwards.verdict_of(message) == casework.verdict_of(message), message.incident


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rules_changes_no_outcome(
    casework: Casework, ruleset: RuleSet, mail: Sequence[Transaction], seed: int
) -> None:
    """Whatever a rule or its pack is called, and so whenever it is asked."""
    rules = list(ruleset.policy.rules)
    random.Random(seed).shuffle(rules)
    before = [outcomes(casework.verdict_of(message)) for message in mail]
    casework.use(replace(ruleset, policy=replace(ruleset.policy, rules=tuple(rules))), notices_of(ruleset))
    try:
        assert [outcomes(casework.verdict_of(message)) for message in mail] == before
    finally:
        casework.use(ruleset, notices_of(ruleset))


def notices_of(ruleset: RuleSet) -> Notices:
    return Notices.of(ruleset.policy.organization)
