"""Passages of care in the engine: what they are for other findings."""

from collections.abc import Callable, Collection, Mapping, Sequence

import pytest

from gateway.core.detector import Confidence, Context, DetectorSpec, Pattern
from gateway.core.finding import DetectorFailure, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect import Engine
from gateway.detect.care.classifier import READ
from gateway.detect.names.base import NOWHERE

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


def test_a_code_in_the_middle_of_a_note_about_care_is_somebodys(detect: Detect) -> None:
    """What stands inside a passage is as near to it as can be."""
    (finding,) = _of(detect(f"{NOTE}E-441029, {NOTE}please advise"), "unlabelled-number")

    assert finding.value == "E-441029"
    assert finding.confidence is Confidence.MEDIUM
    assert "in passage content" in finding.why


def test_a_code_in_another_note_is_nobodys(detect: Detect) -> None:
    """Orders, tickets, serial numbers."""
    findings = detect("the dishwasher is leaking again, E-441029, can the plumber come on Friday before noon?")

    assert not [f for f in findings if f.value == "E-441029" and f.confidence > Confidence.LOW]


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


PLAIN = "we met them about the new rules for parking at the town hall"


class _Asked:
    """A names stage that notes in which segments passages may be left."""

    def __init__(self) -> None:
        self.half_read: list[int] = []
        self.doubtful: dict[int, Sequence[Span]] = {}

    def detect(
        self,
        segments: Sequence[Segment],
        found: Sequence[Finding],
        limits: Limits,
        half_read: Collection[int] = (),
        doubtful: Mapping[int, Sequence[Span]] = NOWHERE,
    ) -> tuple[list[Finding], list[DetectorFailure], list[Finding]]:
        self.half_read += half_read
        self.doubtful.update(doubtful)
        return [], [], []


