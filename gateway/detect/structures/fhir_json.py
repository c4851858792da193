"""FHIR resources about a person, written as JSON (HL7 FHIR R4, section 2.6.2).

A text is read token by token: the name of a resource may stand at its end, and mail cuts and quotes documents so that
they are no JSON any more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.detect.structures.fhir_xml import nested_entity
from gateway.detect.structures.value import Value

_DEEPEST = 64
_TOKEN = re.compile(rb'"(?P<text>(?:[^"\\\n]|\\.){0,2000})"(?P<key>\s{0,20}:)?|[{}\[\]]')
_PERSONS = frozenset({b"Patient", b"RelatedPerson", b"Person"})
_NESTED = frozenset({b"identifier", b"telecom"})  # what their value is, they say themselves
_ENTITIES = {
    (b"name", b"family"): "PERSON",
    (b"name", b"given"): "PERSON",
    (b"name", b"text"): "PERSON",
    (b"", b"birthDate"): "DATE_OF_BIRTH",
    (b"", b"deceasedDateTime"): "DATE_TIME",
    (b"address", b"line"): "STREET_ADDRESS",
    (b"address", b"text"): "STREET_ADDRESS",
    (b"address", b"city"): "LOCATION",
    (b"address", b"postalCode"): "LOCATION",
}


@dataclass(slots=True)
class _Object:
    """One object that is not closed yet. `values` are (key of the object it stood in, key, span) of it and below."""

    name: bytes  # the key that it is the value of, "" for a resource
    key: bytes = b""
    resource: bytes = b""
    start: int = 0
    values: list[tuple[bytes, bytes, tuple[int, int]]] = field(default_factory=list)


def fhir_json_values(octets: bytes) -> Iterator[Value]:
    """Names, identifiers, contacts, addresses and birth."""
    if b'"resourceType"' not in octets:
        return
    stack = [_Object(b"")]
    for token in _TOKEN.finditer(octets):
        if token["text"] is not None:
            _take(stack[-1], token)
        elif token[0] == b"{" and len(stack) < _DEEPEST:
            stack.append(_Object(stack[-1].key, start=token.start()))
        elif token[0] == b"}" and len(stack) > 1:
            yield from _close(octets, stack, token.end())
    while len(stack) > 1:
        yield from _close(octets, stack, len(octets))


def _take(inside: _Object, token: re.Match[bytes]) -> None:
    if token["key"]:
        inside.key = token["text"]
    elif inside.key == b"resourceType":
        inside.resource = token["text"]
    elif token["text"]:
        inside.values.append((b"", inside.key, token.span("text")))


def _close(octets: bytes, stack: list[_Object], end: int) -> Iterator[Value]:
    """A person's values come out; those of another object belong to the one around it."""
    done = stack.pop()
    if done.resource in _PERSONS:
        for name, key, span in done.values:
            entity = key.decode() if name in _NESTED else _ENTITIES.get((name, key), "")
            if entity:
                field_name = (name or key).decode()
                yield Value(entity, *span, f"{field_name} of a person in a FHIR resource")
        return
    if done.resource:
        return
    if done.name in _NESTED:
        for _, key, span in done.values:
            if key == b"value":
                around = octets[done.start : min(end, done.start + 2000)]
                entity = nested_entity(done.name, around, octets[slice(*span)])
                stack[-1].values.append((done.name, entity.encode(), span))
        return
    stack[-1].values.extend((name or done.name, key, span) for name, key, span in done.values)
