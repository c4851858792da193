"""The names stage with a made-up model: who of the people named counts as a patient."""

from dataclasses import replace

import pytest

from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect.names.stage import NamesStage
from tests.makers.named import CARE, PATIENT, SPEC, STREET, Words, detect, known, patients_of


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("Anna Silva was diagnosed with asthma.", ["Anna Silva"]),
        ("Refill for anna please, asthma is worse", ["anna"]),
        ("Anna has asthma", ["Anna"]),
        ("Asthma is common, said Anna Silva of the asthma society.", []),
        ("MRN 4711 Anna Silva", ["Anna Silva"]),
        ("Anna Silva 04/05/1961 asthma", ["Anna Silva"]),
        ("My name is Anna Silva and asthma keeps me awake", ["Anna Silva"]),
        ("Anna Silva wrote about asthma." + " " * 300 + "She was diagnosed.", []),
    ],
)
def test_patient_is_who_care_is_told_about(text: str, patients: list[str]) -> None:
    """A name counts beside an identifier, or near health content with a word of care, not by itself."""
    assert patients_of(detect(text)) == patients


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Anna Silva treated asthma",
        "Treated for asthma. Signed by: Anna Silva, MD",
        "Treated for asthma by Anna Silva, RN",
        "Attending: Anna Silva. Treated for asthma.",
        "Dear Anna,\ntreatment of asthma works.",
        "Treatment of asthma works.\n\nBest regards,\nAnna Silva\nDirector",
        "Treatment of asthma works. Thanks, Anna",
        "On Monday Anna Silva wrote:\n> treated for asthma",
        "From: Anna Silva\nSubject: treated for asthma",
    ],
)
def test_clinicians_and_correspondents_are_people_but_no_patients(text: str) -> None:
    """Titles, letters of a profession, greetings, signatures and quoted heads take the group away, not the finding."""
    findings = detect(text)

    assert {f.value for f in findings} <= {"Anna Silva", "Anna"}
    assert findings
    assert all(f.groups == {"person"} for f in findings)


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("Dear Anna Silva,\nyour asthma is under control.", ["Anna Silva"]),
        ("I have asthma. Can I run?\nRegards,\nAnna Silva", ["Anna Silva"]),
        ("Dear Anna Silva,\nI have asthma.", []),
        ("Your asthma is under control.\nRegards,\nAnna Silva", []),
    ],
)
def test_letter_about_its_reader_or_its_writer_has_a_patient(text: str, patients: list[str]) -> None:
    """ "Your asthma" is the greeted person's, "I have asthma" is the signer's: then they are who it is about."""
    assert patients_of(detect(text)) == patients


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("Anna here, 212-555-0101. My asthma again, can I run? I have a fever", ["Anna"]),
        ("Anna, this is a reminder. We talk about your asthma", ["Anna"]),
        ("Good news Anna, your asthma is better", ["Anna"]),
        ("From: Anna Silva\n\nDid my results come back? I think it is asthma", ["Anna Silva"]),
        ("On Monday Anna Silva wrote:\n> my asthma is worse\n\nstay in bed", ["Anna Silva"]),
        ("Can I run? I have asthma. Anna Silva", ["Anna Silva"]),
        ("Hi, this is Anna from the clinic about asthma", []),
        ("Questions about asthma? Sign up with Anna Silva", []),
        ("asthma desk: Anna Silva, ext. 4417", []),
        ("Anna Silva will cover the asthma line", []),
    ],
)
def test_who_writes_or_is_spoken_to_of_their_own_health_is_a_patient(text: str, patients: list[str]) -> None:
    """In a short note too; a caller of the house, a teacher and somebody on shift are not."""
    assert patients_of(detect(text)) == patients


@pytest.mark.parametrize("ward", ["Cardiology", "MRI", "dermatology", "Physical therapy"])
def test_name_of_a_ward_or_a_test_says_nothing_of_anybody(ward: str) -> None:
    """Unless a word says that somebody comes to it, or it is theirs."""

    def patients(text: str) -> list[str]:
        found = known(text, ward, "HEALTH_TERM", "health")
        return patients_of(NamesStage([SPEC], Words()).detect([Segment("1", Place.BODY, text)], found, Limits())[0])

    assert patients(f"The list of Anna Silva: {ward}, lunch, parking") == []
    assert patients(f"Anna Silva has an appointment, {ward}") == ["Anna Silva"]
    assert patients(f"Anna Silva asked about her {ward}") == ["Anna Silva"]


def test_scientist_who_is_quoted_is_no_patient() -> None:
    """By profession, or by a university behind the name, also where mail broke the line."""
    text = '"It helps in asthma," says biologist Anna\n> Silva of Example University. Asthma was treated. ' + "x" * 700

    assert patients_of(detect(text)) == []


@pytest.mark.parametrize(
    "header",
    [
        ("From", "Anna Silva <a@clinic.example>"),
        ("To", '"Silva, Anna" <a@x.example>, Bo <b@x.example>'),
        ("Cc", "anna.silva@x.example"),
    ],
)
def test_those_in_the_address_headers_are_no_patients(header: tuple[str, str]) -> None:
    """By display name in either order, or by the mailbox; another person of the same given name still is one."""
    findings = detect("Anna Silva was treated for asthma. Anna Roe was treated for asthma.", header)

    assert patients_of(findings) == ["Anna Roe"]


def test_staff_list_takes_names_in_any_order() -> None:
    """The organisation's own people are people, not patients."""
    spec = replace(SPEC, staff_names=("Silva Anna  # cardiology",))

    assert patients_of(detect("Anna Silva and Bo were treated for asthma", spec=spec)) == ["Bo"]


def test_name_a_pattern_took_by_its_title_is_judged_like_the_models() -> None:
    """ "Mr. Roe" beside an illness is a patient although the model missed him."""
    text = "Mr. Roe was treated for asthma"
    found = known(text, "asthma", "HEALTH_TERM", "health") + known(text, "Roe", "PERSON", "person")

    findings, _, _ = NamesStage([SPEC], Words()).detect([Segment("1", Place.BODY, text)], found, Limits())

    assert patients_of(findings) == ["Roe"]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Anna, treated for asthma, lives at 12 Elm St", True),
        ("Treated for asthma: Anna, 12 Elm St", True),
        ("Mercy Hospital, 12 Elm St, treats asthma", False),
        ("Come to our office at 12 Elm St for asthma", False),
        ("Treated for asthma.\nRegards,\nBo\n12 Elm St", False),
    ],
)
def test_address_is_a_patients_behind_a_patient_or_a_word_of_living(text: str, counts: bool) -> None:
    """An institution's address, or the sender's, is a place and nobody's home."""
    findings = detect(text, more=[STREET, CARE])

    assert [PATIENT in f.groups for f in findings if f.entity == "STREET_ADDRESS"] == [counts]
