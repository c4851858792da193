"""OpenPGP messages by their packets (RFC 9580): whether one is encrypted is told by its structure, not by its label."""

import binascii
import re
from collections.abc import Iterator

_PKESK, _SIGNATURE, _SKESK, _ONE_PASS = 1, 2, 3, 4
_COMPRESSED, _SYMMETRIC, _MARKER, _LITERAL, _PROTECTED, _AEAD, _PADDING = 8, 9, 10, 11, 18, 20, 21
_KEYS = frozenset({_PKESK, _SKESK})
_SEALED = frozenset({_SYMMETRIC, _PROTECTED, _AEAD})
_VERSIONS = {  # the first octet of each: versions, and ways of compressing
    _PKESK: (2, 3, 6),
    _SKESK: (4, 5, 6),
    _ONE_PASS: (3, 6),
    _COMPRESSED: (0, 1, 2, 3),
    _PROTECTED: (1, 2),
    _AEAD: (1,),
}
_ARMOR = re.compile(
    r"-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[!-9;-~]{1,60}: [^\r\n]*\r?\n)*[ \t]*\r?\n?"
    r"([A-Za-z0-9+/\s]*={0,2})(?:\s*=[A-Za-z0-9+/]{4})?\s*-----END PGP MESSAGE-----"
)
_BEGIN = "-----BEGIN PGP MESSAGE-----"
_MOST_PACKETS = 1_000

Packet = tuple[int, bytes]


def packets(octets: bytes) -> list[Packet] | None:
    """Tag and body of each packet; None where the octets are no row of packets that ends with them."""
    found: list[Packet] = []
    at = 0
    while at < len(octets):
        if len(found) >= _MOST_PACKETS or not octets[at] & 0x80:
            return None
        read = _new(octets, at) if octets[at] & 0x40 else _old(octets, at)
        if read is None:
            return None
        tag, body, at = read
        if tag in _VERSIONS and body[:1] and body[0] not in _VERSIONS[tag]:
            return None
        found.append((tag, body))
    return found or None


def _old(octets: bytes, at: int) -> tuple[int, bytes, int] | None:
    tag, kind = (octets[at] >> 2) & 0x0F, octets[at] & 0x03
    if kind == 3:
        return tag, octets[at + 1 :], len(octets)
    width = 1 << kind
    start = at + 1 + width
    size = int.from_bytes(octets[at + 1 : start], "big")
    return (tag, octets[start : start + size], start + size) if start + size <= len(octets) else None


def _new(octets: bytes, at: int) -> tuple[int, bytes, int] | None:
    tag = octets[at] & 0x3F
    at += 1
    pieces: list[bytes] = []
    while at < len(octets):
        size, start, partial = _length(octets, at)
        if start + size > len(octets):
            return None
        pieces.append(octets[start : start + size])
        at = start + size
        if not partial:
            return tag, b"".join(pieces), at
    return None


def _length(octets: bytes, at: int) -> tuple[int, int, bool]:
    """Size, where the octets start, and whether more follow (4.2.1)."""
    first = octets[at]
    if first < 192:
        return first, at + 1, False
    if first < 224:
        return ((first - 192) << 8) + int.from_bytes(octets[at + 1 : at + 2], "big") + 192, at + 2, False
    if first < 255:
        return 1 << (first & 0x1F), at + 1, True
    return int.from_bytes(octets[at + 1 : at + 5], "big"), at + 5, False


def is_encrypted(octets: bytes) -> bool:
    """Session keys, then one packet sealed with them, and nothing else (10.3)."""
    tags = [tag for tag, _ in packets(octets) or () if tag not in (_MARKER, _PADDING)]
    return len(tags) > 1 and tags[-1] in _SEALED and all(tag in _KEYS for tag in tags[:-1])


def is_readable(octets: bytes) -> bool:
    """A message that is signed or packed and not encrypted."""
    found = packets(octets) if octets[:1] >= b"\x80" else None
    tags = [tag for tag, _ in found or () if tag not in (_MARKER, _PADDING)]
    return (
        bool(tags)
        and all(tag in (_ONE_PASS, _SIGNATURE, _COMPRESSED, _LITERAL) for tag in tags)
        and (_LITERAL in tags or tags == [_COMPRESSED] or tags == [_COMPRESSED, _PADDING])
    )


def armored(text: str) -> Iterator[bytes | None]:
    """The octets of each message written in ASCII (6.2); None for one that is broken."""
    if _BEGIN not in text:
        return
    count = 0
    for found in _ARMOR.finditer(text):
        count += 1
        try:
            yield binascii.a2b_base64(found[1])
        except binascii.Error:
            yield None
    for _ in range(text.count(_BEGIN) - count):
        yield None
