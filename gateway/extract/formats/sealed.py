"""Messages that are signed or encrypted: S/MIME (RFC 5652, RFC 8551) and OpenPGP (RFC 9580), told by their structure.

What is only signed or packed is read. What is encrypted is a fact; a file that merely says so is damaged.
"""

import binascii
import re
import zlib
from dataclasses import dataclass

from gateway.core.message import OpaqueReason, View
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.formats.inflate import Unpacked, inflate, unbzip
from gateway.extract.formats.items import File, Inner, Mail, Reading, Text
from gateway.extract.formats.strings import strings_of
from gateway.extract.openpgp import is_encrypted, is_readable, packets
from gateway.extract.signs import is_clean

_SEQUENCE, _SET, _INTEGER, _OID, _OCTETS, _FIRST = 0x30, 0x31, 0x02, 0x06, 0x04, 0xA0
_PKCS7 = bytes.fromhex("2a864886f70d0107")
_SIGNED, _ENVELOPED, _ENCRYPTED = _PKCS7 + b"\x02", _PKCS7 + b"\x03", _PKCS7 + b"\x06"
_AUTHENTICATED = bytes.fromhex("2a864886f70d010910010117")
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_KINDS = frozenset({_SIGNED, _ENVELOPED, _ENCRYPTED, _AUTHENTICATED, _COMPRESSED})
_PEM = re.compile(rb"\s*-----BEGIN (?:PKCS7|CMS)-----\s+([A-Za-z0-9+/=\s]+)-----END (?:PKCS7|CMS)-----")
_DEEPEST = 12  # octet strings within octet strings


@dataclass(frozen=True, slots=True)
class Element:
    """One element of BER: `octets` of its contents, and where the next one starts."""

    tag: int
    octets: bytes
    end: int


def elements(octets: bytes) -> list[Element]:
    """The elements in a row, indefinite lengths too; up to the first that does not fit."""
    found: list[Element] = []
    at = 0
    while at < len(octets) and (one := _element(octets, at, 0)) is not None:
        found.append(one)
        at = one.end
    return found


def _element(octets: bytes, at: int, depth: int) -> Element | None:
    if at + 2 > len(octets) or depth > _DEEPEST:
        return None
    tag, length, start = octets[at], octets[at + 1], at + 2
    if length == 0x80:
        return _indefinite(octets, tag, start, depth)
    if length > 0x80:
        width = length - 0x80
        length, start = int.from_bytes(octets[start : start + width], "big"), start + width
    return Element(tag, octets[start : start + length], start + length) if start + length <= len(octets) else None


def _indefinite(octets: bytes, tag: int, start: int, depth: int) -> Element | None:
    at = start
    while octets[at : at + 2] != b"\0\0":
        one = _element(octets, at, depth + 1)
        if one is None:
            return None
        at = one.end
    return Element(tag, octets[start:at], at + 2)


def is_cms(octets: bytes) -> bool:
    """A content info of a kind that mail has, in DER, BER or PEM."""
    return _content(octets) is not None


def _content(octets: bytes) -> tuple[bytes, list[Element]] | None:
    """Kind and fields of what a content info holds."""
    if octets[:1] != b"0":
        pem = _PEM.match(octets)
        if pem is None:
            return None
        try:
            octets = binascii.a2b_base64(pem[1])
        except binascii.Error:
            return None
    if not any(kind in octets[:64] for kind in _KINDS):
        return None
    outer = elements(octets)
    inside = elements(outer[0].octets) if outer and outer[0].tag == _SEQUENCE else []
    if len(inside) < 2 or inside[0].tag != _OID or inside[0].octets not in _KINDS or inside[1].tag != _FIRST:
        return None
    held = elements(inside[1].octets)
    return (inside[0].octets, elements(held[0].octets)) if held and held[0].tag == _SEQUENCE else None


