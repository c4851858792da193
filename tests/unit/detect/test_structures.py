"""Formats of health care and tables, read by their shape: each value is found where it stands, as what it is."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import Finding
from gateway.detect.patterns import compile_regex
from gateway.detect.structures import READERS, Value
from gateway.detect.structures.headings import ABOUT_PATIENTS
from gateway.detect.structures.tables import HEADING, SIGN

Detect = Callable[[str], list[Finding]]

HL7 = (
    "MSH|^~\\&|LAB|HOSP|EHR|HOSP|20250402||ADT^A01|1|P|2.5\r"
    "PID|1||00482913^^^HOSP^MR~77-12^^^X||DOE^JANE^Q||19610304|F|||12 ELM ST^APT 4^SALEM^OR^97301||(212)736-5000"
    "|||||A-9912|219-09-9999\r"
    "NK1|1|DOE^JOHN|SPO\rIN1|1|PLAN||||||||||||||||||||||||||||||||||XQJ482913775\r"
)
CDA = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>'
    '<id extension="998811" root="1.2.3"/><id root="2.16.840.1.113883.4.1" extension="219-09-9999"/>'
    "<addr><!-- <city>Nowhere</city> --><streetAddressLine>12 Elm Street</streetAddressLine><city>Salem</city></addr>"
    '<telecom use="HP" value="tel:(212)736-5000"/><patient><name><given>Jane</given><family>Doe</family></name>'
    '<birthTime value="19610304120000"/></patient><providerOrganization><name>Clinic</name></providerOrganization>'
    "</patientRole></recordTarget></ClinicalDocument>"
)
FHIR_JSON = (
    '{"resourceType": "Bundle", "entry": [{"resource": {"address": [{"line": ["12 Elm Street"], "city": "Salem"}],'
    ' "birthDate": "1961-03-04", "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "00482913"}],'
    ' "name": [{"family": "Doe", "given": ["Jane", "Q"]}], "resourceType": "Patient",'
    ' "telecom": [{"system": "phone", "value": "212-736-5000"}]}},'
    ' {"resource": {"resourceType": "Organization", "name": "Salem Clinic", "telecom": [{"value": "212-736-5999"}]}}]}'
)
FHIR_XML = (
    '<Patient xmlns="http://hl7.org/fhir"><identifier><system value="http://hl7.org/fhir/sid/us-ssn"/>'
    '<value value="219-09-9999"/></identifier><name><family value="Doe"/><given value="Jane"/></name>'
    '<telecom><system value="email"/><value value="jane@home.example"/></telecom>'
    '<birthDate value="1961-03-04"/></Patient>'
)
X12 = (
    "ISA*00*          *00*          *ZZ*A*ZZ*B*250402*1200*^*00501*1*0*P*:~ST*837*0001~"
    "NM1*85*2*CLINIC*****XX*1234567893~N3*1 CLINIC WAY~NM1*IL*1*DOE*JANE****MI*XQJ482913775~N3*12 ELM ST~"
    "N4*SALEM*OR*97301~DMG*D8*19610304*F~REF*SY*219099999~CLM*A9912*150~HI*ABK:E119~"
)
TABLE = 'Name,MRN,DOB,Phone,Note\r\n"Doe, Jane",00482913,3/4/1961,(212) 736-5000,ok\r\nJohn Roe,00482914,n/a,,x\r\n'

CARRIERS = [
    (HL7, [("MEDICAL_RECORD_NUMBER", "00482913"), ("MEDICAL_RECORD_NUMBER", "77-12"),
           ("PERSON", "DOE"), ("PERSON", "JANE"), ("DATE_OF_BIRTH", "19610304"), ("STREET_ADDRESS", "12 ELM ST"),
           ("PHONE_NUMBER", "(212)736-5000"),
           ("ACCOUNT_NUMBER", "A-9912"), ("US_SSN", "219-09-9999"), ("PERSON", "JOHN"),
           ("HEALTH_PLAN_MEMBER_ID", "XQJ482913775")]),
    (CDA, [("MEDICAL_RECORD_NUMBER", "998811"), ("US_SSN", "219-09-9999"), ("STREET_ADDRESS", "12 Elm Street"),
           ("LOCATION", "Salem"), ("PHONE_NUMBER", "(212)736-5000"), ("PERSON", "Jane"), ("PERSON", "Doe"),
           ("DATE_OF_BIRTH", "19610304")]),
    (FHIR_JSON, [("STREET_ADDRESS", "12 Elm Street"), ("DATE_OF_BIRTH", "1961-03-04"),
                 ("MEDICAL_RECORD_NUMBER", "00482913"), ("PERSON", "Doe"), ("PERSON", "Jane"),
                 ("PHONE_NUMBER", "212-736-5000")]),
    (FHIR_XML, [("US_SSN", "219-09-9999"), ("PERSON", "Doe"), ("PERSON", "Jane"),
                ("EMAIL_ADDRESS", "jane@home.example"), ("DATE_OF_BIRTH", "1961-03-04")]),
    (X12, [("PERSON", "DOE"), ("PERSON", "JANE"), ("HEALTH_PLAN_MEMBER_ID", "XQJ482913775"),
           ("STREET_ADDRESS", "12 ELM ST"), ("DATE_OF_BIRTH", "19610304"), ("US_SSN", "219099999"),
           ("ACCOUNT_NUMBER", "A9912")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CARRIERS, ids=("hl7v2", "ccda", "fhir-json", "fhir-xml", "x12"))
def test_format_of_health_care_gives_its_patient(detect: Detect, text: str, expected: list[tuple[str, str]]) -> None:
    """The shape alone is health content, and each field of the patient is a finding where it stands."""
    findings = detect(text)

    named = {(f.entity, f.value) for f in findings}
    assert set(expected) <= named
    assert any("health" in f.groups for f in findings)
    assert all(text[f.span.start : f.span.end] == f.value for f in findings)


def test_provider_of_a_document_is_no_patient(detect: Detect) -> None:
    """Organisations and those who bill are left out."""
    persons = {f.value for text in (CDA, FHIR_JSON, X12) for f in detect(text) if f.entity == "PERSON"}

    assert not persons & {"Clinic", "Salem Clinic", "CLINIC", "Nowhere"}
    assert "1 CLINIC WAY" not in {f.value for f in detect(X12) if "patient-identifier" in f.groups}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_heading_of_a_column_holds_for_every_row(detect: Detect, delimiter: str) -> None:
    """Thousands of characters below the heading a bare number is still a record number."""
    rows = "".join(f"Doe Jane{delimiter}{700000 + n}{delimiter}0{n % 9 + 1}/11/1961\n" for n in range(500))
    text = f"Patient Name{delimiter}MRN{delimiter}Birth Date\n{rows}"

    found = [f for f in detect(text) if f.entity == "MEDICAL_RECORD_NUMBER"]

    assert [f.value for f in found] == [str(700000 + n) for n in range(500)]
    assert found[-1].why == ("column 'mrn' of a table",)


ALIGNED = """\
Patient            DOB         MRN       Serial      Dx
Doe, Jane          03/04/1961  00482913  LFJ449021   afib
Roe, John                      00482914              CHF
Van Houten, Ada B  03/04/1971            LFJ449022   none
"""


def test_columns_that_stand_below_one_another_need_no_sign(detect: Detect) -> None:
    """A cell is of the column whose heading begins nearest: an empty one moves nothing."""
    found = {(f.entity, f.value) for f in detect(ALIGNED) if any("of a table" in why for why in f.why)}

    assert found == {
        ("PERSON", "Doe, Jane"),
        ("PERSON", "Roe, John"),
        ("PERSON", "Van Houten, Ada B"),
        ("DATE_OF_BIRTH", "03/04/1961"),
        ("DATE_OF_BIRTH", "03/04/1971"),
        ("MEDICAL_RECORD_NUMBER", "00482913"),
        ("MEDICAL_RECORD_NUMBER", "00482914"),
        ("DEVICE_ID", "LFJ449021"),
        ("DEVICE_ID", "LFJ449022"),
    }


def test_quoted_cells_and_empty_ones(detect: Detect) -> None:
    """A comma inside quotes is no border, and a remark in a column of dates is no date."""
    found = {(f.entity, f.value) for f in detect(TABLE) if "patient-identifier" in f.groups}

    assert found == {
        ("PERSON", "Doe, Jane"),
        ("PERSON", "John Roe"),
        ("MEDICAL_RECORD_NUMBER", "00482913"),
        ("MEDICAL_RECORD_NUMBER", "00482914"),
        ("DATE_OF_BIRTH", "3/4/1961"),
        ("PHONE_NUMBER", "(212) 736-5000"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "Name,Phone,City\r\nJane Doe,,Salem\r\n",
        "item,price,service date\r\nscrew,1,1/2/2025\r\n",
        "  name        phone      city\r\n  Jane Doe    12345678   Salem\r\n",
        "what the  patient  said  was short\r\nJane Doe  12345678  Salem\r\n",
        "We met the patient, the member and the record\r\nAda, Bo, and 482913 others\r\n",
        "MSH is short for something|and|so on\rPID|no|message\r",
        '{"resourceType": "Organization", "name": [{"family": "Doe"}]}',
        "<recordTarget>",
    ],
)
def test_what_is_no_such_structure_names_no_patient(detect: Detect, text: str) -> None:
    """Contacts, price lists and prose with commas are left alone."""
    assert [f for f in detect(text) if "patient-identifier" in f.groups] == []


@pytest.mark.parametrize("reader", [reader for _, reader in READERS])
def test_reader_comes_to_an_end_on_anything(reader: Callable[[bytes], Iterator[Value]]) -> None:
    """Cut, repeated and endless structures raise nothing."""
    for text in (HL7, CDA, FHIR_JSON, FHIR_XML, X12, TABLE):
        octets = text.encode()
        for broken in (
            octets[: len(octets) // 2],
            octets * 50,
            octets.replace(b"~", b"").replace(b"\r", b""),
            octets[::-1],
        ):
            list(reader(broken))
    list(reader(b'"resourceType"' + b"{[" * 100_000))
    list(reader(b"<recordTarget>" * 10_000))
    list(reader(b"mrn,dob,ssn\n" * 10_000))


_AROUND = st.text(st.sampled_from("\t,;|\r\n \"'.:#-x7\u00e9"), max_size=5)
_NAMES = st.sampled_from(sorted(ABOUT_PATIENTS)).flatmap(
    lambda name: st.sampled_from(["", " ", "_", "./", "- "]).map(lambda apart: name.replace(" ", apart))
)
_HEADING, _SIGN = compile_regex(HEADING), compile_regex(SIGN)


@given(st.lists(st.tuples(_AROUND, _NAMES, _AROUND), min_size=1, max_size=3))
def test_the_sign_of_a_table_occurs_wherever_a_heading_does(cells: list[tuple[str, str, str]]) -> None:
    """Where the sign is missing no reader is asked: it may err towards asking alone."""
    octets = "".join(map("".join, cells)).encode()

    assert _SIGN.search(octets) is not None or _HEADING.search(octets) is None
