"""What is looked for first, and when that is enough. That no verdict changes: tests/detection, on every text there."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.detector import Context, DetectorSpec
from gateway.core.errors import Fault
from gateway.core.facts import Facts
from gateway.core.message import Place
from gateway.policy import Policy, load_policy
from gateway.policy.demand import LONG, Demand, demand_of, is_settled, may_match
from gateway.policy.model import Rule

PEOPLE = DetectorSpec("people", "PERSON", "People", frozenset({"patient-identifier", "person"}), engine="names")
DETECTORS = (
    DetectorSpec("us-ssn", "US_SSN", "SSN", frozenset({"patient-identifier"})),
    DetectorSpec("mrn", "MEDICAL_RECORD_NUMBER", "MRN", frozenset({"patient-identifier"})),
    DetectorSpec("icd10", "ICD10_CODE", "ICD-10", frozenset({"health"})),
    DetectorSpec("card", "CREDIT_CARD", "Card", frozenset({"payment"})),
    PEOPLE,
)
IDENTIFIER = "finds: {group: patient-identifier, min-confidence: medium}"
HEALTH = "finds: {group: health, within: 300}"
OUTSIDE = "recipient: {outside: organization}"
PHI = f"all: [{{{OUTSIDE}}}, {{{IDENTIFIER}}}, {{{HEALTH}}}]"


@pytest.fixture
def asked(rules: Any) -> Callable[..., tuple[Policy, Demand | None]]:
    """A policy of these conditions, each a rule, and what it wants to know first."""

    def asked(
        *whens: str, named: tuple[str, ...] = (), detectors: tuple[DetectorSpec, ...] = DETECTORS
    ) -> tuple[Policy, Demand | None]:
        if named:
            when, then, status = named
            rules.rule("test-named", f"when: {{{when}}}\nthen: {then}\n", status=status)
        for number, when in enumerate(whens):
            rules.rule(f"test-{number}", f"when: {{{when}}}\nthen: {{quarantine: }}\n")
        faults: list[Fault] = []
        policy = load_policy(rules.folder / "policy.yaml", detectors, faults)
        assert policy is not None, [str(fault) for fault in faults]
        return policy, demand_of(policy, detectors)

    return asked


def first_of(demand: Demand | None) -> set[str]:
    assert demand is not None
    return set(demand.first)


def test_of_two_things_that_a_rule_needs_the_one_of_fewer_detectors_comes_first(asked: Any) -> None:
    assert first_of(asked(PHI)[1]) == {"icd10"}


def test_what_a_rule_asks_for_alone_comes_first_too(asked: Any) -> None:
    assert first_of(asked(PHI, "all: [{finds: {entity: CREDIT_CARD}}]")[1]) == {"icd10", "card"}


def test_all_of_a_choice_comes_first(asked: Any) -> None:
    when = "any: [{finds: {entity: CREDIT_CARD}}, {finds: {entity: US_SSN}}]"
    assert first_of(asked(when)[1]) == {"card", "us-ssn"}


def test_a_number_comes_first_with_all_that_may_be_called_so(asked: Any) -> None:
    """What a detector finds as a member number may turn out to be a record number, or be called that as well."""
    member = DetectorSpec("member", "HEALTH_PLAN_MEMBER_ID", "Member", frozenset({"patient-identifier"}))

    _, demand = asked("all: [{finds: {entity: MEDICAL_RECORD_NUMBER}}]", detectors=(*DETECTORS, member))

    assert first_of(demand) == {"mrn", "member"}


def test_a_rule_that_only_a_model_serves_leaves_nothing_to_spare(asked: Any) -> None:
    assert asked("all: [{finds: {entity: PERSON}}]")[1] is None


def test_what_counts_only_in_company_comes_with_its_company(asked: Any) -> None:
    """A number that is one only near health content is not there without it."""
    numbers = DetectorSpec(
        "number", "ACCOUNT_NUMBER", "Number", frozenset({"account"}), context=Context(groups=("health",))
    )
    _, demand = asked("all: [{finds: {entity: ACCOUNT_NUMBER}}]", detectors=(*DETECTORS, numbers))
    assert first_of(demand) == {"number", "icd10"}


def test_without_the_rarer_half_no_rule_can_match(asked: Any, facts: Any) -> None:
    policy, demand = asked(PHI)
    assert not may_match(policy, facts("bo@partner.example"), demand)


def test_with_it_the_other_half_may_be_there(asked: Any, facts: Any, finding: Any) -> None:
    policy, demand = asked(PHI)
    assert may_match(policy, facts("bo@partner.example", findings=(finding("ICD10_CODE"),)), demand)


def test_a_recipient_whom_no_rule_is_about_needs_no_second_look(asked: Any, facts: Any, finding: Any) -> None:
    policy, demand = asked(PHI)
    seen: Facts = facts("bo@clinic.example", findings=(finding("ICD10_CODE"),))
    assert not may_match(policy, seen, demand)


def test_an_exception_that_is_not_found_yet_does_not_rule_a_match_out(asked: Any, facts: Any) -> None:
    """Under `none` what was found may still give way to something else."""
    policy, demand = asked(PHI, f"all: [{{{OUTSIDE}}}], none: [{{finds: {{entity: CREDIT_CARD}}}}]")
    assert may_match(policy, facts("bo@partner.example"), demand)


def test_a_rule_about_other_things_is_reason_enough(asked: Any, facts: Any) -> None:
    """Who has to look at a held message wants to see all that is in it."""
    policy, demand = asked(PHI, f"all: [{{{OUTSIDE}}}, {{recipients: {{over: 1}}}}]")
    assert may_match(policy, facts("bo@partner.example", "cy@partner.example"), demand)
    assert not may_match(policy, facts("bo@partner.example"), demand)


def test_a_condition_about_short_texts_alone_waits_for_nothing(asked: Any, facts: Any, finding: Any) -> None:
    """In these everything was looked for."""
    when = "all: [{finds: {group: patient-identifier, place: subject}}]"
    policy, demand = asked(PHI, when)
    assert first_of(demand) == {"icd10"}
    assert not may_match(policy, facts("bo@partner.example"), demand)
    found = facts("bo@partner.example", findings=(finding("US_SSN", place=Place.SUBJECT),))
    assert may_match(policy, found, demand)


def test_where_no_rule_asks_for_what_the_others_find_these_look_nowhere(asked: Any) -> None:
    """Not even at a subject; a rule that asks for it in any clause and place has them look there."""
    cards = "all: [{finds: {entity: CREDIT_CARD}}]"
    _, alone = asked(cards)
    assert alone.long == frozenset(Place)
    _, excepting = asked(
        cards, "all: [{finds: {entity: CREDIT_CARD}}], none: [{finds: {entity: US_SSN, place: subject}}]"
    )
    assert excepting.long == LONG
    assert asked(PHI)[1].long == LONG


def test_too_few_values_of_what_was_looked_for_rule_it_out(asked: Any, facts: Any, finding: Any) -> None:
    policy, demand = asked("all: [{finds: {entity: CREDIT_CARD, min-distinct: 2}}]")
    one = (finding("CREDIT_CARD", value="4111111111111111"),)
    two = (*one, finding("CREDIT_CARD", value="5555555555554444", start=100))
    assert not may_match(policy, facts("bo@partner.example", findings=one), demand)
    assert may_match(policy, facts("bo@partner.example", findings=two), demand)


def test_what_matched_stays_matched_whatever_more_is_found(asked: Any, facts: Any, finding: Any) -> None:
    policy, demand = asked(PHI)
    seen = facts("bo@partner.example", findings=(finding("US_SSN", start=0), finding("ICD10_CODE", start=50)))
    assert is_settled(policy, seen, demand.of({"us-ssn", "people"}))


def test_a_rule_that_more_values_could_make_match_is_not_settled(asked: Any, facts: Any, finding: Any) -> None:
    """Those found stand too far from health content; the next one may not."""
    policy, demand = asked(PHI)
    seen = facts("bo@partner.example", findings=(finding("US_SSN", start=0), finding("ICD10_CODE", start=5_000)))
    assert not is_settled(policy, seen, demand.of({"us-ssn"}))
    assert not is_settled(policy, seen, demand.of({"icd10"}))


def test_a_further_rule_that_does_the_same_changes_nothing(asked: Any, facts: Any, finding: Any) -> None:
    """One that does more, or is only watched, does."""
    persons = f"all: [{{{OUTSIDE}}}, {{finds: {{group: person}}}}, {{{HEALTH}}}]"
    seen = facts("bo@partner.example", findings=(finding("US_SSN", start=0), finding("ICD10_CODE", start=50)))
    for status, then, settled in (
        ("enforce", "{quarantine: }", True),
        ("enforce", "{quarantine: , notify: [sender]}", False),
        ("enforce", "{block: }", False),
        ("monitor", "{quarantine: }", False),
    ):
        policy, demand = asked(PHI, named=(persons, then, status))
        assert is_settled(policy, seen, demand.of({"people"})) is settled, (status, then)


def test_a_rule_that_redacts_wants_all_values(asked: Any, facts: Any, finding: Any) -> None:
    policy, demand = asked(
        PHI, named=("all: [{finds: {entity: US_SSN}}]", "{redact: {otherwise: quarantine}}", "enforce")
    )
    seen = facts("bo@partner.example", findings=(finding("US_SSN"),))
    assert not is_settled(policy, seen, demand.of({"us-ssn"}))


def test_an_exception_that_more_values_could_make_is_not_settled(asked: Any, facts: Any) -> None:
    policy, demand = asked(f"all: [{{{OUTSIDE}}}], none: [{{finds: {{entity: CREDIT_CARD}}}}]")
    seen = facts("bo@partner.example")
    assert not is_settled(policy, seen, demand.of({"card"}))
    assert is_settled(policy, seen, demand.of({"us-ssn"}))


def test_a_model_may_find_more_beside_what_is_found_later(asked: Any, facts: Any, finding: Any) -> None:
    """It reads what stands near health content: six hundred codes, and then a name with the next one."""
    policy, demand = asked(PHI)
    seen = facts("bo@partner.example", findings=(finding("ICD10_CODE"),))
    assert not is_settled(policy, seen, demand.of({"icd10"}))
    assert is_settled(policy, seen, demand.of(()))


def test_what_counts_only_in_company_may_come_with_more_of_it(asked: Any, facts: Any, finding: Any) -> None:
    numbers = DetectorSpec(
        "number", "ACCOUNT_NUMBER", "Number", frozenset({"account"}), context=Context(groups=("health",))
    )
    when = "all: [{finds: {entity: ACCOUNT_NUMBER}}]"
    policy, demand = asked(when, detectors=(*DETECTORS, numbers))
    seen = facts("bo@partner.example", findings=(finding("ICD10_CODE"),))
    assert not is_settled(policy, seen, demand.of({"icd10"}))


def test_more_values_may_stand_in_short_texts_too(asked: Any, facts: Any, finding: Any) -> None:
    """Five hundred in the body, and one in the name of a file behind it."""
    policy, demand = asked("all: [{finds: {entity: US_SSN, place: filename}}]")
    seen = facts("bo@partner.example", findings=(finding("US_SSN"),))
    assert not is_settled(policy, seen, demand.of({"us-ssn"}))
    named = (finding("US_SSN", place=Place.FILENAME),)
    assert not is_settled(policy, seen, demand.of({"us-ssn"}), named)
    assert is_settled(policy, seen, demand.of({"us-ssn"}), ())


def test_an_exception_that_may_give_way_to_something_else_is_not_settled(asked: Any, facts: Any, finding: Any) -> None:
    """A number that excuses the message may turn out to be part of another value, of which there were too many."""
    when = f"all: [{{{OUTSIDE}}}], none: [{{finds: {{entity: MEDICAL_RECORD_NUMBER}}}}]"
    policy, demand = asked(when)
    seen = facts("bo@partner.example", findings=(finding("MEDICAL_RECORD_NUMBER"),))
    assert not is_settled(policy, seen, demand.of({"card"}))


@pytest.mark.parametrize(("field", "other"), [("area", "secrets"), ("severity", "medium")])
def test_a_further_rule_of_another_area_decides_who_may_look(
    asked: Any, facts: Any, finding: Any, field: str, other: str
) -> None:
    """Whoever reviews one area shall not get to see what is another's, though both rules would keep the message."""
    persons = f"all: [{{{OUTSIDE}}}, {{finds: {{group: person}}}}, {{{HEALTH}}}]"
    seen = facts("bo@partner.example", findings=(finding("US_SSN", start=0), finding("ICD10_CODE", start=50)))
    policy, demand = asked(PHI, named=(persons, "{quarantine: }", "enforce"))
    one = replace(policy, rules=tuple(_with(rule, field, other, but="test-named") for rule in policy.rules))

    assert is_settled(policy, seen, demand.of({"people"}))
    assert not is_settled(one, seen, demand.of({"people"}))


def _with(rule: Rule, field: str, value: str, *, but: str) -> Rule:
    return rule if rule.id == but else replace(rule, **{field: value})  # type: ignore[arg-type]