def read_cms(file: File, budget: Budget) -> Reading:
    found = _content(file.octets)
    if found is None:
        raise Unreadable(OpaqueReason.DAMAGED)
    kind, fields = found
    if kind in (_SIGNED, _COMPRESSED):
        yield from _signed(kind, fields, budget)
        return
    sealed = _sealed(fields, with_keys=kind != _ENCRYPTED)
    if sealed is None:
        raise Unreadable(OpaqueReason.DAMAGED)
    if sealed and _is_words(sealed):
        yield Text(strings_of(sealed), View.ALL)  # words under the name of a cipher
        yield OpaqueReason.DAMAGED
    else:
        yield OpaqueReason.ENCRYPTED_SMIME


def _is_words(octets: bytes) -> bool:
    """Plain text; a short ciphertext may well be without control octets, but hardly well-formed UTF-8."""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return is_clean(octets)


def _sealed(fields: list[Element], *, with_keys: bool) -> bytes | None:
    """The encrypted octets; None where the structure is another than that of encrypted data (RFC 5652 6.1, 8)."""
    tags = [field.tag for field in fields]
    if not tags or tags[0] != _INTEGER or (with_keys and _SET not in tags):
        return None
    if with_keys and not next(field.octets for field in fields if field.tag == _SET):
        return None
    info = next((elements(field.octets) for field in fields if field.tag == _SEQUENCE), [])
    if len(info) < 3 or (info[0].tag, info[1].tag) != (_OID, _SEQUENCE):
        return None
    return _joined(info[2]) if info[2].tag in (0x80, _FIRST) else None


def _signed(kind: bytes, fields: list[Element], budget: Budget) -> Reading:
    """The content that a signature covers, or that is packed; nothing where it stands elsewhere."""
    held = fields[2:3] if kind == _COMPRESSED else fields[1:]  # RFC 3274: version, algorithm, content
    capsule = next((elements(field.octets) for field in held if _is_capsule(field)), [])
    if not capsule:
        raise Unreadable(OpaqueReason.DAMAGED)
    content = b"".join(_joined(one) for wrapper in capsule[1:] for one in elements(wrapper.octets))
    if kind == _COMPRESSED:
        into = Unpacked()
        inflate(memoryview(content), budget, into, zlib.MAX_WBITS)
        content = into.octets()
        if not into.whole:
            yield OpaqueReason.DAMAGED
    if content:
        yield Mail(content)


def _is_capsule(field: Element) -> bool:
    inside = elements(field.octets)[:2] if field.tag == _SEQUENCE else []
    return bool(inside) and inside[0].tag == _OID and (len(inside) == 1 or inside[1].tag == _FIRST)


def _joined(element: Element, depth: int = 0) -> bytes:
    """An octet string, put together where it comes in pieces."""
    if not element.tag & 0x20 or depth > _DEEPEST:
        return element.octets
    return b"".join(_joined(one, depth + 1) for one in elements(element.octets))


def is_pgp(octets: bytes) -> bool:
    """Packets of a message, encrypted or not."""
    return octets[:1] >= b"\x80" and (is_encrypted(octets) or is_readable(octets))


def read_pgp(file: File, budget: Budget) -> Reading:
    if is_encrypted(file.octets):
        yield OpaqueReason.ENCRYPTED_PGP
        return
    yield from _opened(file.octets, budget)


def _opened(octets: bytes, budget: Budget) -> Reading:
    """The files of a message that is signed or packed."""
    for tag, body in packets(octets) or ():
        if tag == 11:
            size = body[1] if len(body) > 1 else 0
            yield Inner(body[2 + size + 4 :], body[2 : 2 + size].decode("utf-8", "replace"))
        elif tag == 8:
            budget.entry()
            into = Unpacked()
            data = memoryview(body)[1:]
            if body[:1] == b"\x03":
                unbzip(data, budget, into)
            elif body[:1] in (b"\x01", b"\x02"):
                inflate(data, budget, into, -15 if body[:1] == b"\x01" else 15)
            else:
                into.take(bytes(data), len(data), budget)
                into.whole = True
            if not into.whole:
                yield OpaqueReason.DAMAGED
            yield Inner(into.octets())
