"""Ordinary mails of clinics, and mails like them about one patient, through the shipped rules."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.detection.inspecting import acts, looked_at, sent_outside

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "detection-ordinary"
KEPT = {  # acted on at the most
    ("open", "clear"): 3,
    ("blind", "clear"): 9,
    ("elsewhere", "clear"): 3,
    ("fresh/read", "clear"): 5,
    ("fresh/unread", "clear"): 11,
}
HALVES = ("open", "blind")
PHONE = re.compile(r"(?<![\d/-])\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")


def mails(half: str, sort: str) -> list[Path]:
    """Of one half and sort."""
    return sorted((FOLDER / half / sort).glob("*.eml"))


@pytest.fixture(scope="module")
def acted_on() -> dict[tuple[str, str], int]:
    """How many of each half and sort are held or changed for somebody outside."""
    look = looked_at()
    return {
        (half, sort): sum(acts(look(sent_outside(path.read_bytes())).verdict) for path in mails(half, sort))
        for half, sort in (*KEPT, *((half, "protected") for half in HALVES))
    }


def test_no_more_ordinary_mails_are_acted_on_than_before(acted_on: dict[tuple[str, str], int]) -> None:
    """Fewer is better: then lower the number here and in docs/detection.md."""
    assert {key: acted_on[key] for key in KEPT if acted_on[key] > KEPT[key]} == {}


def test_the_same_with_a_patient_in_it_is_acted_on(acted_on: dict[tuple[str, str], int]) -> None:
    """All of them: what mends a false alarm must not let a patient through."""
    for half in HALVES:
        assert acted_on[half, "protected"] == len(mails(half, "protected"))


def bodies() -> Iterator[tuple[str, str]]:
    """The text of each mail and of what is attached to it."""
    for path in FOLDER.rglob("*.eml"):
        for part in message_from_bytes(path.read_bytes(), policy=default).walk():
            if part.get_content_maintype() == "text":
                yield path.name, part.get_content()


def test_the_set_is_as_large_as_its_origin_says() -> None:
    """Counted by half and sort."""
    origin = (FOLDER / "ORIGIN.md").read_text()

    for half in {half for half, _ in KEPT}:
        assert f"| `{half}` | {len(mails(half, 'clear'))} | {len(mails(half, 'protected'))} |" in origin


def test_nobody_has_the_telephones() -> None:
    """They are of those kept for fiction."""
    assert [(name, found) for name, text in bodies() for found in PHONE.findall(text) if "555" not in found] == []
