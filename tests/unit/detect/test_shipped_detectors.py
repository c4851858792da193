"""Each shipped detector: what it finds, what it leaves alone, and near misses."""

from collections.abc import Callable

import pytest

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import Finding

Detect = Callable[[str], list[Finding]]

FOUND = [
    ("US_SSN", "SSN: 219-09-9999", "219-09-9999", "high"),
    ("US_SSN", "Ref 219-09-9999 as agreed", "219-09-9999", "medium"),
    ("US_SSN", "social security number is 219 09 9999.", "219 09 9999", "high"),
    ("US_SSN", "SSN 219099999", "219099999", "high"),
    ("US_SSN", "patient_ssn=219-09-9999;", "219-09-9999", "high"),
    ("US_SSN", "SSN 123-45-6789", "123-45-6789", "high"),
    ("US_SSN", "SSN 987-65-4321", "987-65-4321", "medium"),
    ("US_SSN", "last four of SSN: 9999", "9999", "medium"),
    ("US_SSN", "SSN—219‑09‑9999", "219‑09‑9999", "high"),
    ("CREDIT_CARD", "Charge 4111 1111 1111 1111 today", "4111 1111 1111 1111", "high"),
    ("CREDIT_CARD", "4111-1111-1111-1111", "4111-1111-1111-1111", "high"),
    ("CREDIT_CARD", "amex 3782 822463 10005", "3782 822463 10005", "high"),
    ("CREDIT_CARD", "5555555555554444.", "5555555555554444", "high"),
    ("CREDIT_CARD", "card number 4111 1111 1111 1112", "4111 1111 1111 1112", "medium"),
    ("US_NPI", "NPI: 1234567893", "1234567893", "high"),
    ("US_NPI", "ref 1234567893", "1234567893", "low"),
    ("US_NPI", "NPI: 1234567890", "1234567890", "low"),
    ("US_DEA", "DEA# AB1234563", "AB1234563", "high"),
    ("US_DEA", "see AB1234563", "AB1234563", "medium"),
    ("US_MBI", "Medicare 1EG4-TE5-MK73", "1EG4-TE5-MK73", "high"),
    ("US_MBI", "is 1EG4TE5MK73", "1EG4TE5MK73", "medium"),
    ("MEDICAL_RECORD_NUMBER", "MRN: 00482913", "00482913", "high"),
    ("MEDICAL_RECORD_NUMBER", "MRN# 12-34-56", "12-34-56", "high"),
    ("MEDICAL_RECORD_NUMBER", "mrn\r\n00482913\r\n", "00482913", "high"),
    ("MEDICAL_RECORD_NUMBER", "Medical Record Number A1234567", "A1234567", "high"),
    ("MEDICAL_RECORD_NUMBER", "Patient ID: PT-884213,", "PT-884213", "high"),
    ("MEDICAL_RECORD_NUMBER", "Chart #55-2213", "55-2213", "high"),
    ("MEDICAL_RECORD_NUMBER", "00482913 (MRN)", "00482913", "high"),
    ("HEALTH_PLAN_MEMBER_ID", "Member ID: XYZ123456789", "XYZ123456789", "medium"),
    ("HEALTH_PLAN_MEMBER_ID", "Blue Cross member ID: XYZ123456789", "XYZ123456789", "high"),
    ("HEALTH_PLAN_MEMBER_ID", "Medicaid ID 123456789A", "123456789A", "high"),
    ("HEALTH_PLAN_MEMBER_ID", "Aetna policy # 88-7712345", "88-7712345", "medium"),
    ("HEALTH_REFERENCE_NUMBER", "claim # 2024-88123A for the patient", "2024-88123A", "medium"),
    ("PHONE_NUMBER", "call (212) 736-5000", "(212) 736-5000", "high"),
    ("PHONE_NUMBER", "212.736.5000", "212.736.5000", "medium"),
    ("PHONE_NUMBER", "phone 202-555-0143", "202-555-0143", "high"),
    ("EMAIL_ADDRESS", "<ana.silva@clinic.example>", "ana.silva@clinic.example", "medium"),
    ("DATE_OF_BIRTH", "DOB 3/4/1961", "3/4/1961", "high"),
    ("DATE_OF_BIRTH", "D.O.B.: 03-04-61", "03-04-61", "high"),
    ("DATE_OF_BIRTH", "date of birth is March 4, 1961.", "March 4, 1961", "high"),
    ("DATE_OF_BIRTH", "DOB: 13/45/1961", "13/45/1961", "medium"),
    ("DATE_OF_BIRTH", "born on March 4, 1961", "March 4, 1961", "low"),
    ("ICD10_CODE", "E11.9 since May", "E11.9", "medium"),
    ("ICD10_CODE", "Dx: E119", "E119", "high"),
    ("HEALTH_TERM", "she takes lisinopril", "lisinopril", "medium"),
    ("HEALTH_TERM", "diagnosed with AIDS", "AIDS", "medium"),
    ("HEALTH_TERM", "has high\r\n> blood pressure", "high\r\n> blood pressure", "medium"),
    ("PERSON", "Patient: Jane Doe", "Jane Doe", "high"),
    ("PERSON", "Pt name: DOE, JANE", "DOE, JANE", "high"),
    ("PERSON", "patient name: jane doe", "jane doe", "medium"),
    ("PERSON", "Doe, Jane DOB 3/4/1961", "Doe, Jane", "medium"),
    ("PERSON", "Mrs. Silva called", "Silva", "medium"),
    ("PASSWORD_IN_URL", "postgres://app:k3-garden-77@db.example/orders", "k3-garden-77", "medium"),
    ("GENERIC_SECRET", "api_key = 'q7Zt4mXw9LbV2cKd'", "q7Zt4mXw9LbV2cKd", "medium"),
]

