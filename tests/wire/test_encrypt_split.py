"""One message, four recipients, four ways: each gets exactly one copy that they, and nobody else, can read."""

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.demo.letters import letter
from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.service import Settings
from gateway.demo.sink import Delivery, Sink
from gateway.demo.site import Layout, Site
from tests.makers.opening import Correspondent, opened_by_gpg, opened_by_openssl

ANN, PAT, TOM, NED = "ann@smime.example", "pat@pgp.example", "tom@tls.example", "ned@nothing.example"
BODY = b"Dear all,\r\n\r\n.dots, \xc3\xbcmlauts, trailing space \r\nMRN 4459-1182\r\n"
TYPE = b"Content-Type: text/plain; charset=utf-8"
SETTINGS: Settings = {"workers": {"count": 1}, "encryption": {"revocation": "off"}}


@dataclass
class Crew:
    """A site whose lanes lead to a sink with TLS, and people with keys."""

    site: Site
    tls: Sink
    ann: Identity
    pat: Correspondent

    def deliveries(self) -> tuple[Delivery, ...]:
        return (*self.site.sink.deliveries, *self.tls.deliveries)


@pytest.fixture(scope="module")
def whole_crew(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Crew]:
    authority, folder = Authority(), tmp_path_factory.mktemp("crew")
    ann, server = authority.issue(Wish([ANN])), authority.issue(Wish(hosts=["localhost"], purpose=None))
    (folder / "server.pem").write_text(server.pem + server.key_pem)
    (folder / "ca.pem").write_text(authority.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    rules = wire_rules(folder / "rules")
    with Sink(context) as tls, Correspondent(PAT) as pat:
        trusted = (f"smtp_tls_CAfile = {folder}/ca.pem",)
        layout = Layout(rules, SETTINGS, main_cf=trusted, lane_hop=f"[localhost]:{tls.port}")
        with Site(layout, prefix="gp-") as site:
            (site.gateway.state / "anchors.pem").write_text(authority.pem)
            (folder / "ann.pem").write_text(ann.pem)
            (folder / "pat.asc").write_text(pat.public)
            site.gateway.command("recipients", "import", str(folder / "ann.pem"), str(folder / "pat.asc"))
            site.gateway.command("recipients", "lane", "tls.example", "secure")
            yield Crew(site, tls, ann, pat)


@pytest.fixture
def crew(whole_crew: Crew) -> Crew:
    whole_crew.site.postfix.drain()
    whole_crew.site.sink.clear()
    whole_crew.tls.clear()
    return whole_crew


def to_all(subject: str, *recipients: str) -> bytes:
    named = ", ".join(recipients).encode()
    return letter(subject, BODY, TYPE, b"MIME-Version: 1.0").replace(b"someone@outside.example", named)


def test_each_of_four_recipients_gets_exactly_one_readable_copy(crew: Crew, tmp_path: Path) -> None:
    """S/MIME, PGP, TLS and nothing: the first three read the same body byte for byte, the fourth is held."""
    held = crew.site.gateway.held()
    said = crew.site.send(to_all("case-encrypt", ANN, PAT, TOM, NED), ANN, PAT, TOM, NED)

    crew.site.postfix.drain()
    got = Counter(address for delivery in crew.deliveries() for address in delivery.recipients)
    by = {address: delivery for delivery in crew.deliveries() for address in delivery.recipients}
    assert said.final.code == 250
    assert got == Counter([ANN, PAT, TOM])
    assert crew.site.gateway.held() == held + 1
    for inside in (opened_by_openssl(by[ANN].message, crew.ann, tmp_path), opened_by_gpg(by[PAT].message, crew.pat)):
        assert inside.partition(b"\r\n\r\n")[2] == BODY
        assert b"Subject: case-encrypt\r\n" in inside
    assert by[TOM].body == BODY
    assert by[TOM].tls in {"TLSv1.2", "TLSv1.3"}
    assert b"X-Gatepost-Lane" not in by[TOM].octets
    for address in (ANN, PAT):
        assert b"MRN" not in by[address].octets


def test_hidden_recipients_are_seen_by_nobody(crew: Crew, tmp_path: Path) -> None:
    """Named in neither To nor Cc: a copy of their own, and no key id of theirs in any copy."""
    crew.site.send(to_all("case-encrypt", "somebody@else.example"), ANN, PAT)

    crew.site.postfix.drain()
    assert sorted(delivery.recipients for delivery in crew.deliveries()) == [(ANN,), (PAT,)]
    (for_pat,) = [delivery for delivery in crew.deliveries() if PAT in delivery.recipients]
    assert opened_by_gpg(for_pat.message, crew.pat).endswith(BODY)
    assert crew.pat.key_ids(for_pat.message) == {"0000000000000000"}


def test_ciphertext_that_was_changed_is_refused(crew: Crew, tmp_path: Path) -> None:
    """One flipped bit in the middle and both recipients' programs refuse (AES-GCM; MDC)."""
    crew.site.send(to_all("case-encrypt", ANN, PAT), ANN, PAT)

    crew.site.postfix.drain()
    by = {address: delivery for delivery in crew.deliveries() for address in delivery.recipients}
    with pytest.raises(AssertionError, match=r"(?i)error|fail"):
        opened_by_openssl(flipped(by[ANN].message), crew.ann, tmp_path)
    with pytest.raises(AssertionError, match=r"(?i)fail|bad|invalid|crc"):
        opened_by_gpg(flipped(by[PAT].message), crew.pat)


def flipped(octets: bytes) -> bytes:
    """With one character of the longest base64 block changed, a good way into it."""
    lines = octets.split(b"\r\n")
    whole = [number for number, line in enumerate(lines) if len(line) >= 64 and b" " not in line and b":" not in line]
    place = whole[len(whole) // 2]
    line = lines[place]
    lines[place] = line[:30] + (b"A" if line[30:31] != b"A" else b"B") + line[31:]
    return b"\r\n".join(lines)
