"""One console for the tests of a process, with people and a quick rule set; and browsers of several people."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.web.house import PASSWORD, House, house
from tests.web.visitor import LETTER, Visitor
from tests.web.window import Window, window

CHROMIUM = Path("/usr/bin/chromium")
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with house(tmp_path_factory.mktemp("console")) as built, built.serve() as url:
        yield built, url


@pytest.fixture
def console(shared: tuple[House, str]) -> House:
    return shared[0]


class Person:
    """A browser without pictures: keeps cookies, sends forms with their token."""

    def __init__(self, house: House, url: str, name: str) -> None:
        self.name = name
        self.url = url
        self._house = house
        self._client = httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
        self._token = ""
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> httpx.Response:
        return self._keep(self._client.get(path, headers=self._cookie()))

    def post(self, path: str, token: bool = True, **fields: str | list[str]) -> httpx.Response:
        data: dict[str, str | list[str]] = {"form-token": self._token, **fields} if token else dict(fields)
        return self._keep(self._client.post(path, data=data, headers=self._cookie()))

    def sign_in(self, **changed: str) -> httpx.Response:
        self.get("/sign-in")
        code = changed["code"] if "code" in changed else self._house.proof(self.name)
        name, password = changed.get("name", self.name), changed.get("password", PASSWORD)
        answer = self.post("/sign-in", name=name, password=password, code=code)
        if answer.status_code == 303:
            self.get("/account")
        return answer

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        """Cookies that are Secure: httpx would not send them to a loopback address without TLS, browsers do."""
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "Max-Age=0" in line:
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = value
        if found := re.search(r'name="form-token" value="([0-9a-f]{64})"', answer.text):
            self._token = found[1]
        return answer

    @property
    def cookies(self) -> dict[str, str]:
        return self._cookies

    def close(self) -> None:
        self._client.close()


Enter = Callable[[str], Person]


@pytest.fixture
def stranger(shared: tuple[House, str]) -> Iterator[Callable[[str], Person]]:
    """Somebody who is not signed in yet."""
    people: list[Person] = []

    def make(name: str) -> Person:
        people.append(Person(*shared, name))
        return people[-1]

    yield make
    for person in people:
        person.close()


@pytest.fixture
def enter(stranger: Callable[[str], Person], signed_in: dict[str, Person], shared: tuple[House, str]) -> Enter:
    """Somebody who is signed in; the same session for all tests."""

    def make(name: str) -> Person:
        if name not in signed_in:
            person = Person(*shared, name)
            assert person.sign_in().status_code == 303
            signed_in[name] = person
        return signed_in[name]

    return make


@pytest.fixture(scope="session")
def signed_in() -> Iterator[dict[str, Person]]:
    people: dict[str, Person] = {}
    yield people
    for person in people.values():
        person.close()


class NewPage(Protocol):
    """A browser window of its own; with a name that person is signed in."""

    def __call__(self, name: str = "", *, scheme: Scheme = "light", phone: bool = False) -> Page: ...


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, headless."""
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: make setup brings it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser, shared: tuple[House, str]) -> Iterator[NewPage]:
    house, url = shared
    contexts: list[BrowserContext] = []

    def make(name: str = "", *, scheme: Scheme = "light", phone: bool = False) -> Page:
        size: ViewportSize = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 860}
        context = browser.new_context(color_scheme=scheme, viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        if name:
            page.goto(f"{url}/sign-in")
            page.fill("#name", name)
            page.fill("#password", PASSWORD)
            page.fill("#code", house.proof(name))
            page.keyboard.press("Enter")
            page.wait_for_url(lambda address: "sign-in" not in address)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with window(tmp_path_factory.mktemp("portal")) as built:
        yield built


@pytest.fixture
def visitor(portal: Window) -> Iterator[Callable[..., Visitor]]:
    made: list[Visitor] = []

    def make(raw: bytes = LETTER) -> Visitor:
        made.append(Visitor(portal, raw))
        return made[-1]

    yield make
    for each in made:
        each.close()
