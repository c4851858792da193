"""The vocabulary of this room: keys of recipients, lanes, answers of sources."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.core.verdict import Method
from gateway.domains import domain_of


class State(StrEnum):
    """How far a key has come. Only an active one is ever used."""

    ACTIVE = "active"
    PENDING = "pending"  # another key is pinned for the address: somebody has to accept this one
    REFUSED = "refused"
    RETIRED = "retired"


class Source(StrEnum):
    """Where a key or a lane comes from; the surest first."""

    MANUAL = "manual"
    LDAP = "ldap"
    SMIMEA = "smimea"
    WKD = "wkd"
    AUTOCRYPT = "autocrypt"
    DANE = "dane"
    MTA_STS = "mta-sts"
    PROBE = "probe"


class Lane(StrEnum):
    """A transport of Postfix that never sends in plain (postconf(5), smtp_tls_security_level)."""

    DANE_ONLY = "dane-only"
    SECURE = "secure"
    ENCRYPT = "encrypt"
    NONE = "none"  # the administrator's word that TLS does not count for this domain


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A certificate or key for one address. `reason` says why it is not used, in plain words."""

    address: str
    method: Method
    fingerprint: str
    source: Source
    state: State
    material: str = field(repr=False)
    manner: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    reason: str = ""
    added: datetime | None = None
    checked: datetime | None = None
    changed_by: str = ""

    def why_not(self, now: datetime) -> str:
        """Why it cannot be used at this time; "" where it can."""
        if self.state is not State.ACTIVE:
            return self.reason or f"it is {self.state.value}"
        if self.not_before is not None and now < self.not_before:
            return f"it is valid only from {self.not_before:%Y-%m-%d} on"
        if self.not_after is not None and now >= self.not_after:
            return f"it expired on {self.not_after:%Y-%m-%d}"
        return ""


@dataclass(frozen=True, slots=True)
class DomainLane:
    """By which lane a domain, or "*.domain" all below it, is reached."""

    domain: str
    lane: Lane
    source: Source
    reason: str = ""
    checked: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said about an address or a domain, and until when that holds."""

    subject: str
    source: Source
    found: str  # yes, no, failed
    reason: str
    checked: datetime
    expires: datetime


def form(address: str) -> str:
    """The form in which addresses are kept and compared: the local part to the letter (RFC 5321 section 2.4), the
    domain in lower case with A-labels; "" for what is no address."""
    local, at, _ = address.rpartition("@")
    domain = domain_of(address)
    return f"{local}@{domain}" if at and local and domain and address.isprintable() else ""


def patterns_of(domain: str) -> tuple[str, ...]:
    """What a list may have for a domain: itself, then "*." and each domain above it."""
    labels = domain.split(".")
    return (domain, *(f"*.{'.'.join(labels[place:])}" for place in range(1, len(labels))))
