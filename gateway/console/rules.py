"""The rules in force, and the bench. Reading only: rules change by files."""

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Place
from gateway.console.visit import Visit
from gateway.desk.rights import Act
from gateway.desk.rules import MOST_RECIPIENTS, NoMessage, RuleUnknown
from gateway.workers.pool import WorkersUnavailable


def places(pages: Pages) -> tuple[Place, ...]:
    here = Rules(pages)
    return (
        Place("GET", "/rules", here.list, Act.RULES),
        Place("GET", "/rules/bench", here.bench, Act.TRY),
        Place("POST", "/rules/bench", here.try_it, Act.TRY, upload=True),
        Place("GET", "/rules/history", here.history, Act.RULES),
        Place("GET", "/rules/history/changes", here.changes, Act.RULES),
        Place("GET", "/rules/{id}", here.rule, Act.RULES),
    )


class Rules:
    """The views."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def list(self, visit: Visit) -> Response:
        return self._pages.render(visit, "rules.html", rules=visit.desks.rules.list(visit.who))

    def rule(self, visit: Visit) -> Response:
        try:
            shown = visit.desks.rules.show(visit.who, visit.path("id"))
        except RuleUnknown:
            text = "Perhaps it was retired since. Its history is where the files are kept."
            title = "No rule of that name is in force"
            return self._pages.render(visit, "failure.html", 404, title=title, text=text, back="/rules")
        return self._pages.render(visit, "rule.html", shown=shown, rule=shown.rule)

    def history(self, visit: Visit) -> Response:
        return self._pages.render(visit, "rule-history.html", changes=visit.desks.rules.history(visit.who))

    def changes(self, visit: Visit) -> Response:
        """What is not the same in two rule sets that were in force."""
        old, new = visit.text("old"), visit.text("new")
        try:
            found = visit.desks.rules.changes(visit.who, old, new)
        except RuleUnknown:
            text = "The gateway keeps those that were in force since it knows how to, and the newest 500."
            title = "These rule sets are not kept"
            return self._pages.render(visit, "failure.html", 404, title=title, text=text, back="/rules/history")
        return self._pages.render(visit, "rule-changes.html", changes=found, old=old, new=new)

    def bench(self, visit: Visit) -> Response:
        return self._bench(visit)

    def try_it(self, visit: Visit) -> Response:
        """Explain a message that was uploaded or pasted; nothing is sent, nothing is kept."""
        _, raw = visit.uploads.get("file", ("", b""))
        if not raw:
            pasted = visit.whole("message").strip()
            raw = "\r\n".join(pasted.splitlines()).encode() + b"\r\n" if pasted else b""
        to = [address for address in visit.text("to").replace(",", " ").split() if "@" in address]
        try:
            why = visit.desks.rules.try_message(visit.who, raw, visit.text("from"), to[:MOST_RECIPIENTS])
        except (NoMessage, WorkersUnavailable) as error:
            return self._bench(visit, 400, problem=str(error))
        return self._bench(visit, why=why)

    def _bench(self, visit: Visit, status: int = 200, *, problem: str = "", why: object = None) -> Response:
        sender, to = visit.text("from"), visit.text("to")
        return self._pages.render(visit, "bench.html", status, sender=sender, to=to, why=why, problem=problem)
