"""The contract of `scan`: exactly these keys, in this form; values only on demand."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.cli.render import explain_lines, scan_lines
from gateway.cli.report import explanation, input_failure, is_held, report, unread_report
from gateway.core.detector import Confidence
from gateway.core.finding import Also, FailureKind, Finding
from gateway.core.message import Place
from gateway.core.verdict import Step
from gateway.metrics import Inspected
from tests.makers.inspected import Inspected as Seen


def line(inspected: Inspected, *, reveal: bool = False) -> dict[str, Any]:
    return report(inspected, path="m.eml", index=0, elapsed_ms=12.34567, reveal=reveal)


def test_a_report_has_exactly_the_keys_of_the_contract(inspected: Inspected) -> None:
    """Scripts of users depend on every one of them."""
    assert json.loads(json.dumps(line(inspected))) == {
        "path": "m.eml",
        "index": 0,
        "verdict": {
            "disposition": "quarantine",
            "policy": "sha256:aa",
            "outcomes": [
                {
                    "recipient": "a@x.test",
                    "disposition": "quarantine",
                    "actions": ["notify", "encrypt"],
                    "method": "smime",
                },
                {"recipient": "b@x.test", "disposition": "deliver", "actions": [], "method": None},
            ],
            "rules": [{"rule": "hipaa-phi-external", "area": "hipaa", "status": "enforce", "action": "encrypt"}],
        },
        "findings": [
            {
                "entity": "US_SSN",
                "score": 0.95,
                "confidence": "high",
                "part": part,
                "place": "body",
                "start": start,
                "end": start + 11,
                "masked": "***-**-6789",
            }
            for part, start in (("1.2", 7), ("1.2", 40), ("1.10", 0))
        ],
        "opaque": [{"part": "1.3", "reason": "encrypted-archive"}],
        "ambiguous": [{"part": "1", "reason": "charset"}],
        "failures": [{"detector": "us-ssn", "kind": "timeout"}],
        "elapsed_ms": 12.346,
    }


def test_a_second_name_is_said_in_the_one_finding_that_has_it(
    inspected: Inspected, make_finding: Callable[..., Finding]
) -> None:
    found = replace(make_finding(), also=(Also("HEALTH_PLAN_MEMBER_ID", Confidence.LOW, "f"),))

    (shown,) = line(Seen(inspected.verdict, (found,)))["findings"]

    assert shown["may_be"] == [{"entity": "HEALTH_PLAN_MEMBER_ID", "confidence": "low"}]


def test_values_are_shown_with_reveal_only(inspected: Inspected) -> None:
    """Without the flag neither report nor explanation nor their text has the value."""
    hidden = [
        line(inspected),
        explanation(inspected, path="m", elapsed_ms=1, reveal=False),
    ]

    assert all("canary-value" not in json.dumps(plain) for plain in hidden)
    assert "canary-value" not in "".join([*scan_lines(hidden[0]), *explain_lines(hidden[1])])
    assert line(inspected, reveal=True)["findings"][0]["value"] == "canary-value"
    assert "canary-value" in "".join(scan_lines(line(inspected, reveal=True)))


def test_offsets_of_bodies_are_mapped_and_those_of_headers_are_not(
    inspected: Inspected, make_finding: Callable[..., Finding]
) -> None:
    """With --as text the offsets are those of the file."""
    from dataclasses import replace

    both = replace(inspected, findings=(make_finding(start=5), make_finding(start=9, place=Place.SUBJECT)))  # type: ignore[type-var]
    shown = report(both, path="", index=0, elapsed_ms=0, reveal=False, place=lambda offset: offset - 2)

    assert [(found["start"], found["end"]) for found in shown["findings"]] == [(9, 20), (3, 14)]


def test_an_input_that_cannot_be_read_would_not_go_out() -> None:
    """Verdict defer for every recipient, and the failure of the detector "input"."""
    plain = unread_report(
        path="x", index=3, policy="sha256:aa", recipients=("a@x.test",), failure=input_failure(FailureKind.ERROR)
    )

    assert plain["verdict"]["disposition"] == "defer"
    assert plain["verdict"]["outcomes"][0]["disposition"] == "defer"
    assert plain["failures"] == [{"detector": "input", "kind": "error"}]
    assert is_held(plain)


def test_reports_of_read_and_unread_inputs_have_the_same_keys(inspected: Inspected) -> None:
    """A script never meets a missing key."""
    unread = unread_report(
        path="x", index=0, policy="", recipients=("a@x.test",), failure=input_failure(FailureKind.LIMIT)
    )

    assert list(unread) == list(line(inspected))
    assert list(unread["verdict"]) == list(line(inspected)["verdict"])
    assert list(unread["verdict"]["outcomes"][0]) == list(line(inspected)["verdict"]["outcomes"][0])


def test_the_text_of_a_report_names_rules_findings_and_what_was_not_read(inspected: Inspected) -> None:
    """One line for the message, then one for each of them."""
    text = list(scan_lines(line(inspected)))

    assert text[0] == "quarantine  m.eml  (12.3 ms)"
    assert "rule hipaa-phi-external: encrypt" in text[1]
    assert any("part 1.3 was not read" in found for found in text)
    assert any("us-ssn ran out of time" in found for found in text)


def test_control_characters_in_a_path_do_not_reach_the_terminal(inspected: Inspected) -> None:
    """A file name is the sender's choice as much as anything else."""
    plain = report(inspected, path="a\x1b[31m\nb", index=0, elapsed_ms=0, reveal=False)

    assert all("\x1b" not in text and "\n" not in text for text in scan_lines(plain))


