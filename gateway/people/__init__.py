"""Who may use the console: accounts, second factors, sessions, tokens. What each may do is in `gateway.desk.rights`."""

from gateway.people.model import (
    AccountRefused,
    NotSignedIn,
    Person,
    PersonState,
    PersonUnknown,
    Role,
    SecurityKey,
    Session,
    SignInRefused,
    Times,
    Token,
)
from gateway.people.roster import Roster
from gateway.people.rows import is_same_name
from gateway.people.securitykeys import KeyAnswer, SecurityKeys, Site
from gateway.people.sessions import Sessions
from gateway.people.signin import Gatehouse
from gateway.people.tokens import Tokens
from gateway.people.turns import Turn, TurnRefused, Turns

__all__ = [
    "AccountRefused",
    "Gatehouse",
    "KeyAnswer",
    "NotSignedIn",
    "Person",
    "PersonState",
    "PersonUnknown",
    "Role",
    "Roster",
    "SecurityKey",
    "SecurityKeys",
    "Session",
    "Sessions",
    "SignInRefused",
    "Site",
    "Times",
    "Token",
    "Tokens",
    "Turn",
    "TurnRefused",
    "Turns",
    "is_same_name",
]
