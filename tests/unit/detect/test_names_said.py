"""What stands beside a name says whose an illness is."""

import re

import pytest

from gateway.detect.names import said

ILL = re.compile(r"asthma|audiogram|orthodontist|leukemia|hernia|amputation")


def _spans(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in ILL.finditer(text)]


def _said_of(text: str, name: str = "Roe", *, titled: bool = False) -> str:
    start = text.index(name)
    return said.of(text, (0, len(text)), start, start + len(name), _spans(text), titled=titled)


@pytest.mark.parametrize(
    "text",
    [
        "Roe's audiogram has a dip at 4k",
        "Roe has asthma, no smoke please",
        "Roe: orthodontist at 3",
        "Roe, leukemia; others are well",
        "The asthma of little Roe is back",
        "Reminder of the audiogram for Roe",
    ],
)
def test_illness_beside_a_name_is_its_bearers(text: str) -> None:
    """Possessives, verbs of having, a colon, "of" and "for"."""
    assert _said_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "Roe wrote about asthma",
        "Roe is presenting on asthma at noon",
        "Roe is our new asthma nurse",
        "Roe will lead the asthma course",
        "Roe is well. The asthma course begins on Friday",
        "Roe had leukemia in 1904, letters say",
        "Asthma is a topic, says Roe",
    ],
)
def test_illness_that_is_work_or_history_is_not(text: str) -> None:
    """Who speaks on it, teaches it, had it long ago, or stands in another sentence."""
    assert _said_of(text) == ""


def test_anything_may_be_said_of_somebody_with_a_title() -> None:
    """A verb that no list has."""
    text = "Mr Roe understands the risks of refusing the amputation"

    assert _said_of(text, titled=True)
    assert _said_of(text) == ""


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("We heard from Roe again. His asthma was up", True),
        ("Roe ran the crane until May. He says that he was let go because of his recent leukemia", True),
        ("Roe came late, and she has an old amputation", True),
        ("Roe came late.\n\nHis asthma was up", False),
        ("Roe gave a talk. Her passion for asthma care shows", False),
        ("Roe died in 1904. His leukemia was a riddle", False),
        ("Roe runs the asthma course", False),
    ],
)
def test_his_or_her_illness_is_that_of_the_name_before(text: str, carried: bool) -> None:
    """Within a paragraph, and where nothing but what describes it stands between."""
    assert bool(said.further_on(text, text.index("Roe") + 3, _spans(text))) is carried


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("I need light duty after my hernia repair. Roe", True),
        ("my asthma is worse at night, Roe", True),
        ("My patients with asthma ask for it. Roe", False),
        ("I teach asthma care on Mondays. Roe", False),
        ("The asthma clinic is closed. I am away. Roe", False),
    ],
)
def test_writers_tell_of_their_own_illness_or_of_their_work(text: str, own: bool) -> None:
    """By what stands before the illness in its sentence."""
    assert said.by_the_writer(text, (0, len(text)), _spans(text)) is own
