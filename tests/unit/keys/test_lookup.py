"""Keys and lanes found elsewhere: WKD, SMIMEA, DANE, MTA-STS, a probe of the servers."""

import hashlib
import http.server
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.verdict import Means, Method
from gateway.demo.pki import Identity, Wish
from gateway.demo.sink import Sink
from gateway.keys.fetching import NotThere, fetch
from gateway.keys.lookup import Lookup, Reach
from gateway.keys.mta_sts import read_policy
from gateway.keys.names import Resolver
from gateway.keys.records import Source
from gateway.keys.wkd import addresses_of_key
from tests.makers.opening import Correspondent
from tests.makers.zones import Zones

ANN = "ann@x.example"
HOST = Wish(hosts=["localhost"], purpose=None)


@dataclass
class World:
    """What there is out there. `pages`: what is at an https address."""

    office: Any
    zones: Zones
    server: Sink
    pages: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)

    def fetch(self, address: str, largest: int, seconds: float, context: object) -> bytes:
        self.fetched.append(address)
        if address not in self.pages:
            raise NotThere("404")
        return self.pages[address]

    def ask(self, *sources: Source, seconds: float = 5.0, address: str = ANN) -> bool:
        def trusting() -> ssl.SSLContext:
            return ssl.create_default_context(cadata=self.office.authority.pem)

        resolver = Resolver("127.0.0.1", self.zones.port, seconds=1.0 if self.zones.silent else 5.0)
        reach = Reach(resolver, 2.0, "client.example", self.server.port, smtp=trusting)
        lookup = Lookup(self.office.book, self.office.intake, sources, reach, seconds)
        self.lookups.append(lookup)
        try:
            return lookup.look_up([address], lambda: None)
        finally:
            lookup.close()

    def why(self, subject: str) -> list[tuple[str, str]]:
        return [(answer.found, answer.reason) for answer in self.office.book.answers_of([subject])]


@pytest.fixture
def world(office: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with Zones({("x.example", "MX"): ["10 localhost."]}) as zones, Sink() as server:
        world = World(office, zones, server)
        monkeypatch.setattr("gateway.keys.lookup.fetch", world.fetch)
        yield world
        for lookup in world.lookups:  # those whose deadline passed write their answer down later
            lookup._pool.shutdown(wait=True)


def serve(world: World, identity: Identity) -> None:
    file = world.office.folder / "server.pem"
    file.write_text(identity.pem + identity.key_pem)
    world.server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    world.server.tls.load_cert_chain(file)


def test_key_of_the_web_key_directory(world: World) -> None:
    """Asked at the advanced address, then at the direct one; pinned like any other."""
    with Correspondent(ANN) as ann:
        world.pages[addresses_of_key(ANN)[1]] = ann.public.encode()
        assert world.ask(Source.WKD)

    assert world.office.directory.means([ANN]) == {ANN: (Means(Method.PGP),)}
    assert world.fetched == list(addresses_of_key(ANN))


def test_address_in_the_web_key_directory() -> None:
    """The example of the draft."""
    assert addresses_of_key("Joe.Doe@example.org")[1] == (
        "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
    )


def test_key_for_somebody_else_in_the_directory_is_not_used(world: World) -> None:
    """A domain that gives everybody the key of one."""
    with Correspondent("eve@x.example") as eve:
        world.pages[addresses_of_key(ANN)[0]] = eve.public.encode()
        world.ask(Source.WKD)

    assert world.office.directory.means([ANN]) == {}


def test_nothing_is_asked_twice_while_an_answer_holds(world: World) -> None:
    """Also where the answer was that there is none."""
    assert not world.ask(Source.WKD)
    assert not world.ask(Source.WKD)

    assert len(world.fetched) == 2
    assert world.why(ANN) == [("no", "its domain has no key for it")]


def test_slow_source_does_not_hold_the_message_up(world: World) -> None:
    """The deadline passes; the answer is written down when it comes."""
    world.zones.silent = True
    begun = time.monotonic()

    assert not world.ask(Source.DANE, seconds=0.2)
    assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize("validated", [True, False])
def test_certificate_in_dns_counts_where_it_is_validated(world: World, validated: bool) -> None:
    """The domain vouches for it in a signed zone; without DNSSEC anybody could."""
    der = world.office.authority.issue(Wish([ANN])).certificate.public_bytes(Encoding.DER)
    world.office.anchors.unlink()
    name = f"{hashlib.sha256(b'ann').hexdigest()[:56]}._smimecert.x.example"
    world.zones.records[name, "SMIMEA"] = [f"3 0 0 {der.hex()}"]
    world.zones.validated = ["x.example"] if validated else []

    assert world.ask(Source.SMIMEA) is validated
    assert (world.office.directory.certificate(ANN) is not None) is validated


@pytest.mark.parametrize(
    ("validated", "tlsa", "lane"),
    [
        (["x.example", "localhost"], ["3 1 1 " + "ab" * 32], "dane-only"),
        (["x.example", "localhost"], ["1 1 1 " + "ab" * 32], ""),
        (["x.example", "localhost"], [], ""),
        (["x.example"], ["3 1 1 " + "ab" * 32], ""),
        (["localhost"], ["3 1 1 " + "ab" * 32], ""),
    ],
)
def test_dane_needs_both_signed(world: World, validated: list[str], tlsa: list[str], lane: str) -> None:
    """Names of servers and digests of keys; usages for authorities of the web do not count (RFC 7672)."""
    world.zones.validated = validated
    world.zones.records["_25._tcp.localhost", "TLSA"] = tlsa

    assert world.ask(Source.DANE) is bool(lane)
    expected = {ANN: (Means(Method.TLS, lane),)} if lane else {}
    assert world.office.directory.means([ANN]) == expected


POLICY = b"version: STSv1\nmode: enforce\nmx: localhost\nmax_age: 86400\n"


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (POLICY, True),
        (POLICY.replace(b"enforce", b"testing"), False),
        (POLICY.replace(b"mx: localhost", b"mx: *.x.example"), False),
        (b"nonsense", False),
    ],
)
def test_policy_of_the_domain(world: World, policy: bytes, found: bool) -> None:
    """MTA-STS says enforce, covers every server, and they hold to it."""
    serve(world, world.office.authority.issue(HOST))
    world.zones.records["_mta-sts.x.example", "TXT"] = ['"v=STSv1; id=1"']
    world.pages["https://mta-sts.x.example/.well-known/mta-sts.txt"] = policy

    assert world.ask(Source.MTA_STS) is found