def test_an_explanation_tells_every_condition_for_every_recipient(inspected: Inspected) -> None:
    """Which condition held, what was seen, whether the rule applies, and why a finding is one."""
    text = "\n".join(explain_lines(explanation(inspected, path="m", elapsed_ms=1, reveal=False)))

    assert "a@x.test: applies\n      yes  at least 1 of PHI is found: 2 findings" in text
    assert "b@x.test: does not apply\n      no   the recipient is outside: inside" in text
    assert "because pattern dashed" in text
    assert "hipaa-phi-external  applies: notify, encrypt  (hipaa, severity high)" in text


def test_findings_come_by_part_place_field_and_start(
    inspected: Inspected, make_finding: Callable[..., Finding]
) -> None:
    """Offsets count from 0 in each header field and in the body: place and field name tell them apart."""
    from dataclasses import replace

    found = (
        make_finding(start=0),
        replace(make_finding(start=7, place=Place.HEADER), segment=2),
        replace(make_finding(start=3, place=Place.HEADER), segment=3),
        make_finding(start=9, place=Place.SUBJECT),
        make_finding(start=1, place=Place.FILENAME),
    )
    all_of_it = replace(inspected, findings=found)  # type: ignore[type-var]

    shown = report(all_of_it, path="", index=0, elapsed_ms=0, reveal=False, headers={2: "X-One", 3: "X-Two"})

    assert [(one["place"], one.get("header"), one["start"]) for one in shown["findings"]] == [
        ("subject", None, 9),
        ("header", "X-One", 7),
        ("header", "X-Two", 3),
        ("body", None, 0),
        ("filename", None, 1),
    ]


def test_actions_of_an_outcome_are_listed_once(inspected: Inspected) -> None:
    """Two rules that both notify are one word."""
    from dataclasses import replace

    outcome = inspected.verdict.outcomes[0]
    twice = replace(inspected.verdict, outcomes=(replace(outcome, actions=outcome.actions * 2),))
    both = replace(inspected, verdict=twice)  # type: ignore[type-var]
    shown = report(both, path="", index=0, elapsed_ms=0, reveal=False)

    assert shown["verdict"]["outcomes"][0]["actions"] == ["notify", "encrypt"]


@pytest.mark.parametrize(
    ("held", "words"),
    [(False, "yes  exception did not apply: the sender"), (True, "no   exception applies: the sender")],
)
def test_an_exception_is_told_as_one(inspected: Inspected, held: bool, words: str) -> None:
    """That a condition below `none` did not hold is no failure."""
    from dataclasses import replace

    step = Step("hipaa-phi-external", "a@x.test", "none: the sender is on a list", held, "not on it")
    traced = replace(inspected, verdict=replace(inspected.verdict, trace=(step,)))  # type: ignore[type-var]

    assert words in "\n".join(explain_lines(explanation(traced, path="", elapsed_ms=0, reveal=False)))
