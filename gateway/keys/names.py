"""Questions to a DNS resolver that we trust to validate (RFC 4035 section 4.9.3): its AD bit is believed.

So it must be one on this machine, or on a network that nobody else writes to. Without the bit an answer is good for
finding a server, and never for finding a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver


class NoAnswer(OSError):
    """The resolver did not answer, or said that something is wrong. Not the same as "there is none"."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Records as text in DNS's own notation; none where there are none. `validated`: by DNSSEC, says the resolver."""

    records: tuple[str, ...]
    validated: bool


@dataclass(frozen=True, slots=True)
class Resolver:
    """Asks one server. `address` "": the first one of resolv.conf(5)."""

    address: str = ""
    port: int = 53
    seconds: float = 3.0

    def ask(self, name: str, kind: str) -> Answer:
        """The records of a name. Raises NoAnswer."""
        try:
            query = dns.message.make_query(name, kind, want_dnssec=True, use_edns=0, payload=1232)
            query.flags |= dns.flags.AD
            answer, _ = dns.query.udp_with_fallback(query, self._server(), timeout=self.seconds, port=self.port)
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError) as error:
            raise NoAnswer("the resolver does not answer") from error
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise NoAnswer(f"the resolver says {dns.rcode.to_text(answer.rcode())}")
        wanted = dns.rdatatype.from_text(kind)
        records = tuple(record.to_text() for found in answer.answer if found.rdtype == wanted for record in found)
        return Answer(records, bool(answer.flags & dns.flags.AD))

    def servers_of(self, domain: str) -> tuple[tuple[str, ...], bool]:
        """The mail servers of a domain, the nearest first (RFC 5321 section 5.1), and whether DNSSEC vouches for them.

        () where the domain says that it takes no mail (RFC 7505). Raises NoAnswer.
        """
        answer = self.ask(domain, "MX")
        pairs = sorted(_preference(record) for record in answer.records)
        if not pairs:
            return (domain,), answer.validated
        return tuple(host for _, host in pairs if host), answer.validated

    def _server(self) -> str:
        if self.address:
            return self.address
        known: Sequence[object] = dns.resolver.get_default_resolver().nameservers
        return str(known[0])


def _preference(record: str) -> tuple[int, str]:
    preference, _, host = record.partition(" ")
    return int(preference), host.rstrip(".").lower()
