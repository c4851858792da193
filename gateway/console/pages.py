"""Templates to pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from gateway.actions.words import entity_words
from gateway.console.security import SCRIPT_POLICY, cookie_of
from gateway.console.visit import Visit
from gateway.desk.rights import MEANING, Act
from gateway.report.document import counted
from gateway.web.agents import browser
from gateway.web.gate import FormTokens
from gateway.web.pages import Assets, environment
from gateway.web.words import printable, size

ASSETS = Assets(
    "gateway.console",
    {
        "console.css": "text/css; charset=utf-8",
        "icon.svg": "image/svg+xml",
        "key.js": "text/javascript; charset=utf-8",
    },
)
STATE_WORDS = {
    "held": "Held",
    "releasing": "In release",
    "released": "Released",
    "discarded": "Discarded",
}
_OF_VALUES = re.compile(
    r"(?:exception [a-z ]+: )?(?:a value|at least [0-9]+ (?:different )?values(?: \([^()]*\))?) of |found [0-9]|"
    r"take out values of "
)
_ENTITY = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
DISPOSITION_WORDS = {"deliver": "delivered", "quarantine": "held", "block": "refused", "defer": "deferred"}


class Pages:
    """Makes pages of templates."""

    def __init__(self, tokens: FormTokens, now: Callable[[], datetime]) -> None:
        self._tokens = tokens
        self._now = now
        filters: dict[str, Callable[..., object]] = {
            "when": when,
            "stamp": stamp,
            "day": day,
            "size": size,
            "ago": self._ago,
            "printable": printable,
            "browser": browser,
            "address": address,
            "state": lambda value: STATE_WORDS.get(str(value), str(value)),
            "fate": lambda value: DISPOSITION_WORDS.get(str(value), str(value)),
            "entity": entity_words,
            "named": named,
            "counted": counted,
            "short": lambda value: str(value).removeprefix("sha256:")[:12],
        }
        names = {"Act": Act, "meaning": MEANING, "asset": ASSETS.address}
        self._environment = environment("gateway.console", filters, names)

    def render(
        self, visit: Visit, template: str, status: int = 200, *, scripted: bool = False, **values: object
    ) -> Response:
        """A page for this visit. `scripted`: it has the script that asks for security keys."""
        told = visit.memory.told(visit.session.id) if visit.session else []
        page = self._environment.get_template(template).render(
            visit=visit,
            told=told,
            form_token=self._tokens.of(cookie_of(visit.request)),
            settings=visit.settings,
            path=visit.request.url.path,
            **values,
        )
        return HTMLResponse(page, status, {"Content-Security-Policy": SCRIPT_POLICY} if scripted else None)

    def _ago(self, time: datetime) -> str:
        return span(self._now() - time)


def named(text: object) -> Markup:
    """What a rule says of values, and what it saw, with each kind of data in plain words; its own name is the title."""
    said = escape(printable(text))
    return Markup(_ENTITY.sub(_in_words, said)) if _OF_VALUES.match(said) else said  # noqa: S704 - escaped before


def _in_words(found: re.Match[str]) -> str:
    return f'<span title="{found[0]}">{escape(entity_words(found[0]))}</span>'


def when(time: datetime) -> str:
    return f"{time.astimezone(UTC):%-d %b %Y, %H:%M}"


def day(time: datetime) -> str:
    return f"{time.astimezone(UTC):%-d %b %Y}"


def stamp(time: datetime) -> str:
    """For machines."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def span(length: timedelta) -> str:
    """About how long: "3 minutes", "2 days"."""
    seconds = max(0, int(length.total_seconds()))
    for unit, of in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= of:
            count = seconds // of
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"


def address(text: object) -> Markup:
    """An address that may be broken behind its @, and nowhere else unless it must be."""
    local, at, domain = printable(text).rpartition("@")
    return Markup("@<wbr>").join((local, domain)) if at else escape(domain)
