"""A filled-in form is known by what is left of the blank one; ordinary mail and a quotation are not."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.errors import SetupError
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, View
from gateway.detect.forms import stage as stage_module
from gateway.detect.forms.phrases import phrases_of_form, phrases_of_text
from gateway.detect.forms.shelf import form_of, read_forms, written
from gateway.detect.forms.stage import FormsStage
from gateway.detect.text import fold

BLANK = """\
Example Clinic
Intake form for new patients

Patient name: ____________________   Date of birth: ____________
Street address: ____________________________
City: ______________  Postcode: ________
Telephone at home: ______________ Mobile: ______________
Health plan: ______________ Member number: ______________

Reason for your visit: ______________________________________
Which medicines do you take at present? ______________________
Are you allergic to anything? [ ] yes [ ] no   If so, to what? ______________

I agree that Example Clinic may keep and use what I have written here for my treatment
and for the account with my health plan. I have been told that I may ask for a copy at any time.

Signature: ____________________  Date: ____________
"""
FILLED = """\
Example Clinic
Intake form for new patients

Patient name: Ana de la Cruz   Date of birth: 14 March 1984
Street address: 12 North Main Street, apartment 4
City: Springfield  Postcode: 12345
Telephone at home: (555) 010-4477 Mobile: none
Health plan: Example Health Member number: XQJ482913775

Reason for your visit: cough since two weeks, short of breath at night
Which medicines do you take at present? Metformin, two a day
Are you allergic to anything? [x] yes [ ] no   If so, to what? penicillin

I agree that Example Clinic may keep and use what I have written here for my treatment
and for the account with my health plan. I have been told that I may ask for a copy at any time.

Signature: A. de la Cruz  Date: 3 June 2024
"""
MAIL = """\
Dear all,

the new intake form is ready. "I agree that Example Clinic may keep and use what I have written here for my
treatment": is that what we want? Please have your name, date of birth and street address at hand when you call.

Patient name: goes first, as before. City: too.
Kind regards, Will
"""


def spec_of(path: Path, *forms: str, threshold: int = 60) -> DetectorSpec:
    return DetectorSpec(
        id="our-form",
        entity="PATIENT_FORM",
        title="A form of ours",
        groups=frozenset({"patient-identifier"}),
        engine="forms",
        index=str(path),
        forms=forms,
        threshold=threshold,
        confidence=Confidence.HIGH,
        mask="all",
        file="rules/detectors/our-form.yaml",
        line=1,
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    path = tmp_path / "forms.json"
    consent = "\n".join(
        f"Paragraph {word} of the consent says something of its own about {word}" for word in "abcdefghijklmn"
    )
    path.write_bytes(written([form_of("intake", BLANK, "2026-11-25"), form_of("consent", consent, "2026-11-25")]))
    return path


def found(shelf: Path, *texts: str, threshold: int = 60) -> list[Finding]:
    segments = [Segment("1.2", Place.ATTACHMENT, text) for text in texts]
    findings, failures = FormsStage([spec_of(shelf, threshold=threshold)], b"f" * 32).detect(segments, Limits())
    assert failures == []
    return findings


def test_a_filled_in_form_is_found(shelf: Path) -> None:
    """With high confidence, and what it is known by."""
    (finding,) = found(shelf, FILLED)

    assert (finding.entity, finding.confidence, finding.masked) == ("PATIENT_FORM", Confidence.HIGH, "***")
    assert finding.why[0].startswith("the form intake: 100 % of its 56 phrases")
    assert finding.value.startswith("Intake form for new patients")
    assert "Cruz" not in repr(finding)


def test_a_blank_form_is_found_with_low_confidence(shelf: Path) -> None:
    """Blank forms go out every day; a rule asks for more."""
    (finding,) = found(shelf, BLANK)

    assert finding.confidence is Confidence.LOW
    assert finding.why[1] == "nothing seems to be filled in"


@pytest.mark.parametrize("text", [MAIL, "Hello, see you at noon.", "", "word " * 5000])
def test_ordinary_mail_and_a_quotation_are_nothing(shelf: Path, text: str) -> None:
    """A sentence and some labels of the form are a small part of it."""
    assert found(shelf, text) == []


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: " ".join(text.split()),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: "Scanned by mail room, page 1 of 1\n\n" + text + "\n\nConfidential\n" * 3,
    ],
)
def test_layout_and_case_change_nothing(shelf: Path, change: object) -> None:
    """Another program wrote it out: the share drops where lines are lost, not below the threshold."""
    assert len(found(shelf, change(FILLED))) == 1  # type: ignore[operator]


def test_a_form_over_several_pages_is_one(shelf: Path) -> None:
    """Each page is a text of its own; together they are the form."""
    half = len(FILLED) // 2

    assert len(found(shelf, FILLED[:half], FILLED[half:])) == 1


def test_the_two_views_of_a_part_count_once(shelf: Path) -> None:
    """What is seen stands for the part."""
    segments = [Segment("1", Place.BODY, FILLED), Segment("1", Place.BODY, FILLED, view=View.ALL)]

    findings, _ = FormsStage([spec_of(shelf)], b"").detect(segments, Limits())

    assert [finding.segment for finding in findings] == [0]


def test_a_detector_may_ask_for_some_forms_and_a_share(shelf: Path) -> None:
    """By name; a higher share is stricter."""
    stage = FormsStage([spec_of(shelf, "consent")], b"")

    assert stage.detect([Segment("1", Place.BODY, FILLED)], Limits())[0] == []
    assert found(shelf, FILLED.replace("allergic", "used"), threshold=100) == []


def test_fingerprint_is_of_the_form(shelf: Path) -> None:
    """Two filled-in copies are the same form: `min-distinct` counts forms."""
    prints = {finding.fingerprint for finding in found(shelf, FILLED) + found(shelf, BLANK)}

    assert len(prints) == 1


def test_more_words_than_are_looked_at_are_a_failure(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never silence."""
    monkeypatch.setattr(stage_module, "MOST_WORDS", 100)

    _, failures = FormsStage([spec_of(shelf)], b"").detect([Segment("1", Place.BODY, "word " * 101)], Limits())

    assert failures == [DetectorFailure("our-form", FailureKind.LIMIT)]


