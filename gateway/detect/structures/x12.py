"""X12 health care transactions: 837 claims, 835 payments, 270/271 eligibility (ASC X12N 005010, HIPAA)."""

import re
from collections.abc import Iterator

from gateway.detect.structures.value import Value

_INTERCHANGE = re.compile(rb"ISA(?P<element>[^\w\s])\d\d(?P=element)")
_PERSON_CODES = frozenset(
    {b"IL", b"QC", b"74", b"03", b"QD", b"GB"}
)  # insured, patient, corrected, dependent, responsible
_MEMBER_QUALIFIERS = frozenset({b"MI", b"II", b"HN", b"MR"})
_REFERENCES = {
    b"SY": "US_SSN",
    b"EJ": "MEDICAL_RECORD_NUMBER",
    b"EA": "MEDICAL_RECORD_NUMBER",
    b"1W": "HEALTH_PLAN_MEMBER_ID",
    b"IG": "HEALTH_PLAN_MEMBER_ID",
    b"D9": "HEALTH_REFERENCE_NUMBER",
    b"G1": "HEALTH_REFERENCE_NUMBER",
    b"F8": "HEALTH_REFERENCE_NUMBER",
    b"Y4": "HEALTH_REFERENCE_NUMBER",
}
_SEGMENTS_AT_ONCE = re.compile(rb"[^~\r\n]{2,2000}")


def x12_values(octets: bytes) -> Iterator[Value]:
    """What the segments about insured people and patients hold."""
    interchange = _INTERCHANGE.search(octets) if b"ISA" in octets and b"NM1" in octets else None
    if interchange is None:
        return
    separator = interchange["element"]
    about_person = False
    for segment in _SEGMENTS_AT_ONCE.finditer(octets, interchange.start()):
        elements = _elements(segment, separator)
        name = elements[0][0]
        if name == b"NM1":
            about_person = len(elements) > 2 and elements[1][0] in _PERSON_CODES and elements[2][0] == b"1"
        if about_person or name in (b"CLM", b"CLP"):
            yield from _values(name, elements)


def _elements(segment: re.Match[bytes], separator: bytes) -> list[tuple[bytes, int]]:
    start, elements = segment.start(), []
    for text in segment[0].split(separator):
        elements.append((text, start))
        start += len(text) + 1
    return elements


def _values(name: bytes, elements: list[tuple[bytes, int]]) -> Iterator[Value]:
    for number, entity in _entities(name, [text for text, _ in elements]):
        if number < len(elements) and elements[number][0].strip():
            text, start = elements[number]
            yield Value(entity, start, start + len(text), f"element {name.decode()}{number:02d} of an X12 transaction")


def _entities(name: bytes, texts: list[bytes]) -> list[tuple[int, str]]:
    """Which elements of a segment are what."""
    if name == b"NM1":
        member = len(texts) > 8 and texts[8] in _MEMBER_QUALIFIERS
        return [(3, "PERSON"), (4, "PERSON"), (5, "PERSON"), *([(9, "HEALTH_PLAN_MEMBER_ID")] if member else [])]
    if name == b"REF" and len(texts) > 1:
        return [(2, _REFERENCES[texts[1]])] if texts[1] in _REFERENCES else []
    if name == b"PER":
        kinds = {b"TE": "PHONE_NUMBER", b"HP": "PHONE_NUMBER", b"EM": "EMAIL_ADDRESS"}
        return [(n + 1, kinds[text]) for n, text in enumerate(texts) if text in kinds]
    return _PLAIN.get(name, [])


_PLAIN = {
    b"N3": [(1, "STREET_ADDRESS"), (2, "STREET_ADDRESS")],
    b"N4": [(1, "LOCATION"), (3, "LOCATION")],
    b"DMG": [(2, "DATE_OF_BIRTH")],
    b"CLM": [(1, "ACCOUNT_NUMBER")],
    b"CLP": [(1, "ACCOUNT_NUMBER"), (7, "HEALTH_REFERENCE_NUMBER")],
}
