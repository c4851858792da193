"""HL7 version 2 messages: persons in PID, NK1, GT1 and IN1 (HL7 v2.5.1, chapters 3 and 6)."""

import re
from collections.abc import Iterator, Mapping

from gateway.detect.structures.value import Value

_HEADER = re.compile(rb"(?:^|[\r\n\x0b])(?:>+ ?)?MSH(?P<field>[^\w\s])(?P<component>[^\w\s])(?P<repeat>[^\w\s])")
_SEGMENT = re.compile(rb"(?:^|[\r\n\x0b])(?:>+ ?)?(?P<name>PID|NK1|GT1|IN1|MRG)(?=[^\w\s])(?P<rest>[^\r\n]{1,16000})")
_NAME, _ADDRESS, _PHONE, _ID = "name", "address", "phone", "id"

# Segment, number of a field: the entity, or how its components are read.
_FIELDS: Mapping[bytes, Mapping[int, str]] = {
    b"PID": {2: _ID, 3: _ID, 4: _ID, 5: _NAME, 6: _NAME, 7: "DATE_OF_BIRTH", 9: _NAME, 11: _ADDRESS, 13: _PHONE,
             14: _PHONE, 18: "ACCOUNT_NUMBER", 19: "US_SSN", 20: "US_DRIVER_LICENSE", 29: "DATE_TIME"},
    b"NK1": {2: _NAME, 4: _ADDRESS, 5: _PHONE, 6: _PHONE},
    b"GT1": {3: _NAME, 5: _ADDRESS, 6: _PHONE, 7: _PHONE, 8: "DATE_OF_BIRTH", 12: "US_SSN"},
    b"IN1": {16: _NAME, 18: "DATE_OF_BIRTH", 19: _ADDRESS, 36: "HEALTH_PLAN_MEMBER_ID", 49: "HEALTH_PLAN_MEMBER_ID"},
    b"MRG": {1: _ID, 3: "ACCOUNT_NUMBER", 7: _NAME},
}  # fmt: skip
_COMPONENTS = {
    _NAME: ("PERSON", "PERSON", "PERSON"),
    _ADDRESS: ("STREET_ADDRESS", "STREET_ADDRESS", "LOCATION", "", "LOCATION"),
    _PHONE: ("PHONE_NUMBER", "", "", "EMAIL_ADDRESS"),
    _ID: ("MEDICAL_RECORD_NUMBER",),
}
_EMPTY = frozenset({b"", b'""'})


def hl7v2_values(octets: bytes) -> Iterator[Value]:
    """What the fields of the person segments hold."""
    header = _HEADER.search(octets) if b"MSH" in octets else None
    if header is None:
        return
    for segment in _SEGMENT.finditer(octets, header.start()):
        known = _FIELDS[segment["name"]]
        start = segment.start("rest")
        for number, text in enumerate(segment["rest"].split(header["field"])):
            if number in known:
                where = f"field {segment['name'].decode()}-{number} of an HL7 message"
                yield from _field(known[number], text, start, header, where)
            start += len(text) + 1


def _field(kind: str, text: bytes, start: int, header: re.Match[bytes], where: str) -> Iterator[Value]:
    entities = _COMPONENTS.get(kind, (kind,))
    for repeat in text.split(header["repeat"]):
        at = start
        for index, part in enumerate(repeat.split(header["component"])):
            entity = entities[index] if index < len(entities) else ""
            value = part.strip()
            if entity and value not in _EMPTY:
                low = at + part.index(value)
                yield Value(entity, low, low + len(value), where)
            at += len(part) + 1
        start += len(repeat) + 1
