"""What the frame of a mail tells of its writer's work is neither health content nor a patient's."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect import Engine
from gateway.detect.signed import Frames, blocks, notices, writers

HEAD = Segment("1", Place.HEADER, "Mara Lindqvist <mara@clinic.example>", header="From")
WRITERS = writers([HEAD])
SIGNED = "The gloves are short.\n\nMara Lindqvist, RN\nClinic Nurse Manager\nHarbor Oncology\n555-0112\n\nmore"


def finding(text: str, value: str, entity: str = "HEALTH_TERM", group: str = "health") -> Finding:
    start = text.index(value)
    return Finding(
        entity, frozenset({group}), "some", Confidence.MEDIUM, 0.75, "1", Place.BODY, 1,
        Span(start, start + len(value)), "***", value,
    )  # fmt: skip


def groups(text: str, *found: Finding) -> list[frozenset[str]]:
    """Of the findings, as they are judged in a mail of Mara Lindqvist's."""
    return [f.groups for f in Frames([HEAD, Segment("1", Place.BODY, text)]).without_work(found)]


def test_a_signature_of_somebody_at_work_is_no_health_content() -> None:
    """From the line with the name to the next empty line; what stands before it stays."""
    ((start, end),) = blocks(SIGNED, WRITERS)

    assert SIGNED[:start].endswith("short.\n\n")
    assert SIGNED[start:end].endswith("555-0112")
    assert groups(SIGNED, finding(SIGNED, "Oncology")) == [frozenset()]
    body = SIGNED.replace("gloves", "chemotherapy drugs")
    assert groups(body, finding(body, "chemotherapy")) == [{"health"}]


def test_contacts_in_it_are_no_patient_s() -> None:
    """A number that has a label of its own stays what it is."""
    phone = finding(SIGNED, "555-0112", "PHONE_NUMBER", "patient-identifier")
    number = finding(SIGNED, "555-0112", "MEDICAL_RECORD_NUMBER", "patient-identifier")

    assert groups(SIGNED, phone) == [frozenset()]
    assert groups(SIGNED, number) == [{"patient-identifier"}]


@pytest.mark.parametrize(
    "text",
    [
        "Mara Lindqvist\nasthma since 2019\n555-0112",  # a patient's: nobody works there
        "Mara Lindqvist, RN\nHarbor Clinic\nJoe Oduya, asthma, 555-0134",  # not on a line of work
        "Mara Lindqvist, RN\nJoe has asthma",  # goes on like a sentence
        "Mara Lindqvist, RN\nDOB 1/2/1980\nasthma",
        "Tobe Oduya, RN\nHarbor Clinic\nasthma",  # somebody else
        "I saw Mara Lindqvist, RN\nHarbor Clinic\nasthma",
    ],
)
def test_other_blocks_keep_what_they_tell(text: str) -> None:
    assert groups(text, finding(text, "asthma")) == [{"health"}]


def test_a_birth_date_in_it_keeps_all_of_it() -> None:
    """Somebody's own affair, whatever they work as."""
    text = SIGNED.replace("555-0112", "1/2/1980").replace("Oncology", "Cancer Clinic")
    born = finding(text, "1/2/1980", "DATE_OF_BIRTH", "patient-identifier")

    assert groups(text, finding(text, "Cancer")) == [frozenset()]
    assert groups(text, finding(text, "Cancer"), born) == [{"health"}, {"patient-identifier"}]


def test_signatures_of_those_who_are_quoted_count_too() -> None:
    """Behind marks of quoting, by the head above them."""
    head = "On Mon, Nov 9, 2026 at 9:12 AM Ivo Brandt <ivo@pt.example> wrote:"
    text = f"Yes.\n\n{head}\n> Chairs?\n> \n> Ivo Brandt, PT\n> Brandt Rehab"

    assert [text[a:b] for a, b in blocks(text, WRITERS)] == ["> Ivo Brandt, PT\n> Brandt Rehab"]


def test_the_name_of_a_house_is_about_nobody() -> None:
    """The same word outside of the name is."""
    text = "Please deliver to Harbor Cancer Center. The cancer came back."
    house = finding(text, "Harbor Cancer Center", "FACILITY", "facility")

    assert groups(text, house, finding(text, "Cancer"), finding(text, "cancer")) == [
        {"facility"},
        frozenset(),
        {"health"},
    ]


def test_a_notice_about_the_mail_is_about_nobody() -> None:
    """To the end of its paragraph; words of care that are no cue stay."""
    notice = "This message may contain patient information on diabetes; if you got it by mistake, delete it."
    text = f"See above.\n\n{notice}\n\nA patient."

    assert [text[low:high] for low, high in notices(text)] == [notice]
    assert groups(text, finding(text, "patient", "CARE_MENTION"), finding(text, "diabetes")) == [
        frozenset(),
        {"health"},
    ]
    assert notices("This message is about a patient.") == ()


def test_wards_and_professions_alone_are_about_nobody() -> None:
    """With anything else that tells of health they count."""
    text = "Cardiology needs a nurse for the biopsy."
    ward, nurse, more = finding(text, "Cardiology"), finding(text, "nurse", "CARE_MENTION"), finding(text, "biopsy")

    assert groups(text, ward, nurse) == [frozenset(), frozenset()]
    assert groups(text, ward, nurse, more) == [{"health"}] * 3


def test_a_ward_beside_what_is_somebody_s_counts() -> None:
    """A birth date there is a patient's."""
    text = "Cardiology, 1/2/1980"
    born = finding(text, "1/2/1980", "DATE_OF_BIRTH", "patient-identifier")

    assert groups(text, finding(text, "Cardiology"), born) == [{"health"}, {"patient-identifier"}]


@given(st.text(alphabet="Mara Lindqvist,\n>İ|RN-Clinic", max_size=300))
def test_blocks_are_sorted_and_apart_whatever_the_text(text: str) -> None:
    """And lie in the text."""
    found = blocks(text, WRITERS)

    assert all(0 <= a < b <= len(text) for a, b in found)
    assert all(first[1] <= second[0] for first, second in pairwise(found))


def test_the_matter_of_a_text_is_as_long_as_the_text() -> None:
    """Blanks stand where its frame was; without one there is nothing to read again."""
    frames = Frames([HEAD, Segment("1", Place.BODY, SIGNED), Segment("2", Place.BODY, "more")])
    matter = frames.matter(1)

    assert matter is not None
    assert len(matter) == len(SIGNED)
    assert matter.split() == ["The", "gloves", "are", "short.", "more"]
    assert frames.matter(2) is None


def test_no_passage_tells_of_care_by_the_words_of_a_signature_alone(shipped_engine: Engine) -> None:
    """Below the name of somebody who did not write it, the same lines may be about anybody."""
    signed = "Mara Lindqvist, RN, OCN\nInfusion Nurse, Breast Cancer Surgery Program\nHarbor Pain & Therapy Clinic"

    def passages(body: str, writer: str) -> list[str]:
        head = Segment("1", Place.HEADER, f"{writer} <m@clinic.example>", header="From")
        found = shipped_engine.detect([head, Segment("1", Place.BODY, f"{body}\n\n{signed}\n")], Limits()).findings
        return [f.value for f in found if "passage" in f.groups]

    assert passages("My flight was late, see you on Monday.", "Mara Lindqvist") == []
    assert passages("My flight was late, see you on Monday.", "Somebody Else") != []
    assert passages("He fainted, vomits blood and his belly hurts since the surgery.", "Mara Lindqvist") != []
