"""The labels of others and the entities of ours, as one set of kinds, so that they can be compared.

Names on the left are those that occur in presidio-research, Presidio, WNUT17, wikigold, the Broad Twitter Corpus and in
plain speech. A name that is not here is its own kind.
"""

from collections.abc import Iterable

_ALIASES = {
    "PER": "PERSON",
    "PATIENT": "PERSON",
    "PERSON_NAME": "PERSON",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "CITY": "LOCATION",
    "US_CITY": "LOCATION",
    "PLACE": "LOCATION",
    "ZIP_CODE": "LOCATION",
    "US_ZIP_CODE": "LOCATION",
    "ADDRESS": "STREET_ADDRESS",
    "US_STREET_ADDRESS": "STREET_ADDRESS",
    "ORG": "ORGANIZATION",
    "CORPORATION": "ORGANIZATION",
    "HEALTH_FACILITY": "FACILITY",
    "MEDICAL_FACILITY": "FACILITY",
    "HOSPITAL": "FACILITY",
    "DATE": "DATE_TIME",
    "PATIENT_DATE": "DATE_TIME",
    "SERVICE_DATE": "DATE_TIME",
    "FAX_NUMBER": "PHONE_NUMBER",
    "AGE_OVER_90": "AGE_OVER_89",
    "PATIENT_AGE": "AGE_OVER_89",
    "MRN": "MEDICAL_RECORD_NUMBER",
    "MEMBER_ID": "HEALTH_PLAN_MEMBER_ID",
    "DOMAIN_NAME": "URL",
    "DRIVER_LICENSE": "US_DRIVER_LICENSE",
    "BANK_ACCOUNT": "US_BANK_NUMBER",
    "US_ABA": "ABA_ROUTING_NUMBER",
    "VIN": "VEHICLE_ID",
    "US_VIN": "VEHICLE_ID",
    "VEHICLE_PLATE": "LICENSE_PLATE",
    "US_LICENSE_PLATE": "LICENSE_PLATE",
    "DEVICE_SERIAL": "DEVICE_ID",
    "DEVICE_IDENTIFIER": "DEVICE_ID",
    "UDI": "DEVICE_ID",
    "ICD10": "ICD10_CODE",
    "ICD10_CM_CODE": "ICD10_CODE",
}
# Kinds that answer for one another: a birth date found as a date is found.
_FAMILIES = (
    frozenset({"DATE_TIME", "DATE_OF_BIRTH"}),
    frozenset({"STREET_ADDRESS", "LOCATION"}),
    frozenset({"FACILITY", "ORGANIZATION"}),
    frozenset({"AGE", "AGE_OVER_89"}),
    frozenset({"HEALTH_REFERENCE_NUMBER", "ACCOUNT_NUMBER", "BIOMETRIC_ID"}),
    # Accounts and guarantors at a practice are record numbers to the authors of most sets, references to others.
    frozenset({"MEDICAL_RECORD_NUMBER", "ACCOUNT_NUMBER"}),
    frozenset({"MEDICAL_LICENSE", "US_DEA"}),
    frozenset({"LICENSE_PLATE", "VEHICLE_ID"}),
    frozenset({"DEVICE_ID", "IMEI", "MAC_ADDRESS"}),
    frozenset({"HEALTH_PLAN_MEMBER_ID", "US_MBI"}),
)
# Labelled by others, but no identifiers of a person by 45 CFR 164.514(b)(2)(i): no aim of ours.
NOT_IDENTIFIERS = frozenset({"ORGANIZATION", "TITLE", "NRP", "AGE", "GROUP", "PRODUCT", "CREATIVE_WORK", "MISC"})
# Wider than their relatives: a corpus that labels ages over 89 says nothing about the others.
_WIDE = frozenset({"AGE", "ORGANIZATION", "DATE_TIME", "LOCATION"})
SECRET = "SECRET"  # noqa: S105 - the kind of every secret: its labels name vendors


def kind_of(label: str) -> str:
    """The kind of a label, whoever gave it."""
    name = label.strip().upper().replace("-", "_")
    return _ALIASES.get(name, name)


def kind_of_finding(entity: str, groups: Iterable[str]) -> str:
    """The kind of one of our findings: of a secret, just that."""
    return SECRET if "secret" in groups else kind_of(entity)


def judged_kinds(labels: frozenset[str]) -> frozenset[str]:
    """The kinds whose findings can be right or wrong where these are labelled wherever they occur."""
    near = frozenset(kind for label in labels for kind in relatives(label))
    return labels | (near - _WIDE)


def relatives(kind: str) -> frozenset[str]:
    """The kinds that count as this one, itself among them."""
    return frozenset({kind}).union(*(family for family in _FAMILIES if kind in family))
