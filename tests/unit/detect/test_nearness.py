"""What lies within a passage, among however many findings."""

from time import process_time

import pytest

from gateway.core.detector import Confidence
from gateway.detect.nearness import Nearness
from gateway.detect.text import folded

HEALTH = frozenset({"health"})


def near(
    *spans: tuple[int, int], groups: frozenset[str] = HEALTH, confidence: Confidence = Confidence.MEDIUM
) -> Nearness:
    nearness = Nearness(folded("").joined, {}, frozenset())
    for start, end in spans:
        nearness.add(groups, start, end, confidence)
    return nearness


@pytest.mark.parametrize(
    ("place", "holds"),
    [((0, 100), True), ((10, 20), True), ((11, 100), True), ((14, 16), True), ((15, 29), False), ((31, 100), False)],
)
def test_a_finding_lies_within_a_place_as_a_whole(place: tuple[int, int], holds: bool) -> None:
    """Whichever of those that lie over each other."""
    assert near((10, 20), (10, 60), (14, 16), (12, 40), (30, 50)).holds("health", *place) == holds


def test_nothing_in_doubt_and_no_passage_lies_within_one() -> None:
    assert not near((1, 2), confidence=Confidence.LOW).holds("health", 0, 9)
    assert not near((1, 2), groups=frozenset({"health", "passage"})).holds("health", 0, 9)
    assert not near((1, 2)).holds("contact", 0, 9)


def test_many_places_are_looked_at_among_many_findings_in_no_time() -> None:
    """A text of doubtful sentences behind another of as many illnesses."""
    many = near(*((place, place + 5) for place in range(0, 100_000, 10)))
    began = process_time()

    assert not any(many.holds("health", place, place + 5) for place in range(100_000, 200_000, 10))
    assert process_time() - began < 1
