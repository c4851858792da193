"""Rules that did not match and were near to it."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.detector import Confidence
from gateway.core.facts import Facts
from gateway.core.finding import Finding
from gateway.core.message import Place
from gateway.policy import decide
from gateway.policy.nearly import nearly

MakeFacts = Callable[..., Facts]
MakeFinding = Callable[..., Finding]
OUT = "a@other.example"
OUTSIDE = "{recipient: {outside: organization}}"
SURE = "{finds: {entity: US_SSN, min-confidence: high}}"
SUBJECT = "{finds: {entity: US_SSN, place: subject}}"
MANY = "{finds: {entity: US_SSN, min-distinct: 5}}"
CARE = "{finds: {group: health}}"


def when(*conditions: str, but: str = "") -> str:
    return f"when: {{all: [{', '.join(conditions)}]{f', none: [{but}]' if but else ''}}}\nthen: {{block: }}\n"


def near(rules: Any, given: Facts) -> tuple[str, ...]:
    policy = rules.load()
    return nearly(policy, decide(policy, given, trace=True), given.findings)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (when(OUTSIDE, SURE), {"confidence": Confidence.MEDIUM}),
        (when(OUTSIDE, SUBJECT), {"place": Place.BODY}),
        (when(OUTSIDE, MANY), {}),
        (when(OUTSIDE, SURE, CARE), {}),
        (when(OUTSIDE, SURE, but="{header: {name: x-agreed, present: true}}"), {}),
    ],
    ids=["too unsure", "elsewhere", "too few", "one of two", "an exception"],
)
def test_a_rule_that_saw_what_it_is_about_is_near(
    rules: Any, facts: MakeFacts, finding: MakeFinding, rule: str, found: dict[str, Any]
) -> None:
    """Somebody who asks why it did not apply finds it; where nothing was found it is far."""
    rules.rule("test-it", rule)
    agreed = (("x-agreed", "yes"),)

    assert near(rules, facts(OUT, headers=agreed, findings=(finding(**found),))) == ("test-it",)
    assert near(rules, facts(OUT, headers=agreed, findings=(finding("CREDIT_CARD"),))) == ()


def test_that_a_recipient_is_outside_brings_no_rule_near(rules: Any, facts: MakeFacts) -> None:
    """Else every rule would be near for almost every message."""
    rules.rule("test-it", when(OUTSIDE, SURE))

    assert near(rules, facts(OUT)) == ()


def test_what_no_rule_stops_is_near_those_that_lack_the_recipient_alone(
    rules: Any, facts: MakeFacts, finding: MakeFinding
) -> None:
    """A colleague gets a number: the rule that would hold it for a stranger is told, but not where a rule applies."""
    rules.rule("test-it", when(OUTSIDE, SURE))
    rules.rule("test-rival", when("{recipient: {domain: rival.example}}", SURE))
    found = (finding(),)

    assert near(rules, facts("b@clinic.example", findings=found)) == ("test-it", "test-rival")
    assert near(rules, facts(OUT, findings=found)) == ()


def test_a_rule_that_applies_to_somebody_is_not_near(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """It is among those that applied."""
    rules.rule("test-it", when(OUTSIDE, SURE))

    assert near(rules, facts(OUT, "b@clinic.example", findings=(finding(),))) == ()


def test_an_exception_that_did_not_hold_is_no_sight_of_anything(rules: Any, facts: MakeFacts) -> None:
    """A condition below `none` speaks against the rule."""
    rules.rule("test-it", when(OUTSIDE, SURE, but="{header: {name: x-agreed, present: true}}"))

    assert near(rules, facts(OUT, headers=(("x-agreed", "yes"),))) == ()