@pytest.mark.parametrize(
    ("texts", "half_read"),
    [
        ((NOTE, PLAIN), []),
        (("x " * READ, NOTE), [0]),
        ((NOTE, NOTE, PLAIN), [1, 2]),
        ((NOTE, "x", "the it is"), [1, 2]),
    ],
    ids=["all", "too long", "enough", "too few known words"],
)
def test_names_are_told_where_passages_may_be_left(
    texts: tuple[str, ...], half_read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text not read to its end, one of a few words, all after the last passage of interest: that none is found there
    says nothing."""
    known = sorted({f"0 {word}" for word in f"{NOTE} {PLAIN}".replace(",", "").split()})
    weights = (*known, "-200", "300 chills", "300 incision", "300 leg", "300 oozing", "300 swollen")
    groups = frozenset({"health", "passage"})
    spec = DetectorSpec("care", "CARE", "care", groups, classifier="w", classifier_weights=weights, enough=1)
    engine, asked = Engine([spec]), _Asked()
    monkeypatch.setattr(engine, "_names", asked)

    engine.detect([Segment("1", Place.BODY, text) for text in texts], Limits())

    assert asked.half_read == half_read


def test_that_no_sentence_tells_of_care_says_nothing_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What weighs sentences alone leaves passages open in every text."""
    sentence = DetectorSpec(
        "sentence", "CARE", "", frozenset({"health"}), classifier="w", classifier_weights=("-200", "300 chills"),
        reads="sentences",
    )  # fmt: skip
    engine, asked = Engine([sentence]), _Asked()
    monkeypatch.setattr(engine, "_names", asked)

    engine.detect([Segment("1", Place.BODY, PLAIN)], Limits())

    assert asked.half_read == [0]


def test_a_name_counts_in_a_glance_wherever_it_may_count(names_engine: Engine) -> None:
    """A subject of few known words: whether it tells of somebody's care cannot be said, so the name counts."""
    segments = [Segment("1", Place.SUBJECT, "Maria Lopez: metformin"), Segment("1", Place.BODY, "See you on Monday.")]

    for detection in (names_engine.detect(segments, Limits()), names_engine.glance(segments, Limits(), {Place.BODY})):
        (name,) = (found for found in detection.findings if found.entity == "PERSON")
        assert "patient-identifier" in name.groups
        assert name.confidence is Confidence.MEDIUM


def test_known_health_content_makes_a_doubtful_passage_surer_whoever_else_asks_for_it() -> None:
    """An engine of the detectors that look first grades it as the engine of all does."""
    plain = [f"0 {word}" for word in ("is", "and", "have", "today", "since", "last", "week", "please")]
    weights = ("-160", "100 chills", "100 oozing", "100 my", "100 leg", *plain)
    care = DetectorSpec(
        "care", "CARE", "care", frozenset({"health", "passage"}), classifier="w", classifier_weights=weights
    )
    term = DetectorSpec("term", "HEALTH_TERM", "term", frozenset({"health"}), lexicon="l", lexicon_terms=("oozing",))
    follower = DetectorSpec(
        "number",
        "ACCOUNT_NUMBER",
        "number",
        frozenset({"account"}),
        (Pattern("p", r"\b[0-9]{5}\b"),),
        context=Context(groups=("health",)),
    )

    def levels(*specs: DetectorSpec) -> list[Confidence]:
        segments = [Segment("1", Place.BODY, "my leg is oozing and i have chills today since last week please")]
        found = Engine(specs).glance(segments, Limits(), {Place.BODY}).findings
        return [finding.confidence for finding in found if finding.detector == "care"]

    assert levels(care) == [Confidence.LOW]
    assert levels(care, term) == levels(care, term, follower) == [Confidence.MEDIUM]


def test_one_sentence_among_other_matters_is_a_passage(detect: Detect) -> None:
    """It says why it counts."""
    matters = "The van goes to the garage on Monday. Please bring the keys of the shed. Coffee is on the firm. "
    (finding,) = _of(detect(f"{matters}My mom is back in the hospital with pneumonia. {matters}"), "care-sentence")

    assert finding.value == "My mom is back in the hospital with pneumonia"
    assert finding.confidence is Confidence.MEDIUM
    assert "one sentence tells it by itself" in finding.why


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("his fever is still and so", True),  # in doubt, with a term in it
        ("his anger is still and so", False),  # as much in doubt, and without
        ("the anger is still and so", False),
    ],
)
def test_a_known_term_makes_a_doubtful_sentence_count(text: str, found: bool) -> None:
    """By itself it is no finding at all."""
    groups = frozenset({"health", "passage"})
    weights = ("-200", "250 fever", "250 anger", "220 his", "200 is", "1 and", "1 still", "-100 the")
    sentence = DetectorSpec(
        "sentence", "CARE_CONTENT", "", groups, classifier="w", classifier_weights=weights, reads="sentences"
    )
    term = DetectorSpec("term", "HEALTH_TERM", "", frozenset({"health"}), lexicon="x", lexicon_terms=("fever",))
    engine = Engine([sentence, term])

    findings = engine.detect([Segment("1", Place.BODY, text)], Limits()).findings

    told = [finding for finding in findings if finding.detector == "sentence"]
    assert bool(told) == found
    assert all("it has known health content" in finding.why for finding in told)


@pytest.mark.parametrize("first", ["a-care", "z-care"])
def test_a_passage_is_no_known_term_of_a_sentence(first: str) -> None:
    """Else two that are asked about the same words would make each other surer, the more so in one order."""
    groups = frozenset({"health", "passage"})
    notes = ("-100", "300 anger", "100 his", "100 is", "1 and", "1 still", "1 so")
    care = DetectorSpec(first, "CARE_CONTENT", "", groups, classifier="w", classifier_weights=notes)
    weights = ("-200", "250 anger", "220 his", "200 is", "1 and", "1 still")
    sentence = DetectorSpec(
        "sentence", "CARE_CONTENT", "", groups, classifier="w", classifier_weights=weights, reads="sentences"
    )
    engine = Engine(sorted([care, sentence], key=lambda spec: spec.id))

    findings = engine.detect([Segment("1", Place.BODY, "his anger is still and so")], Limits()).findings

    assert [(f.detector, f.confidence) for f in findings] == [(first, Confidence.MEDIUM)]
