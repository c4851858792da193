"""Puts the portal together: every place of the table becomes a route with the same checks in the same order."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway import logs
from gateway.core.errors import GatepostError
from gateway.pickup.desk import Busy, Mailer, NotOpen, PickupDesk
from gateway.portal.pages import ASSETS, Pages, Settings
from gateway.portal.views import Views, go
from gateway.portal.visit import Visit, visit_of
from gateway.web.gate import FormTokens, Gate, Ways

MOST_FIELDS = 10
REFUSED_SECONDS = 0.5  # no answer to a wrong code comes sooner: neither the clock nor a program learns much from it

View = Callable[[Visit], Response]


def make_app(desk: PickupDesk, mailer: Mailer, settings: Settings) -> ASGIApp:
    """The application, behind its gate."""
    tokens = FormTokens(settings.key)
    views = Views(Pages(settings, tokens), settings, desk, mailer)
    table: tuple[tuple[str, str, View], ...] = (
        ("GET", "/", views.home),
        ("GET", "/m/{link}", views.entry),
        ("POST", "/m/{link}/code", views.ask),
        ("GET", "/m/{link}/code", views.code),
        ("POST", "/m/{link}/open", views.open),
        ("GET", "/m/{link}/message", views.message),
        ("GET", "/m/{link}/html/{part}", views.html),
        ("GET", "/m/{link}/part/{part}", views.attachment),
        ("GET", "/m/{link}/original", views.original),
        ("POST", "/m/{link}/close", views.close),
    )
    routes = [
        Route("/healthz", lambda _: PlainTextResponse("ok\n")),
        Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nDisallow: /\n")),
        Route("/static/{name}", ASSETS.answer),
        *(Route(path, _endpoint(views, tokens, view), methods=[method]) for method, path, view in table),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_failure(views)})
    app.router.redirect_slashes = False  # it names the site as the request came in: by http, behind a proxy
    return Gate(app, settings.origins, Ways("portal", old_browsers=True))


def _endpoint(views: Views, tokens: FormTokens, view: View) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        began, form = time.monotonic(), FormData()
        if request.method == "POST":
            form = await request.form(max_files=0, max_fields=MOST_FIELDS)
        answer = await run_in_threadpool(_answer, views, tokens, view, visit_of(request, form))
        if request.method == "POST" and answer.status_code >= 400:
            await asyncio.sleep(max(0.0, began + REFUSED_SECONDS - time.monotonic()))
        return answer

    return endpoint


def _answer(views: Views, tokens: FormTokens, view: View, visit: Visit) -> Response:
    """Is the form ours, then the view. Failures with a name become pages in plain words, without any of theirs."""
    try:
        if visit.request.method == "POST" and not _is_ours(tokens, visit):
            return views.told(visit, 403, "This form is too old", "Open the link in your mail and try once more.")
        return view(visit)
    except NotOpen:
        return go(f"/m/{quote(visit.link)}")
    except Busy as busy:
        return views.told(visit, 503, "Not at this moment", f"{busy}".capitalize() + ".")
    except GatepostError as error:
        logs.event("portal-failed", failure=error)
        return views.told(visit, 503, "That did not work", "It is not your fault. Please try again later.")
    except Exception as error:  # noqa: BLE001 - told by its place: the text of an unforeseen exception may hold content
        logs.event("portal-bug", level=logging.ERROR, failure=error)
        return views.told(visit, 500, "That did not work", "It is a mistake of ours. Please try again later.")


def _is_ours(tokens: FormTokens, visit: Visit) -> bool:
    """A form of a page of ours in this browser: before the message is open, or of its session."""
    token = visit.text("form-token")
    before = not visit.is_new and tokens.is_right(visit.browser, token)
    return before or tokens.is_right(visit.session, token)


def _http_failure(views: Views) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        title = "There is no such page" if status == 404 else "This request cannot be answered"
        return views.told(visit_of(request, FormData()), status, title, "")

    return handle
