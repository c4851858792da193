"""What a recipient takes from the portal: in a browser, in pieces, as a file; and those who take nothing."""

import resource
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ViewportSize, expect

from gateway.demo.ports import wait_until
from gateway.pickup.desk import SENDERS
from gateway.portal.views import LARGEST_SHOWN
from tests.web.conftest import Scheme
from tests.web.pages import check
from tests.web.visitor import LETTER, Visitor
from tests.web.window import Window


def large(size: int) -> bytes:
    """A message with an attachment of about so many bytes."""
    return LETTER.replace(b"JVBERi0xLjQK", b"QUFB" * (size // 4))


def test_clients_that_take_nothing_hold_no_memory(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Twenty that ask for eight megabytes each and never read: the process grows by a fraction of it."""
    here = visitor(large(8_000_000))
    browser = here.inside()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    host = portal.url.partition("//")[2]
    before = resident()
    with ExitStack() as held:
        for _ in range(20):
            client = held.enter_context(socket.socket())
            client.settimeout(20)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", portal.config.portal.port))
            request = f"GET /m/{here.link}/original HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n"
            client.sendall(request.encode())
            assert client.recv(12) == b"HTTP/1.1 200"
        assert resident() - before < 60 << 20
    assert browser.get(f"/m/{here.link}/original").content.startswith(here.raw)


def resident() -> int:
    """Bytes of memory that this process uses."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_who_goes_away_amid_a_download_keeps_nobody_from_theirs(
    portal: Window, visitor: Callable[..., Visitor]
) -> None:
    """What an attachment takes is given back each time: more of them than may be in memory at once, one by one."""
    here = visitor(large(2_000_000))
    browser = here.inside()
    for _ in range(SENDERS + 1):
        browser.leave_amid(f"/m/{here.link}/part/1.2")

    assert len(browser.get(f"/m/{here.link}/part/1.2").content) == 1_500_000


def test_a_very_large_message_is_a_file_to_download(visitor: Callable[..., Visitor]) -> None:
    """Its page says so; nothing else of it is given out, and all of it comes byte for byte."""
    here = visitor(large(LARGEST_SHOWN + 4))
    browser = here.inside()

    page = browser.get(f"/m/{here.link}/message")
    assert "too much to be shown here" in page.text
    assert "canary-7" not in page.text
    for path in ("part/1.2", "html/1.1.2"):
        assert browser.get(f"/m/{here.link}/{path}").status_code == 303
    assert browser.get(f"/m/{here.link}/original").content.startswith(here.raw)


@pytest.mark.parametrize(("scheme", "phone"), [("light", False), ("dark", True)])
def test_a_recipient_reads_a_message_in_a_browser(
    portal: Window,
    visitor: Callable[..., Visitor],
    browser: Chromium,
    tmp_path: Path,
    scheme: Scheme,
    phone: bool,
) -> None:
    """Without JavaScript, by keyboard, on a telephone too; nothing is asked of any other host; axe-core is content."""
    here = visitor()
    size: ViewportSize = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 860}
    context = browser.new_context(color_scheme=scheme, viewport=size)
    try:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{portal.url}/m/{here.link}")
        check(page)
        page.get_by_role("button", name="Mail me a code").press("Enter")
        expect(page.locator("#code")).to_be_visible()
        check(page)
        page.fill("#code", "00000000")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("did not open a message")
        check(page)
        page.fill("#code", portal.code(here.recipient))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your visit")
        expect(page.get_by_text("canary-7 ü")).to_be_visible()
        check(page)
        page.get_by_role("link", name="Formatted").click()
        expect(page.frame_locator("iframe").get_by_text("canary-7")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="results.pdf").click()
        assert download.value.suggested_filename == "results.pdf"
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The message is closed")
        check(page)
        assert all(address.startswith(portal.url) for address in asked)
    finally:
        context.close()
    wait_until(lambda: bool(portal.events("pickup-closed")), 10, "the evidence of it")
