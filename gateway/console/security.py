"""The cookies of the console, and which of its pages may run the one script that there is."""

import secrets

from starlette.requests import Request

from gateway.web.gate import PAGE_POLICY

SESSION_COOKIE = "__Host-gatepost"
VISIT_COOKIE = "__Host-gatepost-visit"  # of somebody who is not signed in yet: binds the form to the browser
BROWSER_COOKIE = "__Host-gatepost-known-"  # and an account: it signed in here before, and nothing more
MOST_BODY = 30 * 1_048_576  # a message that is tried at the bench, by somebody who is signed in

# The pages on which a security key may be asked: one script, a file of ours. No page that shows a mail is among them.
SCRIPT_POLICY = f"{PAGE_POLICY}; script-src 'self'"
WITHOUT_A_PAGE = ("/api/", "/openid/logout")  # asked by programs, which show a token instead


def cookie_of(request: Request) -> str:
    """What the token of a form is bound to."""
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISIT_COOKIE) or ""


def new_visit() -> str:
    return secrets.token_urlsafe(24)
