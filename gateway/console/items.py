"""Held messages: the list, one of them, and what is done with it."""

from collections.abc import Callable
from datetime import datetime
from typing import cast, get_args

from starlette.responses import HTMLResponse, Response, StreamingResponse

from gateway.console.pages import Pages
from gateway.console.routes import Place
from gateway.console.visit import Visit, go, safe_next, with_query
from gateway.desk.agreeing import OwnMail
from gateway.desk.days import FIRST_YEAR, LAST_YEAR, day_after, day_of
from gateway.desk.items import NothingToDo
from gateway.desk.reading import Why
from gateway.desk.review import Uncertain
from gateway.desk.rights import Act, PersonNeeded
from gateway.desk.sending import Sent
from gateway.desk.wording import WordsRefused
from gateway.postfix.submit import SubmitFailed
from gateway.quarantine import Item, Query, State, Way
from gateway.quarantine.errors import ItemUnknown, QuarantineError, SecondReviewerNeeded
from gateway.quarantine.items import Order
from gateway.store.errors import BlobDamaged
from gateway.web.gate import MAIL_POLICY
from gateway.web.mailhtml import framed
from gateway.workers.pool import WorkersUnavailable

PAGE = 50
MOST_OCTETS = 2**53
SEVERITIES = ("critical", "high", "medium", "low", "informational")
# What can go wrong with an act, and is told on the page of the item.
REFUSALS = (
    QuarantineError,
    NothingToDo,
    OwnMail,
    PersonNeeded,
    WordsRefused,
    SubmitFailed,
    Uncertain,
    WorkersUnavailable,
)
WAYS = {way.value: way for way in Way}
FILTERS = ("search", "rule", "area", "severity", "sender", "recipient", "assignee", "since", "until", "hold")


def places(pages: Pages) -> tuple[Place, ...]:
    here = Items(pages)
    return (
        Place("GET", "/items", here.list, Act.LIST_ITEMS),
        Place("POST", "/items", here.bulk, Act.WORK),
        Place("GET", "/items/{id}", here.item, Act.LIST_ITEMS),
        Place("POST", "/items/{id}/release", here.release, Act.RELEASE),
        Place("POST", "/items/{id}/confirm-sent", here.confirm_sent, Act.RELEASE),
        Place("POST", "/items/{id}/discard", here.discard, Act.DISCARD),
        Place("POST", "/items/{id}/return", here.send_back, Act.DISCARD),
        Place("POST", "/items/{id}/assign", here.assign, Act.WORK),
        Place("POST", "/items/{id}/comment", here.comment, Act.WORK),
        Place("POST", "/items/{id}/mark", here.mark, Act.WORK),
        Place("POST", "/items/{id}/hold", here.hold, Act.HOLD),
        Place("POST", "/items/{id}/reveal", here.reveal, Act.REVEAL),
        Place("GET", "/items/{id}/message", here.message, Act.REVEAL),
        Place("GET", "/items/{id}/html/{part}", here.html, Act.REVEAL),
        Place("POST", "/items/{id}/download", here.download, Act.DOWNLOAD),
    )


