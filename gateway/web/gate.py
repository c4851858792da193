"""What every answer says to browsers, and which requests are not let in at all."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_FORM = 1_048_576  # octets

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
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


@dataclass(frozen=True, slots=True)
class Ways:
    """What is special about a site. `name`: what it is called, as in "This console", and in the settings.

    `most` octets go to the paths in `uploads`; what begins with one of `programs` is asked by programs, which show a
    token instead of a form. `old_browsers`: one that does not say where its form comes from is let in all the same, and
    the token of the form decides alone.
    """

    name: str
    uploads: frozenset[str] = frozenset()
    most: int = MOST_FORM
    programs: tuple[str, ...] = ()
    old_browsers: bool = False


class Gate:
    """Stands before the application: host and origin of requests, size of bodies, headers of answers."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...], ways: Ways) -> None:
        self._app = app
        self._ways = ways
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
        return self._ways.most if path in self._ways.uploads else MOST_FORM

    def _refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str] | None:
        """Why a request is not let in; None where it is."""
        if headers.get("host", "") not in self._hosts:
            name = self._ways.name
            return 421, f"This {name} is not found under that name. Set {name}.url to the address that people use."
        if method not in ("GET", "HEAD", "POST"):
            return 405, "No such method."
        if int(headers.get("content-length") or 0) > self._most(path):
            return 413, "That is too large."
        if method == "POST" and not path.startswith(self._ways.programs) and not self._is_ours(headers):
            return 403, f"This form did not come from the {self._ways.name} itself."
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """A form of our own page. Browsers say where it comes from by one header or both.

        "null" is what they send as the origin where pages, as ours, forbid to name it (Fetch, section 3.2).
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is None:
            return origin in self._origins or (self._ways.old_browsers and origin in (None, "null"))
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
