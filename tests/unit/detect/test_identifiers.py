"""Identifiers and signals: what each detector finds, how sure it is, and what it leaves alone."""

from collections.abc import Callable

import pytest

from gateway.core.detector import DetectorSpec
from gateway.core.finding import Finding

Detect = Callable[[str], list[Finding]]

# Detector, text, value, confidence.
FOUND = [
    ("street-address", "Come to 12 Elm Street, Salem", "12 Elm Street", "medium"),
    ("street-address", "at 4903 N. Harbor View Dr. Apt 4B", "4903 N. Harbor View Dr. Apt 4B", "medium"),
    ("street-address", "we met at 88 north oak road", "88 north oak road", "low"),
    ("street-address", "PO Box 1200", "PO Box 1200", "medium"),
    ("patient-address", "The patient lives at 12 Elm Street", "12 Elm Street", "medium"),
    ("city-state-zip", "in Salem, OR 97301-1234.", "Salem, OR 97301-1234", "medium"),
    ("city-state-zip", "zip code 97301", "97301", "medium"),
    ("facility", "seen at Lakeside Family Medicine today", "Lakeside Family Medicine", "medium"),
    ("facility", "St. Anne Medical Center", "St. Anne Medical Center", "medium"),
    ("health-date", "Date of admission: 04/02/2025", "04/02/2025", "medium"),
    ("health-date", "patient was discharged on March 4, 2025.", "March 4, 2025", "medium"),
    ("date", "until 5-20-2021", "5-20-2021", "low"),
    ("age-over-89", "she is a 92-year-old woman", "92-year-old", "medium"),
    ("age", "he is 44 years old", "44", "low"),
    ("bank-account", "checking account 004512889", "004512889", "high"),
    ("patient-account", "guarantor account no. G-551234", "G-551234", "medium"),
    ("iban", "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32", "high"),
    ("aba-routing", "routing number 121000358", "121000358", "high"),
    ("us-driver-license", "Driver's license: D1234567", "D1234567", "high"),
    ("professional-license", "medical license number MD-448812", "MD-448812", "medium"),
    ("license-plate", "license plate 8ABC123", "8ABC123", "medium"),
    ("us-vin", "VIN 1M8GDM9AXKP042788", "1M8GDM9AXKP042788", "medium"),
    ("us-clia", "number 05D2081492", "05D2081492", "medium"),
    ("device-udi", "(01)00844588003288(17)141120", "(01)00844588003288(17)141120", "medium"),
    ("device-serial", "pacemaker serial no. PJN123456S", "PJN123456S", "medium"),
    ("device-imei", "IMEI 490154203237518", "490154203237518", "medium"),
    ("mac-address", "00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5E", "medium"),
    ("url", "see https://portal.example/visit?id=7", "https://portal.example/visit?id=7", "low"),
    ("ip-address", "from 192.0.2.17", "192.0.2.17", "low"),
    ("ip-address", "ip address 2001:db8::7", "2001:db8::7", "medium"),
    ("biometric-id", "Fingerprint ID: FP-882134", "FP-882134", "medium"),
    ("us-passport", "passport no. 912803456", "912803456", "high"),
    ("us-itin", "911-70-1234", "911-70-1234", "medium"),
    ("lab-value", "A1c 8.2 %", "A1c 8.2 %", "medium"),
    ("lab-value", "BP was 120/80", "BP was 120/80", "medium"),
    ("lab-value", "she is HIV positive", "HIV positive", "medium"),
    ("drug-code", "NDC 0002-8215-01", "0002-8215-01", "high"),
    ("procedure-code", "CPT 99213", "99213", "medium"),
    ("care-language", "referred to cardiology", "referred to cardiology", "medium"),
    ("health-record", '<patientRole classCode="PAT">', "patientRole", "high"),
    (
        "password-hash",
        "hash $2b$12$" + "Ab1/cD2.eF3g" * 4 + "hIjKl",
        "$2b$12$" + "Ab1/cD2.eF3g" * 4 + "hIjKl",
        "medium",
    ),
    ("password-value", 'password = "blue$Heron"', "blue$Heron", "medium"),
    ("random-secret", "garden token q7Zt4mXw9LbV2cKd", "q7Zt4mXw9LbV2cKd", "medium"),
    ("long-secret", "garden_secret=" + "4f1e9a" * 6, "4f1e9a" * 6, "medium"),
    ("connection-string", "AccountKey=" + "aB3d" * 10 + "==", "aB3d" * 10 + "==", "high"),
]

