"""The way to the organization's provider and back. Only where one is configured."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway import logs
from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.security import SESSION_COOKIE, VISIT_COOKIE
from gateway.console.visit import Visit, go, safe_next
from gateway.core.errors import GatepostError
from gateway.desk.openid import OpenIdDesk
from gateway.people import NotSignedIn
from gateway.people.openid import Flow, Flows, Refused
from gateway.people.openid.provider import ProviderAway
from gateway.web.throttle import Throttle, place_of

FLOW_COOKIE = "__Host-gatepost-openid"
RETURN, LOGOUT = "/openid/return", "/openid/logout"
NO_STORE = {"Cache-Control": "no-store"}


def places(pages: Pages, flows: Flows, throttle: Throttle) -> tuple[Place, ...]:
    here = OpenId(pages, flows, throttle)
    return (
        Place("GET", "/openid/start", here.start, Door.OPEN),
        Place("GET", "/openid/confirm", here.confirm, Door.PERSON),
        Place("GET", RETURN, here.come_back, Door.OPEN),
    )


class OpenId:
    """The views."""

    def __init__(self, pages: Pages, flows: Flows, throttle: Throttle) -> None:
        self._pages = pages
        self._flows = flows
        self._throttle = throttle

    def start(self, visit: Visit) -> Response:
        """To the provider, with what binds its answer to this browser."""
        return self._leave(visit, "")

    def confirm(self, visit: Visit) -> Response:
        """To the provider once more: it has to ask anew."""
        return self._leave(visit, visit.here.id)

    def come_back(self, visit: Visit) -> Response:
        """With a code; what the provider says of it decides."""
        desk = visit.desks.openid
        if desk is None:
            return self._none(visit)
        client, where = visit.client, visit.place
        if self._throttle.is_full(where):
            return self._refused(visit, "Too many tries from your address. Wait a quarter of an hour.", 429)
        cookie = visit.request.cookies.get(FLOW_COOKIE, "")
        flow = self._flows.take(cookie, visit.text("state"))
        if flow is None and not cookie:
            # pages of others can make a browser come here, as often as they like: no failure of whoever sits there
            return self._refused(visit, "Nothing was begun in this browser. Begin anew.")
        if flow is None:
            refused = Refused("openid-code", "this answer belongs to nothing that was begun in this browser")
            desk.refused(refused, client)
            self._throttle.failed(where)
            return self._refused(visit, f"{_sentence(refused)} Begin anew.")
        try:
            return self._taken(visit, desk, flow)
        except (Refused, ProviderAway, NotSignedIn) as why:
            self._throttle.failed(where)
            return self._refused(visit, _sentence(why))

    def _taken(self, visit: Visit, desk: OpenIdDesk, flow: Flow) -> Response:
        code = visit.text("code")
        if visit.text("error") or not code:
            refused = Refused("openid-code", "the provider let you not in")
            desk.refused(refused, visit.client)
            raise refused
        try:
            claims = desk.provider.claims(code, flow, _back(visit), visit.text("iss"))
        except Refused as refused:
            desk.refused(refused, visit.client)
            raise
        if flow.session:
            desk.confirm(claims, flow, visit.client)
            return self._onward(visit, flow)
        secret = desk.sign_in(claims, visit.client, visit.agent)
        response = self._onward(visit, flow)
        response.set_cookie(SESSION_COOKIE, secret, path="/", secure=True, httponly=True, samesite="strict")
        response.delete_cookie(VISIT_COOKIE, secure=True, httponly=True, samesite="strict")
        return response

    def _leave(self, visit: Visit, session: str) -> Response:
        desk = visit.desks.openid
        if desk is None:
            return self._none(visit)
        cookie, flow = self._flows.begin(session, safe_next(visit.text("next")))
        try:
            response = go(desk.provider.address(flow, _back(visit), fresh=bool(session)))
        except ProviderAway as away:
            return self._refused(visit, f"{away}.", 503)
        # lax: the provider's answer is a step from its pages to ours, with which a strict cookie does not come along
        response.set_cookie(FLOW_COOKIE, cookie, max_age=600, path="/", secure=True, httponly=True, samesite="lax")
        return response

    def _onward(self, visit: Visit, flow: Flow) -> Response:
        """By a page of ours: strict cookies come along with the next step alone."""
        response = self._pages.render(visit, "opening.html", next=safe_next(flow.following))
        response.delete_cookie(FLOW_COOKIE, secure=True, httponly=True, samesite="lax")
        return response

    def _refused(self, visit: Visit, text: str, status: int = 403) -> Response:
        response = self._pages.render(
            visit, "failure.html", status, title="You are not let in", text=text, back="/sign-in"
        )
        response.delete_cookie(FLOW_COOKIE, secure=True, httponly=True, samesite="lax")
        return response

    def _none(self, visit: Visit) -> Response:
        text = "Sign in with your name, password and code."
        return self._pages.render(visit, "failure.html", 404, title="There is no provider", text=text, back="/sign-in")


def logout_route(desk: OpenIdDesk, throttle: Throttle) -> Route:
    """Where the provider says itself that somebody's sessions are over: no browser, no form, a signed token."""

    async def endpoint(request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=8)
        token = form.get("logout_token")
        client = request.client.host if request.client else ""
        return await run_in_threadpool(_logged_out, desk, throttle, client, token if isinstance(token, str) else "")

    return Route(LOGOUT, endpoint, methods=["POST"])


def _logged_out(desk: OpenIdDesk, throttle: Throttle, client: str, token: str) -> Response:
    where = place_of(client)
    if throttle.is_full(where):
        return PlainTextResponse("wait\n", 429, headers={**NO_STORE, "Retry-After": str(throttle.rest(where))})
    try:
        desk.log_out(token, client)
    except Refused:
        throttle.failed(where)
        return PlainTextResponse("refused\n", 400, headers=NO_STORE)
    except GatepostError as error:
        logs.event("console-failed", failure=error, path=LOGOUT)
        return PlainTextResponse("try again\n", 503, headers=NO_STORE)
    return Response(headers=NO_STORE)


def _sentence(why: GatepostError) -> str:
    return f"{str(why)[:1].upper()}{str(why)[1:]}."


def _back(visit: Visit) -> str:
    """Where the provider sends the browser: at the address that people use."""
    return f"{visit.settings.origins[0]}{RETURN}"
