"""Answers are given once: kept while more is found, and shared by two policies"""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from gateway.core.facts import Facts
from gateway.core.message import Coverage as Line
from gateway.core.verdict import Method
from gateway.policy import Answers, Policy, decide, decide_by, open_rules, together
from gateway.policy.conditions.base import Condition, Situation
from gateway.policy.demand import demand_of, may_match
from gateway.policy.model import When
from gateway.ruleset import load_ruleset
from tests.unit.policy.conftest import DETECTORS

SHIPPED = Path(__file__).parents[3] / "rules" / "policy.yaml"
OUT, IN, PARTNER = "bo@elsewhere.example", "in@clinic.example", "cy@partner.example"
FINDS = "all: [{finds: {group: patient-identifier}}, {finds: {group: health, within: 30}}]"
WHENS = (
    f"{FINDS}, none: [{{recipient: {{in: lists/partners.txt}}}}]",
    "all: [{finds: {entity: CREDIT_CARD, min-count: 2}}]",
    "any: [{finds: {entity: CREDIT_CARD}}, {failure: any}], all: [{recipient: {outside: organization}}]",
    "all: [{coverage: complete}, {subject: {contains: [report]}}]",
    "all: [{recipients: {over: 1}}, {recipient: {outside: organization}}], none: [{finds: {entity: US_SSN}}]",
)


@pytest.fixture
def policy(rules: Any) -> Policy:
    for number, when in enumerate(WHENS):
        rules.rule(f"test-{number}", f"when: {{{when}}}\nthen: {{quarantine: }}\n")
    rules.rule("test-encrypt", "when: {all: [{finds: {entity: US_SSN}}]}\nthen: {encrypt: {prefer: [pgp]}}\n")
    rules.rule("test-last", "when: {all: [{unprotected: {}}]}\nthen: {block: }\n")
    return rules.load()  # type: ignore[no-any-return]


@pytest.fixture
def several(facts: Any, finding: Any) -> list[Facts]:
    """About one message, with more and more found in it."""
    found = (
        (),
        (finding("US_SSN"),),
        (finding("US_SSN"), finding("ICD10_CODE", start=15)),
        (finding("US_SSN"), finding("CREDIT_CARD", "2", start=90), finding("CREDIT_CARD", "3", start=200)),
    )
    known: dict[str, Any] = {
        "headers": (("subject", "a report"),),
        "ledger": (Line("1", "text", 10, 10),),
        "capabilities": {PARTNER: frozenset({Method.PGP})},
    }
    return [
        facts(OUT, IN, PARTNER, findings=values, failures=failures, **known)
        for values in found
        for failures in ((), ("timeout",))
    ]


def conditions(when: When) -> Iterator[Condition]:
    return (condition for _, condition in when.clauses())


def test_only_conditions_that_say_so_ask_what_was_found(facts: Any, policy: Policy) -> None:
    """All others answer without: their answers are kept when more is found."""

    class Blind(Facts):
        def __getattribute__(self, name: str) -> Any:
            assert name not in ("findings", "failures"), "it asks what was found"
            return super().__getattribute__(name)

    given = facts(OUT, headers=(("subject", "a report"), ("list-id", "<x>")))
    blind = Blind(**{field.name: getattr(given, field.name) for field in fields(Facts)})
    asked = {
        type(condition)
        for known in (policy, load_ruleset(SHIPPED).policy)
        for rule in known.rules
        for condition in conditions(rule.when)
        if not condition.of_detection and condition.evaluate(Situation(blind, OUT)) is not None
    }

    assert len(asked) > 9


def test_answers_that_were_kept_are_the_same(policy: Policy, several: list[Facts]) -> None:
    """Whatever was found before, and whoever was asked about."""
    for before in several:
        for after in several:
            known = Answers(policy.questions, before)
            decide(policy, before, answers=known)

            assert decide(policy, after, answers=known.with_findings(after)) == decide(policy, after)


def test_rules_that_lack_a_value_would_not_have_matched(policy: Policy, several: list[Facts]) -> None:
    """Seen by names alone, they are those that the test of the rule refuses."""
    for given in several:
        answers = Answers(policy.questions, given)
        asked = [active for active in policy.active if active.test.holds(answers.of_message) is not False]

        assert list(open_rules(policy, answers)) == asked


def test_what_may_match_with_nothing_found_may_match_with_more(policy: Policy, several: list[Facts]) -> None:
    """So that nothing has to be looked for first."""
    demand = demand_of(policy, DETECTORS)
    assert demand is not None
    held = [may_match(policy, given, demand) for given in several[::2]]

    assert held == sorted(held)


def test_two_policies_share_answers_and_keep_their_verdicts(policy: Policy, rules: Any, several: list[Facts]) -> None:
    """A rule that is in both, with the same words, is the same for both; one with other words is not."""
    rules.rule("test-1", "when: {all: [{finds: {entity: CREDIT_CARD}}]}\nthen: {block: }\n")
    rules.rule("test-encrypt", "when: {all: [{finds: {entity: MEDICAL_RECORD_NUMBER}}]}\nthen: {tag: x}\n")
    other = rules.load()

    one, two = together(policy, other)

    assert one.questions is two.questions
    shared = {active.rule.id for active in one.active if any(active is again for again in two.active)}
    assert {active.rule.id for active in one.active} - shared == {"test-1", "test-encrypt"}
    for given in several:
        answers = Answers(one.questions, given)
        for alone, joined in ((policy, one), (other, two)):
            assert decide_by(joined, open_rules(joined, answers), answers) == decide(alone, given, trace=False)
