"""The portal as recipients and those who try meet it: a link, a code by mail, one message, and nothing for others."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from gateway.demo.ports import wait_until
from gateway.pickup import State
from gateway.portal.visit import session_cookie
from tests.web.visitor import LETTER, Visitor
from tests.web.window import Window

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_code_by_mail_opens_the_message(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Text, HTML, attachment, the whole of it byte for byte; each look leaves evidence without a word of it."""
    here = visitor()
    browser = here.inside()
    page = browser.get(f"/m/{here.link}/message")
    assert (page.status_code, "canary-7 ü" in page.text, "Your visit" in page.text) == (200, True, True)
    assert "script" not in browser.get(f"/m/{here.link}/html/1.1.2").text
    attachment = browser.get(f"/m/{here.link}/part/1.2")
    assert attachment.content == b"%PDF-1.4\n"
    assert attachment.headers["content-disposition"].startswith('attachment; filename="results.pdf"')
    assert attachment.headers["content-type"] == "application/octet-stream"
    assert browser.get(f"/m/{here.link}/original").content.startswith(LETTER)

    pickup = portal.lobby.desk.pickups.find(here.link)
    kinds = ("pickup-code-sent", "pickup-opened", "pickup-fetched")
    told = [[e for e in portal.events(kind) if e["unmapped"]["pickup"] == pickup.id] for kind in kinds]
    assert [len(events) for events in told] == [1, 1, 2]
    assert told[1][0]["unmapped"]["first"] is True
    log = "".join(path.read_text() for path in portal.config.audit.folder.glob("*.jsonl"))
    assert not any(secret in log for secret in ("canary", here.link, portal.code(here.recipient), "results.pdf"))


