"""Domains of addresses, in the one form in which they are compared."""

import re

import idna

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]+\Z){_LABEL}")


def domain_of(address: str) -> str:
    """The domain of an addr-spec in lower case, A-labels where it is international; "" where there is none.

    Converted as Postfix converts it (IDNA 2008 by UTS 46, non-transitional: `straße` is not `strasse`). One that
    cannot be converted is "": it is on no list.
    """
    domain = address.rpartition("@")[2] if "@" in address else ""
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return ""


def is_host_name(domain: str) -> bool:
    """Whether it is a name that a host can have (RFC 1123 section 2.1): no number, no port, no path behind it."""
    return len(domain) <= 253 and _HOST.fullmatch(domain) is not None
