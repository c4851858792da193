"""Puts the console together: every place of the table becomes a route with the same checks in the same order."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway import logs
from gateway.console import account, audit, items, keys, openid, overview, people, replay, reports, rules, signing
from gateway.console.apiroutes import api_routes
from gateway.console.keys import KeyForms
from gateway.console.pages import ASSETS, Pages
from gateway.console.routes import Door, Place
from gateway.console.security import MOST_BODY, SESSION_COOKIE, WITHOUT_A_PAGE, cookie_of
from gateway.console.settings import Desks, Settings
from gateway.console.visit import Memory, Visit, go, safe_next, uploads_of, with_query
from gateway.core.errors import GatepostError
from gateway.desk.rights import Act, ConfirmationNeeded, Forbidden
from gateway.people import NotSignedIn, PersonState, Session, SignInRefused
from gateway.people.challenges import Challenges
from gateway.people.openid import Flows
from gateway.web.gate import FormTokens, Gate, Ways
from gateway.web.throttle import Throttle

FAILURES, FAILURE_SECONDS = 20, 900.0  # of one client address
MOST_FIELDS = 2_000  # recipients of a message that are ticked


class EnrolFirst(NotSignedIn):
    """Somebody who is new wants to go elsewhere."""


@dataclass(frozen=True, slots=True)
class House:
    """What all routes share."""

    desks: Desks
    settings: Settings
    memory: Memory
    tokens: FormTokens
    pages: Pages
    keys: KeyForms
    flows: Flows


def places(house: House) -> tuple[Place, ...]:
    """All of them, in one list."""
    throttle = Throttle(FAILURES, FAILURE_SECONDS, time.monotonic)
    return (
        *signing.places(house.pages, throttle, house.keys),
        *keys.places(house.pages, house.keys),
        *openid.places(house.pages, house.flows, throttle),
        *account.places(house.pages),
        *overview.places(house.pages),
        *items.places(house.pages),
        *audit.places(house.pages),
        *replay.places(house.pages),
        *rules.places(house.pages),
        *reports.places(house.pages),
        *people.places(house.pages),
    )


def make_app(desks: Desks, settings: Settings) -> ASGIApp:
    """The application, behind its gate."""
    tokens = FormTokens(settings.csrf_key)
    asked = KeyForms(Challenges(settings.csrf_key, lambda: desks.now().timestamp()))
    flows = Flows(settings.csrf_key, lambda: desks.now().timestamp())
    house = House(desks, settings, Memory(desks.now), tokens, Pages(tokens, desks.now), asked, flows)
    memory = house.memory
    listed = places(house)
    routes = [Route("/static/{name}", ASSETS.answer), *api_routes(desks, settings, memory), *_routes(house, listed)]
    if desks.openid is not None:
        routes.append(openid.logout_route(desks.openid, Throttle(FAILURES, FAILURE_SECONDS, time.monotonic)))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_failure(house)})
    uploads = frozenset(place.path for place in listed if place.upload)
    return Gate(app, settings.origins, Ways("console", uploads, MOST_BODY, WITHOUT_A_PAGE))


def _routes(house: House, listed: Sequence[Place]) -> list[Route]:
    return [Route(place.path, _endpoint(house, place), methods=[place.method]) for place in listed]


def _endpoint(house: House, place: Place) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        form, uploads = FormData(), {}
        if place.method == "POST" and not (place.upload and await run_in_threadpool(_is_nobody, house, request)):
            form = await request.form(max_files=1 if place.upload else 0, max_fields=MOST_FIELDS)
            uploads = await uploads_of(form)
            await form.close()
        return await run_in_threadpool(_answer, house, place, request, form, uploads)

    return endpoint


def _is_nobody(house: House, request: Request) -> bool:
    """Nobody is known to be signed in: a file is not even read, and the answer says why."""
    try:
        house.desks.people.session(request.cookies.get(SESSION_COOKIE, ""))
    except GatepostError:
        return True
    return False


def _answer(
    house: House, place: Place, request: Request, form: FormData, uploads: dict[str, tuple[str, bytes]]
) -> Response:
    """Who is it, is the form ours, may they: then the view. Failures with a name become pages in plain words."""
    visit = Visit(request, house.desks, house.settings, house.memory, form=form, uploads=uploads)
    try:
        visit = _known(visit, place)
        if place.method == "POST" and not house.tokens.is_right(cookie_of(request), str(form.get("form-token", ""))):
            return _failure(house, visit, 403, "This form is too old", "Load the page anew and try once more.")
        return place.view(_entitled(house, visit, place))
    except EnrolFirst:
        return go("/enrol")
    except NotSignedIn:
        return _to_sign_in(house, visit)
    except ConfirmationNeeded:
        return go(with_query("/confirm", next=_back(visit)))
    except SignInRefused as refused:
        return _failure(house, visit, 403, "That was not right", str(refused))
    except Forbidden as refused:
        return _failure(house, visit, 403, "Not for your role", f"{refused}.")
    except GatepostError as error:
        logs.event("console-failed", failure=error, path=place.path)
        return _failure(house, visit, 503, "That did not work", f"{error}")
    except Exception as error:  # noqa: BLE001 - told by its place: the text of an unforeseen exception may hold content
        logs.event("console-bug", level=logging.ERROR, failure=error, path=place.path)
        return _failure(house, visit, 500, "A bug of ours", "It is in the log of the console, with its place.")


def _known(visit: Visit, place: Place) -> Visit:
    """With the session of the cookie. Raises NotSignedIn where the place needs one."""
    secret = visit.request.cookies.get(SESSION_COOKIE, "")
    people = visit.desks.people
    try:
        session = people.session(secret)
    except NotSignedIn:
        if place.needs is Door.OPEN:
            return visit
        raise
    visit = _with(visit, session=session)
    if session.person.state is PersonState.NEW and place.needs not in (Door.NEW, Door.OPEN):
        raise EnrolFirst("set up your account first")
    return visit


def _with(visit: Visit, *, session: Session) -> Visit:
    return replace(visit, session=session, caller=visit.desks.people.caller(session))


def _entitled(house: House, visit: Visit, place: Place) -> Visit:
    """Whoever may go on, with the fresh proof that came along. Raises Forbidden, SignInRefused."""
    if isinstance(place.needs, Act):
        house.desks.people.demand(visit.who, place.needs)
    return _confirmed(visit) if place.proof or isinstance(place.needs, Act) else visit


def _confirmed(visit: Visit) -> Visit:
    """A code that came with a form is the fresh proof of who it is. Raises SignInRefused."""
    code = visit.text("code") if visit.form else ""
    if not code or visit.who.confirmed:
        return visit
    visit.desks.people.confirm(visit.here, code)
    return _with(visit, session=visit.desks.people.session(visit.request.cookies[SESSION_COOKIE]))


def _to_sign_in(house: House, visit: Visit) -> Response:
    """Where somebody has to go first; coming from another site, the cookie is only sent with the next request."""
    request = visit.request
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        return house.pages.render(visit, "opening.html", next=safe_next(here))
    response = RedirectResponse(
        with_query("/sign-in", next=safe_next(here) if request.method == "GET" and here != "/" else ""), 303
    )
    response.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="strict")
    return response


def _back(visit: Visit) -> str:
    """The page whose form was sent."""
    if visit.request.method == "GET":
        return visit.request.url.path
    return safe_next(visit.text("back") or visit.request.url.path.rpartition("/")[0] or "/")


def _failure(house: House, visit: Visit, status: int, title: str, text: str) -> Response:
    return house.pages.render(visit, "failure.html", status, title=title, text=text, back=_back(visit))


def _http_failure(house: House) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        visit = Visit(request, house.desks, house.settings, house.memory)
        text = "There is no such page." if status == 404 else "This request cannot be answered."
        return house.pages.render(visit, "failure.html", status, title=text.rstrip("."), text="", back="/")

    return handle
