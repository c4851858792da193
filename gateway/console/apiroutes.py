"""The way of a request to the API: a token, a right, a body that is what it should be; failures as objects."""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway import logs
from gateway.console.api import PREFIX, BadRequest, Operation, checked_body, describe, failure, operations, status_of
from gateway.console.items import REFUSALS
from gateway.console.settings import Desks, Settings
from gateway.console.visit import Memory, Visit
from gateway.core.errors import GatepostError
from gateway.desk.rights import Caller, Forbidden
from gateway.people import NotSignedIn
from gateway.web.throttle import Pace, Throttle

FAILURES, FAILURE_SECONDS = 20, 900.0  # of one client address
OF_ADDRESS = (300, 10.0)  # requests at once, and a second after that
OF_TOKEN = (60, 2.0)
MOST_BODY = 64 * 1024
NAMED = (*REFUSALS, BadRequest, Forbidden)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often somebody may come."""

    failures: Throttle
    addresses: Pace
    tokens: Pace

    @classmethod
    def of(cls, clock: Callable[[], float]) -> "Limits":
        return cls(Throttle(FAILURES, FAILURE_SECONDS, clock), Pace(*OF_ADDRESS, clock), Pace(*OF_TOKEN, clock))


def api_routes(desks: Desks, settings: Settings, memory: Memory) -> list[Route]:
    """One for each operation, and the description."""
    limits = Limits.of(time.monotonic)
    document = describe(settings.version)

    def description(_: Request) -> Response:
        return JSONResponse(document)

    return [
        Route("/api/openapi.json", description),
        *(
            Route(
                f"{PREFIX}{operation.path}",
                _endpoint(operation, desks, settings, memory, limits),
                methods=[operation.method],
            )
            for operation in operations()
        ),
    ]


def _endpoint(
    operation: Operation, desks: Desks, settings: Settings, memory: Memory, limits: Limits
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        octets = await request.body() if operation.method == "POST" else b""
        if len(octets) > MOST_BODY:
            return failure(413, "the body is too large")
        return await run_in_threadpool(_answer, operation, Visit(request, desks, settings, memory), octets, limits)

    return endpoint


def _answer(operation: Operation, visit: Visit, octets: bytes, limits: Limits) -> Response:
    where = visit.place
    if seconds := limits.failures.rest(where):
        return _later(seconds, "too many tries without a token that holds")
    if seconds := limits.addresses.wait(where):
        return _later(seconds, "too many requests from your address")
    try:
        caller = _caller(visit)
        if seconds := limits.tokens.wait(caller.token):
            return _later(seconds, "too many requests with this token")
        visit = visit.by(caller, checked_body(operation, _json(octets)) if operation.body else {})
        visit.desks.people.demand(visit.who, operation.needs)
        return operation.view(visit)
    except NotSignedIn as error:
        limits.failures.failed(where)
        answer = failure(401, str(error))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="gatepost"'
        return answer
    except NAMED as error:
        return failure(status_of(error), str(error))
    except GatepostError as error:
        logs.event("console-failed", failure=error, path=operation.path)
        return failure(503, str(error))
    except Exception as error:  # noqa: BLE001 - told by its place: the text of an unforeseen exception may hold content
        logs.event("console-bug", level=logging.ERROR, failure=error, path=operation.path)
        return failure(500, "a bug of ours: it is in the log of the console, with its place")


def _later(seconds: int, why: str) -> Response:
    answer = failure(429, f"{why}: wait {seconds} seconds")
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _caller(visit: Visit) -> Caller:
    """The owner of the token, within its scopes. Raises NotSignedIn, and a token that does not hold is noted."""
    kind, _, secret = visit.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        raise NotSignedIn("send a token: Authorization: Bearer …")
    try:
        token = visit.desks.people.token(secret.strip())
    except NotSignedIn:
        visit.desks.people.token_refused(visit.client)
        raise
    owner, scopes = token.owner, frozenset(token.scopes)
    return Caller(owner.name, owner.role, owner.address, visit.client, scopes=scopes, token=token.id)


def _json(octets: bytes) -> object:
    try:
        return json.loads(octets)
    except (ValueError, RecursionError):
        raise BadRequest("the body is no JSON") from None
