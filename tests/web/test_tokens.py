"""Tokens of programs: made by their owner alone, told apart in the evidence, and no second person."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.console.api import PREFIX
from gateway.people import Role, Roster, Tokens
from gateway.quarantine import State
from tests.web.conftest import Enter, Person
from tests.web.house import LETTER, House, stale

Shared = tuple[House, str]
DAY = timedelta(days=1)


def call(url: str, secret: str, method: str, path: str, body: object = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.request(method, f"{url}{PREFIX}{path}", headers=headers, json=body, timeout=60)


def secret_on(answer: httpx.Response) -> str:
    found = re.search(r"gp_[\w-]+", answer.text)
    assert found, answer.text
    return found[0]


@pytest.fixture
def somebody(console: House, stranger: Callable[[str], Person], request: pytest.FixtureRequest) -> Person:
    """A reviewer of this test's own, signed in."""
    name = f"tok{abs(hash(request.node.name)) % 10**8}"
    console.enrol(name, Role.REVIEWER)
    person = stranger(name)
    person.sign_in()
    return person


def test_a_token_is_made_by_its_owner_and_told_once(shared: Shared, somebody: Person) -> None:
    """It acts in the owner's name; the page that lists it does not have it any more."""
    house, url = shared
    secret = secret_on(somebody.post("/account/tokens", name="tickets", days="30", scope=["list-items"]))

    assert call(url, secret, "GET", "/items").status_code == 200
    page = somebody.get("/account").text
    assert "tickets" in page
    assert secret not in page
    assert secret not in str(house.events())


def test_nobody_makes_a_token_in_the_name_of_somebody_else(console: House, enter: Enter) -> None:
    """Not an administrator either: who can stand for two people can release alone what two have to agree to."""
    before = len(Tokens(console.stored.engine).list())

    assert enter("ada").post("/tokens", owner="rolf", name="x", days="9", scope=["release"]).status_code == 404
    assert enter("ada").post("/account/tokens", owner="rolf", name="x", days="9", scope=["release"]).status_code == 400
    assert len(Tokens(console.stored.engine).list()) == before


def test_making_one_asks_for_a_fresh_proof(console: House, somebody: Person) -> None:
    """A screen left open makes no key that outlives it; a code in the form is the proof."""
    stale(console, somebody.name)
    asked: dict[str, Any] = {"name": "later", "days": "9", "scope": ["list-items"]}

    assert somebody.post("/account/tokens", **asked).headers["location"] == "/confirm?next=/account"
    assert secret_on(somebody.post("/account/tokens", code=console.proof(somebody.name), **asked))


def test_a_token_that_its_owner_revokes_is_over(shared: Shared, somebody: Person, enter: Enter) -> None:
    """Nobody else can but an administrator."""
    house, url = shared
    token, secret = Tokens(house.stored.engine).issue(somebody.name, "x", ["list-items"], DAY)

    assert enter("rolf").post(f"/account/tokens/{token.id}/revoke").status_code == 409
    assert call(url, secret, "GET", "/items").status_code == 200
    assert somebody.post(f"/account/tokens/{token.id}/revoke").status_code == 303
    assert call(url, secret, "GET", "/items").status_code == 401


def test_a_reset_ends_tokens_and_sessions(shared: Shared, somebody: Person) -> None:
    """Also for the day after: enrolling anew brings no old token back."""
    house, url = shared
    _, secret = Tokens(house.stored.engine).issue(somebody.name, "x", ["list-items"], DAY)
    person, _ = Roster(house.stored.engine).reset(somebody.name)
    house.gatehouse.enrol(person, "another heron over the canal", house.telephone_of(person).code())

    assert call(url, secret, "GET", "/items").status_code == 401
    assert somebody.get("/items").headers["location"].startswith("/sign-in")


