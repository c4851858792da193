"""Coming in, enrolling, proving it once more, going out."""

import time
from dataclasses import replace

from starlette.responses import Response

from gateway.console.keys import CONFIRM, SIGN_IN, KeyForms
from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.security import BROWSER_COOKIE, SESSION_COOKIE, VISIT_COOKIE, new_visit
from gateway.console.visit import Visit, go, safe_next
from gateway.desk.people import Proof
from gateway.people import AccountRefused, PersonState, SignInRefused
from gateway.people.browsers import HOLDS
from gateway.people.secondfactor import address_of, qr_code, shown_secret
from gateway.web.gate import FormTokens
from gateway.web.throttle import Throttle

TOLD_SECONDS = 900.0  # a place that is sent away is an event no more often


def places(pages: Pages, throttle: Throttle, keys: KeyForms) -> tuple[Place, ...]:
    here = Signing(pages, throttle, keys)
    return (
        Place("GET", "/sign-in", here.form, Door.OPEN),
        Place("POST", "/sign-in", here.sign_in, Door.OPEN),
        Place("POST", "/sign-out", here.sign_out, Door.NEW),
        Place("GET", "/enrol", here.enrolment, Door.NEW),
        Place("POST", "/enrol", here.enrol, Door.NEW),
        Place("GET", "/confirm", here.confirmation, Door.PERSON),
        Place("POST", "/confirm", here.confirm, Door.PERSON),
    )


class Signing:
    """The views."""

    def __init__(self, pages: Pages, throttle: Throttle, keys: KeyForms) -> None:
        self._pages = pages
        self._throttle = throttle
        self._keys = keys
        self._told = Throttle(1, TOLD_SECONDS, time.monotonic)

    def form(self, visit: Visit) -> Response:
        """The form needs a cookie that its token is bound to; a browser that has none gets it here."""
        if visit.session is not None:
            return go(safe_next(visit.text("next")))
        if VISIT_COOKIE in visit.request.cookies:
            return self._form(visit)
        word = new_visit()
        token = FormTokens(visit.settings.csrf_key).of(word)
        response = self._form(visit, token=token, browser=word)
        _set(response, VISIT_COOKIE, word)
        return response

    def sign_in(self, visit: Visit) -> Response:
        client, where, people = visit.client, visit.place, visit.desks.people
        marks = tuple(word for name, word in visit.request.cookies.items() if name.startswith(BROWSER_COOKIE))
        proof = Proof(visit.text("name"), visit.text("password"), visit.text("code"), marks=marks)
        if self._throttle.is_full(where) and not people.knows(proof):
            self._note_throttled(visit)
            response = self._form(visit, 429, "Too many tries from your address. Wait a quarter of an hour.")
            response.headers["Retry-After"] = str(self._throttle.rest(where))
            return response
        try:
            proof = replace(proof, key=self._keys.answer(visit, SIGN_IN))
            person, secret = people.sign_in(proof, client, visit.agent)
        except SignInRefused as refused:
            self._throttle.failed(where)
            return self._form(visit, 403, str(refused))
        response = go("/enrol" if person.state is PersonState.NEW else safe_next(visit.text("next")))
        _set(response, SESSION_COOKIE, secret)
        response.delete_cookie(VISIT_COOKIE, secure=True, httponly=True, samesite="strict")
        if person.state is PersonState.ACTIVE:
            name, seconds = f"{BROWSER_COOKIE}{person.id}", int(HOLDS.total_seconds())
            _set(response, name, people.mark_of(person), max_age=seconds)
        return response

    def sign_out(self, visit: Visit) -> Response:
        visit.desks.people.sign_out(visit.here)
        response = go("/sign-in")
        response.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="strict")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def enrolment(self, visit: Visit) -> Response:
        """An own password, and the code that the telephone shows of the QR code here."""
        if visit.here.person.state is not PersonState.NEW:
            return go("/")
        return self._enrolment(visit)

    def enrol(self, visit: Visit) -> Response:
        """Recovery codes, once; the session goes on under a new cookie."""
        if visit.text("password") != visit.text("again"):
            return self._enrolment(visit, 400, "The two passwords are not the same.")
        try:
            codes, secret = visit.desks.people.enrol(
                visit.here, visit.text("password"), visit.text("code"), visit.agent
            )
        except AccountRefused as refused:
            return self._enrolment(visit, 400, f"{str(refused).capitalize()}.")
        response = self._pages.render(visit, "recovery.html", codes=codes)
        _set(response, SESSION_COOKIE, secret)
        return response

    def confirmation(self, visit: Visit) -> Response:
        return self._confirmation(visit)

    def confirm(self, visit: Visit) -> Response:
        following = safe_next(visit.text("next"))
        try:
            visit.desks.people.confirm(visit.here, visit.text("code"), self._keys.answer(visit, CONFIRM))
        except SignInRefused:
            if visit.text("key-answer"):
                return self._confirmation(visit, 403, "The key is not right. Try once more, or take a code.")
            return self._confirmation(visit, 403, "The code is not right, or was used before. Wait for the next one.")
        return go(following)

    def _note_throttled(self, visit: Visit) -> None:
        """Not each time: strangers would fill the log as fast as they can ask."""
        if not self._told.is_full(visit.place):
            self._told.failed(visit.place)
            visit.desks.people.throttled(visit.client)

    def _confirmation(self, visit: Visit, status: int = 200, problem: str = "") -> Response:
        question = self._keys.ask(visit, CONFIRM) if visit.here.keys else None
        following = safe_next(visit.text("next"))
        return self._pages.render(
            visit, "confirm.html", status, scripted=True, next=following, problem=problem, question=question
        )

    def _form(self, visit: Visit, status: int = 200, problem: str = "", token: str = "", browser: str = "") -> Response:
        question = self._keys.ask(visit, SIGN_IN, browser)
        return self._pages.render(
            visit,
            "sign-in.html",
            status,
            scripted=True,
            next=safe_next(visit.text("next")),
            problem=problem,
            name=visit.text("name"),
            token=token,
            question=question,
        )

    def _enrolment(self, visit: Visit, status: int = 200, problem: str = "") -> Response:
        secret = visit.desks.people.begin_enrolment(visit.here)
        code = qr_code(address_of(secret, visit.here.person.name, f"Gatepost {visit.settings.organization}".strip()))
        return self._pages.render(visit, "enrol.html", status, code=code, secret=shown_secret(secret), problem=problem)


def _set(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(name, value, max_age, path="/", secure=True, httponly=True, samesite="strict")
