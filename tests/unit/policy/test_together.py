"""`together`: values of one row, of one paragraph."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.policy import decide

THEN = "then: {block: }\n"


@pytest.mark.parametrize(
    ("what", "row", "paragraph", "segment", "expected"),
    [
        ("row", 3, 1, 0, True),
        ("row", 4, 1, 0, False),
        ("row", 3, 1, 1, False),
        ("paragraph", 4, 1, 0, True),
        ("paragraph", 3, 2, 0, False),
    ],
)
def test_only_values_beside_another_count(
    rules: Any, facts: Any, finding: Any, what: str, row: int, paragraph: int, segment: int, expected: bool
) -> None:
    """In the same text, the same row or paragraph; whichever comes first."""
    rules.rule(
        "test-it",
        f"when:\n  all:\n    - finds: {{entity: US_SSN}}\n    - finds: {{group: health, together: {what}}}\n{THEN}",
    )
    one = replace(finding("US_SSN", "1", start=100), row=3, paragraph=1)
    other = replace(finding("ICD10_CODE", "E11.9", start=200, segment=segment), row=row, paragraph=paragraph)
    policy = rules.load()

    for findings in ((one, other), (other, one)):
        assert bool(decide(policy, facts("a@other.example", findings=findings)).hits) is expected


def test_a_value_is_not_together_with_itself(rules: Any, facts: Any, finding: Any) -> None:
    """Two conditions about one entity need two values of a row."""
    rules.rule(
        "test-it",
        "when:\n  all:\n    - finds: {entity: US_SSN}\n    - finds: {entity: US_SSN, together: row}\n" + THEN,
    )
    policy, one, two = rules.load(), finding("US_SSN", "1"), finding("US_SSN", "2", start=50)

    assert not decide(policy, facts("a@other.example", findings=(one,))).hits
    assert decide(policy, facts("a@other.example", findings=(one, two))).hits


def test_rows_of_a_roster_are_counted(rules: Any, facts: Any, finding: Any) -> None:
    """Twenty people with a code each, not one person with twenty."""
    rules.rule(
        "test-it",
        "when:\n  all:\n    - finds: {group: health}\n    - finds: {entity: US_SSN, together: row, min-distinct: 3}\n"
        + THEN,
    )
    policy = rules.load()
    codes = [replace(finding("ICD10_CODE", f"E{n}", start=100 * n + 20), row=n) for n in range(3)]
    numbers = [replace(finding("US_SSN", f"{n}", start=100 * n), row=n) for n in range(3)]

    assert decide(policy, facts("a@other.example", findings=(*codes, *numbers))).hits
    assert not decide(policy, facts("a@other.example", findings=(*codes[:2], *numbers))).hits


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("all: [{finds: {entity: US_SSN, together: row}}]", "together needs another finds condition before it"),
        ("any: [{finds: {entity: US_SSN}}, {finds: {group: health, together: row}}]", 'no meaning below "any"'),
        (
            "all: [{finds: {entity: US_SSN}}, {finds: {group: health, together: row, within: 5}}]",
            "within and together measure twice",
        ),
        (
            "all: [{finds: {entity: US_SSN}}, {finds: {group: health, together: page}}]",
            '"page" is not a part',
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(rules: Any, when: str, said: str) -> None:
    """At load, with what to do."""
    rules.rule("test-it", f"when: {{{when}}}\n{THEN}")

    assert any(said in str(fault) for fault in rules.faults())
