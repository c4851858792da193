"""The line ends of a message: CRLF as it should be, or something that programs see differently."""

import re
from typing import NamedTuple

from gateway.parse.glance import Glance

_BARE_CR = re.compile(rb"\r(?!\n)")
GLANCE = Glance([(rb"\r[^\n]", rb"[^\r]\n")])
LARGE = 65_536  # octets: from here on one pass for what is unusual is quicker than three counts


class Ends(NamedTuple):
    """`crlf`: there are such line ends; `mixed`: and bare LF beside them."""

    bare_cr: bool
    crlf: bool
    mixed: bool


def line_ends(octets: bytes) -> Ends:
    """Those of a whole message."""
    if len(octets) >= LARGE and not (octets.startswith(b"\n") or octets.endswith(b"\r") or GLANCE.of(octets)):
        return Ends(bare_cr=False, crlf=b"\r" in octets, mixed=False)
    bare = _BARE_CR.search(octets) is not None
    crlf = octets.count(b"\r\n" if bare else b"\r")
    return Ends(bare, crlf > 0, 0 < crlf < octets.count(b"\n"))