SILENT = [
    ("US_SSN", "219099999"),
    ("US_SSN", "1219-09-99990"),
    ("US_SSN", "000-12-3456"),
    ("US_SSN", "call 219-090-9999"),
    ("CREDIT_CARD", "Order 9999 9999 9999 9995"),
    ("CREDIT_CARD", "4111 1111 1111 1112"),
    ("CREDIT_CARD", "1234567812345670"),
    ("CREDIT_CARD", "id 20020741111111111111111"),
    ("US_NPI", "1234567890"),
    ("US_DEA", "AB1234567"),
    ("US_MBI", "1SG4-TE5-MK73"),
    ("MEDICAL_RECORD_NUMBER", "MRN: pending"),
    ("MEDICAL_RECORD_NUMBER", "mrna 2021"),
    ("MEDICAL_RECORD_NUMBER", "medical records of 2019 to 2020"),
    ("HEALTH_PLAN_MEMBER_ID", "member id: pending"),
    ("HEALTH_PLAN_MEMBER_ID", "policy number 8877123 for the car"),
    ("HEALTH_REFERENCE_NUMBER", "claim 3 of the patent"),
    ("PHONE_NUMBER", "2127365000"),
    ("PHONE_NUMBER", "10.212.736.5000"),
    ("EMAIL_ADDRESS", "ana at clinic"),
    ("DATE_OF_BIRTH", "due 3/4/1961"),
    ("ICD10_CODE", "E119"),
    ("ICD10_CODE", "temperature T36.0"),
    ("ICD10_CODE", "Q99.99Z"),
    ("HEALTH_TERM", "she aids the team in the fall"),
    ("PERSON", "Patient Care Team"),
    ("PERSON", "Boston, Mass is nice"),
    ("GENERIC_SECRET", "the password is required"),
    ("GENERIC_SECRET", "password: changeme1"),
    ("PASSWORD_IN_URL", "https://host.example:8080/a@b"),
]

# Built from pieces, so that nothing in this file looks like a live secret.
TOKENS = [
    ("AWS_ACCESS_KEY", "AKI" + "A" + "Z7QX" * 4),
    ("GITHUB_TOKEN", "gh" + "p_" + "a1B2" * 9),
    ("GITHUB_TOKEN", "github" + "_pat_" + "a1B2c" * 4 + "ab" + "_" + "q7Zt" * 14),
    ("GITLAB_TOKEN", "glp" + "at-" + "a1B2c" * 4),
    ("SLACK_TOKEN", "xox" + "b-" + "1234567890-" * 2 + "aB3" * 8),
    ("SLACK_TOKEN", "hooks.slack" + ".com/services/T" + "0A1B2C3D4" + "/B" + "0A1B2C3D4/" + "aB3d" * 6),
    ("GOOGLE_API_KEY", "AIz" + "a" + "Sy-9_" * 7),
    ("STRIPE_KEY", "sk_" + "live_" + "a1B2" * 6),
    ("SERVICE_TOKEN", "np" + "m_" + "a1B2" * 9),
    ("SERVICE_TOKEN", "hf" + "_" + "aB" * 17),
    ("JSON_WEB_TOKEN", "ey" + "J" + "hbGciOi1" * 2 + "." + "ey" + "J" + "zdWIiOi1" * 2 + "." + "a1B2" * 8),
    ("PRIVATE_KEY", "-----BEGIN " + "RSA PRIVATE KEY-----\r\nMIIE\r\nAbCd==\r\n-----END " + "RSA PRIVATE KEY-----"),
    ("PRIVATE_KEY", "-----BEGIN " + "OPENSSH PRIVATE KEY-----"),
]


def _named(entity: str, findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.value, f.confidence.word) for f in findings if f.entity == entity]


@pytest.mark.parametrize(("entity", "text", "value", "confidence"), FOUND)
def test_value_is_found_where_it_stands(detect: Detect, entity: str, text: str, value: str, confidence: str) -> None:
    """The value, no more and no less, with the confidence that its situation deserves."""
    findings = detect(text)

    assert (value, confidence) in _named(entity, findings)
    for finding in findings:
        assert text[finding.span.start : finding.span.end] == finding.value


@pytest.mark.parametrize(("entity", "text"), SILENT)
def test_what_only_looks_alike_is_left_alone(detect: Detect, entity: str, text: str) -> None:
    """Near misses and ordinary words are no findings."""
    assert _named(entity, detect(text)) == []


@pytest.mark.parametrize(("entity", "token"), TOKENS)
def test_token_is_found_whole_and_hidden_whole(detect: Detect, entity: str, token: str) -> None:
    """A secret is found as a whole in running text, and its sample shows nothing of it."""
    findings = [f for f in detect(f"use {token} for now") if f.entity == entity]

    assert [(f.value, f.masked) for f in findings] == [(token, "***")]


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
