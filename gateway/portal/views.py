"""The pages of one link, in the order in which a recipient sees them.

Loading any of them changes nothing and tells nothing of whether a message waits: programs that look at links in mail do
it too. Only a button mails a code, and only the code opens the message.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.pickup.desk import CodeRefused, Mailer, NotOpen, PickupDesk
from gateway.pickup.model import Pickup
from gateway.portal.letter import NoSuchPart, attachment_of, html_of, read_letter
from gateway.portal.pages import Pages, Settings
from gateway.portal.visit import Visit, session_cookie
from gateway.web.gate import MAIL_POLICY
from gateway.web.mailhtml import framed
from gateway.web.sending import Paced, pieces
from gateway.web.throttle import Throttle

ASKED, ASKED_SECONDS = 12, 600.0  # codes that one client asks for, of whatever links
WRONG, WRONG_SECONDS = 20, 900.0  # codes that one client has wrong
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
LARGEST_SHOWN = 25_000_000  # bytes of a message that is read here; a larger one is a file to download
SEND_SECONDS, STREAM_SECONDS = 600.0, 3_600.0  # for an attachment, which stays in memory; for a whole message
SLOW = "Please wait a quarter of an hour, then try again."


class Views:
    """All but the last three need nobody who is known."""

    def __init__(self, pages: Pages, settings: Settings, desk: PickupDesk, mailer: Mailer) -> None:
        self._pages = pages
        self._settings = settings
        self._desk = desk
        self._mailer = mailer
        self._asked = Throttle(ASKED, ASKED_SECONDS, time.monotonic)
        self._wrong = Throttle(WRONG, WRONG_SECONDS, time.monotonic)

    def home(self, visit: Visit) -> Response:
        return self._pages.render(visit, "home.html")

    def entry(self, visit: Visit) -> Response:
        """Where the link of the mail leads."""
        try:
            self._desk.known(visit.link, visit.session)
        except NotOpen:
            return self._pages.render(visit, "entry.html")
        return go(f"/m/{quote(visit.link)}/message")

    def ask(self, visit: Visit) -> Response:
        """A code is mailed, if a message waits: the answer is the same."""
        if self._asked.is_full(visit.place):
            return self.told(visit, 429, "Too many codes were asked for", SLOW)
        self._asked.failed(visit.place)
        self._mailer.ask(visit.link, visit.browser, visit.client)
        return self._pages.kept(visit, go(f"/m/{quote(visit.link)}/code"))

    def code(self, visit: Visit) -> Response:
        return self._pages.render(visit, "code.html", problem="")

    def open(self, visit: Visit) -> Response:
        """With the code of the mail."""
        if self._wrong.is_full(visit.place):
            return self.told(visit, 429, "Too many wrong codes", SLOW)
        try:
            secret = self._desk.open(visit.link, visit.browser, visit.text("code"), visit.client)
        except CodeRefused:
            self._wrong.failed(visit.place)
            problem = "That did not open a message. The code may be mistyped, used or too old: ask for a new one."
            return self._pages.render(visit, "code.html", 403, problem=problem)
        answer = go(f"/m/{quote(visit.link)}/message")
        answer.set_cookie(
            session_cookie(visit.link),
            secret,
            max_age=self._settings.session_seconds,
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return answer

    def message(self, visit: Visit) -> Response:
        """Text first; HTML cleaned, in a frame, where somebody asks for it."""
        pickup = self._known(visit)
        if pickup.size > LARGEST_SHOWN:
            return self._pages.render(visit, "large.html", pickup=pickup, is_open=True)
        letter = self._desk.read(pickup, read_letter)
        wanted = visit.request.query_params.get("html", "")
        chosen = wanted if wanted in letter.html else ""
        return self._pages.render(visit, "message.html", letter=letter, pickup=pickup, chosen=chosen, is_open=True)

    def html(self, visit: Visit) -> Response:
        """One HTML part as a document of its own for the frame: no script, no network, no link."""
        pickup = self._shown(visit)
        try:
            markup = self._desk.read(pickup, lambda octets: html_of(octets, visit.part))
        except NoSuchPart:
            return Response(status_code=404)
        return HTMLResponse(framed(markup), headers={"Content-Security-Policy": MAIL_POLICY})

    def attachment(self, visit: Visit) -> Response:
        pickup = self._shown(visit)
        with ExitStack() as held:
            held.enter_context(self._desk.sending())
            try:
                name, octets = self._desk.read(pickup, lambda whole: attachment_of(whole, visit.part))
            except NoSuchPart:
                return self.told(visit, 404, "There is no such attachment", "")
            self._desk.fetched(pickup, visit.part)
            return file(name, pieces(octets), len(octets), SEND_SECONDS, held.pop_all().close)

    def original(self, visit: Visit) -> Response:
        """The whole message as a file, of whatever size: no more than a piece of it is in memory."""
        pickup = self._known(visit)
        chunks = self._desk.stream(pickup)
        self._desk.fetched(pickup, "")
        return file("message.eml", chunks, pickup.size, STREAM_SECONDS)

    def close(self, visit: Visit) -> Response:
        self._desk.close(visit.link, visit.session, visit.client)
        answer = self.told(visit, 200, "The message is closed", "To read it again, open the link in your mail.")
        answer.delete_cookie(session_cookie(visit.link), secure=True, httponly=True, samesite="lax")
        return answer

    def told(self, visit: Visit, status: int, title: str, text: str) -> Response:
        return self._pages.render(visit, "told.html", status, title=title, text=text)

    def _known(self, visit: Visit) -> Pickup:
        return self._desk.known(visit.link, visit.session)

    def _shown(self, visit: Visit) -> Pickup:
        """One whose parts are given out. Raises NotOpen, whose answer leads back to the page that tells why."""
        pickup = self._known(visit)
        if pickup.size > LARGEST_SHOWN:
            raise NotOpen("it is too large to be read here")
        return pickup


def go(path: str) -> Response:
    """To another page of ours."""
    return RedirectResponse(path, status_code=303)


def file(
    name: str, body: Iterable[bytes], size: int, seconds: float, done: Callable[[], None] = lambda: None
) -> Response:
    """For saving, never for showing (RFC 6266); `seconds` and `done` as `Paced` has them."""
    plain = "".join(sign if sign.isascii() and sign not in '"\\%' else "_" for sign in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": FILE_POLICY}
    return Paced(body, size, headers, seconds=seconds, done=done)
