"""The bench for a candidate rule set: what it would make of the held messages of some days."""

from starlette.responses import Response

from gateway.console.pages import Pages
from gateway.console.routes import Place
from gateway.console.visit import Visit, go
from gateway.desk.replays import MOST_DAYS, MOST_MESSAGES, ReplayRefused
from gateway.desk.rights import Act


def places(pages: Pages) -> tuple[Place, ...]:
    here = Replay(pages)
    return (
        Place("GET", "/rules/replay", here.show, Act.REPLAY),
        Place("POST", "/rules/replay", here.start, Act.REPLAY, upload=True),
        Place("POST", "/rules/replay/stop", here.stop, Act.REPLAY),
    )


class Replay:
    """The views."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def show(self, visit: Visit) -> Response:
        return self._show(visit)

    def start(self, visit: Visit) -> Response:
        name, octets = visit.uploads.get("file", ("", b""))
        days = visit.text("days")
        count = int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0
        desk = visit.desks.replays
        try:
            if octets:
                desk.start_archive(visit.who, name, octets, count)
            else:
                desk.start_folder(visit.who, visit.text("folder"), count)
        except ReplayRefused as refused:
            return self._show(visit, 400, problem=str(refused))
        return go("/rules/replay")

    def stop(self, visit: Visit) -> Response:
        visit.desks.replays.stop(visit.who)
        return go("/rules/replay")

    def _show(self, visit: Visit, status: int = 200, *, problem: str = "") -> Response:
        desk = visit.desks.replays
        return self._pages.render(
            visit,
            "replay.html",
            status,
            run=desk.run(visit.who),
            elsewhere=desk.runs_elsewhere(visit.who),
            folders=desk.candidates(visit.who),
            days=visit.text("days", "30"),
            most_days=MOST_DAYS,
            most_messages=MOST_MESSAGES,
            problem=problem,
        )
