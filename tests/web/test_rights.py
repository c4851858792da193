"""Each role at each page and act: let in or 403, and the refusal is in the audit log."""

import re

import pytest

from gateway.console.app import House as Shared
from gateway.console.app import places
from gateway.console.keys import KeyForms
from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.visit import Memory
from gateway.desk.rights import RIGHTS, Act
from gateway.people import Role
from gateway.people.challenges import Challenges
from gateway.people.openid import Flows
from gateway.web.gate import FormTokens
from tests.web.conftest import Enter
from tests.web.house import LETTER, PEOPLE, House

ROLES = {role: name for name, role in PEOPLE.items()}


def listed(house: House) -> tuple[Place, ...]:
    tokens = FormTokens(b"")
    memory = Memory(house.desks.now)
    pages = Pages(tokens, house.desks.now)
    asked = KeyForms(Challenges(b"", lambda: 0.0))
    return places(Shared(house.desks, None, memory, tokens, pages, asked, Flows(b"", lambda: 0.0)))  # type: ignore[arg-type]  # not used by any view here


@pytest.mark.parametrize("role", Role)
def test_each_role_is_let_in_where_the_table_says_so(role: Role, console: House, enter: Enter) -> None:
    """Pages and acts alike: 403 and an event where the right is missing, something else where it is there."""
    person = enter(ROLES[role])
    item = console.hold(LETTER)
    asked = [place for place in listed(console) if isinstance(place.needs, Act)]
    denied = []
    for place in asked:
        path = place.path.replace("{id}", item).replace("{name}", "nobody").replace("{part}", "1")
        path = re.sub(r"\{[a-z]+\}", "nothing", path)
        answer = person.get(path) if place.method == "GET" else person.post(path)
        allowed = place.needs in RIGHTS[role]
        assert (answer.status_code != 403) == allowed, (place.method, path, answer.status_code)
        if not allowed:
            denied.append(place.needs.value)
        assert answer.status_code < 500, (place.method, path, answer.text)

    events = [event for event in console.events("access-denied") if event["actor"]["user"]["name"] == person.name]
    assert [event["unmapped"]["act"] for event in events[len(events) - len(denied) :]] == denied


def test_every_page_but_the_door_asks_who_it_is(console: House, stranger: Enter) -> None:
    """Nothing is shown to nobody, and no form of nobody does anything."""
    nobody = stranger("olga")
    for place in listed(console):
        if place.needs is Door.OPEN:
            continue
        path = re.sub(r"\{[a-z]+\}", "x", place.path)
        answer = nobody.get(path) if place.method == "GET" else nobody.post(path)
        place_to_go = answer.headers.get("location", "")
        assert answer.status_code == 303, path
        assert place_to_go.startswith(("/sign-in", "http")) or place.method == "POST", path


def test_every_act_of_the_table_is_needed_somewhere(console: House) -> None:
    """No right that nothing asks for: it would look like protection."""
    asked = {place.needs for place in listed(console)}

    assert {act for act in Act if act not in asked} <= {Act.SEE_ITEM}  # asked by the page of an item itself


def test_templates_offer_what_the_table_allows(console: House, enter: Enter) -> None:
    """An auditor sees all and finds no button; a help desk finds no reason."""
    item = console.hold(LETTER)
    auditor, helpdesk = enter("aron").get(f"/items/{item}").text, enter("hela").get(f"/items/{item}").text

    for button in ("Release as it is", "Destroy it", "Comment</button>", "Right</button>"):
        assert button not in auditor
    assert "Reveal</button>" in auditor
    assert "US_SSN" not in helpdesk
    assert "pat@home.example" in helpdesk
