"""Archives and documents that stand behind something else: a picture, a program, octets of no known format."""

import re

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget
from gateway.extract.formats.items import File, Inner, Reading

_INSIDE = re.compile(
    rb"PK\x03\x04[\x0a-\x3f]\x00|Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c|%PDF-1\.[0-9]|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"!<arch>")


def is_carrier(octets: bytes) -> bool:
    """Whether a file starts anywhere but at the start."""
    return _INSIDE.search(octets, 1) is not None


def read_carrier(file: File, budget: Budget) -> Reading:
    """What starts there. The rest of a program cannot be read."""
    found = _INSIDE.search(file.octets, 1)
    if found is not None:
        yield Inner(file.octets[found.start() :])
    if file.octets.startswith(_PROGRAMS):
        yield OpaqueReason.UNSUPPORTED_FORMAT
