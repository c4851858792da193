"""Denied, of a relative, or only if: marked, and never left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.detector import Confidence
from gateway.core.finding import Finding, Mark
from gateway.core.message import Place, Segment, Span
from gateway.detect.marks import marked

N, F, H = Mark.NEGATED, Mark.FAMILY, Mark.HYPOTHETICAL


def finding(text: str, term: str, group: str = "health") -> Finding:
    start = text.index(term)
    return Finding(
        "HEALTH_TERM", frozenset({group}), "health-term", Confidence.MEDIUM, 0.75, "1", Place.BODY, 0,
        Span(start, start + len(term)), "***", term, why=("a term",),
    )  # fmt: skip


def marks_of(text: str, term: str = "diabetes") -> frozenset[Mark]:
    (after,) = marked([finding(text, term)], [Segment("1", Place.BODY, text)])
    return after.marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("She has diabetes.", set()),
        ("No diabetes.", {N}),
        ("Patient denies diabetes, asthma and fever", {N}),
        ("There is no evidence of diabetes", {N}),
        ("She doesn't have diabetes", {N}),
        ("negative for diabetes", {N}),
        ("diabetes was ruled out", {N}),
        ("not only diabetes", set()),
        ("no longer takes pills for diabetes", set()),
        ("No fever, but diabetes", set()),
        ("No fever. Diabetes: diabetes since 2001", set()),
        ("Her mother had diabetes", {F}),
        ("family history of diabetes", {F}),
        ("diabetes runs in my family", {F}),
        ("Her grandmother never had diabetes", {F, N}),
        ("Mothers' day. He has diabetes", set()),
        ("Call us if you have diabetes", {H}),
        ("screening for diabetes", {H}),
        ("at risk of diabetes", {H}),
        ("diabetes screening", {H}),
        ("He lives in Iffley and has diabetes", set()),
        ("nothing\n\ndiabetes", set()),
    ],
)
def test_words_around_a_term_say_how_it_is_meant(text: str, marks: set[Mark]) -> None:
    """In its sentence, up to a word that ends their reach."""
    assert marks_of(text) == marks


def test_the_words_are_told_in_plain_language() -> None:
    """Beside the other reasons; the finding is otherwise as it was."""
    text = "His  Father had diabetes"
    before = finding(text, "diabetes")

    (after,) = marked([before], [Segment("1", Place.BODY, text)])

    assert after.why == ("a term", "said of a relative: 'father'")
    assert (after.confidence, after.span, after.groups) == (before.confidence, before.span, before.groups)


def test_only_health_content_is_marked() -> None:
    """A number that is denied is still that number."""
    text = "No diabetes"

    assert marked([finding(text, "diabetes", "payment")], [Segment("1", Place.BODY, text)])[0].marks == frozenset()


@given(st.text(max_size=200), st.text(max_size=100))
def test_no_finding_is_lost_and_no_text_gets_into_reasons(before: str, behind: str) -> None:
    """Whatever stands around: as many findings, with reasons made of our words alone."""
    text = f"{before}diabetes{behind}"
    (after,) = marked([finding(text, "diabetes")], [Segment("1", Place.BODY, text)])

    assert len(after.why) == 1 + len(after.marks)
