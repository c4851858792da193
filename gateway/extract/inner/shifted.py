"""UTF-7 (RFC 2152), and the form of it that IMAP has (RFC 3501), where no label says so."""

import binascii
import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

# Shifted letters and digits of ASCII: the first of their two octets is zero.
_SHIFTED = re.compile(r"[+&](A[A-H][A-Za-z0-9+/,]{1,400})-?")


def shifted(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with what stands between shifts."""
    if ("+" in text and "+A" in text) or ("&" in text and "&A" in text):
        found = ((one, _plain(one[1])) for one in _SHIFTED.finditer(text))
        yield from changed(text, (Change(*one.span(), plain) for one, plain in found if plain), margin)


def _plain(coded: str) -> str:
    """What shifted characters say; "" where they say nothing in ASCII."""
    flat = coded.replace(",", "/")
    flat = flat[: len(flat) - (len(flat) % 4 == 1)]
    octets = binascii.a2b_base64(flat + "=" * (-len(flat) % 4))
    said = octets[: len(octets) // 2 * 2].decode("utf-16-be", "replace")
    return said if said.isascii() and said.isprintable() else ""
