"""Values planted in messages appear nowhere but in the mail itself and, sealed, in the quarantine."""

import base64
import sqlite3
from collections.abc import Iterator

import pytest

from gateway.config import shipped
from gateway.demo.client import Dialogue
from gateway.demo.day import new_private_key
from gateway.demo.letters import letter
from gateway.demo.service import Settings
from gateway.demo.site import Layout, Site
from tests.makers import signals

SSN = "536-22-8841"
CARD = "4539 1488 0343 6467"
NAME = "Zephyrine Quillfeather"
RECORD = "88120457"
SUBJECT = "xylophone-subject"
FILE = "quincunx-report"
BODY = "marmalade-in-the-body"
HEADER = "periwinkle-header"
MESSAGE_ID = "juniper-message-id"
KEY = new_private_key().decode().splitlines()[1]

CANARIES = (SSN, CARD, NAME, RECORD, SUBJECT, FILE, BODY, HEADER, MESSAGE_ID, KEY)


def planted(subject: str, *, key: bool = False) -> bytes:
    """A message with every canary in it, in the header, text, HTML, an attachment and its name."""
    text = f"{NAME}, MRN {RECORD}, SSN {SSN}, has diabetes. {BODY}. Card number {CARD}.\r\n"
    if key:
        text += f"-----BEGIN PRIVATE KEY-----\r\n{KEY}\r\n-----END PRIVATE KEY-----\r\n"
    attached = base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n--b\r\nContent-Type: text/html\r\n\r\n<p title='%s'>%s</p>\r\n"
        b'--b\r\nContent-Type: text/csv; name="%s.csv"\r\nContent-Disposition: attachment; filename="%s.csv"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n%s--b--\r\n"
    ) % (text.encode(), BODY.encode(), text.encode(), FILE.encode(), FILE.encode(), attached)
    return letter(
        f"{subject} {SUBJECT} MRN {RECORD}",
        body,
        b"MIME-Version: 1.0",
        b"Content-Type: multipart/mixed; boundary=b",
        f"X-Note: {HEADER} {SSN}".encode(),
        f"References: <{MESSAGE_ID}@clinic.example>".encode(),
    ).replace(b"Message-ID: <", f"Message-ID: <{MESSAGE_ID}.".encode())


@pytest.fixture(scope="module")
def seen() -> Iterator[tuple[Site, list[Dialogue]]]:
    """A site with the shipped rules and a talkative log, through which the canaries went in every way."""
    settings: Settings = {"workers": {"count": 1, "deadline-seconds": 3}, "log": {"level": "debug"}}
    with Site(Layout(shipped("rules"), settings), prefix="gp-") as site:
        said = [
            site.send(planted("held"), "a@outside.example"),
            site.send(planted("refused", key=True), "a@outside.example"),
            site.send(planted("split"), "ward@clinic.example", "a@outside.example"),
            site.send(letter(f"redacted {SUBJECT}", f"Card number {CARD}.\r\n".encode()), "a@outside.example"),
            site.send(planted("broken").replace(b"--b--", b"--\x00\xff"), "a@outside.example"),
        ]
        site.postfix.sendmail("root@clinic.example", ["a@outside.example"], planted("local").replace(b"\r\n", b"\n"))
        signals.stop(site.gateway.workers())  # past their deadline
        said.append(site.send(planted("timeout"), "a@outside.example"))
        site.postfix.drain()
        yield site, said


def found_in(text: str | bytes) -> list[str]:
    """The canaries in it: as they are, without separators, in base64 at any offset."""
    octets = text.encode() if isinstance(text, str) else text
    return [canary for canary in CANARIES if any(form in octets for form in _forms(canary))]


def _forms(canary: str) -> set[bytes]:
    plain = {canary.encode(), canary.replace("-", "").replace(" ", "").encode(), canary.upper().encode()}
    shifted = {base64.b64encode(b" " * shift + canary.encode())[4 : -4 or None] for shift in range(3)}
    return plain | {form for form in shifted if len(form) >= 8}


def test_the_search_finds_what_it_looks_for() -> None:
    """The test itself: a message and its base64 show every canary, so silence below means something."""
    raw = planted("x", key=True)

    assert set(found_in(raw)) == set(CANARIES)
    assert SSN in found_in(base64.b64encode(raw))


def test_replies_are_silent(seen: tuple[Site, list[Dialogue]]) -> None:
    """No SMTP reply repeats anything of a message; every disposition was among them."""
    _, said = seen

    assert {dialogue.final.code for dialogue in said} == {250, 550}
    assert found_in(str(said)) == []


def test_log_is_silent(seen: tuple[Site, list[Dialogue]]) -> None:
    """Not a canary at level debug."""
    site, _ = seen

    assert site.gateway.log_lines()
    assert found_in(site.gateway.log.read_bytes()) == []


def test_metrics_and_health_are_silent(seen: tuple[Site, list[Dialogue]]) -> None:
    """Labels come from closed sets."""
    site, _ = seen

    for path in ("/metrics", "/healthz", "/readyz"):
        code, text = site.gateway.answer(path)
        assert code == 200
        assert found_in(text) == []


def test_audit_log_is_silent(seen: tuple[Site, list[Dialogue]]) -> None:
    """Every message has its events, and none of them a canary."""
    site, said = seen
    events = site.gateway.audit_events()

    assert sum(event["metadata"]["event_code"] == "message-decided" for event in events) == len(said) + 1
    assert found_in(str(events)) == []
    assert found_in(site.gateway.command("audit", "export")) == []


def test_no_file_of_the_gateway_shows_a_value(seen: tuple[Site, list[Dialogue]]) -> None:
    """Database, blobs, journal, spool, keyring, configuration: nothing in the clear."""
    site, _ = seen
    files = [path for path in site.gateway.folder.rglob("*") if path.is_file()]

    assert len(files) > 5
    assert {path.name: found_in(path.read_bytes()) for path in files if found_in(path.read_bytes())} == {}


def test_database_is_silent_in_every_column(seen: tuple[Site, list[Dialogue]]) -> None:
    """Read through SQLite too, as a page may be stored in pieces."""
    site, _ = seen
    with sqlite3.connect(f"file:{site.gateway.state}/gatepost.db?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [str(row) for table in tables for row in database.execute(f"SELECT * FROM {table}")]
    database.close()

    assert rows
    assert found_in("\n".join(rows)) == []


def test_notices_are_silent(seen: tuple[Site, list[Dialogue]]) -> None:
    """What senders and officers are told has no word of the message."""
    site, _ = seen
    notices = [delivery for delivery in site.sink.deliveries if delivery.mail_from == ""]

    assert notices
    assert [found_in(notice.message) for notice in notices if found_in(notice.message)] == []


def test_lists_for_people_are_silent(seen: tuple[Site, list[Dialogue]]) -> None:
    """`quarantine list` and `show` have masked samples at most."""
    site, _ = seen
    items = site.gateway.quarantine()

    assert items
    assert found_in(str(items)) == []
    assert found_in(site.gateway.command("quarantine", "show", items[0]["item"])) == []


def test_quarantine_can_reveal_them(seen: tuple[Site, list[Dialogue]]) -> None:
    """The sealed message is whole: who may open it finds every canary, and that is on record."""
    site, _ = seen
    items = site.gateway.quarantine()

    shown = [site.gateway.command("quarantine", "show", item["item"], "--message") for item in items]

    assert any(set(found_in(text)) >= set(CANARIES) - {KEY} for text in shown)
    assert any(event["metadata"]["event_code"] == "viewed" for event in site.gateway.audit_events())
