"""The API: the same rights as the pages, narrowed by the scopes of a token."""

import re
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest

from gateway.console.api import PREFIX, operations
from gateway.desk.rights import NOT_BY_TOKEN, RIGHTS, Act
from gateway.people import Role, Tokens
from gateway.quarantine import State
from tests.web.house import LETTER, PEOPLE, House

ROLES = {role: name for name, role in PEOPLE.items()}
Shared = tuple[House, str]


def token(house: House, role: Role, scopes: Sequence[str] = ()) -> str:
    every = [act.value for act in Act if act not in NOT_BY_TOKEN]
    return Tokens(house.stored.engine).issue(ROLES[role], "test", scopes or every, timedelta(days=1))[1]


def call(url: str, secret: str, method: str, path: str, body: object = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return httpx.request(method, f"{url}{PREFIX}{path}", headers=headers, json=body, timeout=60)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_by_token_what_it_may_by_page(role: Role, shared: Shared) -> None:
    """403 and no more where the right is missing; bodies that are empty are refused only behind that."""
    house, url = shared
    item, secret = house.hold(LETTER), token(house, role)
    for operation in operations():
        path = re.sub(r"\{[a-z]+\}", item, operation.path)
        sample = {
            name: {"string": "x y", "boolean": True, "array": []}[schema["type"]]
            for name, schema in operation.body.items()
        }
        answer = call(url, secret, operation.method, path, sample if operation.body else None)
        assert (answer.status_code != 403) == (operation.needs in RIGHTS[role]), (operation.path, answer.text)
        assert answer.status_code < 500, answer.text


def test_a_scope_that_a_token_has_not_is_refused(shared: Shared) -> None:
    """Though its owner may."""
    house, url = shared
    item, secret = house.hold(LETTER), token(house, Role.OFFICER, ["list-items"])

    assert call(url, secret, "GET", "/items").status_code == 200
    assert call(url, secret, "POST", f"/items/{item}/discard", {"reason": "x"}).status_code == 403
    assert "findings" not in call(url, secret, "GET", f"/items/{item}").json()


@pytest.mark.parametrize("secret", ["", "gp_nothing", "x" * 5_000])
def test_without_a_token_that_holds_nothing_is_told(shared: Shared, secret: str) -> None:
    """The same for none, an unknown and a silly one."""
    answer = call(shared[1], secret, "GET", "/items")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_program_releases_once(shared: Shared) -> None:
    """With a reason, to whom it was held for; the second time is a conflict."""
    house, url = shared
    item, secret = house.hold(LETTER), token(house, Role.REVIEWER)
    before = len(house.sink.deliveries)

    first = call(url, secret, "POST", f"/items/{item}/release", {"reason": "ticket 4711"})
    second = call(url, secret, "POST", f"/items/{item}/release", {"reason": "ticket 4711"})

    assert (first.status_code, second.status_code) == (200, 409)
    assert first.json()["sent"][0]["recipients"] == ["pat@home.example"]
    assert len(house.sink.wait_for(before + 1)) == before + 1
    assert house.stored.quarantine.get(item).state is State.RELEASED
    assert call(url, secret, "POST", "/items/none/release", {"reason": "x y"}).status_code == 404


@pytest.mark.parametrize(
    "body", [None, [], {"reason": 1}, {"reason": "x", "more": 1}, {}, {"reason": "x", "recipients": [1]}]
)
def test_a_body_that_is_not_as_described_is_refused(shared: Shared, body: object) -> None:
    """Nothing is guessed."""
    house, url = shared
    item, secret = house.hold(LETTER), token(house, Role.REVIEWER)

    assert call(url, secret, "POST", f"/items/{item}/release", body).status_code == 400


def test_the_description_names_every_operation(shared: Shared) -> None:
    """With its scope; it is served without a token."""
    document = httpx.get(f"{shared[1]}/api/openapi.json").json()

    described = {(method.upper(), path.removeprefix(PREFIX)) for path, of in document["paths"].items() for method in of}
    assert described == {(operation.method, operation.path) for operation in operations()}
    assert document["openapi"].startswith("3.1")


def test_a_cookie_is_no_token(shared: Shared) -> None:
    """What a browser sends by itself opens nothing here, so a foreign page cannot use it."""
    answer = httpx.get(f"{shared[1]}{PREFIX}/items", headers={"Cookie": "__Host-gatepost=x"})

    assert answer.status_code == 401
