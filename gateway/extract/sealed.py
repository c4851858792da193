"""What is encrypted or signed: S/MIME (RFC 8551), PGP/MIME (RFC 3156), archives with the encryption flag."""

from gateway.core.message import OpaqueReason, Place, Segment
from gateway.extract.leaf import Leaf, Read
from gateway.extract.signs import is_clean, is_openpgp

_PKCS7_TYPES = frozenset(
    {
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_PKCS7_NAMES = frozenset({"p7m", "p7s", "p7c", "p7z"})
_PKCS7 = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7
_SIGNED_DATA = _PKCS7 + b"\x02"
_SEALED_DATA = (_PKCS7 + b"\x03", _PKCS7 + b"\x06", bytes.fromhex("2a864886f70d010910010117"))

_SEQUENCE, _SET, _INTEGER, _OID, _CONTENT = 0x30, 0x31, 0x02, 0x06, 0xA0

_ZIP = b"PK\x03\x04"
_FLAG_OFFSET = 6  # APPNOTE.TXT 4.3.7: general purpose bit flag of a local file header
_ENCRYPTED = 0x01

# First octets of formats whose text cannot be read as it stands.
_BINARY = (
    _ZIP,
    b"PK\x05\x06",
    b"%PDF-",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"\x78\x9f\x3e\x22",
)


def is_pkcs7(leaf: Leaf) -> bool:
    """A CMS structure by type or file name."""
    return leaf.content_type in _PKCS7_TYPES or leaf.extension in _PKCS7_NAMES


def read_pkcs7(leaf: Leaf) -> Read:
    """Nothing to read in a detached signature; signed content inside is not read yet; the rest is encrypted."""
    octets = leaf.octets
    if not octets or holds_no_content(octets):
        return Read((Segment(leaf.part.part_path, Place.ATTACHMENT, ""),))
    if _SIGNED_DATA in octets[:64]:
        return Read(opaque=(OpaqueReason.UNSUPPORTED_FORMAT,))
    if any(kind in octets[:64] for kind in _SEALED_DATA) or leaf.content_type.endswith("mime"):
        return Read(opaque=(OpaqueReason.ENCRYPTED_SMIME,))
    return Read(opaque=(OpaqueReason.DAMAGED,))


def holds_no_content(octets: bytes) -> bool:
    """Whether DER octets are a SignedData without the signed content (RFC 5652 sections 3 and 5)."""
    cursor = _enter(octets, 0, _SEQUENCE)
    cursor = _skip(octets, cursor, _OID, _SIGNED_DATA)
    for tag in (_CONTENT, _SEQUENCE):
        cursor = _enter(octets, cursor, tag)
    for tag in (_INTEGER, _SET):
        cursor = _skip(octets, cursor, tag)
    encapsulated = _element(octets, cursor, _SEQUENCE)
    if encapsulated is None:
        return False
    start, end = encapsulated
    return _skip(octets, start, _OID) == end


def _element(octets: bytes, position: int | None, tag: int) -> tuple[int, int] | None:
    """Start and end of the contents of a DER element with that tag; None if something else stands there."""
    if position is None or position + 2 > len(octets) or octets[position] != tag:
        return None
    length, start = octets[position + 1], position + 2
    if length > 0x80:
        width = length - 0x80
        length, start = int.from_bytes(octets[start : start + width], "big"), start + width
    elif length == 0x80:
        return None  # indefinite: BER, not read here
    return (start, start + length) if start + length <= len(octets) else None


def _enter(octets: bytes, position: int | None, tag: int) -> int | None:
    found = _element(octets, position, tag)
    return None if found is None else found[0]


def _skip(octets: bytes, position: int | None, tag: int, contents: bytes | None = None) -> int | None:
    found = _element(octets, position, tag)
    if found is None or (contents is not None and octets[found[0] : found[1]] != contents):
        return None
    return found[1]


def is_binary(leaf: Leaf) -> bool:
    """A format told by its first octets, whatever its label says."""
    return leaf.octets.startswith(_BINARY)


def is_archive(octets: bytes) -> bool:
    """Whether octets start as a ZIP file."""
    return octets.startswith(_ZIP)


def read_binary(leaf: Leaf) -> Read:
    """Not read yet; an encrypted archive or message is named as such."""
    octets = leaf.octets
    if is_openpgp(octets) and not is_clean(octets):
        return Read(opaque=(OpaqueReason.ENCRYPTED_PGP,))
    if octets.startswith(_ZIP) and len(octets) > _FLAG_OFFSET and octets[_FLAG_OFFSET] & _ENCRYPTED:
        return Read(opaque=(OpaqueReason.ENCRYPTED_ARCHIVE,))
    return Read(opaque=(OpaqueReason.UNSUPPORTED_FORMAT,))
