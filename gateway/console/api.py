"""The same acts as JSON, for a SIEM or a ticket system: tokens with scopes, and a description as OpenAPI 3.1.

Every operation stands in one list, which is the routes, the description and what the tests walk through.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from gateway.console.items import question as items_question
from gateway.console.visit import Visit
from gateway.core.errors import GatepostError
from gateway.desk.rights import MEANING, Act, Forbidden
from gateway.quarantine import Item, Way
from gateway.quarantine.errors import ItemUnknown, SecondReviewerNeeded
from gateway.workers.pool import WorkersUnavailable

PREFIX = "/api/v1"
Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
TRUTH: Schema = {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Operation:
    """`query` and `body`: what may be given, by name, with its schema; `needed` are those that must be."""

    method: str
    path: str
    view: Callable[[Visit], Response]
    needs: Act
    summary: str
    query: Mapping[str, Schema]
    body: Mapping[str, Schema]
    needed: tuple[str, ...] = ()


class BadRequest(GatepostError):
    """What was sent cannot be meant."""


def operations() -> tuple[Operation, ...]:
    filters = dict.fromkeys(("state", "search", "rule", "area", "severity", "sender", "recipient"), TEXT)
    filters |= dict.fromkeys(("assignee", "since", "until", "order", "after"), TEXT)
    reason = {"reason": TEXT}
    return (
        Operation("GET", "/items", _list, Act.LIST_ITEMS, "Items, a page at a time", filters, {}),
        Operation("GET", "/items/{id}", _item, Act.LIST_ITEMS, "What is known of an item, values masked", {}, {}),
        Operation(
            "POST",
            "/items/{id}/release",
            _release,
            Act.RELEASE,
            "Hand it to Postfix for all who wait, or some; 202 where somebody else has to agree too",
            {},
            {**reason, "recipients": TEXTS, "encrypted": TRUTH, "redacted": TRUTH},
            ("reason",),
        ),
        Operation(
            "POST", "/items/{id}/discard", _discard, Act.DISCARD, "Destroy the sealed message", {}, reason, ("reason",)
        ),
        Operation(
            "POST",
            "/items/{id}/return",
            _return,
            Act.DISCARD,
            "Tell the sender in your words, then destroy it",
            {},
            {"note": TEXT},
            ("note",),
        ),
        Operation("POST", "/items/{id}/assign", _assign, Act.WORK, "To somebody, or nobody", {}, {"to": TEXT}, ("to",)),
        Operation("POST", "/items/{id}/comments", _comment, Act.WORK, "Add a comment", {}, {"text": TEXT}, ("text",)),
        Operation(
            "POST",
            "/items/{id}/hold",
            _hold,
            Act.HOLD,
            "Put it under legal hold, or lift it",
            {},
            {**reason, "on": TRUTH},
            ("reason", "on"),
        ),
        Operation("GET", "/overview", _overview, Act.OVERVIEW, "Counts of the last 30 days", {}, {}),
        Operation(
            "GET",
            "/incidents/{incident}",
            _incident,
            Act.AUDIT,
            "All events of an incident, oldest first",
            {},
            {},
        ),
    )


def describe(version: str) -> dict[str, Any]:
    """The OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations():
        named = [
            {"name": name.strip("{}"), "in": "path", "required": True, "schema": TEXT}
            for name in operation.path.split("/")
            if name.startswith("{")
        ]
        asked = [{"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()]
        described: dict[str, Any] = {
            "summary": operation.summary,
            "description": f"Scope: {operation.needs.value} ({MEANING[operation.needs]}).",
            "operationId": f"{operation.method.lower()}{operation.path.replace('/', '-').translate(_PLAIN)}",
            "parameters": named + asked,
            "security": [{"token": [operation.needs.value]}],
            "responses": _RESPONSES,
        }
        if operation.body:
            schema = {"type": "object", "properties": operation.body, "required": list(operation.needed)}
            described["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": {**schema, "additionalProperties": False}}},
            }
        paths.setdefault(f"{PREFIX}{operation.path}", {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gatepost review console", "version": version},
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


_PLAIN = str.maketrans("", "", "{}")
_RESPONSES = {
    "200": {"description": "Done; an object."},
    "202": {"description": "Your agreement is noted; somebody else has to agree too."},
    "400": {"description": "The request cannot be meant so."},
    "401": {"description": "No token, or one that is revoked or expired."},
    "403": {"description": "The role of the owner, or the scopes of the token, do not allow it."},
    "404": {"description": "There is no such item or incident."},
    "409": {"description": "The state of the item does not allow it; the text says why."},
    "429": {"description": "Too many requests: wait as many seconds as Retry-After says."},
    "503": {"description": "Store, audit log, workers or Postfix are away; nothing changed unless the text says so."},
}


def checked_body(operation: Operation, body: object) -> dict[str, Any]:
    """The body as the operation describes it. Raises BadRequest."""
    if not operation.body:
        return {}
    if not isinstance(body, dict):
        raise BadRequest("send a JSON object")
    if unknown := sorted(body.keys() - operation.body.keys()):
        raise BadRequest(f"unknown: {', '.join(map(str, unknown))}")
    if missing := [name for name in operation.needed if name not in body]:
        raise BadRequest(f"missing: {', '.join(missing)}")
    kinds: dict[str, type] = {"string": str, "boolean": bool, "array": list}
    for name, value in body.items():
        schema = operation.body[name]
        if not isinstance(value, kinds[schema["type"]]) or (
            isinstance(value, list) and not all(isinstance(each, str) for each in value)
        ):
            raise BadRequest(f"{name} must be {'a list of strings' if isinstance(value, list) else schema['type']}")
    return body


def failure(status: int, text: str) -> Response:
    return JSONResponse({"ok": False, "why": text}, status)


def status_of(error: GatepostError) -> int:
    """Of a refusal with a name."""
    if isinstance(error, ItemUnknown):
        return 404
    if isinstance(error, BadRequest):
        return 400
    if isinstance(error, WorkersUnavailable):
        return 503
    return 403 if isinstance(error, Forbidden) else 409


def _list(visit: Visit) -> Response:
    try:
        query, asked = items_question(visit)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    page = visit.desks.items.find(visit.who, query, asked)
    following = None
    if page.following and page.following.after:
        value, item_id = page.following.after
        following = f"{value if isinstance(value, int) else value.isoformat()}~{item_id}"
    return JSONResponse({"items": [shown(visit, item) for item in page.items], "after": following})


def _item(visit: Visit) -> Response:
    item_id = visit.path("id")
    if not visit.may(Act.SEE_ITEM):
        return JSONResponse(shown(visit, visit.desks.items.state(visit.who, item_id)))
    case = visit.desks.items.open(visit.who, item_id)
    comments = [{"at": each.at.isoformat(), "by": each.by, "text": each.text} for each in case.comments]
    return JSONResponse({**shown(visit, case.item), "comments": comments, "kept_until": case.ends.isoformat()})


def _release(visit: Visit) -> Response:
    body = visit.body
    try:
        sent = visit.desks.items.release(
            visit.who,
            visit.path("id"),
            body.get("recipients"),
            body["reason"],
            way=_way(body),
        )
    except SecondReviewerNeeded as noted:
        return JSONResponse({"ok": True, "sent": [], "why": str(noted)}, 202)
    copies = [
        {
            "recipients": list(each.recipients),
            "queue_id": each.queue_id,
            "method": each.method,
            "redacted": list(each.redacted),
        }
        for each in sent
    ]
    return JSONResponse({"ok": True, "sent": copies})


def _way(body: Mapping[str, Any]) -> Way:
    """Raises BadRequest."""
    if body.get("encrypted") and body.get("redacted"):
        raise BadRequest("encrypted or redacted, not both")
    if body.get("encrypted"):
        return Way.ENCRYPTED
    return Way.REDACTED if body.get("redacted") else Way.AS_IT_CAME


def _discard(visit: Visit) -> Response:
    visit.desks.items.discard(visit.who, visit.path("id"), visit.body["reason"])
    return JSONResponse({"ok": True})


def _return(visit: Visit) -> Response:
    queue_id = visit.desks.items.send_back(visit.who, visit.path("id"), visit.body["note"])
    return JSONResponse({"ok": True, "queue_id": queue_id})


def _assign(visit: Visit) -> Response:
    visit.desks.items.assign(visit.who, visit.path("id"), visit.body["to"])
    return JSONResponse({"ok": True})


def _comment(visit: Visit) -> Response:
    visit.desks.items.comment(visit.who, visit.path("id"), visit.body["text"])
    return JSONResponse({"ok": True})


def _hold(visit: Visit) -> Response:
    visit.desks.items.hold(visit.who, visit.path("id"), visit.body["reason"], on=visit.body["on"])
    return JSONResponse({"ok": True})


def _overview(visit: Visit) -> Response:
    seen = visit.desks.overview.look(visit.who, 30)
    days = [
        {
            "day": d.day.isoformat(),
            "delivered": d.delivered,
            "held": d.held,
            "refused": d.refused,
            "protected": d.protected,
        }
        for d in seen.days
    ]
    precision = [{"kind": p.kind, "name": p.name, "right": p.right, "wrong": p.wrong} for p in seen.precision]
    return JSONResponse(
        {
            "waiting": seen.waiting,
            "days": days,
            "rules": dict(seen.rules),
            "precision": precision,
            "health": dict(seen.health),
        }
    )


def _incident(visit: Visit) -> Response:
    entries = visit.desks.evidence.incident(visit.who, visit.path("incident"))
    return JSONResponse({"events": [entry.event for entry in entries]}, 200 if entries else 404)


def shown(visit: Visit, item: Item) -> dict[str, Any]:
    """An item as an object; for the help desk its state alone. Masked samples at most."""
    plain: dict[str, Any] = {
        "item": item.id,
        "incident": item.incident,
        "created": item.created.isoformat(),
        "state": item.state.value,
        "from": item.mail_from,
        "recipients": [{"address": r.address, "state": r.state.value, "queue_id": r.queue_id} for r in item.recipients],
        "bytes": item.size,
    }
    if not visit.may(Act.SEE_ITEM):
        return plain
    return plain | {
        "severity": item.severity,
        "rules": list(item.rules),
        "areas": list(item.areas),
        "findings": [{"entity": f.entity, "count": f.count, "samples": list(f.samples)} for f in item.findings],
        "policy": item.policy_digest,
        "assignee": item.assignee,
        "legal_hold": item.legal_hold,
        "purged": item.purged.isoformat() if item.purged else None,
        "tombstone": item.tombstone,
        "reviewers": item.reviewers,
        "agreed": list(item.agreed),
        "changed_by": item.changed_by,
        "reason": item.reason,
    }
