"""Pictures that stand whole in other octets, as old Office documents keep them."""

import re

from gateway.extract.formats.items import Inner, Reading

_STARTS = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xc0-\xfe]|GIF8[79]a")
_PNG_END = b"IEND\xaeB`\x82"
_JPEG_END = b"\xff\xd9"


def pictures_in(octets: bytes) -> Reading:
    """Each PNG, JPEG and GIF, up to its end or the next one."""
    starts = [found.start() for found in _STARTS.finditer(octets)]
    done = 0
    for number, start in enumerate(starts):
        if start < done:
            continue
        limit = starts[number + 1] if number + 1 < len(starts) else len(octets)
        done = _end(octets, start, limit)
        yield Inner(octets[start:done])


def _end(octets: bytes, start: int, limit: int) -> int:
    if octets.startswith(b"\x89PNG", start):
        end = octets.find(_PNG_END, start)
        return end + len(_PNG_END) if end >= 0 else limit
    if octets.startswith(b"\xff\xd8", start):
        end = octets.rfind(_JPEG_END, start, limit)
        return end + len(_JPEG_END) if end >= 0 else limit
    return limit
