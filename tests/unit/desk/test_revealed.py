"""What of a revealed text is marked: a value within a passage stays visible as itself."""

import pytest

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Place, Segment, Span
from gateway.desk.reading import _as_written, _passages


def found(entity: str, start: int, end: int) -> Finding:
    groups = frozenset({"passage", "health"} if entity == "CARE" else {"patient-identifier"})
    return Finding(entity, groups, "d", Confidence.HIGH, 0.9, "1", Place.BODY, 0, Span(start, end), "***")


def shown(text: str, *findings: Finding) -> list[tuple[str, str, bool]]:
    return [(each.text, each.entity, each.is_wide) for each in _passages(text, findings)]


def test_a_value_within_a_passage_is_seen() -> None:
    """The passage goes on behind it; it was marked as a whole, and the number in it looked like all other words."""
    text = "Her MRN 4471 shows diabetes."

    assert shown(text, found("CARE", 0, 27), found("MRN", 8, 12), found("TERM", 19, 27)) == [
        ("Her MRN ", "CARE", True),
        ("4471", "MRN", False),
        (" shows ", "CARE", True),
        ("diabetes", "TERM", False),
        (".", "", False),
    ]


def test_of_two_that_overlap_the_shorter_is_whole() -> None:
    """Whichever comes first; and of two at one place one is shown."""
    assert shown("abcdefgh", found("LONG", 0, 6), found("SHORT", 4, 8)) == [
        ("abcd", "LONG", False),
        ("efgh", "SHORT", False),
    ]
    assert shown("abcd", found("A", 0, 4), found("B", 0, 4)) == [("abcd", "A", False)]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 2), (3, 9), (7, 9)])
def test_a_place_that_the_text_has_not_is_no_fault(start: int, end: int) -> None:
    """Nothing of the text is lost or shown twice."""
    assert "".join(text for text, _, _ in shown("abcd", found("A", start, end), found("B", 1, 3))) == "abcd"


def test_text_without_findings_is_one_passage() -> None:
    """And no text is none."""
    assert shown("plain") == [("plain", "", False)]
    assert shown("") == []


@pytest.mark.parametrize(
    ("place", "read", "shown"),
    [
        (Place.HEADER, "<20260304.4711\nmail.example>", "<20260304.4711@mail.example>"),
        (Place.HEADER, "<a\nb.example> <c\nd.example>\n<e>", "<a@b.example> <c@d.example>\n<e>"),
        (Place.HEADER, "from x\nby y (<z)\nfor", "from x\nby y (<z)\nfor"),
        (Place.HEADER, "<a\nb\nc>", "<a\nb\nc>"),
        (Place.BODY, "<a\nb>", "<a\nb>"),
    ],
)
def test_an_identifier_is_shown_with_its_sign(place: Place, read: str, shown: str) -> None:
    """For which a line end was read; nothing moves, and lines of other text stay lines."""
    assert _as_written(Segment("1", place, read, runs=())).text == shown
    assert len(shown) == len(read)