def test_servers_are_tried(world: World) -> None:
    """STARTTLS with a valid certificate for its own name: the lane is encrypted; for the domain's: checked too."""
    serve(world, world.office.authority.issue(HOST))
    assert world.ask(Source.PROBE)
    assert world.office.directory.means([ANN]) == {ANN: (Means(Method.TLS, "encrypt"),)}

    world.zones.records["y.example", "MX"] = ["10 localhost."]
    serve(world, world.office.authority.issue(Wish(hosts=["localhost", "mx.y.example"], purpose=None)))
    assert world.ask(Source.PROBE, address="b@y.example")
    assert world.office.directory.means(["b@y.example"]) == {"b@y.example": (Means(Method.TLS, "secure"),)}


@pytest.mark.parametrize("spoilt", ["plain", "wrong-name", "stranger"])
def test_servers_without_valid_tls_are_no_lane(world: World, spoilt: str) -> None:
    """No STARTTLS, a certificate for another host, or of an authority that nobody knows."""
    if spoilt == "wrong-name":
        serve(world, world.office.authority.issue(Wish(hosts=["mx.elsewhere.example"], purpose=None)))
    elif spoilt == "stranger":
        from gateway.demo.pki import Authority

        serve(world, Authority().issue(HOST))

    assert not world.ask(Source.PROBE)
    assert world.office.directory.means([ANN]) == {}
    assert world.why("x.example")[0][0] == "no"


def test_domain_that_takes_no_mail(world: World) -> None:
    """RFC 7505."""
    world.zones.records["x.example", "MX"] = ["0 ."]

    assert not world.ask(Source.PROBE)
    assert world.why("x.example") == [("no", "it takes no mail")]


def test_policy_is_read_as_the_rfc_says() -> None:
    """The first of each key counts but of mx; a star is one label."""
    policy = read_policy(POLICY.replace(b"\n", b"\r\n") + b"mode: none\nmx: *.Mail.example\n")

    assert policy is not None
    assert (policy.mode, policy.mx) == ("enforce", ("localhost", "*.mail.example"))
    assert policy.covers("a.mail.example")
    assert not policy.covers("a.b.mail.example")


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/key")
            self.end_headers()
            return
        self.send_response(200 if self.path in {"/key", "/large"} else 404)
        self.end_headers()
        self.wfile.write(b"x" * (5000 if self.path == "/large" else 3))

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_fetching_is_careful(office: Any) -> None:
    """A certificate that is checked, no redirect, no end of bytes, no other scheme."""
    identity = office.authority.issue(HOST)
    file = office.folder / "https.pem"
    file.write_text(identity.pem + identity.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = http.server.HTTPServer(("127.0.0.1", 0), _Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trusted = ssl.create_default_context(cadata=office.authority.pem)
    base = f"https://localhost:{server.server_port}"
    try:
        assert fetch(f"{base}/key", 100, 5, trusted) == b"xxx"
        with pytest.raises(NotThere):
            fetch(f"{base}/none", 100, 5, trusted)
        for place, told in (("/moved", trusted), ("/large", trusted), ("/key", None)):
            with pytest.raises(OSError):  # noqa: PT011 - each its own words
                fetch(base + place, 100, 5, told)
        with pytest.raises(OSError, match="https"):
            fetch("http://localhost/key", 100, 5, trusted)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("domain", ["127.0.0.1:8443/admin?", "[127.0.0.1]", "inner.example/page#", "192.0.2.1"])
def test_what_is_no_name_of_a_host_is_asked_nothing(world: World, domain: str) -> None:
    """Whoever writes mail chooses the domain: no page of an inner machine is asked for by it."""
    assert not world.ask(Source.WKD, Source.MTA_STS, address=f"x@{domain}")

    assert world.fetched == []


@pytest.mark.parametrize("age", ["9" * 5_000, "\N{ARABIC-INDIC DIGIT ONE}0", "-1", ""])
def test_an_age_that_is_no_number_of_the_standard_makes_no_policy(age: str) -> None:
    """RFC 8461 section 3.2: one to ten digits. Python refuses to read thousands of them."""
    assert read_policy(POLICY.replace(b"86400", age.encode())) is None
