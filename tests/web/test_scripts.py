"""Hostile mail in the console: no script of it runs, and nothing is asked of any network."""

from email.header import Header

import pytest
from playwright.sync_api import Page

from gateway.web.cleaning import cleaned
from tests.web.conftest import Enter, NewPage, Person
from tests.web.house import House
from tests.web.vectors import MARK, vectors

EACH = 40  # vectors in every field of one message


def hostile(texts: tuple[str, ...]) -> bytes:
    """A message with all of these in its subject, its authors, its text, its HTML and its attachments' names."""
    word = [Header(text, "utf-8", maxlinelen=10_000).encode(linesep="") for text in texts]
    lines = [f"Subject: {' '.join(word)}", "From: " + ", ".join(f"{each} <a@clinic.example>" for each in word)]
    lines += ["To: pat@home.example", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "", "--b"]
    lines += ["Content-Type: text/plain; charset=utf-8", "", *texts, "social security number 536-22-1894", "--b"]
    lines += ["Content-Type: text/html; charset=utf-8", "", "<p>social security number 536-22-1894</p>", *texts]
    for number, text in enumerate(texts):
        lines += ["--b", "Content-Type: text/plain; charset=utf-8"]
        lines += [f"Content-Disposition: attachment; filename*=utf-8''{quoted(text)}", "", f"{number} {text}"]
    return "\r\n".join([*lines, "--b--", ""]).encode()


def quoted(text: str) -> str:
    return "".join(f"%{octet:02X}" for octet in text.encode())


@pytest.fixture(scope="module")
def held(shared: tuple[House, str]) -> list[str]:
    """Items with every vector in every field, the envelope too."""
    console, _ = shared
    texts = vectors()
    items = []
    for start in range(0, len(texts), EACH):
        some = texts[start : start + EACH]
        flat = ["".join(sign for sign in text if sign.isprintable()) for text in some]
        to = tuple(f'"{text}"@home.example' for text in flat)
        items.append(console.hold(hostile(some), f'"{flat[0]}"@clinic.example', to))
    return items


def test_there_are_enough_vectors() -> None:
    """As many as were asked for, and no two the same."""
    assert len(vectors()) >= 200


@pytest.fixture
def watched(new_page: NewPage) -> tuple[Page, list[str]]:
    """A browser with what it asked for, and every sign of a script."""
    page, seen = new_page("olga"), []
    page.on("request", lambda request: seen.append(request.url))
    page.on("dialog", lambda dialog: seen.append(f"dialog {dialog.message}"))
    page.on("popup", lambda popup: seen.append(f"popup {popup.url}"))
    return page, seen


def test_no_script_of_a_mail_runs_and_no_request_leaves(
    shared: tuple[House, str], held: list[str], watched: tuple[Page, list[str]]
) -> None:
    """On the list, the item, the text, the HTML in its frame, the timeline; in a real browser."""
    console, url = shared
    page, seen = watched
    page.goto(f"{url}/items?state=all")
    look(page)
    for item in held:
        page.goto(f"{url}/items/{item}")
        look(page)
        page.fill("#reveal-reason", "made up for a test")
        page.click("#reveal button")
        look(page)
        page.click("text=Show as HTML")
        frame = page.locator("iframe").element_handle().content_frame()
        assert frame is not None
        look(page)
        frame.wait_for_load_state()
        assert "html/" in frame.url
        page.goto(f"{url}/audit/incidents/{console.stored.quarantine.get(item).incident}")
        look(page)

    foreign = [address for address in seen if not address.startswith((url, "data:image/png"))]
    assert foreign == []


def look(page: Page) -> None:
    """Nothing ran, and nothing is there that could: looked at from outside of the page's own policy."""
    assert page.evaluate("window.__ran") is None
    risky = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(e =>
            e.tagName === 'SCRIPT' || e.tagName === 'OBJECT' || e.tagName === 'EMBED' || e.tagName === 'BASE' ||
            [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style' || a.name === 'srcdoc' ||
                /^[\\s\\x00-\\x1f]*(javascript|vbscript|data):/i.test(a.value)
                && !['value', 'title', 'data-label'].includes(a.name) && !a.name.startsWith('aria'))
        ).map(e => e.outerHTML.slice(0, 200))"""
    )
    assert risky == []


@pytest.mark.parametrize("text", vectors())
def test_what_is_left_of_html_can_only_be_looked_at(text: str) -> None:
    """No script, no handler, no address, no style, whatever the mark-up was; text stays text."""
    left = cleaned(text).lower()

    for sign in (
        "<script",
        "<style",
        "<iframe",
        "<object",
        "<embed",
        "<svg",
        "<math",
        "<form",
        "<base",
        "<link",
        "<meta",
    ):
        assert sign not in left
    for tag in left.split("<")[1:]:
        head = tag.partition(">")[0]
        assert " on" not in head
        assert "href" not in head
        assert "src" not in head
        assert "style=" not in head


def test_no_field_of_an_address_is_put_into_a_page_as_it_came(enter: Enter) -> None:
    """What somebody was sent as a link comes back escaped, in every filter."""
    olga: Person = enter("olga")
    for text in vectors()[::6]:
        answer = olga._client.get(
            "/items", params={"search": text, "rule": text, "sender": text, "state": "all"}, headers=olga._cookie()
        )
        assert MARK not in answer.text or "<script>" + MARK not in answer.text
        for opening in ("<script", "<img src=x", "<svg ", "<iframe", "<body  on"):
            assert opening not in answer.text.replace("<svg viewBox", "")
