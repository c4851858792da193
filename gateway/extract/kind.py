"""What a part is by its first bytes, for those types that a policy may wave through unread."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from gateway.core.message import ByteRange, Part
from gateway.parse.transfer import decoded_octets

UNKNOWN = "application/octet-stream"
LOOKED_AT = 256  # bytes as transferred

# Signatures of the formats' own specifications: PNG (ISO/IEC 15948 5.2), GIF89a section 17, JPEG (ITU-T T.81 B.1.1.3).
_SIGNATURES: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        "image/png": (b"\x89PNG\r\n\x1a\n",),
        "image/gif": (b"GIF87a", b"GIF89a"),
        "image/jpeg": (b"\xff\xd8\xff",),
        "image/jpg": (b"\xff\xd8\xff",),
        "image/webp": (b"RIFF",),
    }
)


def kind_of(part: Part) -> str:
    """The declared content type, or `application/octet-stream` where the first bytes give it the lie."""
    signatures = _SIGNATURES.get(part.content_type)
    if signatures is None:
        return part.content_type
    end = min(part.body.end, part.body.start + LOOKED_AT)
    first = decoded_octets(replace(part, body=ByteRange(part.body.start, end))).octets
    return part.content_type if first.startswith(signatures) else UNKNOWN


def by_signature(octets: bytes) -> str:
    """The type of a picture by its first bytes, "" for anything else."""
    return next((kind for kind, signs in _SIGNATURES.items() if octets.startswith(signs)), "")
