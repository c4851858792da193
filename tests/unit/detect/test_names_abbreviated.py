"""Names that are cut to an initial, people who are told of by what they do, and what looks like them."""

import pytest

from gateway.detect.names import abbreviated

GIVEN = frozenset({"jane"})
FAMILY = frozenset({"roe", "silva"})


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("S-101 R. Achter eGFR 28", ["R. Achter"]),
        ("1. SILVA G  I63.5", ["SILVA G"]),
        ("- Silva K.: new", ["Silva K."]),
        ("called in for j silva", ["j silva"]),
        ("Roe lives on Elm", ["Roe"]),
        ("He shouted at Roe: what?", ["Roe"]),
        ("our founders: Doe, Roe and Poe.", ["Doe", "Roe", "Poe"]),
    ],
)
def test_person_is_named_by_the_form(text: str, people: list[str]) -> None:
    """An initial beside a family name, a verb whose subject is a person, a list of people."""
    assert [text[a:b] for a, b in abbreviated.names(text, 0, len(text), GIVEN, FAMILY)] == people


@pytest.mark.parametrize(
    "text",
    [
        "4 N. Main Street",
        "grew E. coli again",
        "- Vitamin D, daily",
        "Hepatitis B\nnegative",
        "She lives on Elm",
        "the b cells",
        "our products: Tea, Jam and Oil",
    ],
)
def test_what_has_the_form_and_is_no_person_is_left(text: str) -> None:
    """A street, a germ, a vitamin, a pronoun, things."""
    assert list(abbreviated.names(text, 0, len(text), GIVEN, FAMILY)) == []
