"""Certificates of recipients in a directory server (RFC 4511; RFC 4523 userCertificate, RFC 2798 userSMIMECertificate).

Asked by OpenLDAP's `ldapsearch`: the filter, which has the address in it, goes to its standard input, never into its
arguments. What it gives is checked like any other certificate.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from gateway.processes.programs import Patience, ProgramFailed, run

LDAPSEARCH = "ldapsearch"
MOST_ENTRIES = 10  # of one address
MOST_CERTIFICATES = 50  # of one answer: each costs a check, and people may write into their own entries
ATTRIBUTES = ("userCertificate;binary", "userSMIMECertificate;binary")
NO_SUCH_OBJECT, TOO_MANY, ANSWERED = 32, 4, 0  # results of RFC 4511 section 4.1.9
PLACE = "{address}"
PATTERN = "(&(objectClass=*)%s)"  # the filter of standard input goes in; without "=" it would count as an attribute
MEMORY = 256 << 20  # bytes of address space that the program may take: a server says how long its answers are
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CERTIFICATE = re.compile(r"^user(?:smime)?certificate(?:;binary)?:: ([A-Za-z0-9+/=]+)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DirectoryServer:
    """Where to ask and what. `filter` has {address} in it (RFC 4515); `user` "": anonymously.

    A connection to another machine is always encrypted: ldaps, or StartTLS.
    """

    url: str
    base: str
    filter: str = f"(mail={PLACE})"
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None

    def certificates(self, address: str, seconds: float) -> list[bytes]:
        """DER or PKCS#7 of every entry for the address; [] where there is none. Raises OSError."""
        asked = self.filter.replace(PLACE, escaped(address))
        try:
            ran = run([*self._command(seconds)], f"{asked}\n".encode(), Patience(seconds, memory=MEMORY))
        except ProgramFailed as failed:
            raise OSError(f"the directory server was not asked: {failed}") from None
        if ran.code == NO_SUCH_OBJECT:
            return []
        if ran.code not in (ANSWERED, TOO_MANY):
            raise OSError(f"the directory server did not answer (ldapsearch ended with {ran.code})")
        return list(islice(_found(ran.stdout), MOST_CERTIFICATES))

    def _command(self, seconds: float) -> Iterator[str]:
        yield from (LDAPSEARCH, "-H", self.url, "-x", "-LLL", "-b", self.base, "-s", "sub", "-f", "-")
        yield from ("-l", str(max(1, int(seconds))), "-z", str(MOST_ENTRIES))
        yield from ("-o", "ldif-wrap=no", "-o", f"nettimeout={max(1, int(seconds))}", "-o", "tls_reqcert=demand")
        if self.ca_file is not None:
            yield from ("-o", f"tls_cacert={self.ca_file}")
        if urlsplit(self.url).scheme == "ldap" and urlsplit(self.url).hostname not in LOOPBACK:
            yield "-ZZ"
        if self.user:
            yield from ("-D", self.user)
        if self.password_file is not None:
            yield from ("-y", str(self.password_file))
        yield from (PATTERN, *ATTRIBUTES)


def escaped(value: str) -> str:
    """As it stands for itself in a filter (RFC 4515 section 3)."""
    return "".join(
        character
        if character.isascii() and character.isprintable() and character not in "\\*()"
        else "".join(f"\\{octet:02x}" for octet in character.encode("utf-8", "surrogateescape"))
        for character in value
    )


def _found(ldif: bytes) -> Iterator[bytes]:
    for text in _CERTIFICATE.findall(ldif.decode("utf-8", "replace")):
        try:
            yield base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
