"""The first page: what happened, what waits, whether all is well."""

from starlette.responses import Response

from gateway.console.charts import stacked
from gateway.console.pages import Pages
from gateway.console.routes import Door, Place
from gateway.console.visit import Visit, go
from gateway.desk.rights import Act

SPANS = (7, 30, 90)


def places(pages: Pages) -> tuple[Place, ...]:
    here = Overview(pages)
    return (Place("GET", "/", here.first, Door.PERSON), Place("GET", "/overview", here.look, Act.OVERVIEW))


class Overview:
    """The views."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def first(self, visit: Visit) -> Response:
        """The overview; the list for whoever may not see that."""
        return self.look(visit) if visit.may(Act.OVERVIEW) else go("/items")

    def look(self, visit: Visit) -> Response:
        chosen = visit.text("days")
        days = int(chosen) if chosen in map(str, SPANS) else SPANS[1]
        seen = visit.desks.overview.look(visit.who, days)
        columns = [(f"{day.day:%-d %b}", (day.held, day.refused, day.protected)) for day in seen.days]
        return self._pages.render(
            visit,
            "overview.html",
            seen=seen,
            days=days,
            spans=SPANS,
            chart=stacked(columns, ("c2", "c3", "c1")),
            most_rules=max((count for _, count in seen.rules), default=1),
        )
