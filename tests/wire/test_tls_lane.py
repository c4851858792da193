"""The TLS lane against servers that are hostile, broken or old: not one byte of a message in plain, ever."""

import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.exits import Exit
from gateway.demo.letters import letter
from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.ports import wait_until
from gateway.demo.service import Settings
from gateway.demo.sink import Sink
from gateway.demo.site import Layout, Site

SETTINGS: Settings = {"workers": {"count": 1}}
CANARY = b"canary-4459-1182"
SECURE, ENCRYPT, DANE = "a@secure.example", "a@encrypt.example", "a@dane.example"
HOST = Wish(hosts=["localhost"], purpose=None)


@dataclass
class Lanes:
    """A site whose lanes lead to one server, which each test makes as bad as it likes."""

    site: Site
    server: Sink
    authority: Authority
    folder: Path

    def context(self, identity: Identity, ciphers: str = "", oldest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        file = self.folder / "server.pem"
        file.write_text(identity.pem + identity.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if ciphers:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)
        if oldest:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            with warnings.catch_warnings():  # Python too would rather not
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = oldest
        return context


@pytest.fixture(scope="module")
def shared_lanes(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Lanes]:
    authority, folder = Authority(), tmp_path_factory.mktemp("lanes")
    (folder / "ca.pem").write_text(authority.pem)
    rules = wire_rules(folder / "rules")
    with Sink() as server:
        trusted = f"smtp_tls_CAfile = {folder}/ca.pem"
        layout = Layout(rules, SETTINGS, main_cf=(trusted,), lane_hop=f"[localhost]:{server.port}")
        with Site(layout, prefix="gp-") as site:
            for domain, lane in (
                ("secure.example", "secure"),
                ("encrypt.example", "encrypt"),
                ("dane.example", "dane-only"),
            ):
                site.gateway.command("recipients", "lane", domain, lane)
            yield Lanes(site, server, authority, folder)


@pytest.fixture
def lanes(shared_lanes: Lanes) -> Iterator[Lanes]:
    server = shared_lanes.server
    server.sniffed = bytearray()
    yield shared_lanes
    server.tls, server.offered, server.on_starttls = None, True, None
    shared_lanes.site.postfix.empty()
    server.clear()


def none(lanes: Lanes) -> None:
    """It knows no TLS."""


def stripped(lanes: Lanes) -> None:
    """Somebody on the way takes STARTTLS out of its greeting."""
    lanes.server.tls, lanes.server.offered = lanes.context(lanes.authority.issue(HOST)), False


def self_signed(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(Authority("localhost").issue(HOST))


def unknown_authority(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(Authority("Somebody Else").issue(HOST))


def expired(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(lanes.authority.issue(Wish(hosts=["localhost"], purpose=None, ends=-0.5)))


def wrong_name(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(lanes.authority.issue(Wish(hosts=["mx.elsewhere.example"], purpose=None)))


def nameless(lanes: Lanes) -> None:
    """Anonymous key exchange: no certificate at all."""
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST), ciphers="ADH-AES256-GCM-SHA384:@SECLEVEL=0")


def without_cipher(lanes: Lanes) -> None:
    """TLS with the null cipher: authentic, and readable by everybody."""
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST), ciphers="NULL-SHA256:@SECLEVEL=0")


def old_version(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST), oldest=ssl.TLSVersion(0x0301))


def refuses(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST))
    lanes.server.on_starttls = lambda connection: connection.sendall(b"454 4.7.0 TLS not available\r\n")


def talks_on_in_plain(lanes: Lanes) -> None:
    """It says yes, then goes on without a handshake, as if nothing had happened."""
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST))

    def speak(connection: socket.socket) -> None:
        connection.sendall(b"220 2.0.0 go on\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n")
        connection.settimeout(2)
        lanes.server.sniffed = (lanes.server.sniffed or bytearray()) + connection.recv(65536)

    lanes.server.on_starttls = speak


def hangs_up(lanes: Lanes) -> None:
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST))
    lanes.server.on_starttls = lambda connection: connection.sendall(b"220 2.0.0 go on\r\n")


def unsigned_names(lanes: Lanes) -> None:
    """Its DNS has no signed TLSA record."""
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST))


HOSTILE = [
    (none, ENCRYPT),
    (stripped, ENCRYPT),
    (stripped, SECURE),
    (self_signed, SECURE),
    (unknown_authority, SECURE),
    (expired, SECURE),
    (wrong_name, SECURE),
    (nameless, SECURE),
    (without_cipher, ENCRYPT),
    (old_version, ENCRYPT),
    (refuses, ENCRYPT),
    (talks_on_in_plain, ENCRYPT),
    (hangs_up, ENCRYPT),
    (unsigned_names, DANE),
]


