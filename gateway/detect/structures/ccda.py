"""C-CDA documents: the person of `recordTarget` (HL7 CDA Release 2, section 4.2.2.11)."""

import re
from collections.abc import Iterator

from gateway.detect.structures.value import Value

_LONGEST = 60_000  # bytes of one recordTarget
_TARGET = re.compile(rb"<(?:\w{1,20}:)?recordTarget\b")
_END = re.compile(
    rb"</(?:\w{1,20}:)?recordTarget\s*>|<(?:\w{1,20}:)?providerOrganization\b|<(?:\w{1,20}:)?recordTarget\b"
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_SSN_ROOT = b"2.16.840.1.113883.4.1"
_ID = re.compile(rb"<(?:\w{1,20}:)?id\b(?P<attributes>[^<>]{0,500})>")
_EXTENSION = re.compile(rb"""\bextension\s*=\s*["'](?P<value>[^"'<>]{1,64})["']""")
_ROOT = re.compile(rb"""\broot\s*=\s*["'](?P<value>[^"'<>]{1,128})["']""")
_TELECOM = re.compile(
    rb"""<(?:\w{1,20}:)?telecom\b[^<>]{0,200}?\bvalue\s*=\s*["']\s*(?P<scheme>tel:|mailto:|fax:)?\s*(?P<value>[^"'<>]{3,128})["']"""
)
_BIRTH = re.compile(rb"""<(?:\w{1,20}:)?birthTime\b[^<>]{0,200}?\bvalue\s*=\s*["'](?P<value>\d{8})\d{0,6}""")
_TEXTS = tuple(
    (
        entity,
        re.compile(rb"<(?:\w{1,20}:)?%b\b[^<>]{0,300}>\s*(?P<value>[^<>]{1,200}?)\s*</" % element),
        element.decode(),
    )
    for element, entity in (
        (b"(?:given|family|prefix|suffix)", "PERSON"),
        (b"name", "PERSON"),
        (b"streetAddressLine", "STREET_ADDRESS"),
        (b"(?:city|postalCode)", "LOCATION"),
    )
)


def ccda_values(octets: bytes) -> Iterator[Value]:
    """Identifiers, names, addresses, telecoms and birth of the patient; not those of the provider."""
    if b"recordTarget" not in octets:
        return
    for target in _TARGET.finditer(octets):
        end = _END.search(octets, target.end(), target.end() + _LONGEST)
        high = end.start() if end else min(len(octets), target.end() + _LONGEST)
        yield from _person(octets, target.end(), high)


def _person(octets: bytes, low: int, high: int) -> Iterator[Value]:
    text = _COMMENT.sub(lambda found: b" " * len(found[0]), octets[low:high])
    for element in _ID.finditer(text):
        extension = _EXTENSION.search(text, *element.span("attributes"))
        if extension:
            root = _ROOT.search(text, *element.span("attributes"))
            entity = "US_SSN" if root and root["value"] == _SSN_ROOT else "MEDICAL_RECORD_NUMBER"
            yield _value(entity, extension, low, "id")
    for telecom in _TELECOM.finditer(text):
        mail = telecom["scheme"] == b"mailto:" or b"@" in telecom["value"]
        yield _value("EMAIL_ADDRESS" if mail else "PHONE_NUMBER", telecom, low, "telecom")
    for birth in _BIRTH.finditer(text):
        yield _value("DATE_OF_BIRTH", birth, low, "birthTime")
    for entity, expression, element_name in _TEXTS:
        for found in expression.finditer(text):
            yield _value(entity, found, low, element_name.strip("(?:)"))


def _value(entity: str, found: re.Match[bytes], low: int, element: str) -> Value:
    start, end = found.span("value")
    return Value(entity, low + start, low + end, f"element {element} of the patient in a C-CDA document")
