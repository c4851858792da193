"""Signing in at the organization's provider: who comes in, with which role, and how it ends."""

import re
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from gateway.people import AccountRefused, NotSignedIn, PersonState, Role, Roster, Tokens
from tests.makers.provider import Op, token_of
from tests.web.house import House, stale
from tests.web.openid.visitor import OLGA, Visitor, causes, somebody
from tests.web.pages import check


def test_somebody_comes_in_with_the_role_of_the_groups(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """An account is made with that role and no more; the second time it is the same one."""
    house, _ = served
    assert visitor.sign_in().status_code == 200
    assert visitor.is_in
    person = Roster(house.stored.engine).get("olga.b")
    assert (person.role, person.address, person.state) == (Role.OFFICER, "olga@clinic.example", PersonState.ACTIVE)
    again = Visitor(visitor.url)
    again.sign_in()
    assert Roster(house.stored.engine).get("olga.b").id == person.id

    (asked, *_) = op.asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert len(asked["nonce"]) > 40
    assert len(asked["state"]) > 40
    event = house.events("signed-in")[-1]
    assert (event["actor"]["user"]["name"], event["unmapped"]["factor"]) == ("olga.b", "openid")


def test_the_cookie_of_the_way_is_out_of_reach(visitor: Visitor) -> None:
    """Lax, since the way back begins at the provider's; everything else as strict as the others."""
    (line,) = visitor.get("/openid/start").headers.get_list("set-cookie")

    assert line.startswith("__Host-")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in line


@pytest.mark.parametrize(
    ("claims", "cause"),
    [
        ({"amr": ["pwd"]}, "openid-factor"),
        ({"amr": [], "acr": "weak"}, "openid-factor"),
        ({"groups": ["everybody"]}, "openid-role"),
        ({"groups": None}, "openid-role"),
        ({"groups": {"mail-officers": True}}, "openid-role"),
        ({"email": None}, "openid-name"),
        ({"email": "a\nb@x.example"}, "openid-name"),
        ({"email_verified": False}, "openid-name"),
        ({"email": "Hela@clinic.example"}, "openid-name"),
        ({"preferred_username": None}, "openid-name"),
        ({"preferred_username": "hela"}, "openid-name"),
        ({"preferred_username": "HELA@other.example"}, "openid-name"),
        ({"preferred_username": "<script>"}, ""),
    ],
)
def test_who_may_come_in_is_ours_to_say(
    served: tuple[House, str], visitor: Visitor, op: Op, claims: dict[str, Any], cause: str
) -> None:
    """A second factor, a role, a mail address; and nobody becomes an account that is there already by its name."""
    house, _ = served
    person = {**somebody("newcomer"), "sub": f"u-{abs(hash(str(claims)))}", "groups": ["mail-officers"]}
    op.person = {name: value for name, value in {**person, **claims}.items() if value is not None}
    answer = visitor.sign_in()

    assert (answer.status_code == 403) == bool(cause)
    assert visitor.is_in == (not cause)
    if cause:
        assert causes(house)[-1] == cause
    assert Roster(house.stored.engine).get("hela").role is Role.HELPDESK
    assert all(re.fullmatch(r"[a-z][a-z0-9._-]+", each.name) for each in Roster(house.stored.engine).list())


def test_another_strong_way_is_good_too(visitor: Visitor, op: Op) -> None:
    """By `acr` where the provider says it so."""
    op.person = {**OLGA, "amr": ["pwd"], "acr": "strong", "email_verified": True, "groups": ["mail-officers"]}
    visitor.sign_in()

    assert visitor.is_in


def test_a_fresh_proof_that_tells_of_another_role_ends_the_session(
    served: tuple[House, str], visitor: Visitor, op: Op
) -> None:
    """What is open was opened with the old role."""
    house, _ = served
    op.person = {**somebody("rolo"), "groups": ["mail-officers"]}
    visitor.sign_in()
    op.person["groups"] = ["mail-reviewers"]

    answer = visitor.get(visitor.begin("/openid/confirm"), site="cross-site")

    assert answer.status_code == 403
    assert not visitor.is_in
    assert Roster(house.stored.engine).get("rolo").role is Role.REVIEWER


def test_another_group_is_another_role_and_none_is_out(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """With the next sign-in; open sessions end, and with the last group the tokens."""
    house, _ = served
    op.person = {**somebody("mova"), "groups": ["mail-officers"]}
    visitor.sign_in()
    op.person["groups"] = ["mail-reviewers"]
    later = Visitor(visitor.url)
    later.sign_in()
    assert Roster(house.stored.engine).get("mova").role is Role.REVIEWER
    assert (visitor.is_in, later.is_in) == (False, True)
    tokens = Tokens(house.stored.engine)
    _, token = tokens.issue("mova", "tickets", ["list-items"], timedelta(days=1))
    op.person["groups"] = []
    assert Visitor(visitor.url).sign_in().status_code == 403
    assert not later.is_in
    with pytest.raises(NotSignedIn):
        tokens.find(token)


def test_no_password_opens_such_an_account(served: tuple[House, str], visitor: Visitor) -> None:
    """Nor can an administrator give it one: what it is, the provider says."""
    house, _ = served
    visitor.sign_in()
    with pytest.raises(AccountRefused, match="provider"):
        Roster(house.stored.engine).reset("olga.b")


def test_the_provider_ends_sessions(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """By a signed token without any browser; one that is not right ends nothing."""
    house, url = served
    visitor.sign_in()
    for wrong in (
        "x",
        token_of(op, aud="other"),
        token_of(op, events={}),
        token_of(op, nonce="n"),
        token_of(op, sub=None),
    ):
        assert httpx.post(f"{url}/openid/logout", data={"logout_token": wrong}).status_code == 400
    assert visitor.is_in
    assert httpx.post(f"{url}/openid/logout", data={"logout_token": token_of(op)}).status_code == 200
    assert not visitor.is_in
    assert house.events("account-sessions-ended")[-1]["unmapped"]["account"] == "olga.b"


def test_the_fresh_proof_is_a_new_sign_in(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """Of the same person, now: neither an old one, nor one of somebody else."""
    house, _ = served
    visitor.sign_in()
    stale(house, "olga.b")
    wrong: tuple[dict[str, Any], ...] = (
        {"auth_time": int(time.time()) - 86_400},
        {"auth_time": None},
        {"sub": "u-2"},
        {"amr": ["pwd"]},
    )
    for claims in wrong:
        op.person = {**OLGA, "groups": ["mail-officers"], **claims}
        assert visitor.get(visitor.begin("/openid/confirm?next=/account"), site="cross-site").status_code == 403
    assert "Prove it at Clinic" in visitor.get("/account").text
    op.person = {**OLGA, "groups": ["mail-officers"]}
    assert visitor.get(visitor.begin("/openid/confirm?next=/account"), site="cross-site").status_code == 200

    assert op.asked[-1]["prompt"] == "login"
    assert op.asked[-1]["max_age"] == "0"
    assert "Prove it at Clinic" not in visitor.get("/account").text
    assert house.events("confirmed")[-1]["unmapped"]["factor"] == "openid"


def test_having_signed_in_there_this_morning_is_no_fresh_proof(
    served: tuple[House, str], visitor: Visitor, op: Op
) -> None:
    """The provider lets in without a question whoever sits at an open screen; it says itself when it asked last."""
    for said in (int(time.time()) - 3_600, None):
        op.person = {**OLGA, "auth_time": said, "groups": ["mail-officers"]}
        visitor.sign_in()
        assert "Prove it at Clinic" in visitor.get("/account").text


def test_who_has_no_group_any_more_proves_nothing(served: tuple[House, str], visitor: Visitor, op: Op) -> None:
    """The session ends with it."""
    op.person = {**somebody("gona"), "groups": ["mail-officers"]}
    visitor.sign_in()
    op.person["groups"] = []

    assert visitor.get(visitor.begin("/openid/confirm"), site="cross-site").status_code == 403
    assert not visitor.is_in


def test_pages_of_others_cannot_lock_a_place_out(served: tuple[House, str], visitor: Visitor) -> None:
    """An answer to nothing that was begun is no failure of whoever sits there, however often a browser brings it."""
    house, _ = served
    before = len(causes(house))

    assert visitor.get("/openid/return?state=x&code=y", site="cross-site").status_code == 403
    assert len(causes(house)) == before


def test_a_person_and_a_browser(served: tuple[House, str], browser: Browser) -> None:
    """From the button to the page that was wanted, with cookies as a real browser keeps them; a fresh proof as well."""
    house, url = served
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"{url}/items")
        check(page)
        page.get_by_role("link", name="Sign in at Clinic").click()
        expect(page.get_by_role("heading", name="Held mail")).to_be_visible()
        stale(house, "olga.b")
        page.goto(f"{url}/account")
        check(page)
        page.get_by_text("Make a token").click()
        page.get_by_role("link", name="Prove it at Clinic").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        page.get_by_text("Make a token").click()
        expect(page.get_by_role("link", name="Prove it at Clinic")).to_have_count(0)
    finally:
        context.close()
