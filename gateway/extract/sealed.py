"""What is encrypted or signed: S/MIME (RFC 8551), PGP/MIME (RFC 3156), archives with the encryption flag."""

from gateway.core.message import OpaqueReason, Place, Segment
from gateway.extract.leaf import Leaf, Read
from gateway.extract.signs import is_clean, is_openpgp
from gateway.parse.labels import decode_best

_PKCS7_TYPES = frozenset(
    {
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_PKCS7_NAMES = frozenset({"p7m", "p7s", "p7c", "p7z"})
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
    """Not what its label says, or it would have been read by its structure; empty is no harm."""
    if not leaf.octets:
        return Read((Segment(leaf.part.part_path, Place.ATTACHMENT, ""),))
    words = decode_best(leaf.octets) if is_clean(leaf.octets) else ""
    segments = (Segment(leaf.part.part_path, Place.ATTACHMENT, words, runs=()),) if words else ()
    return Read(segments, (OpaqueReason.DAMAGED,))


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
