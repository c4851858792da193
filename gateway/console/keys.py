"""Security keys on pages: what a form asks a browser for, and what comes back with it."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.security import cookie_of
from gateway.console.visit import Visit, go
from gateway.people import AccountRefused, KeyAnswer, Site
from gateway.people.challenges import Challenges
from gateway.people.securitykeys import asking, registering

SIGN_IN, CONFIRM, REGISTER = "sign-in", "confirm", "register"


@dataclass(frozen=True, slots=True)
class KeyQuestion:
    """What stands in the form. `options`: for the browser, JSON."""

    options: str
    challenge: str = field(repr=False)


class KeyForms:
    """Makes the questions, and takes each answer once."""

    def __init__(self, challenges: Challenges) -> None:
        self._challenges = challenges

    def ask(self, visit: Visit, purpose: str, browser: str = "") -> KeyQuestion | None:
        """For a key of anybody; None where keys are good for nothing, at an address that has no name.

        `browser`: its new cookie, where it came without one.
        """
        site = site_of(visit)
        if site is None:
            return None
        challenge = self._challenges.new(purpose, browser or cookie_of(visit.request))
        return KeyQuestion(asking(site, challenge), _text(challenge))

    def ask_new(self, visit: Visit) -> KeyQuestion | None:
        """For a new key of whoever is signed in."""
        site = site_of(visit)
        if site is None:
            return None
        challenge = self._challenges.new(REGISTER, cookie_of(visit.request))
        keys = visit.desks.people.own_keys(visit.here)
        options = registering(site, challenge, visit.here.person, keys, visit.settings.organization)
        return KeyQuestion(options, _text(challenge))

    def answer(self, visit: Visit, purpose: str) -> KeyAnswer | None:
        """What a key answered; None where none was asked.

        To a challenge that is not ours, too old or used, no answer is right: the work is the same.
        """
        said, site = visit.text("key-answer"), site_of(visit)
        if not said or site is None:
            return None
        challenge = _octets(visit.text("key-challenge"))
        if not self._challenges.spend(challenge, purpose, cookie_of(visit.request)):
            challenge = secrets.token_bytes(32)
        return KeyAnswer(site, challenge, said)


def site_of(visit: Visit) -> Site | None:
    """Where the browser finds us: the gate let in no other names than ours. Keys are bound to names, not numbers."""
    host = visit.request.headers.get("host", "")
    origin = next((each for each in visit.settings.origins if urlsplit(each).netloc == host), "")
    name = urlsplit(origin).hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return Site(name, origin) if name else None
    return None


def places(pages: Pages, forms: KeyForms) -> tuple[Place, ...]:
    here = Keys(pages, forms)
    return (
        Place("GET", "/account/keys", here.list, Door.PERSON),
        Place("POST", "/account/keys", here.add, Door.PERSON, proof=True),
        Place("POST", "/account/keys/{id}/remove", here.remove, Door.PERSON, proof=True),
    )


class Keys:
    """One's own keys."""

    def __init__(self, pages: Pages, forms: KeyForms) -> None:
        self._pages = pages
        self._forms = forms

    def list(self, visit: Visit) -> Response:
        return self._list(visit)

    def add(self, visit: Visit) -> Response:
        answer, name = self._forms.answer(visit, REGISTER), visit.text("name")
        if answer is None:
            return self._list(visit, 400, problem="no key answered: the browser has to ask one for it")
        try:
            visit.desks.people.add_key(visit.who, visit.here, name, answer)
        except AccountRefused as refused:
            return self._list(visit, 400, problem=str(refused))
        visit.tell(f"The key {name} is registered. Sign in with it in the place of a code.")
        return go("/account/keys")

    def remove(self, visit: Visit) -> Response:
        try:
            visit.desks.people.remove_key(visit.who, visit.here, visit.path("id"))
        except AccountRefused as refused:
            return self._list(visit, 409, problem=str(refused))
        visit.tell("The key is removed: nobody signs in with it any more.")
        return go("/account/keys")

    def _list(self, visit: Visit, status: int = 200, *, problem: str = "") -> Response:
        keys = visit.desks.people.own_keys(visit.here)
        question = None if visit.here.person.emergency else self._forms.ask_new(visit)
        return self._pages.render(
            visit, "keys.html", status, scripted=True, keys=keys, question=question, problem=problem
        )


def _text(challenge: bytes) -> str:
    return base64.urlsafe_b64encode(challenge).decode("ascii")


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
