"""Coming in, enrolling, proving it once more, one's own account, going out."""

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.security import SESSION_COOKIE, VISIT_COOKIE, FormTokens, Throttle, new_visit
from gateway.console.visit import Visit, go, safe_next
from gateway.people import AccountRefused, PersonState, SignInRefused
from gateway.people.secondfactor import address_of, qr_code, shown_secret


def places(pages: Pages, throttle: Throttle) -> tuple[Place, ...]:
    here = Signing(pages, throttle)
    return (
        Place("GET", "/sign-in", here.form, Door.OPEN),
        Place("POST", "/sign-in", here.sign_in, Door.OPEN),
        Place("POST", "/sign-out", here.sign_out, Door.NEW),
        Place("GET", "/enrol", here.enrolment, Door.NEW),
        Place("POST", "/enrol", here.enrol, Door.NEW),
        Place("GET", "/confirm", here.confirmation, Door.PERSON),
        Place("POST", "/confirm", here.confirm, Door.PERSON),
        Place("GET", "/account", here.account, Door.PERSON),
        Place("POST", "/account/password", here.password, Door.PERSON),
        Place("POST", "/account/sessions", here.end_session, Door.PERSON),
    )


class Signing:
    """The views."""

    def __init__(self, pages: Pages, throttle: Throttle) -> None:
        self._pages = pages
        self._throttle = throttle

    def form(self, visit: Visit) -> Response:
        """The form needs a cookie that its token is bound to; a browser that has none gets it here."""
        if visit.session is not None:
            return go(safe_next(visit.text("next")))
        if VISIT_COOKIE in visit.request.cookies:
            return self._form(visit)
        word = new_visit()
        token = FormTokens(visit.settings.csrf_key).of(word)
        response = self._form(visit, token=token)
        _set(response, VISIT_COOKIE, word)
        return response

    def sign_in(self, visit: Visit) -> Response:
        client = visit.client
        if self._throttle.is_full(client):
            visit.desks.people.throttled(client)
            return self._form(visit, 429, "Too many tries from your address. Wait a quarter of an hour.")
        try:
            person, secret = visit.desks.people.sign_in(
                visit.text("name"), visit.text("password"), visit.text("code"), client, visit.agent
            )
        except SignInRefused as refused:
            self._throttle.failed(client)
            return self._form(visit, 403, str(refused))
        response = go("/enrol" if person.state is PersonState.NEW else safe_next(visit.text("next")))
        _set(response, SESSION_COOKIE, secret)
        response.delete_cookie(VISIT_COOKIE, secure=True, httponly=True, samesite="strict")
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
        return self._pages.render(visit, "confirm.html", next=safe_next(visit.text("next")), problem="")

    def confirm(self, visit: Visit) -> Response:
        following = safe_next(visit.text("next"))
        try:
            visit.desks.people.confirm(visit.here, visit.text("code"))
        except SignInRefused:
            problem = "The code is not right, or was used before. Wait for the next one."
            return self._pages.render(visit, "confirm.html", 403, next=following, problem=problem)
        return go(following)

    def account(self, visit: Visit) -> Response:
        return self._account(visit)

    def password(self, visit: Visit) -> Response:
        if visit.text("new") != visit.text("again"):
            return self._account(visit, 400, "The two new passwords are not the same.")
        try:
            visit.desks.people.change_password(visit.here, visit.text("old"), visit.text("new"))
        except SignInRefused:
            return self._account(visit, 403, "The old password is not right.")
        except AccountRefused as refused:
            return self._account(visit, 400, f"{str(refused).capitalize()}.")
        visit.tell("Your password is changed. Your other sessions have ended.")
        return go("/account")

    def end_session(self, visit: Visit) -> Response:
        visit.desks.people.end_own(visit.here, visit.text("session"))
        visit.tell("That session has ended.")
        return go("/account")

    def _form(self, visit: Visit, status: int = 200, problem: str = "", token: str = "") -> Response:
        values = {"next": safe_next(visit.text("next")), "problem": problem, "name": visit.text("name"), "token": token}
        return self._pages.render(visit, "sign-in.html", status, **values)

    def _enrolment(self, visit: Visit, status: int = 200, problem: str = "") -> Response:
        secret = visit.desks.people.begin_enrolment(visit.here)
        code = qr_code(address_of(secret, visit.here.person.name, f"Gatepost {visit.settings.organization}".strip()))
        return self._pages.render(visit, "enrol.html", status, code=code, secret=shown_secret(secret), problem=problem)

    def _account(self, visit: Visit, status: int = 200, problem: str = "") -> Response:
        sessions = visit.desks.people.own_sessions(visit.here)
        return self._pages.render(visit, "account.html", status, sessions=sessions, problem=problem)


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="strict")
