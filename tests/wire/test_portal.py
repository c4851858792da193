"""A recipient with nothing to decrypt by: a link in the mail, the message behind it, and nobody else's eyes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from gateway.config import load_config
from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.service import COMMAND, Settings
from gateway.demo.sink import Delivery
from gateway.demo.site import Layout, Site
from gateway.wiring.stored import opened
from tests.web.window import Browser

URL = "https://messages.clinic.example"
SETTINGS: Settings = {
    "workers": {"count": 1},
    "portal": {
        "url": URL,
        "organization": "Riverside Family Clinic",
        "sender": "messages@clinic.example",
        "port": 0,
    },
}
PAT, QUIN, ZOE = "pat@home.example", "quin@home.example", "zoe@hidden.example"
BODY = b"Dear all,\r\n\r\n.dots, \xc3\xbcmlauts, trailing space \r\nMRN 4459-1182\r\n"
RAW = letter("case-portal", BODY, b"Content-Type: text/plain; charset=utf-8", b"MIME-Version: 1.0").replace(
    b"someone@outside.example", f"{PAT}, {QUIN}".encode()
)
POINTS = 3
LINK = re.compile(re.escape(URL) + r"/m/([A-Za-z0-9_-]{43})\s")


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Site]:
    rules = wire_rules(tmp_path_factory.mktemp("portal") / "rules")
    with Site(Layout(rules, SETTINGS), prefix="gp-") as started:
        yield started


@pytest.fixture
def site(whole_site: Site) -> Site:
    whole_site.postfix.drain()
    whole_site.sink.clear()
    return whole_site


def links(site: Site) -> dict[str, str]:
    """Who was sent which link."""
    found = {}
    for delivery in site.sink.deliveries:
        (recipient,) = delivery.recipients
        (found[recipient],) = LINK.findall(text_of(delivery))
    return found


def text_of(delivery: Delivery) -> str:
    return str(message_from_bytes(delivery.octets, policy=policy.default).get_content())


def kept(site: Site) -> dict[str, bytes]:
    """What waits for whom."""
    with opened(load_config(site.gateway.config, {}), {}) as stored:
        assert stored.pickups is not None
        return {pickup.recipient: b"".join(stored.pickups.read(pickup)) for pickup in stored.pickups.list()}


def test_each_recipient_gets_a_link_of_their_own_and_nothing_else(site: Site) -> None:
    """Bcc too, whom nobody sees; the message waits byte for byte, and no word of it is in any mail."""
    said = site.send(RAW, PAT, QUIN, ZOE)

    site.postfix.drain()
    assert said.final.code == 250
    assert sorted(len(delivery.recipients) for delivery in site.sink.deliveries) == [1, 1, 1]
    sent = links(site)
    assert len(set(sent.values())) == 3
    waiting = kept(site)
    for recipient in (PAT, QUIN, ZOE):
        assert waiting[recipient].partition(b"\r\n\r\n")[2] == BODY
        assert ZOE.encode() not in waiting[recipient]
    for delivery in site.sink.deliveries:
        assert b"4459-1182" not in delivery.octets
        assert b"case-portal" not in delivery.octets
        assert b"Subject: A protected message is waiting for you\r\n" in delivery.octets
        assert (ZOE.encode() in delivery.octets) == (delivery.recipients == (ZOE,))
    events = [event for event in site.gateway.audit_events() if event["metadata"]["event_code"] == "pickup-waiting"]
    assert {event["unmapped"]["recipient"] for event in events} == {PAT, QUIN, ZOE}
    evidence = b"".join(path.read_bytes() for path in site.gateway.audit.glob("*.jsonl"))
    assert not any(link.encode() in evidence + site.gateway.log.read_bytes() for link in sent.values())


@pytest.fixture
def portal(site: Site) -> Iterator[Callable[[], Browser]]:
    """`gatepost portal` as a process; browsers that come through a proxy, which hands on the name of the site."""
    command = (*COMMAND, "portal", "--config", str(site.gateway.config))
    nowhere = site.gateway.folder / "nowhere"
    hidden = {f"GATEPOST_{name}": str(nowhere) for name in ("STORE_KEYRING", "AUDIT_FOLDER")}  # as the unit hides them
    browsers: list[Browser] = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | hidden) as process:
        assert process.stderr is not None
        said = ""
        while not (found := re.search(r"listens on 127\.0\.0\.1:(\d+)", said)):
            said = process.stderr.readline()
            assert said, "it ended before it served"

        def browser() -> Browser:
            browsers.append(Browser(f"http://127.0.0.1:{found[1]}", "127.0.0.1", Host="messages.clinic.example"))
            return browsers[-1]

        yield browser
        for each in browsers:
            each.close()
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert "portal-stopped" in said
    assert not nowhere.exists()
    assert not any(secret in said for secret in ("/m/", "4459", PAT))


def test_a_recipient_reads_the_message_with_a_code(site: Site, portal: Callable[[], Browser]) -> None:
    """The whole way through a real Postfix: link, code, the same bytes; then the code is used, the link revoked.

    The portal has its own keys alone, and what is done there stands in the audit log of the gateway.
    """
    raw = RAW.replace(b"Dear all", b"Dear reader")
    site.send(raw, PAT, ZOE)
    site.postfix.drain()
    link = links(site)[PAT]
    site.sink.clear()
    browser = portal()
    browser.ask(link)
    wait_until(lambda: bool(site.sink.deliveries), 30, "the mail with the code")
    (mail,) = site.sink.deliveries
    assert mail.recipients == (PAT,)
    assert LINK.findall(text_of(mail)) == []
    code = "".join(re.findall(r"(?m)^(\d{4}) (\d{4})\s*$", text_of(mail))[0])

    assert browser.open(link, code).status_code == 303
    original = browser.get(f"/m/{link}/original").content
    assert original.partition(b"\r\n\r\n")[2] == raw.partition(b"\r\n\r\n")[2]
    assert b"Subject: case-portal\r\n" in original
    assert ZOE.encode() not in original
    assert "MRN 4459-1182" in browser.get(f"/m/{link}/message").text

    other = portal()
    other.get(f"/m/{link}")
    assert other.open(link, code).status_code == 403
    rows = [json.loads(line) for line in site.gateway.command("pickups", "list", "--format", "json").splitlines()]
    (pickup,) = [row for row in rows if row["to"] == PAT and row["opened"]]
    site.gateway.command("pickups", "revoke", pickup["pickup"])
    assert browser.get(f"/m/{link}/original").status_code == 303
    assert portal().ask(link).status_code == 200
    assert site.gateway.held() == 0
    kinds = [e["metadata"]["event_code"] for e in site.gateway.audit_events() if PAT in str(e.get("unmapped"))]
    assert [kind for kind in kinds if kind.startswith("pickup-") and kind != "pickup-waiting"] == [
        "pickup-code-sent",
        "pickup-opened",
        "pickup-fetched",
        "pickup-code-refused",
        "pickup-revoked",
    ]


def test_a_held_message_is_released_to_somebody_without_keys(site: Site) -> None:
    """By a link as well, under the incident that it was held for; nothing of it is in the mail."""
    site.send(RAW.replace(b"case-portal", b"case-hold"), PAT)
    (item,) = [item for item in site.gateway.quarantine() if item["state"] == "held"]

    site.gateway.command("quarantine", "release", "--encrypted", item["item"])

    site.postfix.drain()
    (delivery,) = [each for each in site.sink.deliveries if each.recipients == (PAT,)]
    assert LINK.findall(text_of(delivery))
    assert b"4459-1182" not in delivery.octets
    rows = [json.loads(line) for line in site.gateway.command("pickups", "list", "--format", "json").splitlines()]
    assert rows[0]["incident"] == item["incident"]


def test_a_store_that_fails_defers_and_sends_nothing(site: Site) -> None:
    """451, nobody is told of anything; once it is mended the client's next try is one notification."""
    raw = RAW.replace(b"Dear all", b"Dear Pat")
    store = site.gateway.state / "pickups"
    store.rename(site.gateway.state / "aside")
    store.write_text("no folder")
    first = site.send(raw, PAT)
    store.unlink()
    shutil.move(site.gateway.state / "aside", store)
    second = site.send(raw, PAT)

    site.postfix.drain()
    assert (first.final.code, second.final.code) == (451, 250)
    assert [delivery.recipients for delivery in site.sink.deliveries] == [(PAT,)]
    assert list(links(site)) == [PAT]


def test_killed_anywhere_and_tried_again_each_gets_one_notification(site: Site, tmp_path: Path) -> None:
    """At lines spread from the sealing to the reply: the client comes again until it is served, and nobody gets two."""
    gateway, file, wrong = site.gateway, tmp_path / "point", []
    file.write_text("0")
    gateway.stop()
    gateway.launcher = (sys.executable, "-m", "tests.makers.killer", str(file))
    gateway.start()
    site.send(RAW.replace(b"Dear all", b"Dear both"), PAT, QUIN)
    lines = int(file.read_text().split()[1])
    for point in range(lines // 10, lines, lines // POINTS):
        site.postfix.drain()
        site.sink.clear()
        raw = RAW.replace(b"Dear all", f"Dear both, {point}".encode())
        file.write_text(str(point))
        heard = [site.send(raw, PAT, QUIN).final.code]
        file.write_text("0")
        gateway.kill()
        gateway.start()
        while heard[-1] != 250 and len(heard) < 5:
            heard.append(site.send(raw, PAT, QUIN).final.code)
        site.postfix.drain()
        if sorted(links(site)) != [PAT, QUIN] or len(site.sink.deliveries) != 2:
            wrong.append((point, heard, len(site.sink.deliveries)))
    assert wrong == []
