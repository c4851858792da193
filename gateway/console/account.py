"""One's own account: password, sessions, tokens for programs."""

from datetime import timedelta

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.visit import Visit, go
from gateway.people import AccountRefused, SignInRefused


def places(pages: Pages) -> tuple[Place, ...]:
    here = Account(pages)
    return (
        Place("GET", "/account", here.account, Door.PERSON),
        Place("POST", "/account/password", here.password, Door.PERSON),
        Place("POST", "/account/sessions", here.end_session, Door.PERSON),
        Place("POST", "/account/tokens", here.make_token, Door.PERSON, proof=True),
        Place("POST", "/account/tokens/{id}/revoke", here.revoke_token, Door.PERSON),
    )


class Account:
    """The views. A token is on the answer to the form that made it, and nowhere else."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def account(self, visit: Visit) -> Response:
        return self._account(visit)

    def password(self, visit: Visit) -> Response:
        if visit.text("new") != visit.text("again"):
            return self._account(visit, 400, problem="The two new passwords are not the same.")
        try:
            visit.desks.people.change_password(visit.here, visit.text("old"), visit.text("new"))
        except SignInRefused:
            return self._account(visit, 403, problem="The old password is not right.")
        except AccountRefused as refused:
            return self._account(visit, 400, problem=f"{str(refused).capitalize()}.")
        visit.tell("Your password is changed. Your other sessions have ended.")
        return go("/account")

    def end_session(self, visit: Visit) -> Response:
        visit.desks.people.end_own(visit.here, visit.text("session"))
        visit.tell("That session has ended.")
        return go("/account")

    def make_token(self, visit: Visit) -> Response:
        days = visit.text("days")
        holds = timedelta(days=int(days)) if days.isascii() and days.isdecimal() and len(days) < 5 else timedelta(0)
        try:
            token, secret = visit.desks.people.make_token(visit.who, visit.text("name"), visit.texts("scope"), holds)
        except AccountRefused as refused:
            return self._account(visit, 400, problem=str(refused))
        return self._account(visit, once=(f"Token {token.name}", secret))

    def revoke_token(self, visit: Visit) -> Response:
        try:
            visit.desks.people.revoke_own_token(visit.here, visit.path("id"))
        except AccountRefused as refused:
            return self._account(visit, 409, problem=str(refused))
        visit.tell("The token is revoked.")
        return go("/account")

    def _account(
        self, visit: Visit, status: int = 200, *, problem: str = "", once: tuple[str, str] | None = None
    ) -> Response:
        people = visit.desks.people
        return self._pages.render(
            visit,
            "account.html",
            status,
            sessions=people.own_sessions(visit.here),
            tokens=people.own_tokens(visit.here),
            scopes=people.own_scopes(visit.who),
            now=visit.desks.now(),
            problem=problem,
            once=once,
        )
