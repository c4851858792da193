"""The key that a message brings along for its own author (Autocrypt Level 1, section 2.1).

Nobody vouches for it but the message, and From is easily forged. So it is never taken by itself: an administrator hands
in a message that they know to be genuine, and any surer source takes the key's place later.
"""

import base64
import binascii
import re
from email.parser import BytesHeaderParser
from email.policy import compat32

from gateway.keys.records import form
from gateway.parse.addresses import addr_spec

KNOWN = frozenset({"addr", "prefer-encrypt", "keydata"})
LONGEST_KEY = 100_000  # characters of keydata
_MESSAGE = re.compile(rb"[!-9;-~]+[ \t]*:")


def key_in(octets: bytes) -> tuple[str, bytes] | None:
    """The author's address, as addresses are compared, and the key; None where a message has none that counts.

    It counts where one field has it, for the address in From, and From is there once.
    """
    if not _MESSAGE.match(octets):
        return None
    head = BytesHeaderParser(policy=compat32).parsebytes(octets)
    authors = head.get_all("from", [])
    if len(authors) != 1:
        return None
    author = form(addr_spec(str(authors[0])))
    found = [key for value in head.get_all("autocrypt", []) if (key := _key(str(value), author)) is not None]
    return (author, found[0]) if author and len(found) == 1 else None


def _key(value: str, author: str) -> bytes | None:
    """None for a field that is to be passed over: another address, an unknown attribute, no key."""
    pairs = [(name.strip().lower(), text.strip()) for name, _, text in (p.partition("=") for p in value.split(";"))]
    given = {name: text for name, text in pairs if name}
    unknown = any(name not in KNOWN and not name.startswith("_") for name in given)
    if unknown or form(given.get("addr", "")) != author or len(given.get("keydata", "")) > LONGEST_KEY:
        return None
    try:
        return base64.b64decode("".join(given.get("keydata", "").split()), validate=True) or None
    except binascii.Error:
        return None