SILENT = [
    ("street-address", "I sat 5 minutes on the road"),
    ("street-address", "12 people on the street"),
    ("patient-address", "our office is at 12 Elm Street"),
    ("city-state-zip", "model MA 02115"),
    ("facility", "the hospital and a clinic"),
    ("health-date", "the invoice of 04/02/2025"),
    ("health-date", "admitted in 2025"),
    ("date", "version 1.2.3.4"),
    ("age-over-89", "she is 84 years old"),
    ("age-over-89", "page 92 of 100"),
    ("bank-account", "the account number is below"),
    ("patient-account", "account no. 7781234"),
    ("iban", "GB82 WEST 1234 5698 7654 33"),
    ("aba-routing", "121000358"),
    ("us-driver-license", "driver's license renewal in 2025"),
    ("professional-license", "license 2.0"),
    ("license-plate", "license plate holder"),
    ("us-vin", "1M8GDM9AXKP042788"),
    ("us-clia", "05D20814921"),
    ("device-serial", "laptop serial number 12345678"),
    ("device-imei", "490154203237518"),
    ("mac-address", "FF:FF:FF:FF:FF:FF"),
    ("url", "negative.PH 7"),
    ("ip-address", "999.1.1.1"),
    ("ip-address", "at 12:30:45"),
    ("biometric-id", "key fingerprint 12"),
    ("us-passport", "A12803456"),
    ("us-itin", "911-49-1234"),
    ("lab-value", "psa 2025"),
    ("lab-value", "temp 72 outside"),
    ("drug-code", "0002-8215-01"),
    ("procedure-code", "99213"),
    ("care-language", "he admitted the mistake"),
    ("health-record", "resource type patient"),
    ("password-hash", "$1.50 and $2.00"),
    ("password-value", "password: see below"),
    ("random-secret", "token of appreciation 20020712"),
    ("long-secret", "primary_key = user_identifier_of_the_row"),
    ("prefixed-token", "secret_of_the_long_word_made"),
    ("crypto-wallet", "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ2"),
    ("webhook-url", "hooks.zapier.com"),
]
ORDINARY = (
    "Regards, Ada Silva\nAcme Ltd, 12 Elm Street, Salem, OR 97301\nTel: (212) 736-5000, https://acme.example/about?x=1\n"
    "Sent 4/2/2025 from 192.0.2.17; we are a 92-year-old company and our ward of asthma patients grows."
)


def _stated(findings: list[Finding], detector: str) -> list[tuple[str, str]]:
    return [(f.value, f.confidence.word) for f in findings if f.detector == detector]


@pytest.mark.parametrize(("detector", "text", "value", "confidence"), FOUND)
def test_value_is_found_whole_and_where_it_stands(
    detect: Detect, detector: str, text: str, value: str, confidence: str
) -> None:
    """With text of several bytes a character before it, too."""
    for start in ("", "é🙂 "):
        findings = detect(start + text)

        assert (value, confidence) in _stated(findings, detector)
        assert all((start + text)[f.span.start : f.span.end] == f.value for f in findings)


@pytest.mark.parametrize(("detector", "text"), SILENT)
def test_near_miss_is_left_alone(detect: Detect, detector: str, text: str) -> None:
    """What only looks alike, and what has no label where it needs one."""
    assert _stated(detect(text), detector) == []


def test_signature_of_an_ordinary_mail_names_no_patient(detect: Detect) -> None:
    """Streets, dates, addresses of machines and ages of companies identify nobody by themselves."""
    findings = detect(ORDINARY)

    assert [f for f in findings if "patient-identifier" in f.groups and f.confidence.word != "low"] == []


def test_every_detector_has_a_near_miss_or_a_table_of_its_own(shipped: tuple[DetectorSpec, ...]) -> None:
    """A new detector comes with samples that it must and must not find."""
    bare = [spec.id for spec in shipped if not spec.samples.no_match and not spec.engine]

    assert set(bare) <= {"aws-key", "github-token", "gitlab-token", "google-key", "json-web-token", "patient-email",
                         "slack-token", "stripe-key"}  # fmt: skip


def test_log_full_of_times_is_no_failure(detect: Detect) -> None:
    """A detector that means nothing alone stops after enough of them, and says nothing of it."""
    findings = detect("2025-04-02T10:15:30Z 192.0.2.17 GET\n" * 20_000)

    assert 0 < sum(f.entity == "DATE_TIME" for f in findings) <= 1_000
