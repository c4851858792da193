"""In a mail about goods, work or teaching in which nobody is cared for, numbers and names are of the business."""

from dataclasses import replace

import pytest

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect import Engine
from gateway.detect.signed import Frames
from gateway.detect.trade import is_business

HEAD = Segment("1", Place.HEADER, "Mara Lindqvist <mara@clinic.example>", header="From")
ORDER = "Contract BW-2231 (heparin) was invoiced twice, please rebill."
BESIDE = "identifier 12 characters away"


def finding(
    text: str,
    value: str,
    entity: str = "ACCOUNT_NUMBER",
    detector: str = "patient-account",
    *,
    group: str = "patient-identifier",
    confidence: Confidence = Confidence.MEDIUM,
    why: tuple[str, ...] = (),
) -> Finding:
    start = text.index(value)
    return Finding(
        entity, frozenset({group}), detector, confidence, 0.75, "1", Place.BODY, 1,
        Span(start, start + len(value)), "***", value, why=why,
    )  # fmt: skip


def drug(text: str) -> Finding:
    return finding(text, "heparin", "HEALTH_TERM", "health-term", group="health")


def is_of_a_patient(text: str, found: Finding) -> bool:
    """Of one finding, as it is judged in a mail of Mara Lindqvist's with a drug in it."""
    judged = Frames([HEAD, Segment("1", Place.BODY, text)]).without_work([drug(text), found])
    return "patient-identifier" in judged[1].groups


def test_a_number_with_an_everyday_label_is_nobodys() -> None:
    assert not is_of_a_patient(ORDER, finding(ORDER, "BW-2231"))


def test_its_drug_stays_health_content() -> None:
    judged = Frames([HEAD, Segment("1", Place.BODY, ORDER)]).without_work([drug(ORDER)])

    assert judged[0].groups == {"health"}


@pytest.mark.parametrize(
    "said",
    [
        "The patient needs it today.",
        "She is on it since Friday.",
        "Mrs. Oduya got none.",
        "DOB 1/2/1980",
        "I am Joe Oduya.",
        "My leg hurts.",
        "74 F",
        "Seen 11/3/2026",
        "El paciente espera.",
    ],
)
def test_somebody_who_is_cared_for_keeps_it(said: str) -> None:
    text = f"{ORDER} {said}"

    assert is_of_a_patient(text, finding(text, "BW-2231"))


def test_one_word_of_business_is_not_enough() -> None:
    """But for who signs with a job."""
    text = "The contract BW-2231 has heparin in it."
    signed = f"{text}\n\nMara Lindqvist, RN\nClinic Nurse Manager"

    assert is_of_a_patient(text, finding(text, "BW-2231"))
    assert not is_of_a_patient(signed, finding(signed, "BW-2231"))


def test_one_word_in_two_forms_is_one() -> None:
    text = "Invoice BW-2231 for heparin was invoiced."

    assert is_of_a_patient(text, finding(text, "BW-2231"))


def test_a_label_of_a_patient_s_or_a_sure_value_keeps_all() -> None:
    record = finding(ORDER, "BW-2231", "MEDICAL_RECORD_NUMBER", "medical-record-number")
    sure = finding(ORDER, "BW-2231", "HEALTH_PLAN_MEMBER_ID", "health-plan-member-id", confidence=Confidence.HIGH)
    born = finding(ORDER, "twice", "DATE_OF_BIRTH", "date-of-birth")

    for each in (record, sure, born):
        assert not is_business([ORDER], [each])
    assert is_business([ORDER], [finding(ORDER, "BW-2231")])


def test_a_name_beside_such_a_number_is_nobodys_patient() -> None:
    """One of whom an illness is said stays."""
    text = f"{ORDER} Joe Oduya does it."
    beside = finding(text, "Joe Oduya", "PERSON", "person-ner", why=(BESIDE,))
    told = finding(text, "Joe Oduya", "PERSON", "person-ner", why=(BESIDE[:-5], "health content is said of it"))

    assert not is_of_a_patient(text, beside)
    assert is_of_a_patient(text, told)


def test_a_patient_in_what_is_attached_keeps_all() -> None:
    order = finding(ORDER, "BW-2231")
    table = Segment("2", Place.ATTACHMENT, "Patient: Joe Oduya, asthma")
    frames = Frames([HEAD, Segment("1", Place.BODY, ORDER), table])

    assert frames.without_work([drug(ORDER), order])[1].groups == {"patient-identifier"}