class Items:
    """The views."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def list(self, visit: Visit) -> Response:
        """Filtered, sorted, a page at a time."""
        problem = ""
        try:
            query, asked = question(visit)
        except ValueError as error:
            query, asked, problem = Query(state=State.HELD, limit=PAGE), {}, str(error)
        page = visit.desks.items.find(visit.who, query, asked)
        state = visit.text("state", "held")
        kept = {name: visit.text(name) for name in (*FILTERS, "order")} | {"state": state}
        following = ""
        if page.following and page.following.after:
            value, item_id = page.following.after
            mark = value.isoformat() if isinstance(value, datetime) else str(value)
            following = with_query("/items", **kept, after=f"{mark}~{item_id}")
        return self._pages.render(
            visit,
            "items.html",
            400 if problem else 200,
            items=page.items,
            following=following,
            counts=visit.desks.items.states(visit.who),
            state=state,
            kept=kept,
            asked=asked,
            narrowed=len(asked.keys() - {"search"}),
            severities=SEVERITIES,
            orders=get_args(Order),
            assignees=visit.desks.items.assignees() if visit.may(Act.SEE_ITEM) else (),
            all_checked=visit.text("all") == "1",
            problem=problem,
        )

    def bulk(self, visit: Visit) -> Response:
        """The same for all that are ticked; each tells how it went."""
        act, back = visit.text("act"), visit.text("back") or "/items"
        chosen = visit.texts("item")
        if act not in ("release", "discard", "assign") or not chosen:
            visit.tell("Tick at least one message and choose what to do.", "bad")
            return go(safe_next(back))
        done = visit.desks.items.bulk(visit.who, act, chosen, visit.text("reason"), visit.text("to"))
        good = [each for each in done if each.ok]
        if good:
            visit.tell(f"{len(good)} message{'' if len(good) == 1 else 's'} {good[0].text}.")
        for each in done:
            if not each.ok:
                visit.tell(f"{each.item}: {each.text}.", "bad")
        return go(safe_next(back))

    def item(self, visit: Visit) -> Response:
        if not visit.may(Act.SEE_ITEM):
            try:
                item = visit.desks.items.state(visit.who, visit.path("id"))
            except ItemUnknown:
                return self._unknown(visit)
            return self._pages.render(visit, "item-state.html", item=item)
        return self._item(visit)

    def release(self, visit: Visit) -> Response:
        def do() -> str:
            to = visit.texts("to")
            sent = visit.desks.items.release(
                visit.who,
                visit.path("id"),
                to,
                visit.text("reason"),
                way=WAYS.get(visit.text("how"), Way.AS_IT_CAME),
                force=visit.text("force") == "1",
            )
            people = f"{len(to)} recipient{'' if len(to) == 1 else 's'}"
            how = ", ".join(f"{_manner(copy)}, queue id {copy.queue_id or 'unknown'}" for copy in sent)
            return f"Postfix has the message for {people}: {how}."

        return self._act(visit, do)

    def confirm_sent(self, visit: Visit) -> Response:
        def do() -> str:
            visit.desks.items.confirm_sent(visit.who, visit.path("id"), visit.text("queue-id"))
            return "It is noted that the message was sent."

        return self._act(visit, do)

    def discard(self, visit: Visit) -> Response:
        def do() -> str:
            visit.desks.items.discard(visit.who, visit.path("id"), visit.text("reason"))
            return "The message is destroyed. What is known of it stays."

        return self._act(visit, do)

    def send_back(self, visit: Visit) -> Response:
        def do() -> str:
            visit.desks.items.send_back(visit.who, visit.path("id"), visit.text("note"))
            return "The sender is told in your words, and the message is destroyed."

        return self._act(visit, do)

    def assign(self, visit: Visit) -> Response:
        def do() -> str:
            to = visit.text("to")
            visit.desks.items.assign(visit.who, visit.path("id"), to)
            return f"Assigned to {to}." if to else "Nobody looks after it now."

        return self._act(visit, do)

    def comment(self, visit: Visit) -> Response:
        def do() -> str:
            visit.desks.items.comment(visit.who, visit.path("id"), visit.text("text"))
            return "Your comment is with the message."

        return self._act(visit, do)

    def mark(self, visit: Visit) -> Response:
        def do() -> str:
            kind = "rule" if visit.text("kind") == "rule" else "finding"
            is_true = visit.text("verdict") == "right"
            visit.desks.items.mark(
                visit.who, visit.path("id"), kind, visit.text("name"), visit.text("place"), is_true=is_true
            )
            return f"Marked as {'right' if is_true else 'wrong'}. It counts in the figures of the rules."

        return self._act(visit, do)

    def hold(self, visit: Visit) -> Response:
        def do() -> str:
            on = visit.text("on") == "1"
            visit.desks.items.hold(visit.who, visit.path("id"), visit.text("reason"), on=on)
            return "Under legal hold: nothing destroys it." if on else "The legal hold is lifted."

        return self._act(visit, do)

    def reveal(self, visit: Visit) -> Response:
        """With a reason; then the message can be read for ten minutes."""
        item_id = visit.path("id")
        try:
            visit.desks.items.unseal(visit.who, item_id, visit.text("reason"))
        except ItemUnknown:
            return self._unknown(visit)
        except REFUSALS as refused:
            return self._item(visit, 409, problem=str(refused))
        visit.memory.unseal(visit.here.id, item_id)
        return go(f"/items/{item_id}/message")

    def message(self, visit: Visit) -> Response:
        """The text with its values, in the parts that it came in."""
        item_id = visit.path("id")
        if not visit.memory.is_unsealed(visit.here.id, item_id):
            return go(f"/items/{item_id}#reveal")
        try:
            shown = visit.desks.items.read(visit.who, item_id, "text")
        except (QuarantineError, WorkersUnavailable, BlobDamaged) as error:
            return self._item(visit, 409, problem=str(error))
        html = [part for part in shown.parts if part.html]
        chosen = next((part for part in html if part.part_path == visit.text("html")), None)
        return self._pages.render(visit, "message.html", item_id=item_id, shown=shown, html_parts=html, chosen=chosen)

    def html(self, visit: Visit) -> Response:
        """One HTML part, cleaned, as a document of its own for the frame: no script, no network, no link."""
        item_id = visit.path("id")
        if not visit.memory.is_unsealed(visit.here.id, item_id):
            return go(f"/items/{item_id}#reveal")
        try:
            shown = visit.desks.items.read(visit.who, item_id, "html")
        except (QuarantineError, WorkersUnavailable, BlobDamaged):
            return Response(status_code=409)
        part = next((part for part in shown.parts if part.html and part.part_path == visit.path("part")), None)
        if part is None:
            return Response(status_code=404)
        return HTMLResponse(framed(part.html), headers={"Content-Security-Policy": MAIL_POLICY})

    def download(self, visit: Visit) -> Response:
        """As it came, as a file that no browser opens by itself."""
        item_id = visit.path("id")
        if not visit.memory.is_unsealed(visit.here.id, item_id):
            return go(f"/items/{item_id}#reveal")
        try:
            chunks = visit.desks.items.download(visit.who, item_id)
        except QuarantineError as error:
            return self._item(visit, 409, problem=str(error))
        name = "".join(sign for sign in item_id if sign.isalnum() or sign == "-")
        return StreamingResponse(
            chunks,
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}.eml"'},
        )

    def _act(self, visit: Visit, do: Callable[[], str]) -> Response:
        """Do it and show the item again; a refusal leaves the form as it was filled in."""
        try:
            visit.tell(do())
        except ItemUnknown:
            return self._unknown(visit)
        except SecondReviewerNeeded as noted:
            visit.tell(f"{str(noted).partition(': ')[2].capitalize()}.", "note")
        except REFUSALS as refused:
            return self._item(visit, 409, problem=str(refused))
        return go(f"/items/{visit.path('id')}")

    def _item(self, visit: Visit, status: int = 200, *, problem: str = "") -> Response:
        try:
            case = visit.desks.items.open(visit.who, visit.path("id"))
        except ItemUnknown:
            return self._unknown(visit)
        why, silent = self._why(visit, case.item)
        return self._pages.render(
            visit,
            "item.html",
            status,
            case=case,
            item=case.item,
            why=why,
            silent=silent,
            assignees=visit.desks.items.assignees(),
            unsealed=visit.memory.is_unsealed(visit.here.id, case.item.id),
            problem=problem,
        )

    def _why(self, visit: Visit, item: Item) -> tuple[Why | None, str]:
        """The trace, or why there is none."""
        try:
            why = visit.desks.items.why(visit.who, item)
        except (WorkersUnavailable, BlobDamaged) as error:
            return None, f"The message could not be read again just now: {error}."
        return (
            why,
            "" if why else "The message is gone, and with it its trace. What was decided then is in the timeline.",
        )

    def _unknown(self, visit: Visit) -> Response:
        text = "Perhaps its address was cut short. Search for the incident instead."
        return self._pages.render(
            visit, "failure.html", 404, title="There is no such message", text=text, back="/items"
        )


def _manner(copy: Sent) -> str:
    if copy.redacted:
        return f"redacted ({', '.join(copy.redacted)})"
    return copy.method or "as it came"


def question(visit: Visit) -> tuple[Query, dict[str, str]]:
    """The query of the address, and the filters in it. ValueError in plain words for what nobody can mean."""
    asked = {name: visit.text(name) for name in FILTERS if visit.text(name)}
    state = visit.text("state", "held")
    if state not in {"all", *State}:
        raise ValueError("There is no such state.")
    order = visit.text("order") or "newest"
    if order not in get_args(Order):
        raise ValueError("There is no such order.")
    until = day_of(asked.get("until", ""))
    query = Query(
        state=None if state == "all" else State(state),
        mail_from=asked.get("sender", ""),
        recipient=asked.get("recipient", ""),
        rule=asked.get("rule", ""),
        area=asked.get("area", ""),
        severity=asked.get("severity", ""),
        assignee=asked.get("assignee", ""),
        search=asked.get("search", ""),
        legal_hold=True if asked.get("hold") else None,
        since=day_of(asked.get("since", "")),
        until=day_after(until),
        order=cast(Order, order),
        after=_after(visit.text("after"), order),
        limit=PAGE,
    )
    return query, asked


def _after(text: str, order: str) -> tuple[datetime | int, str] | None:
    value, _, item_id = text.rpartition("~")
    if not value or not item_id:
        return None
    try:
        place: datetime | int = int(value) if order == "largest" else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("This page of the list cannot be found again. Begin at the first.") from None
    if isinstance(place, datetime):
        known = place.tzinfo is not None and FIRST_YEAR <= place.year <= LAST_YEAR
    else:
        known = 0 <= place <= MOST_OCTETS
    if not known:
        raise ValueError("This page of the list cannot be found again. Begin at the first.")
    return place, item_id
