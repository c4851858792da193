"""The audit log: looking with filters, the timeline of an incident, verifying, taking it away."""

from starlette.responses import Response

from gateway.audit.errors import AuditUnavailable, ChainBroken
from gateway.audit.index import Wanted
from gateway.console.pages import Pages
from gateway.console.routes import Place
from gateway.console.visit import Visit, go, with_query
from gateway.desk.days import day_after, day_of
from gateway.desk.evidence import VerificationRuns, plain, told
from gateway.desk.rights import Act
from gateway.report.document import counted

PAGE = 50
FILTERS = ("kind", "who", "incident", "item", "severity", "since", "until")
SEVERITIES = {"": 0, "low": 2, "medium": 3, "high": 4, "critical": 5}


def places(pages: Pages) -> tuple[Place, ...]:
    here = Audit(pages)
    return (
        Place("GET", "/audit", here.list, Act.AUDIT),
        Place("GET", "/audit/incidents/{incident}", here.incident, Act.AUDIT),
        Place("POST", "/audit/verify", here.verify, Act.AUDIT),
        Place("POST", "/audit/export", here.export, Act.EXPORT_AUDIT),
    )


class Audit:
    """The views."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def list(self, visit: Visit) -> Response:
        return self._list(visit)

    def incident(self, visit: Visit) -> Response:
        """One message, from SMTP to Postfix's record of its delivery."""
        incident = visit.path("incident")
        entries = visit.desks.evidence.incident(visit.who, incident)
        if not entries:
            text = "No event of that incident is in this log."
            return self._pages.render(visit, "failure.html", 404, title="Nothing is known", text=text, back="/audit")
        moments = [(entry, told(entry), plain(entry)) for entry in entries]
        return self._pages.render(visit, "incident.html", incident=incident, moments=moments)

    def verify(self, visit: Visit) -> Response:
        try:
            checked = visit.desks.evidence.check(visit.who)
        except VerificationRuns as busy:
            return self._list(visit, 409, problem=str(busy))
        if checked.ok:
            visit.tell(
                f"The chain is whole: {counted(checked.events, 'event')}, {counted(checked.checkpoints, 'signature')}."
                f"{f' But {checked.why}.' if checked.why else ''}"
            )
        else:
            visit.tell(f"The chain is BROKEN: {checked.why}", "bad")
        return go("/audit")

    def export(self, visit: Visit) -> Response:
        """With proof, and a page on how to check it without Gatepost."""
        try:
            wanted, asked = question(visit)
            packed = visit.desks.evidence.take(visit.who, wanted, asked)
        except (ValueError, ChainBroken, AuditUnavailable, VerificationRuns) as error:
            return self._list(visit, 409, problem=str(error))
        name = f"gatepost-audit-{visit.desks.now():%Y%m%d-%H%M%S}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(packed, media_type="application/zip", headers=headers)

    def _list(self, visit: Visit, status: int = 200, *, problem: str = "") -> Response:
        try:
            wanted, asked = question(visit)
        except ValueError as error:
            wanted, asked, problem, status = Wanted(limit=PAGE + 1), {}, str(error), 400
        entries = visit.desks.evidence.find(visit.who, wanted, asked)
        kept = {name: visit.text(name) for name in FILTERS}
        more = len(entries) > PAGE
        following = with_query("/audit", **kept, before=str(entries[PAGE - 1].seq)) if more else ""
        return self._pages.render(
            visit,
            "audit.html",
            status,
            entries=[(entry, told(entry), plain(entry)) for entry in entries[:PAGE]],
            following=following,
            kept=kept,
            asked=asked,
            kinds=visit.desks.evidence.kinds(visit.who),
            severities=[word for word in SEVERITIES if word],
            checked=visit.desks.evidence.last,
            problem=problem,
        )


def question(visit: Visit) -> tuple[Wanted, dict[str, str]]:
    """The filters of the address or the form. ValueError in plain words."""
    asked = {name: visit.text(name) for name in FILTERS if visit.text(name)}
    until = day_of(asked.get("until", ""))
    before = visit.text("before")
    if asked.get("severity", "") not in SEVERITIES:
        raise ValueError("There is no such severity.")
    wanted = Wanted(
        kind=asked.get("kind", ""),
        who=asked.get("who", ""),
        incident=asked.get("incident", ""),
        item=asked.get("item", ""),
        severity=SEVERITIES[asked.get("severity", "")],
        since=day_of(asked.get("since", "")),
        until=day_after(until),
        before=int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None,
        limit=PAGE + 1,
    )
    return wanted, asked
