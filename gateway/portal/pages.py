"""Templates to pages."""

from dataclasses import dataclass, field
from datetime import datetime

from starlette.responses import HTMLResponse, Response

from gateway.portal.visit import VISIT_COOKIE, Visit
from gateway.web.gate import FormTokens
from gateway.web.pages import Assets, environment
from gateway.web.words import printable, size

VISIT_SECONDS = 3_600
ASSETS = Assets("gateway.portal", {"portal.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"})


@dataclass(frozen=True, slots=True)
class Settings:
    """`origins`: where forms may come from. `contact`: whom recipients can ask. `key` makes the tokens of forms."""

    organization: str
    contact: str
    origins: tuple[str, ...]
    session_seconds: int
    key: bytes = field(repr=False)


class Pages:
    """Makes pages of templates."""

    def __init__(self, settings: Settings, tokens: FormTokens) -> None:
        self._settings = settings
        self._tokens = tokens
        self._environment = environment(
            "gateway.portal",
            {"printable": printable, "size": size, "day": _day},
            {"asset": ASSETS.address, "settings": settings},
        )

    def render(self, visit: Visit, template: str, status: int = 200, **values: object) -> Response:
        """A page for this visit, with the cookie of the browser where it is of a link."""
        bound = visit.session if values.get("is_open") else visit.browser
        page = self._environment.get_template(template).render(
            link=visit.link, form_token=self._tokens.of(bound), **{"is_open": False, **values}
        )
        answer = HTMLResponse(page, status)
        return self.kept(visit, answer) if visit.link else answer

    def kept(self, visit: Visit, answer: Response) -> Response:
        """With the cookie of the browser, for another hour: new or not, its forms hold as long as its pages are looked
        at. Whoever comes back from the mail with the code is the same browser, also where a telephone closed it."""
        answer.set_cookie(
            VISIT_COOKIE, visit.browser, max_age=VISIT_SECONDS, secure=True, httponly=True, samesite="lax"
        )
        return answer


def _day(time: datetime) -> str:
    return f"{time:%-d %B %Y}"
