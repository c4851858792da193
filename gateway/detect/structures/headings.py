"""Headings of columns that say what stands below them, in lower case, signs as spaces."""

from collections.abc import Mapping

_ABOUT_PATIENTS = {
    "MEDICAL_RECORD_NUMBER": """
        mrn, mr no, emrn, medical record, medical record number, medical record no, record number, chart,
        chart no, chart number, patient id, patient identifier, patient number, patient no, pt id, pt no, pid,
        pat id, patient mrn, empi, mr, mr number, med rec, med rec no, chart id, chart num, hospital no,
        hospital number, hosp no, unit no, unit number, client id, client no, client number, resident id, resident no,
        resident number
    """,
    "DATE_OF_BIRTH": """
        dob, d o b, date of birth, birth date, birthdate, birth dt, patient dob, pt dob, birth day, birthday,
        member dob
    """,
    "US_SSN": """
        ssn, ss no, social security, social security number, social security no, soc sec, patient ssn, ssn no
    """,
    "HEALTH_PLAN_MEMBER_ID": """
        member id, member no, member number, memberid, subscriber id, subscriber no, subscriber number,
        insurance id, insurance no, policy id, insured id, medicaid id, medicaid no, medicare id, medicare no,
        mbi, hicn, hic, beneficiary id, health plan id, member, mbr, mbr id, mbr no, subscriber,
        cardholder id, enrollee id
    """,
    "PERSON": """
        patient, patient name, pt name, patient full name, patient first name, patient last name, pt, pat name,
        member name, insured name, subscriber name, patient first, patient last, patientname, resident name,
        client name, resident, enrollee, claimant
    """,
    "HEALTH_REFERENCE_NUMBER": """
        encounter, encounter id, encounter no, encounter number, csn, visit id, visit no, visit number,
        subject id, subject no, participant id, donor id,
        claim id, claim no, claim number, accession, accession no, accession number, specimen id, rx no,
        rx number, prescription no, prior auth, auth no, referral no, claim, clm, clm no, icn, dcn, encounter nbr
    """,
    "DATE_TIME": """
        admit date, admission date, date admitted, discharge date, date discharged, dos, date of service,
        service date, visit date, date of death, dod, surgery date, procedure date, date of admission,
        date of discharge, appt date, appointment date, collection date
    """,
}
_BESIDE_PATIENTS = {
    "PERSON": """
        name, full name, first name, last name, firstname, lastname, given name, family name, surname, fname,
        lname, first, last, middle name, last name first name, mi, guarantor, guarantor name, spouse,
        emergency contact
    """,
    "PHONE_NUMBER": """
        phone, phone number, phone no, telephone, tel, cell, cell phone, mobile, home phone, work phone,
        contact, contact number, fax
    """,
    "EMAIL_ADDRESS": """
        email, e mail, email address, mail
    """,
    "STREET_ADDRESS": """
        address, street, street address, address 1, address1, addr, addr1, address line 1, home address,
        mailing address
    """,
    "LOCATION": """
        city, zip, zip code, zipcode, postal code, town
    """,
    "ACCOUNT_NUMBER": """
        account, account no, account number, acct, acct no, acct number, patient account, har, fin
    """,
    "MEDICAL_RECORD_NUMBER": """
        record, record id, rec no, file, file no, file number, folder
    """,
    "HEALTH_REFERENCE_NUMBER": """
        case, case no, case id, case number, ref, ref no, reference, reference no, order no, order number, auth
    """,
    "DEVICE_ID": """
        serial, serial no, serial number, device, device id, device serial, implant serial, udi
    """,
    "US_DRIVER_LICENSE": """
        driver license, drivers license, dl no, license no
    """,
}
_OF_CARE = """
    a1c, adverse event, ae, allergies, arm,
    attending, bed, chief complaint, condition, cpt, diagnoses, diagnosis, drug, dx, icd,
    icd 10, icd code, icd10, initials, insurance, lab, medication, medications, payer, payor, pcp, physician, procedure,
    provider, reason for visit, result, room, test, ward
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


# Those of the first kind make a table one of patients; those of the second count where one of the first stands.
ABOUT_PATIENTS: Mapping[str, str] = {name: entity for entity, text in _ABOUT_PATIENTS.items() for name in _names(text)}
BESIDE_PATIENTS: Mapping[str, str] = {
    name: entity for entity, text in _BESIDE_PATIENTS.items() for name in _names(text)
}
OF_CARE = _names(_OF_CARE)  # say nothing of a cell, but that the table is about care
