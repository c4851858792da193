"""Accounts, sessions and tokens: whoever is put out is out at once, and no secret is kept as it is."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.desk.rights import RIGHTS, Act
from gateway.people import (
    AccountRefused,
    Gatehouse,
    NotSignedIn,
    PersonState,
    Role,
    Roster,
    Sessions,
    SignInRefused,
    Tokens,
)
from gateway.people.roster import DECIDING
from tests.makers.enrolled import PASSWORD, Enrolled, Moving


def test_a_disabled_account_is_out_at_once(
    enrolled: Enrolled, roster: Roster, gatehouse: Gatehouse, sessions: Sessions, tokens: Tokens
) -> None:
    """Its open session, its tokens and its password end with it."""
    person, code, _ = enrolled
    secret = sessions.open(person, "192.0.2.1", "browser")
    _, key = tokens.issue("robin", "siem", ["list-items"], timedelta(days=1))
    assert sessions.find(secret).person.name == "robin"

    roster.disable("robin")

    with pytest.raises(NotSignedIn):
        sessions.find(secret)
    with pytest.raises(NotSignedIn):
        tokens.find(key)
    with pytest.raises(SignInRefused):
        gatehouse.sign_in("robin", PASSWORD, code())


def test_sessions_end_by_idleness_and_by_age(enrolled: Enrolled, sessions: Sessions, clock: Moving) -> None:
    """Fifteen minutes without a request, ten hours in any case."""
    idle = sessions.open(enrolled[0], "", "")
    clock.advance(minutes=16)
    with pytest.raises(NotSignedIn):
        sessions.find(idle)

    busy = sessions.open(enrolled[0], "", "")
    for _ in range(60):
        clock.advance(minutes=10)
        sessions.find(busy)
    clock.advance(minutes=1)
    with pytest.raises(NotSignedIn):
        sessions.find(busy)


def test_a_cookie_is_kept_as_a_digest(enrolled: Enrolled, sessions: Sessions, engine: sa.Engine) -> None:
    """Whoever reads the database cannot be somebody else."""
    secret = sessions.open(enrolled[0], "", "")

    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sessions").all()
    assert len(rows) == 1
    assert secret not in str(rows)


def test_the_secret_of_the_second_factor_is_sealed(
    enrolled: Enrolled, gatehouse: Gatehouse, engine: sa.Engine, roster: Roster
) -> None:
    """Under the keyring, for one person: put into the row of another it does not open."""
    roster.add("mallory", Role.HELPDESK)
    with engine.begin() as connection:
        taken = "(SELECT second_factor FROM people WHERE name = 'robin')"
        connection.exec_driver_sql(f"UPDATE people SET second_factor = {taken} WHERE name = 'mallory'")

    with pytest.raises(Exception, match="does not open"):
        gatehouse.begin_enrolment(roster.get("mallory"))


def test_the_last_administrator_stays(roster: Roster) -> None:
    """Otherwise nobody could let anybody in again."""
    roster.add("ada", Role.ADMIN)
    with pytest.raises(AccountRefused, match="last administrator"):
        roster.disable("ada")
    with pytest.raises(AccountRefused, match="last administrator"):
        roster.set_role("ada", Role.OFFICER)

    roster.add("bo", Role.ADMIN)
    assert roster.disable("ada").state is PersonState.DISABLED


@pytest.mark.parametrize("role", [Role.OFFICER, Role.REVIEWER])
def test_who_decides_about_mail_is_known_by_an_address(roster: Roster, role: Role) -> None:
    """Without one nobody could tell whose mail is their own; the account for emergencies is nobody's."""
    for address in ("", "nina", "nina @x.example"):
        with pytest.raises(AccountRefused, match="needs a mail address"):
            roster.add("nina", role, address=address)
    roster.add("helper", Role.HELPDESK)
    with pytest.raises(AccountRefused, match="needs a mail address"):
        roster.set_role("helper", role)

    assert roster.add("glass", role, emergency=True)[0].emergency
    assert {who for who, acts in RIGHTS.items() if acts & {Act.RELEASE, Act.DISCARD}} == DECIDING


def test_nobody_is_two_people(roster: Roster) -> None:
    """Two accounts of one address would be two words of one person, where two have to agree."""
    roster.add("ann", Role.REVIEWER, address="Ann@clinic.example")
    with pytest.raises(AccountRefused, match="same address"):
        roster.add("anna", Role.OFFICER, address=" ann@Clinic.example")

    roster.add("ada", Role.ADMIN)
    roster.disable("ann")
    roster.add("anna", Role.OFFICER, address="ann@clinic.example")
    with pytest.raises(AccountRefused, match="same address"):
        roster.reset("ann")


def test_another_role_ends_the_sessions(enrolled: Enrolled, roster: Roster, sessions: Sessions) -> None:
    """What stands open on a screen belongs to the old role."""
    secret = sessions.open(enrolled[0], "", "")
    roster.set_role("robin", Role.HELPDESK)

    with pytest.raises(NotSignedIn):
        sessions.find(secret)


def test_a_reset_takes_password_second_factor_and_sessions(
    enrolled: Enrolled, roster: Roster, gatehouse: Gatehouse, sessions: Sessions
) -> None:
    """As on the first day; the recovery codes are of no use any more."""
    secret = sessions.open(enrolled[0], "", "")
    _, first = roster.reset("robin")

    for password, code in ((PASSWORD, enrolled[1]()), (PASSWORD, enrolled[2][1])):
        with pytest.raises(SignInRefused):
            gatehouse.sign_in("robin", password, code)
    with pytest.raises(NotSignedIn):
        sessions.find(secret)
    assert gatehouse.sign_in("robin", first, "").state is PersonState.NEW


def test_a_token_ends_and_is_kept_as_a_digest(
    enrolled: Enrolled, tokens: Tokens, clock: Moving, engine: sa.Engine
) -> None:
    """On its day, or when it is revoked."""
    token, key = tokens.issue("robin", "tickets", ["list-items", "see-item"], timedelta(days=30))
    assert tokens.find(key).scopes == ("list-items", "see-item")
    with engine.connect() as connection:
        assert key not in str(connection.exec_driver_sql("SELECT * FROM tokens").all())

    clock.advance(days=31)
    with pytest.raises(NotSignedIn):
        tokens.find(key)
    _, other = tokens.issue("robin", "siem", ["audit"], timedelta(days=30))
    tokens.revoke(next(each.id for each in tokens.list() if each.name == "siem"))
    with pytest.raises(NotSignedIn):
        tokens.find(other)
    with pytest.raises(AccountRefused):
        tokens.issue("robin", "for ever", ["audit"], timedelta(days=4_000))
    assert token.name == "tickets"
