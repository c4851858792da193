"""gateway.people.openid.accounts, without a provider."""

import pytest
import sqlalchemy as sa

from gateway.audit.errors import AuditUnavailable
from gateway.people import NotSignedIn, Person, Role, Roster, Sessions
from gateway.people.openid import Arrivals, Claims, Refused
from tests.unit.people.conftest import Clock


def claims(name: str, subject: str = "u-1", address: str = "") -> Claims:
    address = address or f"{name}@clinic.example"
    return Claims("https://id.clinic.example", subject, ("g",), "", ("mfa",), 0, name, name.title(), address)


def test_the_last_administrator_by_groups_is_none_at_once(engine: sa.Engine, sessions: Sessions, clock: Clock) -> None:
    """The provider's word holds, whoever is left: the machine's own administrator makes another by command."""
    arrivals = Arrivals(engine, clock)
    person, _ = arrivals.arrive(claims("chief"), Role.ADMIN)
    secret = sessions.open(person, "192.0.2.1", "test")

    changed, what = arrivals.arrive(claims("chief"), Role.REVIEWER)

    assert (changed.role, what) == (Role.REVIEWER, "role")
    with pytest.raises(NotSignedIn):
        sessions.find(secret)


def test_nobody_comes_or_changes_where_that_cannot_be_written_down(engine: sa.Engine, clock: Clock) -> None:
    """The account would be there the next time, and nothing would ever have told of it."""
    arrivals = Arrivals(engine, clock)

    def away(person: Person, what: str) -> None:
        raise AuditUnavailable(f"no space left for {person.name}: {what}")

    with pytest.raises(AuditUnavailable, match="kim: added"):
        arrivals.arrive(claims("kim"), Role.ADMIN, tell=away)
    assert arrivals.known(claims("kim").issuer, "u-1") is None

    arrivals.arrive(claims("kim"), Role.ADMIN)
    with pytest.raises(AuditUnavailable, match="kim: role"):
        arrivals.arrive(claims("kim"), Role.REVIEWER, tell=away)
    person, what = arrivals.arrive(claims("kim"), Role.ADMIN, tell=away)  # as it was: there is nothing to tell

    assert (person.role, what) == (Role.ADMIN, "")


def test_a_name_of_disabled_accounts_is_given_with_a_number(engine: sa.Engine, roster: Roster, clock: Clock) -> None:
    """Again and again; that of somebody who is here is not."""
    arrivals = Arrivals(engine, clock)
    roster.add("boss", Role.ADMIN)
    for number, name in ((1, "kim"), (2, "kim-2"), (3, "kim-3")):
        person, _ = arrivals.arrive(claims("kim", f"u-{number}"), Role.REVIEWER)
        assert person.name == name
        roster.disable(name)
    arrivals.arrive(claims("kim", "u-4"), Role.REVIEWER)

    with pytest.raises(Refused, match="there is another account kim-4"):
        arrivals.arrive(claims("kim", "u-5", "kim@other.example"), Role.REVIEWER)
