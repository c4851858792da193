"""FHIR resources about a person, written as XML (HL7 FHIR R4, section 2.6.1: values are attributes)."""

import re
from collections.abc import Iterator

from gateway.detect.structures.value import Value

_LONGEST = 100_000  # bytes of one resource
_PERSON = re.compile(rb"<(?P<name>Patient|RelatedPerson|Person)\b[^<>]{0,500}>")
_END = re.compile(rb"</?(?:Patient|RelatedPerson|Person)\b")
_FIELD = re.compile(
    rb"""<(?P<name>family|given|birthDate|line|city|postalCode|deceasedDateTime)\s+value\s*=\s*["'](?P<value>[^"'<>]{1,200})["']"""
)
_NESTED = re.compile(rb"<(?P<name>identifier|telecom)\b[^<>]{0,200}>(?P<body>.{0,2000}?)</(?P=name)>", re.DOTALL)
_INNER = re.compile(rb"""<value\s+value\s*=\s*["'](?P<value>[^"'<>]{1,200})["']""")
_ENTITIES = {
    b"family": "PERSON",
    b"given": "PERSON",
    b"birthDate": "DATE_OF_BIRTH",
    b"line": "STREET_ADDRESS",
    b"city": "LOCATION",
    b"postalCode": "LOCATION",
    b"deceasedDateTime": "DATE_TIME",
}


def fhir_xml_values(octets: bytes) -> Iterator[Value]:
    """Names, identifiers, contacts, addresses and birth."""
    if b"hl7.org/fhir" not in octets:
        return
    for person in _PERSON.finditer(octets):
        end = _END.search(octets, person.end(), person.end() + _LONGEST)
        high = end.start() if end else min(len(octets), person.end() + _LONGEST)
        yield from _fields(octets, person.end(), high)


def _fields(octets: bytes, low: int, high: int) -> Iterator[Value]:
    for found in _FIELD.finditer(octets, low, high):
        yield _value(_ENTITIES[found["name"]], found["name"], found.span("value"))
    for nested in _NESTED.finditer(octets, low, high):
        inner = _INNER.search(octets, *nested.span("body"))
        if inner:
            yield _value(
                nested_entity(nested["name"], nested["body"], inner["value"]), nested["name"], inner.span("value")
            )


def nested_entity(name: bytes, around: bytes, value: bytes) -> str:
    """What the value of an `identifier` or a `telecom` is, by what stands beside it."""
    if name == b"telecom":
        return "EMAIL_ADDRESS" if b"@" in value else "PHONE_NUMBER"
    if b"us-ssn" in around or b"2.16.840.1.113883.4.1" in around:
        return "US_SSN"
    if b"us-mbi" in around or b">MB<" in around or b'"MB"' in around:
        return "HEALTH_PLAN_MEMBER_ID"
    return "MEDICAL_RECORD_NUMBER"


def _value(entity: str, element: bytes, span: tuple[int, int]) -> Value:
    return Value(entity, *span, f"element {element.decode()} of a person in a FHIR resource")
