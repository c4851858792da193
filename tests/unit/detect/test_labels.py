"""Identifiers as people write them: labels before and behind, in sentences, forms and brackets.

Written for this test from what forms, letters and notes look like; `[[…]]` marks the value. Numbers are made up,
reserved for fiction (555-01xx, documentation addresses) or published specimens.
"""

import re
from collections.abc import Callable

import pytest

from gateway.core.finding import Finding

Detect = Callable[[str], list[Finding]]
_MARKED = re.compile(r"\[\[(.*?)\]\]")

FOUND = [
    ("MEDICAL_RECORD_NUMBER", "Hospital number [[H0047712]] for the gentleman with COPD."),
    ("MEDICAL_RECORD_NUMBER", "Re: Jane Doe, hosp no [[0047712]], lung clinic"),
    ("MEDICAL_RECORD_NUMBER", "RE: Doe, Jane (MRN [[7719-220]])"),
    ("MEDICAL_RECORD_NUMBER", "Her medical record # at St. Anne's is [[55 19 02]]."),
    ("MEDICAL_RECORD_NUMBER", "Patient #: [[A-118-2203]]"),
    ("MEDICAL_RECORD_NUMBER", "MR No. [[118220]]  Acct 99182"),
    ("MEDICAL_RECORD_NUMBER", "Unit # [[118-22-03]] admitted for pneumonia"),
    ("MEDICAL_RECORD_NUMBER", "chart ID=[[CH118220]]"),
    ("MEDICAL_RECORD_NUMBER", "you can find me in your system, my patient number is [[1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "Medical Record Number\n[[1182203]]\nDate of Birth\n03/04/1961"),
    ("MEDICAL_RECORD_NUMBER", "Epic MRN [[E1182203]], please pull the cardiology notes."),
    ("MEDICAL_RECORD_NUMBER", "MRN-[[1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "mrn_[[1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "(MRN: [[1182203]])"),
    ("MEDICAL_RECORD_NUMBER", "Pt. Jane Doe ([[1182203]]) needs a refill of metformin"),
    ("MEDICAL_RECORD_NUMBER", "Patient Identifier . . . . : [[1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "My record number with your hospital used to be [[4471-88]]"),
    ("MEDICAL_RECORD_NUMBER", "Client ID: [[88-21034]] attends our methadone program"),
    ("MEDICAL_RECORD_NUMBER", "EMR ID [[20231187]] - asthma follow-up"),
    ("MEDICAL_RECORD_NUMBER", "[[1182203]] is her MRN."),
    ("MEDICAL_RECORD_NUMBER", "med rec no: [[M1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "MRN (from the wristband) [[1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "Medical records has him as [[1182203]]"),
    ("MEDICAL_RECORD_NUMBER", "please look up chart no [[17-4402]] before the visit"),
    ("MEDICAL_RECORD_NUMBER", "my ankle is swollen again, my number at your clinic is [[88-4471]]"),
    ("MEDICAL_RECORD_NUMBER", "You have him under [[40-7719]], he had the biopsy in May"),
    ("MEDICAL_RECORD_NUMBER", "about the biopsy: the number on his wristband is [[0 448 219 6]]"),
    ("MEDICAL_RECORD_NUMBER", "MRN [[7 1 1 8 2 2]]"),
    ("MEDICAL_RECORD_NUMBER", "Patient number......................: [[1182203]]"),
    ("HEALTH_PLAN_MEMBER_ID", "they denied my MRI, the front of my card says [[W 7719 118 22]]"),
    ("HEALTH_PLAN_MEMBER_ID", "deductible met? card [[XQL 447-7719-03]]"),
    ("HEALTH_PLAN_MEMBER_ID", "Insurance: Blue Cross, member # [[XYZ 123 456 789]]"),
    ("HEALTH_PLAN_MEMBER_ID", "Member ID/Group: [[W123456789]] / 0099182"),
    ("HEALTH_PLAN_MEMBER_ID", "Policy Number [[8812-3390-01]] through Aetna covers her dialysis"),
    ("HEALTH_PLAN_MEMBER_ID", "Subscriber Number.......: [[H55120093]]"),
    ("HEALTH_PLAN_MEMBER_ID", "my insurance id is [[ZGP700318552]] and they denied the MRI"),
    ("HEALTH_PLAN_MEMBER_ID", "Cigna ID [[U1234567801]]"),
    ("HEALTH_PLAN_MEMBER_ID", "Humana H[[12345678]]"),
    ("HEALTH_PLAN_MEMBER_ID", "Medicaid # [[AB12345C]]"),
    ("HEALTH_PLAN_MEMBER_ID", "Group No. [[0099182]], plan Meridian PPO"),
    ("HEALTH_PLAN_MEMBER_ID", "Insured's ID number: [[123-45-678A]]"),
    ("HEALTH_PLAN_MEMBER_ID", "the ID on her insurance card is [[KPN 88 1203 44]]"),
    ("HEALTH_PLAN_MEMBER_ID", "health plan beneficiary number [[HPB-2219-0044]]"),
    (
        "HEALTH_PLAN_MEMBER_ID",
        "Certificate number [[991820034]] (insurance through the union), claim for physical therapy",
    ),
    ("HEALTH_PLAN_MEMBER_ID", "Member: Jane Doe\nID: [[W2209 41873]]\nPlan: Meridian"),
    ("HEALTH_PLAN_MEMBER_ID", "Enrollee ID [[00912-7734]]"),
    ("HEALTH_PLAN_MEMBER_ID", "Kaiser member no. [[110-2203-441]]"),
    ("HEALTH_PLAN_MEMBER_ID", "RxBIN 610279 PCN 9999 RxGrp UHEALTH ID [[9918200341]]"),
    ("HEALTH_REFERENCE_NUMBER", "Encounter [[E20250311-7]]"),
    ("HEALTH_REFERENCE_NUMBER", "Lab accession no. [[25-118-02203]]"),
    ("HEALTH_REFERENCE_NUMBER", "Auth # [[A0099182]] approved for 12 PT visits"),
    ("HEALTH_REFERENCE_NUMBER", "the auth number from Aetna is [[2025-0311-7781]] for her knee surgery"),
    ("HEALTH_REFERENCE_NUMBER", "Claim ID: [[EH2203118]] was denied as not medically necessary"),
    ("HEALTH_REFERENCE_NUMBER", "Rx #[[4471902]] - lisinopril"),
    ("HEALTH_REFERENCE_NUMBER", "prescription number on the bottle is [[7702213-04]]"),
    ("HEALTH_REFERENCE_NUMBER", "Visit number [[V0098812]] in the ER"),
    ("HEALTH_REFERENCE_NUMBER", "Study ID [[RAD-2025-00881]] chest CT"),
    ("HEALTH_REFERENCE_NUMBER", "Referral # [[R-882013]] to cardiology"),
    ("HEALTH_REFERENCE_NUMBER", "Case # [[WC-7731]] back injury, lumbar MRI"),
    ("HEALTH_REFERENCE_NUMBER", "Specimen ID: [[SP-25-00911]]"),
    ("HEALTH_REFERENCE_NUMBER", "CSN [[100882213]]"),
    ("HEALTH_REFERENCE_NUMBER", "the bill has [[EMS 24-77190]] on it, I was in the ambulance with chest pain"),
    ("HEALTH_REFERENCE_NUMBER", "Precert ref [[PC99182X]] for the sleep study"),
    ("ACCOUNT_NUMBER", "Patient account: [[118220-3]]"),
    ("ACCOUNT_NUMBER", "Acct#[[99182003]] balance due for the ER visit"),
    ("ACCOUNT_NUMBER", "guarantor # [[G99182]]"),
    ("ACCOUNT_NUMBER", "statement no [[20250311778]] for your colonoscopy"),
    ("ACCOUNT_NUMBER", "HAR [[60099182]]"),
    ("DEVICE_ID", "Medtronic pacemaker, S/N [[PJN2203118H]]"),
    ("DEVICE_ID", "his hearing aids (serial numbers [[21B0044]] and 21B0045)"),
    ("DEVICE_ID", "Model/Serial: A3DR01/[[PVY4471902]] implanted ICD"),
    ("DEVICE_ID", "ventilator asset serial: [[V60-10022031]] at bed 4 for pt with ARDS"),
    ("DEVICE_ID", "Device ID [[D-44719]], insulin pump"),
    ("US_DRIVER_LICENSE", "Driver License No. [[S123-4567-8901]]"),
    ("US_DRIVER_LICENSE", "DL #: [[D1234567]] (CA)"),
    ("US_DRIVER_LICENSE", "driver's license is [[NHL 12345678]]"),
    ("US_DRIVER_LICENSE", "Driver’s license number on file [[WDLABCD456DG]]"),
    ("US_DRIVER_LICENSE", "ID: OH driver's license [[TL545796]]"),
    ("LICENSE_PLATE", "He drives a blue Honda with plates [[7ABC123]]"),
    ("LICENSE_PLATE", "Plate #[[ABC-1234]] (WI)"),
    ("LICENSE_PLATE", "license plate is TX [[BKR 2231]]"),
    ("LICENSE_PLATE", "Tag: [[GHX 4471]], parked at the clinic"),
    ("AGE", "Mrs. Doe is a [[97-year-old]] woman with dementia"),
    ("AGE", "[[93 yo]] F with sepsis"),
    ("AGE", "Age: [[91]]  Sex: F"),
    ("AGE", "my mother, who is [[92]], fell"),
    ("AGE", "at [[95]] he still lives alone with COPD"),
    ("AGE", "[[ninety-one year old]] man with afib"),
    ("AGE", "DOE, JANE  [[94Y]]  F  MRN 1182203"),
    ("AGE", "Jane Doe ([[91]]) was admitted with a hip fracture"),
    ("AGE", "pt aged [[101]] years"),
    ("AGE", "[[90 y.o.]] female"),
    ("AGE", "she will be [[96]] in May and has lung cancer"),
    ("AGE", "[[94/M]] with chest pain"),
    ("PHONE_NUMBER", "call me @ [[602.555.0142]]"),
    ("PHONE_NUMBER", "cell [[6025550142]]"),
    ("PHONE_NUMBER", "Tel: [[1-602-555-0142 x22]]"),
    ("PHONE_NUMBER", "phone: [[(602)5550142]]"),
    ("PHONE_NUMBER", "fax [[602 - 555 - 0142]]"),
    ("PHONE_NUMBER", "[[+1 (602) 555-0142]]"),
    ("PHONE_NUMBER", "or 555-0142? no: [[602-555-0142]]/[[602-555-0143]]"),
    ("PHONE_NUMBER", "[[001-602-555-0142]]"),
    ("PHONE_NUMBER", "ph#[[602-555-0142]]"),
    ("PHONE_NUMBER", "reach her on [[602-555-0142]]."),
    ("PHONE_NUMBER", "Home phone [[602 555-0142]] ext. 3"),
    ("DATE_OF_BIRTH", "DOB: [[03/04/1961]]"),
    ("DATE_OF_BIRTH", "(dob [[3-4-61]])"),
    ("DATE_OF_BIRTH", "Date of Birth: [[March 4th, 1961]]"),
    ("DATE_OF_BIRTH", "born [[4 March 1961]]"),
    ("DATE_OF_BIRTH", "birthday [[3/4/1961]]"),
    ("DATE_OF_BIRTH", "D.O.B. [[04-Mar-1961]]"),
    ("DATE_OF_BIRTH", "DOB [[1961/03/04]]"),
    ("DATE_OF_BIRTH", "Birth date\n[[03041961]]"),
    ("DATE_OF_BIRTH", "birthdate of [[03.04.1961]]"),
    ("DATE_OF_BIRTH", "DOB= [[19610304]]"),
    ("DATE_TIME", "seen on [[3/4]] for asthma"),
    ("DATE_TIME", "surgery [[Mar. 4, 2025]]"),
    ("DATE_TIME", "on [[the 4th of March, 2025]]"),
    ("DATE_TIME", "on [[March 4th]] at 3pm"),
    ("DATE_TIME", "[[2025-03-04]]"),
    ("DATE_TIME", "[[04.03.2025]]"),
    ("DATE_TIME", "[[Tues 3/4/25]]"),
    ("DATE_TIME", "[[4-Mar-25]]"),
    ("DATE_TIME", "in [[March 2025]]"),
    ("DATE_TIME", "[[Mar 4]]"),
    ("DATE_TIME", "[[4th March 2025]]"),
    ("BIOMETRIC_ID", "voice print ID [[VP-0098812]]"),
    ("BIOMETRIC_ID", "iris scan ref [[IR99182]]"),
    ("URL", "see [[https://portal.example/patients/99182/results]]"),
    ("URL", "[[www.mychart.example/jdoe]]"),
    ("IP_ADDRESS", "logged in from [[203.0.113.44]]"),
    ("US_SSN", "SSN [[219-09-9999]]"),
    ("US_SSN", "social: [[219 09 9999]]"),
    ("US_SSN", "Social Security #[[219099999]]"),
    ("US_SSN", "last 4 of social [[9999]]"),
    ("US_NPI", "NPI [[1234567893]]"),
    ("US_DEA", "DEA [[AB1234563]]"),
    ("VEHICLE_ID", "VIN: [[1M8GDM9AXKP042788]]"),
    ("MEDICAL_LICENSE", "License #: [[MD448812]] (state medical board)"),
    ("ACCOUNT_NUMBER", "Account Number: [[0099-182003]]\nPatient: Jane Doe\nService: MRI of the knee"),
    ("HEALTH_REFERENCE_NUMBER", "Confirmation code for your telehealth visit: [[TX-99182]]"),
    ("HEALTH_REFERENCE_NUMBER", "order #[[LB-99182-25]] (CBC, lipid panel)"),
    ("HEALTH_REFERENCE_NUMBER", "Subject [[104-0227]] reported nausea after the second infusion"),
]

# What is written alike and is none of it: entity, text.
SILENT = [
    ("MEDICAL_RECORD_NUMBER", "the record of 2019 to 2020"),
    ("MEDICAL_RECORD_NUMBER", "chart 4 shows the sales of 2024"),
    ("MEDICAL_RECORD_NUMBER", "patient 12 of 40"),
    ("MEDICAL_RECORD_NUMBER", "file no. 20248812 in the archive of the court"),
    ("HEALTH_PLAN_MEMBER_ID", "members since 2019"),
    ("HEALTH_PLAN_MEMBER_ID", "visit ID TV-558-2210"),
    ("HEALTH_PLAN_MEMBER_ID", "policy 7 of the handbook"),
    ("HEALTH_REFERENCE_NUMBER", "order 4471-882093 has shipped"),
    ("HEALTH_REFERENCE_NUMBER", "case 20248812 at the court"),
    ("DEVICE_ID", "laptop serial number 21B0044"),
    ("LICENSE_PLATE", "a plate of 12 eggs"),
    ("US_DRIVER_LICENSE", "flight DL 2041"),
    ("AGE", "her saturation is 94% and the pulse 92"),
    ("PHONE_NUMBER", "call 10 people about page 4471"),
]


@pytest.mark.parametrize(("entity", "marked"), FOUND)
def test_value_is_found_whole_by_its_label(detect: Detect, entity: str, marked: str) -> None:
    """All of the value, by a finding of its entity."""
    place = _MARKED.search(marked)
    assert place is not None
    text = _MARKED.sub(r"\1", marked)
    start, end = place.start(), place.start() + len(place[1])

    findings = [f for f in detect(text) if f.entity == entity]

    assert any(f.span.start <= start and f.span.end >= end for f in findings)


@pytest.mark.parametrize(("entity", "text"), SILENT)
def test_what_is_written_alike_is_left_alone(detect: Detect, entity: str, text: str) -> None:
    """A number without the label, the shape or the company that makes it believable."""
    assert [f for f in detect(text) if f.entity == entity and f.confidence.word != "low"] == []
