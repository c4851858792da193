"""Accounts that are disabled here, whatever the provider says of them."""

from contextlib import closing

import pytest

from gateway.people import AccountRefused, PersonState, Role, Roster
from tests.makers.provider import Op
from tests.web.conftest import Person
from tests.web.house import House
from tests.web.openid.visitor import Visitor, causes, somebody


def test_whoever_is_disabled_here_stays_out(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """Whatever the provider says; and cannot be made anew under another name."""
    house, _ = served
    op.person = {**somebody("outa"), "groups": ["mail-officers"]}
    visitor.sign_in()
    Roster(house.stored.engine).disable("outa")
    assert not visitor.is_in
    op.person["preferred_username"] = "outb"

    assert Visitor(visitor.url).sign_in().status_code == 403
    assert causes(house)[-1] == "disabled"
    assert "outb" not in [person.name for person in Roster(house.stored.engine).list()]


def test_whoever_was_disabled_may_come_back(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """With the same account, by an administrator; not while another account has the address."""
    house, _ = served
    roster = Roster(house.stored.engine)
    op.person = {**somebody("back"), "groups": ["mail-officers"]}
    visitor.sign_in()
    before = roster.get("back")
    with pytest.raises(AccountRefused, match="not disabled"):
        roster.enable("back")
    roster.disable("back")
    roster.add("other", Role.REVIEWER, address="back@clinic.example")
    with pytest.raises(AccountRefused, match="same address"):
        roster.enable("back")
    with pytest.raises(AccountRefused, match="a reset gives"):
        roster.enable("other")
    roster.disable("other")

    after = roster.enable("back")

    assert after.standing > before.standing  # for two people to agree it is a new account
    assert not visitor.is_in
    assert visitor.sign_in().status_code == 200
    assert visitor.is_in


def test_an_administrator_enables_in_the_console(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """With a fresh proof, and evidence; others find no such way."""
    house, url = served
    op.person = {**somebody("bela"), "groups": ["mail-officers"]}
    visitor.sign_in()
    Roster(house.stored.engine).disable("bela")

    with closing(Person(house, url, "ada")) as ada:
        ada.sign_in()
        assert 'action="/people/bela/enable"' in ada.get("/people").text
        assert ada.post("/people/bela/enable").status_code == 303

    assert visitor.sign_in().status_code == 200
    (event,) = [e for e in house.events("account-enabled") if e["unmapped"]["account"] == "bela"]
    assert event["actor"]["user"]["name"] == "ada"


def test_the_name_of_a_disabled_account_keeps_nobody_out(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """Who comes gets it with a number: what was done under the old one stays told of the old one."""
    house, _ = served
    roster = Roster(house.stored.engine)
    roster.add("paula", Role.OFFICER, address="paula@clinic.example")
    op.person = {**somebody("paula"), "groups": ["mail-officers"]}
    assert visitor.sign_in().status_code == 403
    roster.disable("paula")

    assert visitor.sign_in().status_code == 200

    assert roster.get("paula-2").address == "paula@clinic.example"
    assert roster.get("paula").state is PersonState.DISABLED
