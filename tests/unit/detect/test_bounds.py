"""Texts made to be too much: what is found at their edges, and what is said when it is too much."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.finding import Detection, DetectorFailure, FailureKind
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine

NUMBER = "219-09-9999"
STATED = f"SSN {NUMBER}"
WORDS = st.lists(st.sampled_from(("the", "room", "plan", "weather", "green", "walk", "paper", "quiet")), max_size=30)
MARKS = st.sampled_from([" ", "\r\n", "\n", "  ", "\t"])


def of(engine: Engine, text: str) -> Detection:
    return engine.detect([Segment("1", Place.BODY, text)], Limits())


def has_number(engine: Engine, text: str) -> bool:
    return any(f.entity == "US_SSN" and f.value == NUMBER for f in of(engine, text).findings)


@pytest.mark.parametrize("filler", ["7", "7 ", "x", "x ", "患者", "患 a Ж ", "-", "9-", "{[("])
def test_a_value_is_found_behind_and_between_much_of_anything(shipped_engine: Engine, filler: str) -> None:
    """A long line of digits, letters, signs or mixed scripts hides nothing."""
    much = filler * (200_000 // len(filler))

    detection = of(shipped_engine, f"{much}\n{STATED}\n{much}")

    assert NUMBER in {f.value for f in detection.findings if f.entity == "US_SSN"}


@pytest.mark.parametrize("before", [*range(65_530 - 16, 65_540), *range(49_140, 49_156)])
def test_a_value_across_the_border_of_a_search_is_found(shipped_engine: Engine, before: int) -> None:
    """Searches see 64 KiB at a time; no place in the text is a place to hide."""
    assert has_number(shipped_engine, "x" * (before - 1) + "\n" + STATED + "\n")


def test_a_hundred_thousand_candidates_are_a_failure_and_not_silence(shipped_engine: Engine) -> None:
    """What was not looked at is said, by the detector that gave up."""
    text = "\n".join(f"SSN {100 + n % 600}-{10 + n % 89}-{1000 + n % 9000}" for n in range(100_000))

    detection = of(shipped_engine, text)

    assert DetectorFailure("us-ssn", FailureKind.LIMIT) in detection.failures
    assert sum(f.detector == "us-ssn" for f in detection.findings) <= Limits().findings


def test_an_export_of_bare_telephone_numbers_is_no_failure(shipped_engine: Engine) -> None:
    """Numbers that mean little alone stop after enough of them: the mail is not held for having many."""
    text = "\n".join(f"asthma; 212736{n % 9000 + 1000}; 312{555 + n // 9000}{n % 9000 + 1000}" for n in range(12_000))

    detection = of(shipped_engine, text)

    assert sum(f.detector == "phone-bare" for f in detection.findings) > Limits().findings // 2
    assert "phone-bare" not in {failure.detector for failure in detection.failures}


def test_an_export_of_numbers_that_a_rule_redacts_is_a_failure(shipped_engine: Engine) -> None:
    """Beyond the limit nothing would be redacted, so it is said."""
    text = "\n".join(f"asthma; KX-{200_000 + n}; 2025{n % 900_000 + 100_000}" for n in range(12_000))

    assert DetectorFailure("care-number", FailureKind.LIMIT) in of(shipped_engine, text).failures


@settings(max_examples=40, deadline=None)
@given(before=WORDS, behind=WORDS, gap=MARKS)
def test_harmless_text_around_a_value_hides_nothing(
    shipped_engine: Engine, before: list[str], behind: list[str], gap: str
) -> None:
    """Whatever stands before and behind, and however the lines break."""
    assert has_number(shipped_engine, gap.join((*before, STATED, *behind)))


@settings(max_examples=40, deadline=None)
@given(gap=MARKS, caps=st.sampled_from([str.upper, str.lower, str.title]))
@pytest.mark.parametrize(
    ("said", "entity"),
    [
        ("patient mrn: 00482913", "MEDICAL_RECORD_NUMBER"),
        ("date of birth: 03/04/1961", "DATE_OF_BIRTH"),
        ("social security number: 219-09-9999", "US_SSN"),
        ("medicare number: 1eg4-te5-mk73", "US_MBI"),
    ],
)
def test_case_and_line_breaks_do_not_change_what_a_value_is(
    shipped_engine: Engine, said: str, entity: str, gap: str, caps: object
) -> None:
    """A label in capitals, or broken over lines, names the same thing."""
    text = gap.join(caps(said).split(" "))  # type: ignore[operator]  # a method of str

    assert entity in {finding.entity for finding in of(shipped_engine, text).findings}