def test_more_forms_than_the_limit_are_a_failure(shelf: Path) -> None:
    """Blank ones in front hide none that is filled in."""
    segments = [Segment(f"1.{number}", Place.ATTACHMENT, BLANK) for number in range(3)]

    findings, failures = FormsStage([spec_of(shelf)], b"").detect(segments, Limits(findings=2))

    assert len(findings) == 2
    assert failures == [DetectorFailure("our-form", FailureKind.LIMIT)]


def test_a_form_with_little_text_is_refused() -> None:
    """It would be taken for every other."""
    with pytest.raises(SetupError, match="phrases of its own could be read, 12 are needed"):
        form_of("x", "Name: ____\nDate: ____\nSignature: ____", "")


@pytest.mark.parametrize(
    ("octets", "said"),
    [(b"", "damaged"), (b'{"version": 9, "forms": []}', "another version"), (b'{"version": 1}', "damaged")],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, octets: bytes, said: str) -> None:
    """With the detector's place."""
    path = tmp_path / "forms.json"
    path.write_bytes(octets)

    with pytest.raises(SetupError, match=said):
        FormsStage([spec_of(path)], b"")


def test_a_form_that_is_gone_is_refused(shelf: Path) -> None:
    """A detector that names it would find nothing, unnoticed."""
    with pytest.raises(SetupError, match="there is none named referral"):
        FormsStage([spec_of(shelf, "referral")], b"")


def test_the_file_has_no_word_of_the_form(shelf: Path) -> None:
    """Names and checksums alone."""
    octets = shelf.read_bytes()

    assert not any(word.encode() in octets for word in ("Clinic", "allergic", "agree"))
    assert read_forms(shelf)[0][1].phrases == phrases_of_form(BLANK)


@given(st.text(max_size=300), st.text(max_size=300))
@example("0;0\u02d70\u02d70\u2026", "")
def test_phrases_of_a_form_are_in_every_text_that_begins_with_it(blank: str, rest: str) -> None:
    """Whatever stands behind it on lines of its own; and nothing raises."""
    text = blank + "\n" + rest

    assert phrases_of_form(blank) <= phrases_of_text(fold(text).octets)