def test_the_evidence_tells_a_program_from_its_owner(shared: Shared, somebody: Person) -> None:
    """Each event has the id of the token, refusals too; what the person does has none."""
    house, url = shared
    token, secret = Tokens(house.stored.engine).issue(somebody.name, "x", ["list-items", "see-item", "work"], DAY)
    item = house.hold(LETTER)
    call(url, secret, "GET", f"/items/{item}")
    call(url, secret, "POST", f"/items/{item}/comments", {"text": "from the ticket"})
    call(url, secret, "POST", f"/items/{item}/discard", {"reason": "not allowed"})
    somebody.get(f"/items/{item}")

    seen = [
        (event["metadata"]["event_code"], event["actor"]["user"].get("credential_uid"))
        for event in house.events()
        if event.get("actor", {}).get("user", {}).get("name") == somebody.name
    ]
    assert seen[-4:] == [
        ("item-opened", token.id),
        ("commented", token.id),
        ("access-denied", token.id),
        ("item-opened", None),
    ]


def test_a_release_by_token_names_it_from_request_to_end(shared: Shared, somebody: Person) -> None:
    """Both events around the deed."""
    house, url = shared
    token, secret = Tokens(house.stored.engine).issue(somebody.name, "x", ["release"], DAY)
    item = house.hold(LETTER)

    assert call(url, secret, "POST", f"/items/{item}/release", {"reason": "ticket 4711"}).status_code == 200

    noted = {
        event["metadata"]["event_code"]: event["actor"]["user"]["credential_uid"]
        for event in house.events()
        if event.get("unmapped", {}).get("item") == item and "actor" in event
    }
    assert noted == {"release-requested": token.id, "released": token.id}


def test_a_program_is_no_second_person_and_no_first(shared: Shared, somebody: Person, enter: Enter) -> None:
    """Where two have to agree its word is not even noted: two people have to look."""
    house, url = shared
    _, secret = Tokens(house.stored.engine).issue(somebody.name, "x", ["release"], DAY)
    item = house.hold(LETTER, reviewers=2)
    before = len(house.sink.deliveries)

    assert call(url, secret, "POST", f"/items/{item}/release", {"reason": "ticket"}).status_code == 403
    assert house.stored.quarantine.get(item).agreed == ()
    enter("rolf").post(f"/items/{item}/release", to=["pat@home.example"], reason="checked", how="plain")
    assert call(url, secret, "POST", f"/items/{item}/release", {"reason": "ticket"}).status_code == 403

    assert house.stored.quarantine.get(item).state is State.HELD
    assert len(house.sink.deliveries) == before


def test_a_token_that_is_refused_is_noted(shared: Shared) -> None:
    """From where; the token itself is nowhere."""
    house, url = shared
    call(url, "gp_stolen-and-revoked", "GET", "/items")

    event = house.events("sign-in-failed")[-1]
    assert (event["unmapped"]["cause"], event["src_endpoint"]["ip"]) == ("token", "127.0.0.1")
    assert "gp_stolen" not in str(house.events())


def test_a_program_that_comes_too_often_is_told_how_long_to_wait(shared: Shared, somebody: Person) -> None:
    """429 with Retry-After; another token goes on."""
    house, url = shared
    tokens = Tokens(house.stored.engine)
    _, busy = tokens.issue(somebody.name, "busy", ["list-items"], DAY)
    _, calm = tokens.issue(somebody.name, "calm", ["list-items"], DAY)
    with httpx.Client(headers={"Authorization": f"Bearer {busy}"}) as client:
        answers = [client.get(f"{url}{PREFIX}/items/none") for _ in range(80)]

    late = [answer for answer in answers if answer.status_code == 429]
    assert late
    assert int(late[0].headers["retry-after"]) >= 1
    assert "wait" in late[0].json()["why"]
    assert call(url, calm, "GET", "/items").status_code == 200


@pytest.mark.parametrize("act", ["discard", "return"])
def test_destroying_asks_for_a_fresh_proof(console: House, somebody: Person, act: str) -> None:
    """As a release does; ticked in the list as well."""
    item = console.hold(LETTER)
    stale(console, somebody.name)
    words: dict[str, Any] = {"reason": "not wanted", "note": "please use the portal"}

    answer = somebody.post(f"/items/{item}/{act}", **words)
    bulk = somebody.post("/items", item=[item], act="discard", reason="not wanted")

    assert answer.headers["location"] == f"/confirm?next=/items/{item}"
    assert bulk.headers["location"].startswith("/confirm")
    assert console.stored.quarantine.get(item).state is State.HELD
    assert somebody.post(f"/items/{item}/{act}", code=console.proof(somebody.name), **words).status_code == 303
    assert console.stored.quarantine.get(item).state is State.DISCARDED
