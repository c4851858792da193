"""One request, as the views see it; and the cookies of the portal."""

import hashlib
import secrets
from dataclasses import dataclass, field

from starlette.datastructures import FormData
from starlette.requests import Request

from gateway.web.throttle import place_of

VISIT_COOKIE = "__Host-gatepost-pickup"  # binds forms, and the code, to the browser
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """`browser` is the secret of the cookie; `is_new`: it is given out with this answer."""

    request: Request
    browser: str = field(repr=False)
    is_new: bool
    form: FormData = field(default_factory=FormData, repr=False)

    @property
    def link(self) -> str:
        return str(self.request.path_params.get("link", ""))

    @property
    def part(self) -> str:
        return str(self.request.path_params.get("part", ""))

    @property
    def session(self) -> str:
        """The secret of the session for this link; "": there is none."""
        return self.request.cookies.get(session_cookie(self.link), "")[:LONGEST]

    @property
    def client(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def place(self) -> str:
        """What counts as one client."""
        return place_of(self.client)

    def text(self, name: str) -> str:
        """A field of the form."""
        value = self.form.get(name)
        return value[:LONGEST].strip() if isinstance(value, str) else ""


def visit_of(request: Request, form: FormData) -> Visit:
    """With the browser's cookie, or a new one."""
    known = request.cookies.get(VISIT_COOKIE, "")[:LONGEST]
    return Visit(request, known or secrets.token_urlsafe(24), not known, form)


def session_cookie(link: str) -> str:
    """One for each link, so that two messages can be open side by side."""
    return f"{VISIT_COOKIE}-{hashlib.sha256(link.encode('utf-8', 'replace')).hexdigest()[:16]}"
