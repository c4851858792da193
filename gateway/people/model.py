"""People, sessions and tokens as values, and why somebody is refused."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.core.errors import GatepostError


class Role(StrEnum):
    """What somebody is here for. One role a person: duties stay apart."""

    ADMIN = "admin"  # people, health, rules; no message
    OFFICER = "officer"  # decides, and sees the evidence
    REVIEWER = "reviewer"  # decides
    AUDITOR = "auditor"  # reads all, changes nothing
    HELPDESK = "helpdesk"  # what became of a message, and no more


class PersonState(StrEnum):
    """`NEW`: has a password that somebody else made, and no second factor."""

    NEW = "new"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Person:
    """`rests_until`: after several failures nobody can sign in with this name until then.

    `standing`: since when the account has its role and its second factor. `issuer`: the provider where this person
    signs in; "" with a password here.
    """

    id: str
    name: str
    display: str
    address: str
    role: Role
    state: PersonState
    emergency: bool
    created: datetime
    changed: datetime
    expires: datetime | None
    failures: int
    rests_until: datetime | None
    has_second_factor: bool
    standing: datetime
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """`id` may be shown: it is no secret, and opens nothing. `confirmed`: the last proof of who it is."""

    id: str
    person: Person
    created: datetime
    seen: datetime
    confirmed: datetime
    client: str
    agent: str
    keys: int = 0  # security keys of its person


@dataclass(frozen=True, slots=True)
class Token:
    """A program's key, without the key. `scopes` are names of acts; nothing that its owner may not do either."""

    id: str
    name: str
    owner: Person
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class SecurityKey:
    """A key that somebody registered. `credential` names it to browsers; it is no secret. `site`: where it is good."""

    id: str
    name: str
    site: str
    credential: bytes = field(repr=False)
    created: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True)
class Times:
    """How long things hold."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=10)
    emergency: timedelta = timedelta(hours=1)
    confirmation: timedelta = timedelta(minutes=10)
    first_password: timedelta = timedelta(hours=72)


class AccountRefused(GatepostError):
    """An account cannot be made or changed so; its text says why and what to do."""


class PersonUnknown(AccountRefused):
    """There is nobody of that name."""


class NotSignedIn(GatepostError):
    """No session, or one that has ended."""


@dataclass
class SignInRefused(GatepostError):
    """The same words whatever was wrong. `cause`, of a closed list, and `name` are for the audit log alone."""

    cause: str
    name: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        Exception.__init__(
            self,
            "That did not work. Check name, password and code. After several failures a name rests for a while.",
        )
