"""Reports, made and downloaded."""

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Place
from gateway.console.visit import Visit
from gateway.core.errors import SetupError
from gateway.desk.days import day_after, day_of
from gateway.desk.reports import Form, Kind, NoReport, Order, ReportRuns
from gateway.desk.rights import Act

WORDS = {
    Kind.QUARTERLY: "Quarterly report: volume, protection, incidents, reviewers' times, rule changes, accesses",
    Kind.SAFEGUARDS: "HIPAA Security Rule: each safeguard with its evidence",
    Kind.INCIDENT: "Incident: for the assessment of a breach",
    Kind.DISCLOSURES: "Accounting of disclosures for one patient",
}


def places(pages: Pages) -> tuple[Place, ...]:
    here = Reports(pages)
    return (
        Place("GET", "/reports", here.form, Act.REPORT),
        Place("POST", "/reports", here.make, Act.REPORT),
    )


class Reports:
    """The views."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def form(self, visit: Visit) -> Response:
        return self._form(visit)

    def make(self, visit: Visit) -> Response:
        """As a file that no browser opens inside of the console."""
        try:
            made = visit.desks.reports.make(visit.who, _order(visit))
        except (NoReport, ReportRuns, SetupError) as error:
            return self._form(visit, 409 if isinstance(error, ReportRuns) else 400, problem=str(error))
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.octets, media_type=made.media, headers=headers)

    def _form(self, visit: Visit, status: int = 200, *, problem: str = "") -> Response:
        quarters = visit.desks.reports.quarters(visit.who)
        kept = {name: visit.text(name) for name in ("kind", "quarter", "incident", "since", "until", "form")}
        return self._pages.render(
            visit, "reports.html", status, quarters=quarters, kinds=WORDS, forms=list(Form), kept=kept, problem=problem
        )


def _order(visit: Visit) -> Order:
    """Raises NoReport."""
    try:
        kind, form = Kind(visit.text("kind")), Form(visit.text("form"))
    except ValueError:
        raise NoReport("choose a report and a form") from None
    try:
        since, until = day_of(visit.text("since")), day_after(day_of(visit.text("until")))
    except ValueError as error:
        raise NoReport(str(error)) from None
    return Order(
        kind,
        form,
        quarter=visit.text("quarter"),
        incident=visit.text("incident") if kind is Kind.INCIDENT else "",
        value=visit.text("value"),
        since=since,
        until=until,
    )
