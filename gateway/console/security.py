"""What every answer says to browsers, and which requests are not let in at all."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_COOKIE = "__Host-gatepost"
VISIT_COOKIE = "__Host-gatepost-visit"  # of somebody who is not signed in yet: binds the form to the browser
MOST_BODY = 30 * 1_048_576  # a message that is tried at the bench, by somebody who is signed in
MOST_FORM = 1_048_576  # everything else

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
# The pages on which a security key may be asked: one script, a file of ours. No page that shows a mail is among them.
SCRIPT_POLICY = f"{PAGE_POLICY}; script-src 'self'"
# HTML of a mail, in a frame of ours: our own style, and nothing else. `sandbox` holds where it is opened by itself too.
MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)

HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


WITHOUT_A_PAGE = ("/api/", "/openid/logout")  # asked by programs, which show a token instead


class Gate:
    """Stands before the application: host and origin of requests, size of bodies, headers of answers."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...], uploads: frozenset[str] = frozenset()) -> None:
        """`uploads`: the paths that take a file."""
        self._app = app
        self._uploads = uploads
        self._origins = frozenset(origins)
        self._hosts = frozenset(urlsplit(origin).netloc for origin in origins)
        self._secure = any(origin.startswith("https:") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._say(MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refusal:
            status, text = refusal
            await PlainTextResponse(f"{text}\n", status)(scope, receive, sending)
            return
        await self._app(scope, _limited(receive, self._most(scope["path"])), sending)

    def _say(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if "frame-ancestors 'self'" in headers["Content-Security-Policy"]:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        if self._secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    def _most(self, path: str) -> int:
        return MOST_BODY if path in self._uploads else MOST_FORM

    def _refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str] | None:
        """Why a request is not let in; None where it is."""
        if headers.get("host", "") not in self._hosts:
            return 421, "This console is not found under that name. Set console.url to the address that people use."
        if method not in ("GET", "HEAD", "POST"):
            return 405, "No such method."
        if int(headers.get("content-length") or 0) > self._most(path):
            return 413, "That is too large."
        if method == "POST" and not path.startswith(WITHOUT_A_PAGE) and not self._is_ours(headers):
            return 403, "This form did not come from the console itself."
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """A form of our own page. Browsers say where it comes from by one header or both.

        "null" is what they send as the origin where pages, as ours, forbid to name it (Fetch, section 3.2).
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is None:
            return origin in self._origins
        return site == "same-origin" and (origin in (None, "null") or origin in self._origins)


def _limited(receive: Receive, most: int) -> Receive:
    """A body that says no length is cut off where it is too large."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most else message

    return receiving


class FormTokens:
    """Tokens against forged forms, bound to the cookie of the session or visit."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, cookie: str) -> str:
        return hmac.new(self._key, b"form\0" + cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def is_right(self, cookie: str, token: str) -> bool:
        return bool(cookie) and hmac.compare_digest(self.of(cookie).encode(), token.encode("utf-8", "replace"))


def cookie_of(request: Request) -> str:
    """What the token of a form is bound to."""
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISIT_COOKIE) or ""


def new_visit() -> str:
    return secrets.token_urlsafe(24)