@pytest.mark.parametrize(("spoil", "recipient"), HOSTILE, ids=[f"{v.__name__}-{to}" for v, to in HOSTILE])
def test_hostile_server_gets_nothing(lanes: Lanes, spoil: Callable[[Lanes], None], recipient: str) -> None:
    """Postfix keeps the message and tries again; whoever listens on the way sees no byte of it."""
    spoil(lanes)

    said = lanes.site.send(letter("case-encrypt", CANARY + b"\r\n"), recipient)

    wait_until(lambda: _is_deferred(lanes.site, recipient), 30, "the message is deferred")
    assert said.final.code == 250
    assert lanes.server.deliveries == ()
    assert lanes.server.sniffed is not None
    for secret in (CANARY, b"Subject", b"MAIL FROM", b"DATA"):
        assert secret not in lanes.server.sniffed
    assert lanes.site.sink.to(recipient) == (), "never another way"


@pytest.mark.parametrize("recipient", [SECURE, ENCRYPT])
def test_good_server_gets_it_and_the_log_proves_how(lanes: Lanes, recipient: str) -> None:
    """One delivery over TLS; relay, version, cipher and the check of the certificate are evidence of the incident."""
    lanes.server.tls = lanes.context(lanes.authority.issue(HOST))

    lanes.site.send(letter("case-encrypt", CANARY + b"\r\n"), recipient)

    (delivery,) = lanes.server.wait_for(1)
    assert delivery.tls in {"TLSv1.2", "TLSv1.3"}
    assert lanes.server.sniffed is not None
    assert CANARY not in lanes.server.sniffed
    wait_until(lambda: bool(_proofs(lanes.site, recipient)), 30, "the log proves it")
    (proof,) = _proofs(lanes.site, recipient)
    told = proof["unmapped"]
    assert (told["status"], told["method"]) == ("sent", "tls")
    assert told["tls"]["version"] == delivery.tls
    assert told["tls"]["trust"] == ("Verified" if recipient == SECURE else "Trusted")
    incident = proof["metadata"]["correlation_uid"]
    shown = lanes.site.gateway.command("audit", "show", incident)
    assert "copy-delivered" in shown
    assert delivery.tls in shown
    metric = f'gatepost_protected_copies_total{{method="tls",status="sent",tls="{told["tls"]["trust"].lower()}"}}'
    assert lanes.site.gateway.metrics()[metric] >= 1


def test_sender_cannot_choose_a_lane(lanes: Lanes) -> None:
    """A forged field changes nothing: the message without a rule goes its usual way."""
    lanes.site.send(letter("Good morning", CANARY, b"X-Gatepost-Lane: encrypt"), "b@elsewhere.example")

    (delivery,) = lanes.site.sink.wait_for(1)
    assert delivery.recipients == ("b@elsewhere.example",)
    lanes.site.sink.clear()


def test_lane_that_postfix_lost_protects_nobody(lanes: Lanes) -> None:
    """Somebody emptied the table: no copy leaves by a field that nobody acts on, the message is held instead."""
    table = lanes.site.postfix.config / "lanes"
    text, held = table.read_text(), lanes.site.gateway.held()
    table.write_text("# nothing\n")
    try:
        said = lanes.site.send(letter("case-encrypt", CANARY + b"\r\n"), ENCRYPT)
        told = lanes.site.gateway.command("recipients", "test", ENCRYPT, expect=Exit.NOT_FOUND)
        proved = lanes.site.gateway.metrics()['gatepost_tls_lane_proved{lane="encrypt"}']
    finally:
        table.write_text(text)

    assert (said.final.code, proved) == (250, 0)
    assert lanes.site.gateway.held() == held + 1
    assert lanes.site.postfix.queue() == []
    assert "milter_header_checks does not lead X-Gatepost-Lane: encrypt to a transport" in told


def _is_deferred(site: Site, recipient: str) -> bool:
    return any(
        r["address"] == recipient and r.get("delay_reason") for m in site.postfix.queue() for r in m["recipients"]
    )


def _proofs(site: Site, recipient: str) -> list[dict[str, Any]]:
    events = (e for e in site.gateway.audit_events() if e["metadata"]["event_code"] == "copy-delivered")
    return [e for e in events if recipient in e["email"]["smtp_to"] and e["unmapped"]["status"] == "sent"]
