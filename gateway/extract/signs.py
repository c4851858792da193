"""Signs that octets are no text, whatever they are labelled as."""

import re

from gateway.core.message import OpaqueReason
from gateway.parse.glance import Glance

# Octets that no text has, whatever its charset. ESC stays: ISO-2022 shifts with it.
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])
GLANCE = Glance([(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]",)])  # the same, looked for in one pass
_START = 4096  # octets looked at before the rest
_WINDOW = 512  # octets of which a share is counted, so that text around them does not hide them
_SHARE = 32  # one control in so many octets, or more, is no text
_LEAST = 8  # controls: fewer in a short text are an accident
_LOST = 4  # one character in so many that the charset does not know
_UNKNOWN = 3  # characters that the charset does not know: fewer are an accident
_PREFIX = 1024  # octets that programs skip before a signature (ISO 32000-1 annex H.3.4.1)

# Signatures with octets that no text has: they tell at any place.
_ANYWHERE = re.compile(
    rb"PK\x03\x04|PK\x05\x06|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b\x08|\xfd7zXZ\x00|\x04\x22\x4d\x18"
    rb"|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\x89PNG\r\n\x1a\n|\x78\x9f\x3e\x22"
)
# Signatures of printable octets tell at the start, white space aside.
_AT_START = re.compile(rb"\s*(?:%PDF-|\x28\xb5\x2f\xfd|BZh[1-9]1AY&SY|\xff\xd8\xff|GIF8[79]a)")
# Pictures written as text: XPM, XBM, and the Netpbm formats P1 to P3.
_DRAWN = re.compile(
    rb"\s*(?:/\* XPM \*/|#define \w{1,60}_width [0-9]+\s+#define \w{1,60}_height"
    rb"|P[1-3]\s+(?:#[^\n]*\n)?[0-9]+\s+[0-9]+\s[0-9\s]{30})"
)
_PDF = re.compile(rb"%PDF-[0-9]\.[0-9]")
_TELLING_NAME = re.compile(
    r"zip|doc[xm]?|xls[xm]?|ppt[xm]?|od[tsp]|jar|pdf|gpg|pgp|7z|rar|t?gz|bz2|xz|zst|lz4|tar|cab|iso|msg|pst|accdb|mdb"
    r"|sqlite|db|kdbx|p12|pfx|png|jpe?g|gif|tiff?|webp|heic|bmp|mp[34]|mov|exe|dll"
)

# RFC 9580 section 4.2: tags of packets with which an encrypted message starts, and the versions of each.
_PKESK, _SKESK = 1, 3
_VERSIONS = {_PKESK: (2, 3, 6), _SKESK: (4, 5, 6)}


def is_clean(octets: bytes) -> bool:
    """No octet that only binary formats have."""
    return _is_clean(octets[:_START]) and (len(octets) <= _START or not GLANCE.of(octets))


def _is_clean(octets: bytes) -> bool:
    return len(octets.translate(None, _CONTROLS)) == len(octets)


def unlike_text(octets: bytes, text: str, extension: str, *, shifts: bool) -> OpaqueReason | None:
    """Why octets that were read as `text` are none; None where they may well be.

    `extension`: of the file name, lower case. `shifts`: control octets belong to the charset (UTF-16, ISO-2022).
    """
    if _AT_START.match(octets) or _DRAWN.match(octets) or _holds_pdf(octets):
        return OpaqueReason.UNSUPPORTED_FORMAT
    clean = shifts or is_clean(octets)
    if not clean and is_openpgp(octets):
        return OpaqueReason.ENCRYPTED_PGP
    if not clean and (_ANYWHERE.search(octets) or _has_binary_window(octets)):
        return OpaqueReason.UNSUPPORTED_FORMAT
    lost = text.count("\ufffd")
    if lost * _LOST > len(text) and lost >= _UNKNOWN:
        return OpaqueReason.UNSUPPORTED_FORMAT
    return OpaqueReason.UNSUPPORTED_FORMAT if _TELLING_NAME.fullmatch(extension) and (not clean or lost) else None


def is_mostly_binary(octets: bytes) -> bool:
    """Controls all over: reading them as text would find nothing but chance."""
    return (len(octets) - len(octets.translate(None, _CONTROLS))) * _SHARE >= len(octets)


def _holds_pdf(octets: bytes) -> bool:
    return _PDF.search(octets, 0, _PREFIX) is not None and b"endobj" in octets


def _has_binary_window(octets: bytes) -> bool:
    """Somewhere controls are more than an accident."""
    for start in range(0, len(octets), _WINDOW):
        window = octets[start : start + _WINDOW]
        controls = len(window) - len(window.translate(None, _CONTROLS))
        if controls >= _LEAST and controls * _SHARE >= len(window):
            return True
    return False


def is_openpgp(octets: bytes) -> bool:
    """Whether octets start with a session key packet of OpenPGP, which only an encrypted message does."""
    first, rest = octets[0] if octets else 0, octets[1:8].ljust(7, b"\0")
    if first & 0xC0 == 0xC0:
        tag = first & 0x3F
        width = 1 if rest[0] < 192 else 2 if rest[0] < 224 else 5 if rest[0] == 255 else 0
    else:
        tag, width = (first >> 2) & 0x0F, (1, 2, 4, 0)[first & 0x03]
    return bool(first & 0x80 and width) and rest[width] in _VERSIONS.get(tag, ())
