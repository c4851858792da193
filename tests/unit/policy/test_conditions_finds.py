"""Conditions about what was found: how many values of what, and how near to one another."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.detector import Confidence
from gateway.core.facts import Facts
from gateway.core.finding import Also, Finding
from gateway.core.message import Place
from gateway.policy import decide

Holds = Callable[[str, Facts], bool]
MakeFacts = Callable[..., Facts]
MakeFinding = Callable[..., Finding]
THEN = "then: {tag: '[seen]'}\n"


def test_finds_by_entity_group_confidence_and_place(holds: Holds, facts: MakeFacts, finding: MakeFinding) -> None:
    """Each setting narrows what counts."""
    found = finding("US_SSN", confidence=Confidence.MEDIUM, place=Place.SUBJECT)
    given = facts("a@other.example", findings=(found,))

    assert holds("finds: {entity: US_SSN}", given)
    assert holds("finds: {entity: [ICD10_CODE, US_SSN]}", given)
    assert not holds("finds: {entity: ICD10_CODE}", given)
    assert holds("finds: {group: patient-identifier}", given)
    assert holds("finds: {entity: US_SSN, min-confidence: medium}", given)
    assert not holds("finds: {entity: US_SSN, min-confidence: high}", given)
    assert holds("finds: {entity: US_SSN, place: [subject, header]}", given)
    assert not holds("finds: {entity: US_SSN, place: body}", given)


def test_a_value_in_two_views_of_a_message_counts_once(holds: Holds, facts: MakeFacts, finding: MakeFinding) -> None:
    """Plain text and HTML of one mail say the same thing."""
    given = facts("a@other.example", findings=tuple(finding(value="1", segment=number) for number in range(3)))

    assert not holds("finds: {entity: US_SSN, min-count: 2}", given)
    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", given)


def test_a_value_twice_in_one_text_counts_twice_but_is_one_value(
    holds: Holds, facts: MakeFacts, finding: MakeFinding
) -> None:
    """min-count counts occurrences, min-distinct values."""
    given = facts("a@other.example", findings=(finding(value="1"), finding(value="1", start=100)))

    assert holds("finds: {entity: US_SSN, min-count: 2}", given)
    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", given)


def test_fingerprints_tell_values_apart_before_their_spelling(
    holds: Holds, facts: MakeFacts, finding: MakeFinding
) -> None:
    """219-09-9999 and 219099999 are one number where the fingerprint says so; one place is one value at least."""
    same = (finding(value="219-09-9999", fingerprint="f"), finding(value="219099999", fingerprint="f", start=50))
    blank = (finding(value=""), finding(value="", start=50))

    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", facts("a@other.example", findings=same))
    assert holds("finds: {entity: US_SSN, min-distinct: 2}", facts("a@other.example", findings=blank))


@pytest.mark.parametrize(
    ("start", "segment", "expected"),
    [(110, 0, True), (111, 0, False), (0, 0, True), (110, 1, False)],
    ids=["just near", "just too far", "overlapping", "another text"],
)
def test_within_measures_between_the_values(
    rules: Any, facts: MakeFacts, finding: MakeFinding, start: int, segment: int, expected: bool
) -> None:
    """From the end of the one to the start of the other, in the same text, whichever comes first."""
    rules.rule(
        "test-it",
        f"when:\n  all:\n    - finds: {{entity: US_SSN}}\n    - finds: {{group: health, within: 100}}\n{THEN}",
    )
    near = finding("ICD10_CODE", "E11.9", start=start, segment=segment)
    policy = rules.load()

    for findings in ((finding("US_SSN"), near), (near, finding("US_SSN"))):
        assert bool(decide(policy, facts("a@other.example", findings=findings)).hits) is expected


def test_a_value_is_never_near_itself(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """Two conditions about one group need two values."""
    rules.rule(
        "test-it",
        "when:\n  all:\n    - finds: {entity: US_SSN}\n    - finds: {group: patient-identifier, within: 100}\n" + THEN,
    )
    policy, one, two = rules.load(), finding("US_SSN", "1"), finding("US_SSN", "2", start=50)

    assert not decide(policy, facts("a@other.example", findings=(one,))).hits
    assert not decide(policy, facts("a@other.example", findings=(one, one))).hits
    assert decide(policy, facts("a@other.example", findings=(one, two))).hits


def test_within_refers_to_what_the_finds_before_counted(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """A chain: the third must be near a second that is near a first."""
    rules.rule(
        "test-it",
        "when:\n  all:\n    - finds: {entity: US_SSN}\n    - finds: {group: health, within: 50}\n"
        "    - recipient: {outside: organization}\n    - finds: {entity: CREDIT_CARD, within: 50}\n" + THEN,
    )
    policy = rules.load()
    chain = (finding("US_SSN"), finding("ICD10_CODE", start=50), finding("CREDIT_CARD", start=100))
    broken = (finding("US_SSN"), finding("ICD10_CODE", start=500), finding("CREDIT_CARD", start=550))

    assert decide(policy, facts("a@other.example", findings=chain)).hits
    assert not decide(policy, facts("a@other.example", findings=broken)).hits


def test_within_measures_from_its_own_list(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """A `finds` of another list is not what it is near to."""
    rules.rule(
        "test-it",
        "when:\n"
        "  all:\n"
        "    - finds: {entity: CREDIT_CARD}\n"
        "    - any:\n"
        "        - all: [{finds: {entity: US_SSN}}, {finds: {group: health, within: 5}}]\n"
        "then: {block: }\n",
    )
    policy = rules.load()
    card, number, code = finding("CREDIT_CARD", "4", start=0), finding(start=500), finding("ICD10_CODE", "E", start=12)

    assert not decide(policy, facts("a@other.example", findings=(card, number, code))).hits
    near = finding("ICD10_CODE", "E", start=512)
    assert decide(policy, facts("a@other.example", findings=(card, number, near))).hits


MAY_BE_AN_SSN = Also("US_SSN", Confidence.LOW, "as an SSN")


def test_a_number_of_two_names_is_found_by_either(holds: Holds, facts: MakeFacts, finding: MakeFinding) -> None:
    """By the second with the confidence of the second."""
    found = finding("MEDICAL_RECORD_NUMBER", confidence=Confidence.MEDIUM, also=(MAY_BE_AN_SSN,))
    given = facts("a@other.example", findings=(found,))

    assert holds("finds: {entity: MEDICAL_RECORD_NUMBER, min-confidence: medium}", given)
    assert holds("finds: {entity: US_SSN}", given)
    assert not holds("finds: {entity: US_SSN, min-confidence: medium}", given)
    assert not holds("finds: {entity: ICD10_CODE}", given)


def test_a_number_of_two_names_counts_once(holds: Holds, facts: MakeFacts, finding: MakeFinding) -> None:
    """Where both names are asked for, and beside the same number that has the second name alone."""
    both = finding("MEDICAL_RECORD_NUMBER", fingerprint="as a record", also=(MAY_BE_AN_SSN,))
    ssn = finding("US_SSN", fingerprint="as an SSN", start=50)

    one, two = (facts("a@other.example", findings=found) for found in ((both,), (both, ssn)))
    assert not holds("finds: {entity: [MEDICAL_RECORD_NUMBER, US_SSN], min-count: 2}", one)
    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", two)
    assert holds("finds: {entity: US_SSN, min-count: 2}", two)
