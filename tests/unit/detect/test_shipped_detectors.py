"""Shipped detectors together: what no table of one of them says (those are in `tables/`, run by `test_tables.py`)."""

from collections.abc import Callable

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import Finding
from tests.makers.tables import tables

Detect = Callable[[str], list[Finding]]

ORDINARY = (
    "Regards, Ada Silva\nAcme Ltd, 12 Elm Street, Salem, OR 97301\nTel: (212) 736-5000, https://acme.example/about?x=1\n"
    "Sent 4/2/2025 from 192.0.2.17; we are a 92-year-old company and our ward of asthma patients grows."
)


def test_secret_is_hidden_whole(detect: Detect, shipped: tuple[DetectorSpec, ...]) -> None:
    """The sample of a secret shows nothing of it."""
    secret = {spec.id for spec in shipped if "secret" in spec.groups}
    rows = [(name, row) for name, table in tables().items() if name in secret for row in table.positive]

    masks = {finding.masked for name, row in rows for finding in detect(row.text) if finding.detector == name}

    assert masks == {"***"}


def test_private_key_spans_its_body(detect: Detect) -> None:
    """The finding covers the key from the first line to the last, so that redacting leaves nothing."""
    key = "-----BEGIN " + "PRIVATE KEY-----\nProc-Type: 4\n" + "QUJD\n" * 500 + "-----END " + "PRIVATE KEY-----"

    assert [f.value for f in detect(f"hi\n{key}\nbye")] == [key]


def test_business_mail_with_phones_and_a_health_word_names_no_patient(detect: Detect) -> None:
    """A signature, a phone and a word of health are no patient information."""
    findings = detect(
        "Regards, Mr. Silva\nSales, Acme\nTel: (212) 736-5000\nms@acme.example\nOur asthma campaign ends."
    )

    told = {f.entity for f in findings if "passage" not in f.groups or f.confidence > Confidence.LOW}
    assert told == {"PHONE_NUMBER", "EMAIL_ADDRESS", "HEALTH_TERM", "PERSON", "TITLE"}
    assert not [f for f in findings if "patient-identifier" in f.groups]


def test_labelled_contact_of_a_patient_identifies_the_patient(detect: Detect) -> None:
    """A phone number or an address labelled as a patient's is a patient identifier."""
    findings = detect("Patient phone: (212) 736-5000, patient e-mail: ana@home.example")

    contacts = [f for f in findings if "contact" in f.groups]
    assert [(f.entity, "patient-identifier" in f.groups) for f in contacts] == [
        ("PHONE_NUMBER", True),
        ("EMAIL_ADDRESS", True),
    ]


def test_every_detector_says_where_its_knowledge_is_from(shipped: tuple[DetectorSpec, ...]) -> None:
    """Title, groups and references are filled in."""
    assert all(spec.title and spec.groups and spec.references for spec in shipped)


def test_signature_of_an_ordinary_mail_names_no_patient(detect: Detect) -> None:
    """Streets, dates, addresses of machines and ages of companies identify nobody by themselves."""
    findings = detect(ORDINARY)

    assert [f for f in findings if "patient-identifier" in f.groups and f.confidence.word != "low"] == []


def test_log_full_of_times_is_no_failure(detect: Detect) -> None:
    """A detector that means nothing alone stops after enough of them, and says nothing of it."""
    findings = detect("2025-04-02T10:15:30Z 192.0.2.17 GET\n" * 20_000)

    assert 0 < sum(f.entity == "DATE_TIME" for f in findings) <= 1_000
