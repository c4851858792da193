"""Names that stand right beside a test, a part of the body or a state, in clipped writing."""

import re

import pytest

from gateway.detect.names import beside

GIVEN, FAMILY = frozenset({"delbert"}), frozenset({"petersen", "halloran"})
HEALTH = re.compile(r"INR|Cultures|BARIATRIC|FELL X2|pill box|bariatric")
SOMEBODY = re.compile(r"INR|Cultures")


def _named(text: str) -> list[str]:
    health = [found.span() for found in HEALTH.finditer(text)]
    somebody = [found.span() for found in SOMEBODY.finditer(text)]
    return sorted({text[m.start : m.end] for m in beside.marks(text, (0, len(text)), health, somebody, GIVEN, FAMILY)})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("INR on Pilbrook? Third time of asking.", "Pilbrook"),
        ("Cultures on Roe-Marsh growing staph", "Roe-Marsh"),
        ("INR for Mrs. Pilbrook", "Pilbrook"),
        ("INR ON FILE; INR on PILBROOK", "PILBROOK"),
        ("919 E OAK ST UNIT 9: JANE ROE BARIATRIC", "JANE ROE"),
        ("HALLORAN FELL X2", "HALLORAN"),
        ("photos of delberts shin", "delbert"),
        ("who has petersens pill box", "petersen"),
    ],
)
def test_what_a_test_a_part_or_a_state_stands_beside_is_a_name(text: str, name: str) -> None:
    """On, of and for a name; in capitals before a state; with an s and no apostrophe."""
    assert _named(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "INR on Monday",
        "INR on arrival",
        "INR on Pilbrook.example",
        "FOR PATIENTS WHO ARE BARIATRIC",
        "JANE ROE bariatric",
        "STRANGER FELL X2",
        "goats shin",
        "delberts barn",
    ],
)
def test_a_day_a_word_and_a_thing_are_nobody(text: str) -> None:
    """Words of every sentence, hosts, words in small letters and names of no list are no names."""
    assert _named(text) == []
