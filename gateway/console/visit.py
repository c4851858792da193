"""One request, as the routes see it: who asks, what the form says, which desks there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.settings import Desks, Settings
from gateway.desk.rights import Act, Caller
from gateway.people import Session
from gateway.web.throttle import place_of

REVEAL_HOLDS = timedelta(minutes=10)
LONGEST_FIELD = 20_000


class Memory:
    """What the console remembers between two requests of a session; a restart forgets it, and nothing is lost."""

    MOST = 5_000

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._told: dict[str, list[tuple[str, str]]] = {}
        self._unsealed: dict[tuple[str, str], datetime] = {}

    def tell(self, session: str, kind: str, text: str) -> None:
        """Show it on the next page of this session; `kind`: good, bad or note."""
        if len(self._told) >= self.MOST:
            self._told.clear()
        self._told.setdefault(session, []).append((kind, text))

    def told(self, session: str) -> list[tuple[str, str]]:
        return self._told.pop(session, [])

    def unseal(self, session: str, item: str) -> None:
        """This session gave a reason for seeing this message."""
        now = self._clock()
        self._unsealed = {key: until for key, until in self._unsealed.items() if until > now}
        self._unsealed[(session, item)] = now + REVEAL_HOLDS

    def is_unsealed(self, session: str, item: str) -> bool:
        return self._unsealed.get((session, item), self._clock()) > self._clock()


@dataclass(frozen=True, slots=True)
class Visit:
    """`session` and `caller` are None for somebody who is not signed in."""

    request: Request
    desks: Desks
    settings: Settings
    memory: Memory
    session: Session | None = None
    caller: Caller | None = None
    form: FormData = field(default_factory=FormData)
    uploads: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)  # of a request to the API, checked

    @property
    def who(self) -> Caller:
        assert self.caller is not None
        return self.caller

    @property
    def here(self) -> Session:
        assert self.session is not None
        return self.session

    @property
    def client(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def place(self) -> str:
        """What counts as one client."""
        return place_of(self.client)

    @property
    def agent(self) -> str:
        return self.request.headers.get("user-agent", "")

    def by(self, caller: Caller, body: Mapping[str, Any]) -> "Visit":
        """The same request, by the owner of a token."""
        return replace(self, caller=caller, body=body)

    def may(self, act: Act) -> bool:
        return self.caller is not None and self.caller.may(act)

    def text(self, name: str, default: str = "") -> str:
        """A field of the form, or of the query where there is no form."""
        value = self.form.get(name) if self.form else None
        if value is None:
            value = self.request.query_params.get(name, default)
        return value[:LONGEST_FIELD].strip() if isinstance(value, str) else default

    def whole(self, name: str) -> str:
        """A field of the form as it came: nothing of a message may be missing."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        return [value[:LONGEST_FIELD] for value in self.form.getlist(name) if isinstance(value, str)]

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def tell(self, text: str, kind: str = "good") -> None:
        self.memory.tell(self.here.id, kind, text)


View = Callable[[Visit], Response]


def go(path: str) -> Response:
    """To another page of ours, after something was done."""
    return RedirectResponse(path, status_code=303)


def safe_next(path: str) -> str:
    """A path of ours to go on with; the overview for everything else."""
    try:
        parts = urlsplit(path)
    except ValueError:  # brackets or signs that no host has
        return "/"
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if ours and all(sign.isprintable() for sign in path) else "/"


def with_query(path: str, **values: str) -> str:
    """A path with those values that say something."""
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in values.items() if value)
    return f"{path}?{query}" if query else path


async def uploads_of(form: FormData) -> dict[str, tuple[str, bytes]]:
    """Files of a form, read."""
    found: dict[str, tuple[str, bytes]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            found[name] = (value.filename, await value.read())
    return found


def chosen(values: Sequence[Any], allowed: Sequence[str]) -> str:
    """The first of the values if it is allowed, else ""."""
    first = str(values[0]) if values else ""
    return first if first in allowed else ""
