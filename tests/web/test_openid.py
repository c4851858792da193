"""Signing in at the organization's provider: a real one on loopback, honest and lying."""

import hmac
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, expect

from gateway.people import AccountRefused, NotSignedIn, PersonState, Role, Roster, Tokens
from tests.makers.provider import CLIENT, SECRET, Op, new_key, provider, token_of
from tests.web.conftest import Person
from tests.web.house import House, house, stale
from tests.web.test_days import check

PEOPLE = {"hela": Role.HELPDESK, "ada": Role.ADMIN}
GROUPS = {"mail-officers": "officer", "mail-reviewers": "reviewer"}
OLGA = {
    "sub": "u-1",
    "preferred_username": "olga.b@clinic.example",
    "name": "Olga Brandt",
    "email": "olga@clinic.example",
}


@pytest.fixture(scope="module")
def op() -> Iterator[Op]:
    with provider() as op:
        yield op


@pytest.fixture(scope="module")
def served(op: Op, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """A console with this provider."""
    folder = tmp_path_factory.mktemp("openid")
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    settings = {
        "issuer": op.address,
        "client-id": CLIENT,
        "secret-file": str(secret),
        "name": "Clinic",
        "roles": GROUPS,
        "amr": ["mfa"],
        "acr": ["strong"],
    }
    with pytest.MonkeyPatch.context() as patched, house(folder, people=PEOPLE, openid=settings) as built:
        patched.setattr("gateway.console.app.FAILURES", 10_000)  # all lies come from one address here
        with built.serve() as url:
            yield built, url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def honest(op: Op) -> None:
    op.person, op.lie, op.asked = {**OLGA, "groups": ["mail-officers"]}, None, []


def somebody(name: str) -> dict[str, Any]:
    """Of the same organization as Olga."""
    return {**OLGA, "sub": f"u-{name}", "preferred_username": name, "email": f"{name}@clinic.example"}


class Visitor:
    """A browser without pictures that follows the way by hand."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    def get(self, path: str, site: str = "same-origin") -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = path if path.startswith("http") else f"{self.url}{path}"
        answer = httpx.get(address, headers={"Cookie": cookie, "Sec-Fetch-Site": site}, timeout=60)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            self.cookies.pop(name, None)
            if value and "Max-Age=0" not in line:
                self.cookies[name] = value
        return answer

    def begin(self, path: str = "/openid/start") -> str:
        """Our way to the provider and its way back; the address that it sends the browser to."""
        away = self.get(path).headers["location"]
        return httpx.get(away).headers["location"]

    def sign_in(self) -> httpx.Response:
        return self.get(self.begin(), site="cross-site")

    @property
    def is_in(self) -> Any:
        return self.get("/account").status_code == 200


@pytest.fixture
def visitor(served: tuple[House, str]) -> Visitor:
    return Visitor(served[1])


def causes(house: House) -> list[str]:
    return [event["unmapped"]["cause"] for event in house.events("sign-in-failed")]


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


def signed_by(key: Any, algorithm: str = "RS256", **header: str) -> Callable[[Op, dict[str, Any]], str]:
    return lambda op, claims: op.token(claims, key, algorithm, **header)


def with_claims(**changed: object) -> Callable[[Op, dict[str, Any]], str]:
    def made(op: Op, claims: dict[str, Any]) -> str:
        return op.token({name: value for name, value in {**claims, **changed}.items() if value is not None})

    return made


def unsigned(op: Op, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, algorithm="none")  # type: ignore[arg-type]  # there is no key, that is the lie


def by_public_key(op: Op, claims: dict[str, Any]) -> str:
    """Signed with what everybody knows, as if it were a shared secret."""
    pem = op.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (
        jwt.utils.base64url_encode(text.encode()).decode()
        for text in ('{"alg":"HS256","typ":"JWT","kid":"one"}', json.dumps(claims))
    )
    mark = hmac.new(pem, f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{jwt.utils.base64url_encode(mark).decode()}"


NOW = int(time.time())
LIES: dict[str, Callable[[Op, dict[str, Any]], str | None]] = {
    "no signature": unsigned,
    "the public key as a secret": by_public_key,
    "another key of the same name": signed_by(new_key()),
    "a key that nobody knows": signed_by(new_key(), kid="two"),
    "a secret": signed_by(SECRET.encode(), "HS256"),
    "another nonce": with_claims(nonce="x" * 43),
    "no nonce": with_claims(nonce=None),
    "another audience": with_claims(aud="another-program"),
    "two audiences and no party": with_claims(aud=[CLIENT, "another-program"]),
    "another party": with_claims(aud=[CLIENT, "another-program"], azp="another-program"),
    "no audience": with_claims(aud=None),
    "another issuer": with_claims(iss="https://evil.example"),
    "expired": with_claims(exp=NOW - 3_600),
    "no end": with_claims(exp=None),
    "made long ago": with_claims(iat=NOW - 86_400),
    "made tomorrow": with_claims(iat=NOW + 86_400),
    "nobody": with_claims(sub=None),
    "an empty name": with_claims(sub=""),
    "no token": lambda _op, _claims: None,
    "nonsense": lambda _op, _claims: "a.b.c",
    "too long": lambda op, claims: op.token({**claims, "x": "y" * 70_000}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies_lets_nobody_in(
    served: tuple[House, str], visitor: Visitor, op: Op, lie: Callable[[Op, dict[str, Any]], str | None]
) -> None:
    """No session, no account, and an event."""
    house, _ = served
    before = len(causes(house))
    op.person = {**somebody("liar"), "groups": ["mail-officers"]}
    op.lie = lambda claims: lie(op, claims)

    assert visitor.sign_in().status_code == 403
    assert not visitor.is_in
    assert causes(house)[before:] == ["openid-token"]
    assert "liar" not in [person.name for person in Roster(house.stored.engine).list()]


def test_a_code_is_good_once_and_in_its_own_browser(served: tuple[House, str], visitor: Visitor) -> None:
    """Neither sent again, nor brought by somebody who did not begin, nor with a state of one's own."""
    back = visitor.begin()
    stranger, other = Visitor(visitor.url), Visitor(visitor.url)
    other.begin()
    kept = dict(visitor.cookies)

    assert stranger.get(back, site="cross-site").status_code == 403
    assert other.get(back, site="cross-site").status_code == 403
    assert visitor.get(re.sub("state=[^&]+", "state=x", back), site="cross-site").status_code == 403
    visitor.cookies = dict(kept)
    assert visitor.get(back, site="cross-site").status_code == 200
    again = Visitor(visitor.url)
    again.cookies = dict(kept)
    assert again.get(back, site="cross-site").status_code == 403
    assert not any(each.is_in for each in (stranger, other, again))


def test_a_code_of_somebody_elses_way_is_not_taken(visitor: Visitor) -> None:
    """Put into one's own answer: the verifier of PKCE and the nonce belong to the other browser."""
    victim = Visitor(visitor.url)
    code = parse_qs(urlsplit(victim.begin()).query)["code"][0]
    back = re.sub("code=[^&]+", f"code={code}", visitor.begin())

    assert visitor.get(back, site="cross-site").status_code == 403
    assert not visitor.is_in


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
        {"auth_time": NOW - 86_400},
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
    for said in (NOW - 3_600, None):
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
