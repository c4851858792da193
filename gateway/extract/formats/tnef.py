"""winmail.dat ([MS-OXTNEF]): a message of Outlook with its files, in one."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.items import File, Inner, Item, Reading, Text
from gateway.extract.formats.mapi import BINARY, NARROW, OBJECT, WIDE, Properties, data_of, said
from gateway.extract.formats.strings import strings_of
from gateway.parse.labels import decode_best

SIGNATURE = b"\x78\x9f\x3e\x22"
_SUBJECT, _BODY, _FILE_NAME, _FILE = 0x8004, 0x800C, 0x8010, 0x800F
_PROPERTIES, _RENDERING, _FILE_PROPERTIES, _RECIPIENTS = 0x9003, 0x9002, 0x9005, 0x9004
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x01: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = (WIDE, NARROW, BINARY, OBJECT)
_MANY = 0x1000
_NAMED = 0x8000
_INTERFACE = 16  # octets of an identifier before an embedded object


@dataclass(slots=True)
class _Attachment:
    name: str = field(repr=False, default="")
    octets: bytes = field(repr=False, default=b"")
    properties: Properties = field(default_factory=Properties)

    def items(self) -> Iterator[Item]:
        yield from said(self.properties)
        embedded = self.properties.values.get((0x3701, OBJECT), b"")[_INTERFACE:]
        octets = data_of(self.properties) or self.octets or embedded
        if octets:
            yield Inner(octets, self.properties.file_name or self.name)


def is_tnef(octets: bytes) -> bool:
    return octets.startswith(SIGNATURE)


def read_tnef(file: File, budget: Budget) -> Reading:
    attachment: _Attachment | None = None
    for number, octets in _attributes(file.octets):
        budget.check_time()
        if number == _RENDERING:
            if attachment is not None:
                yield from attachment.items()
            attachment = _Attachment()
        elif number == _PROPERTIES:
            yield from said(_properties(octets))
        elif number in (_FILE_NAME, _FILE, _FILE_PROPERTIES):
            attachment = attachment or _Attachment()
            _put(attachment, number, octets)
        elif number in (_SUBJECT, _BODY, _RECIPIENTS):
            yield Text(decode_best(octets).replace("\0", " ") if number != _RECIPIENTS else _words(octets))
    if attachment is not None:
        yield from attachment.items()


def _put(attachment: _Attachment, number: int, octets: bytes) -> None:
    if number == _FILE_NAME:
        attachment.name = decode_best(octets).rstrip("\0")
    elif number == _FILE:
        attachment.octets = octets
    else:
        attachment.properties = _properties(octets)


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(octets):
        level, number, _, size = struct.unpack_from("<BHHI", octets, at)
        if level not in (1, 2) or at + 9 + size > len(octets):
            raise Unreadable(OpaqueReason.DAMAGED)
        yield number, octets[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _properties(octets: bytes) -> Properties:
    """A list of properties (2.1.3.4); what follows a fault is lost, and the file is damaged."""
    properties = Properties()
    (count,) = struct.unpack_from("<I", octets)
    at = 4
    for _ in range(count):
        kind, number = struct.unpack_from("<HH", octets, at)
        at += 4
        if number >= _NAMED:
            at += 16
            (form,) = struct.unpack_from("<I", octets, at)
            at += 4
            (size,) = struct.unpack_from("<I", octets, at)
            at += 4 + (_padded(size) if form else 0)
        values, at = _values(octets, at, kind)
        if values and kind & ~_MANY in _VARIABLE:
            properties.values[number, kind & ~_MANY] = (b"\n\0" if kind & ~_MANY == WIDE else b"\n").join(values)
    return properties


def _values(octets: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    plain = kind & ~_MANY
    count = 1
    if plain in _VARIABLE or kind & _MANY:
        (count,) = struct.unpack_from("<I", octets, at)
        at += 4
    values = []
    for _ in range(count):
        if plain in _VARIABLE:
            (size,) = struct.unpack_from("<I", octets, at)
            values.append(octets[at + 4 : at + 4 + size])
            at += 4 + _padded(size)
        else:
            at += _FIXED.get(plain, 4)
        if at > len(octets):
            raise Unreadable(OpaqueReason.DAMAGED)
    return values, at


def _padded(size: int) -> int:
    return (size + 3) & ~3


def _words(octets: bytes) -> str:
    """The names and addresses of recipients, whatever the order."""
    return strings_of(octets)