def test_names_are_judged_by_what_was_found_first() -> None:
    """They come when the rest was judged, and alone."""
    frames = Frames([HEAD, Segment("1", Place.BODY, ORDER)])
    frames.without_work([drug(ORDER)])

    (name,) = frames.without_work([finding(ORDER, "heparin", "PERSON", "person-ner", why=(BESIDE,))])

    assert name.groups == frozenset()


INVOICE = "Invoice 4471 is past due: Joe Oduya, account 5521907, heparin on 3 May. Please see the payment terms."


def named(text: str, name: str = "Joe Oduya") -> tuple[bool, Finding]:
    """Whether it counts as about that person, and what the number is taken for then."""
    frames = Frames([HEAD, Segment("1", Place.BODY, text)])
    first = [drug(text), finding(text, "5521907")]
    person = finding(text, name, "PERSON", "person-ner", confidence=Confidence.LOW)
    told = frames.names_somebody(frames.without_work(first), [person])
    return told, frames.without_work(first)[1]


def test_a_full_name_beside_such_a_number_and_health_content_is_somebody_s() -> None:
    """Also on lines of its own; whoever bills for a person's care writes of business and means a person."""
    apart = INVOICE.replace(", ", "\r\n")
    for text in (INVOICE, apart):
        assert named(text)[0]
        assert named(text)[1].groups == {"patient-identifier"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (INVOICE, "Joe"),  # one word may be anything
        (INVOICE.replace(", account", ".\r\n\r\nAccount"), "Joe Oduya"),
        (INVOICE.replace(", account", ". Account"), "Joe Oduya"),  # of another sentence
        (INVOICE.replace(", account", ", we talked" * 4 + ", account"), "Joe Oduya"),
        (INVOICE.replace("heparin", "gloves") + " We talked." * 12 + " Heparin: heparin.", "Joe Oduya"),
    ],
)
def test_a_name_further_away_is_of_business(text: str, name: str) -> None:
    told, number = named(text, name)

    assert not told
    assert number.groups == frozenset()


def test_an_invoice_for_somebody_s_care_is_found(names_engine: Engine) -> None:
    """By the engine as a whole: the name is asked for again once it is known whose invoice it is."""
    detection = names_engine.detect([HEAD, Segment("1", Place.BODY, INVOICE)], Limits())

    ids = {f.value for f in detection.findings if "patient-identifier" in f.groups}
    assert {"Joe Oduya", "5521907"} <= ids


def test_a_long_text_is_judged_as_any_other() -> None:
    assert not is_business([ORDER, "word " * 4_000], [])


@pytest.mark.parametrize(
    ("said", "business"),
    [
        ("Ask her.", True),
        ("Ask her, the appointment is hers.", False),
        ("https://ehr.example/open?pid=55612", False),
        ("https://ehr.example/open?page=55612", True),
    ],
)
def test_all_words_together_outweigh_two_that_may_speak_of_a_patient(said: str, *, business: bool) -> None:
    """Not three, and not the address of a chart."""
    assert is_business([f"About the heparin. {said}"], [], of_work=lambda: True) is business
    assert not is_business([f"About the heparin. {said}"], [])


def test_what_stands_in_a_long_text_or_is_of_a_person_is_not_outweighed() -> None:
    born = finding(ORDER, "twice", "DATE_OF_BIRTH", "date-of-birth")

    assert not is_business([ORDER], [born], of_work=lambda: True)
    assert not is_business(["word " * 4_001], [], of_work=lambda: True)


def test_a_passage_with_a_digit_in_it_is_no_number_beside_a_name() -> None:
    """What the classifier takes for care is of business here, as long as it is."""
    frames = Frames([HEAD, Segment("1", Place.BODY, INVOICE)])
    passage = replace(finding(INVOICE, "account 5521907"), groups=frozenset({"health", "passage"}))
    judged = frames.without_work([drug(INVOICE), passage])
    person = finding(INVOICE, "Joe Oduya", "PERSON", "person-ner", confidence=Confidence.LOW)

    assert judged[1].groups == {"passage"}
    assert not frames.names_somebody(judged, [person])
