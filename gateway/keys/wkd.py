"""Where the Web Key Directory of a domain has the key of an address (draft-koch-openpgp-webkey-service)."""

import hashlib
from urllib.parse import quote

ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"  # z-base-32


def addresses_of_key(address: str) -> tuple[str, str]:
    """The advanced and the direct address, in the order in which they are asked."""
    local, _, domain = address.rpartition("@")
    name = zbase32(hashlib.sha1(local.lower().encode()).digest())  # noqa: S324 - a name, not a signature
    asked = f"{name}?l={quote(local, safe='')}"
    return (
        f"https://openpgpkey.{domain}/.well-known/openpgpkey/{domain}/hu/{asked}",
        f"https://{domain}/.well-known/openpgpkey/hu/{asked}",
    )


def zbase32(octets: bytes) -> str:
    """Five bits a character, the highest first."""
    bits = "".join(f"{octet:08b}" for octet in octets)
    groups = (bits[start : start + 5].ljust(5, "0") for start in range(0, len(bits), 5))
    return "".join(ALPHABET[int(group, 2)] for group in groups)
