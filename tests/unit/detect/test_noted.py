"""Names that a model takes for towns or firms in notes of care."""

import pytest

from gateway.detect.names.base import Mark
from gateway.detect.names.noted import marks

GIVEN, FAMILY = frozenset({"tamsin"}), frozenset({"ostrander", "rourke", "lopez", "pennington", "marchetti"})


def named(text: str, *seen: tuple[str, str]) -> list[str]:
    """What is marked; `seen` are values that the model marked, with its labels."""
    before = [Mark(text.index(value), text.index(value) + len(value), label) for value, label in seen]
    found = marks(text, (0, len(text)), before, {"PERSON"}, GIVEN, FAMILY)
    return sorted({text[mark.start : mark.end] for mark in found})


@pytest.mark.parametrize(
    ("text", "seen", "name"),
    [
        ("FW: Ostrander biopsy, did anybody tell her?", [("Ostrander", "LOC")], "Ostrander"),
        ("X-rays - Wilkson, fell off the sofa", [("Wilkson", "ORG")], "Wilkson"),
        ("still taking the keflex. -Tamsin Rourke, born", [], "Tamsin Rourke"),
        ("CERTIFICATE OF EUDORA PENNINGTON, EXAMINED", [], "EUDORA PENNINGTON"),
        ("the lopez family, both kids positive", [], "lopez"),
        ("marchetti in 412B needs a new line", [], "marchetti"),
        ("marchetti in rm 3 is 9 cm", [], "marchetti"),
    ],
)
def test_a_name_is_marked_whatever_the_model_says(text: str, seen: list[tuple[str, str]], name: str) -> None:
    """Alone, behind a word with the same capitals, before "family", beside a room."""
    assert name in named(text, *seen)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("seen in Ostrander last week", [("Ostrander", "LOC")]),
        ("Ostrander, OH 43061", [("Ostrander", "LOC")]),
        ("Ostrander Clinic opens at nine", [("Ostrander", "ORG")]),
        ("HPI: cough for a week", [("HPI", "ORG")]),
        ("lopez is written small", []),
        ("The marchetti in 3 days", []),
    ],
)
def test_a_town_a_house_and_a_word_are_nobody(text: str, seen: list[tuple[str, str]]) -> None:
    """Somebody is in a town, works in a house, and a name in small letters alone may be a word."""
    assert named(text, *seen) == []


def test_what_is_a_person_already_is_not_marked_again() -> None:
    """The model's own mark stays as it is."""
    assert named("Rourke biopsy", ("Rourke", "PERSON")) == []
