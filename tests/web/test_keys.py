"""Security keys in a real browser, with the authenticator that its DevTools bring."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from gateway.people import Role
from gateway.quarantine import State
from tests.web.conftest import NewPage
from tests.web.house import LETTER, PASSWORD, House, stale
from tests.web.pages import check

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
Plugged = Callable[[Page], CDPSession]


@pytest.fixture
def plug() -> Plugged:
    """Plugs a key into a browser."""

    def add(page: Page) -> CDPSession:
        tools = page.context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return tools

    return add


def enter(page: Page, house: House, url: str, name: str) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.fill("#code", house.proof(name))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_key_from_registering_to_release(shared: tuple[House, str], new_page: NewPage, plug: Plugged) -> None:
    """Registered with a name, it signs in, is the fresh proof of a release, and is over when it is removed."""
    house, address = shared
    url = address.replace("127.0.0.1", "localhost")
    house.enrol("kira", Role.REVIEWER)
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    plug(page)
    enter(page, house, url, "kira")
    page.get_by_role("link", name="Kira").click()
    page.get_by_role("link", name="See and add keys").click()
    check(page)
    page.fill("#key-name", "blue key")
    page.get_by_role("button", name="Register it").click()
    expect(page.get_by_text("The key blue key is registered")).to_be_visible()
    check(page)

    page.get_by_role("button", name="Sign out").click()
    page.fill("#name", "kira")
    page.fill("#password", PASSWORD)
    check(page)
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    item = house.hold(LETTER)
    before = len(house.sink.deliveries)
    stale(house, "kira")
    page.goto(f"{url}/items/{item}")
    page.locator("section", has=page.get_by_role("heading", name="Release")).get_by_role(
        "link", name="Prove it with a security key first"
    ).click()
    check(page)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(f"{url}/items/{item}")
    page.fill("#release-reason", "the insurer may have it")
    page.get_by_role("button", name="Release as it is").click()
    expect(page.get_by_text("Postfix has the message")).to_be_visible()
    assert len(house.sink.wait_for(before + 1)) == before + 1
    assert house.stored.quarantine.get(item).state is State.RELEASED

    stale(house, "kira")
    page.goto(f"{url}/account/keys")
    expect(page.get_by_role("button", name="Remove blue key")).to_be_hidden()
    page.locator("summary", has_text="Remove").press("Enter")
    check(page)
    page.get_by_label("Code from your app").first.fill(house.proof("kira"))
    page.get_by_role("button", name="Remove blue key").click()
    expect(page.get_by_text("The key is removed")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.fill("#name", "kira")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_text("That did not work.")).to_be_visible()

    noted = [
        (event["metadata"]["event_code"], event["unmapped"].get("factor") or event["unmapped"].get("cause"))
        for event in house.events()
        if event.get("actor", {}).get("user", {}).get("name") == "kira"
    ]
    for seen in (
        ("account-key-added", None),
        ("signed-in", "key"),
        ("confirmed", "key"),
        ("account-key-removed", None),
    ):
        assert seen in noted
    assert noted[-1] == ("sign-in-failed", "key")
    assert {each for each in asked if not each.startswith(url)} == set()


def test_without_a_script_codes_go_on_working(shared: tuple[House, str], new_page: NewPage) -> None:
    """The button for keys is not even there; everything else is."""
    house, url = shared
    house.enrol("cody", Role.REVIEWER)
    browser = new_page().context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{url.replace('127.0.0.1', 'localhost')}/sign-in")
        expect(page.get_by_role("button", name="Use a security key")).to_have_count(0)
        page.fill("#name", "cody")
        page.fill("#password", PASSWORD)
        page.fill("#code", house.proof("cody"))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    finally:
        context.close()


def test_under_a_number_no_key_is_asked_for(shared: tuple[House, str], new_page: NewPage) -> None:
    """Browsers bind keys to names alone: the page says so, instead of failing."""
    page = new_page("rolf")
    page.goto(f"{shared[1]}/account/keys")

    expect(page.get_by_text("Keys are bound to a name")).to_be_visible()