def test_a_code_works_once_and_in_its_own_browser(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Whoever has it beside the recipient has nothing; a double click opens it too; after signing out it is wrong."""
    here = visitor()
    browser, thief = here.browser(), here.browser()
    browser.ask(here.link)
    code = portal.code(here.recipient)
    thief.get(f"/m/{here.link}")
    assert thief.open(here.link, code).status_code == 403
    assert browser.open(here.link, f" {code[:4]} - {code[4:]} ").status_code == 303
    assert browser.get(f"/m/{here.link}/message").status_code == 200

    browser.cookies = {name: value for name, value in browser.cookies.items() if name.endswith("pickup")}
    browser.get(f"/m/{here.link}/code")
    assert browser.open(here.link, code).status_code == 303
    assert browser.get(f"/m/{here.link}/message").status_code == 200
    assert thief.open(here.link, code).status_code == 403
    assert browser.post(f"/m/{here.link}/close").status_code == 200
    browser.get(f"/m/{here.link}/code")
    refused = browser.open(here.link, code)

    assert refused.status_code == 403
    assert "mistyped, used or too old" in refused.text
    assert browser.get(f"/m/{here.link}/message").headers["location"] == f"/m/{here.link}"


def test_a_link_tells_nothing_of_whether_anything_waits(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Waiting, revoked, never there: the same pages to the letter, and only the first is mailed a code."""
    waiting, revoked = visitor(), visitor()
    store = portal.lobby.desk.pickups
    store.end(store.find(revoked.link), State.REVOKED, "olga")
    seen = []
    for link in (waiting.link, revoked.link, "A" * 43):
        browser = waiting.browser()
        pages = [browser.get(f"/m/{link}"), browser.ask(link), browser.open(link, "12345678")]
        seen.append([_same(page.text, link) + f"{page.status_code}" for page in pages])
        assert browser.get(f"/m/{link}/message").status_code == 303
        assert browser.get(f"/m/{link}/original").status_code == 303

    assert seen[0] == seen[1] == seen[2]
    portal.code(waiting.recipient)
    assert portal.mails(revoked.recipient) == []


def _same(page: str, link: str) -> str:
    return re.sub(r'value="[0-9a-f]{64}"', "", page.replace(link, "LINK"))


def test_looking_at_a_link_changes_nothing(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Programs that follow every link in mail: no mail, no event, nothing used up."""
    here = visitor()
    for method in ("GET", "HEAD"):
        for path in ("", "/code", "/message", "/original", "/part/1.2", "/html/1.1.2"):
            here.browser(**{"Sec-Purpose": "prefetch"}).get(f"/m/{here.link}{path}", method)
    assert here.browser().get(f"/m/{here.link}/open").status_code == 405

    browser = here.inside()
    assert len(portal.mails(here.recipient)) == 1
    assert browser.get(f"/m/{here.link}/message").status_code == 200


def test_forms_of_others_are_refused(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Without the token, with another browser's, from another site: no code is mailed, nothing is opened."""
    here = visitor()
    browser, other = here.browser(), here.browser()
    other.get(f"/m/{here.link}")
    browser.get(f"/m/{here.link}")
    own, browser.token = browser.token, other.token
    assert browser.post(f"/m/{here.link}/code").status_code == 403
    browser.token = ""
    assert browser.post(f"/m/{here.link}/code").status_code == 403
    foreign = here.browser(**{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    foreign.cookies, foreign.token = browser.cookies, own
    assert foreign.post(f"/m/{here.link}/code").status_code == 403
    nobody = here.browser()
    nobody.token = own
    assert nobody.post(f"/m/{here.link}/code").status_code == 403

    browser.token = own
    browser.post(f"/m/{here.link}/code")
    portal.code(here.recipient)
    assert len(portal.mails(here.recipient)) == 1


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}])
def test_an_old_browser_can_read_its_mail(
    portal: Window, visitor: Callable[..., Visitor], headers: dict[str, str]
) -> None:
    """One that does not say where a form comes from: the token decides, and without it nothing is done."""
    here = visitor()
    browser = here.browser(**{"Sec-Fetch-Site": "", **headers})
    browser.forget("Sec-Fetch-Site")
    browser.get(f"/m/{here.link}")
    own, browser.token = browser.token, "0" * 64
    assert browser.post(f"/m/{here.link}/code").status_code == 403
    browser.token = own

    assert browser.post(f"/m/{here.link}/code").status_code == 303
    browser.get(f"/m/{here.link}")
    browser.get(f"/m/{here.link}/code")
    assert browser.open(here.link, portal.code(here.recipient)).status_code == 303


def test_a_session_is_of_one_message_and_is_made_anew(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """A cookie that somebody planted is none, the one of another message neither; signing out ends it."""
    one, two = visitor(), visitor()
    browser = one.inside()
    (name,) = [known for known in browser.cookies if not known.endswith("pickup")]
    secret = browser.cookies[name]
    planted = two.browser()
    planted.ask(two.link)
    code = portal.code(two.recipient)
    planted.cookies[name] = secret
    planted.cookies[session_cookie(two.link)] = secret
    assert planted.get(f"/m/{two.link}/message").status_code == 303
    planted.get(f"/m/{two.link}/code")
    planted.open(two.link, code)
    assert planted.cookies[session_cookie(two.link)] != secret

    browser.get(f"/m/{one.link}/message")
    closed = browser.post(f"/m/{one.link}/close")
    assert closed.status_code == 200
    browser.cookies[name] = secret
    assert browser.get(f"/m/{one.link}/message").status_code == 303
    assert len(portal.events("pickup-closed")) >= 1


def test_what_is_revoked_is_closed_for_who_reads_it(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """With the next request."""
    here = visitor()
    browser = here.inside()
    store = portal.lobby.desk.pickups
    store.end(store.find(here.link), State.REVOKED, "olga")

    assert browser.get(f"/m/{here.link}/original").headers["location"] == f"/m/{here.link}"


def test_one_client_cannot_go_on_guessing_or_asking(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """Twenty wrong codes, twelve requests, of whatever links: then 429, also for the right one."""
    here, there = visitor(), visitor()
    browser = here.browser()
    browser.ask(here.link)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda number: browser.open(here.link, f"{number:08d}").status_code, range(20)))
    assert set(answers) == {403}
    assert browser.open(here.link, portal.code(here.recipient)).status_code == 429

    asked = [browser.ask(f"{number:043d}").status_code for number in range(12)]
    assert asked == [200] * 11 + [429]
    assert there.browser().ask(there.link).status_code == 200
    wait_until(lambda: bool(portal.mails(there.recipient)), 20, "a code for somebody else")
    assert len(portal.events("pickup-code-refused")) >= 20


def test_no_page_is_kept_shown_elsewhere_or_told_of(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """no-store, no referrer, no frame, no script, no other host; cookies that only this host gets."""
    here = visitor()
    browser = here.inside()
    for path in ("", "/code", "/message", "/part/1.2", "/original", "/html/1.1.2"):
        answer = browser.get(f"/m/{here.link}{path}")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "http" not in policy
    first = here.browser().get(f"/m/{here.link}")
    (cookie,) = first.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert here.browser(Host="elsewhere.example").get(f"/m/{here.link}").status_code == 421
    assert browser.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_what_a_sender_wrote_is_never_mark_up(visitor: Callable[..., Visitor]) -> None:
    """Subject, sender, text, file name: shown as they are."""
    hostile = HOSTILE.encode()
    here = visitor(
        b"From: " + hostile + b" <x@y.example>\r\nSubject: " + hostile + b"\xe2\x80\xae\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\n" + hostile + b"\r\n--m\r\n"
        b'Content-Type: text/html; name="../../<b>x\\".html"\r\n\r\n<script>alert(1)</script>\r\n--m--\r\n'
    )
    browser = here.inside()

    page = browser.get(f"/m/{here.link}/message").text

    assert HOSTILE not in page
    assert unescape(page).count(HOSTILE) >= 4
    assert "\u202e" not in page
    attachment = browser.get(f"/m/{here.link}/part/1.2").headers["content-disposition"]
    assert "/" not in attachment.replace("UTF-8''", "")
    assert "<" not in attachment


def test_mails_with_codes_hold_nothing_of_the_message(portal: Window, visitor: Callable[..., Visitor]) -> None:
    """From the organization, as automatic, without a return path, and without the link."""
    here = visitor()
    here.browser().ask(here.link)
    portal.code(here.recipient)

    (mail,) = [each for each in portal.sink.deliveries if each.recipients == (here.recipient,)]
    head = mail.octets.partition(b"\r\n\r\n")[0].decode()
    assert mail.mail_from == ""
    assert "Auto-Submitted: auto-generated" in head
    assert 'From: "Riverside Family Clinic" <messages@clinic.example>' in head
    assert here.link.encode() not in mail.octets
    assert b"canary" not in mail.octets
    assert portal.code(here.recipient) not in head


def test_a_visit_lasts_as_long_as_somebody_comes_back(visitor: Callable[..., Visitor]) -> None:
    """Each page of a link, and asking for a code, gives the cookie another hour; it stays the same one."""
    here = visitor()
    browser = here.browser()
    answers = [browser.get(f"/m/{here.link}"), browser.get(f"/m/{here.link}"), browser.post(f"/m/{here.link}/code")]
    answers += [browser.get(f"/m/{here.link}/code"), browser.open(here.link, "0000 0000")]
    cookies = [answer.headers.get_list("set-cookie") for answer in answers]

    assert cookies == [cookies[0]] * 5
    assert "Max-Age=3600" in cookies[0][0]


def test_a_path_that_is_none_leads_nowhere(visitor: Callable[..., Visitor]) -> None:
    """In particular to no address that a proxy would have to put right."""
    here = visitor()
    for path in (f"/m/{here.link}/", f"/m/{here.link}/code/", "/healthz/"):
        answer = here.browser().get(path)
        assert (answer.status_code, answer.headers.get("location")) == (404, None)
