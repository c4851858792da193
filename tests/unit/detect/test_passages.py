"""Passages of care in the engine: what they are for other findings."""

from collections.abc import Callable

from gateway.core.detector import Confidence
from gateway.core.finding import Finding

Detect = Callable[[str], list[Finding]]
NOTE = "the incision opened up and it is oozing, i have chills and my leg is swollen, "


def _of(findings: list[Finding], detector: str) -> list[Finding]:
    return [finding for finding in findings if finding.detector == detector]


def test_a_passage_takes_the_place_of_no_number_in_it(detect: Detect) -> None:
    """It has digits in it, but they mean what they meant."""
    findings = detect(f"MRN: 00482913, {NOTE}born 3/4/1961, please advise")

    assert _of(findings, "care-content")
    assert [f.value for f in _of(findings, "medical-record-number")] == ["00482913"]
    assert "DATE_OF_BIRTH" in {finding.entity for finding in findings}


def test_a_telephone_in_a_note_about_care_is_the_patients(detect: Detect) -> None:
    """Nobody else is there whose it could be."""
    (finding,) = _of(detect(f"{NOTE}202-555-0143"), "care-phone")

    assert finding.value == "202-555-0143"
    assert finding.confidence is Confidence.MEDIUM
    assert "patient-identifier" in finding.groups


def test_a_telephone_in_another_note_is_a_contact(detect: Detect) -> None:
    """The same voice, and no care in it."""
    findings = detect("the dishwasher is leaking again, can the plumber come on Friday before noon? 202-555-0143")

    assert not _of(findings, "care-content")
    assert not _of(findings, "care-phone")
    assert [f.entity for f in findings if f.value == "202-555-0143"] == ["PHONE_NUMBER"]


def test_an_offices_telephone_is_not_the_patients(detect: Detect) -> None:
    """A word of the house near it leaves it low."""
    findings = _of(detect(f"{NOTE}should I ring the front desk at 202-555-0143"), "care-phone")

    assert all(finding.confidence is Confidence.LOW for finding in findings)


def test_a_passage_says_which_words_it_went_by(detect: Detect) -> None:
    """The reason is for people."""
    (finding,) = _of(detect(NOTE), "care-content")

    assert finding.why[0].startswith("words of ../../models/care-classifier/weights.txt: ")
    assert "score" in finding.why[-1]
    assert finding.masked.strip("*") == ""


def test_an_id_within_another_word_is_no_label(detect: Detect) -> None:
    """The number of an article in an address of the web is nobody's member number."""
    findings = detect("West Nile and the side effects: http://news.example/story.asp?art_id=18672487")

    assert not [f for f in findings if f.entity == "HEALTH_PLAN_MEMBER_ID"]
