"""DANE from the look-up to the delivery: unbound validates a signed zone, Gatepost believes it, Postfix holds it."""

import shutil
import ssl
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.demo.letters import letter
from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.ports import wait_until
from gateway.demo.service import Settings
from gateway.demo.sink import Sink
from gateway.demo.site import Layout, Site
from tests.makers.signed_zone import Unbound

pytestmark = pytest.mark.skipif(shutil.which("unbound") is None, reason="unbound is not installed")

ZONE, RECIPIENT = "dane.example", "a@dane.example"
CANARY = b"canary-4459-1182"


def context(folder: Path, identity: Identity) -> ssl.SSLContext:
    (folder / "server.pem").write_text(identity.pem + identity.key_pem)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "server.pem")
    return made


def digest(identity: Identity) -> str:
    public = identity.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"3 1 1 {sha256(public).hexdigest()}"


def resolving(folder: Path, address: str) -> tuple[str, ...]:
    """Starts a program that sees a resolv.conf of its own, and nobody else does."""
    (folder / "resolv.conf").write_text(f"nameserver {address}\noptions edns0 trust-ad\n")
    bind = f'mount --bind {folder}/resolv.conf "$(realpath /etc/resolv.conf)" && exec "$@"'
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", bind, "sh")


def test_dane_from_the_look_up_to_the_delivery(tmp_path: Path, wire_rules: Callable[[Path], Path]) -> None:
    """Nobody entered anything: the signed records are found, the lane is dane-only, the log says Verified.

    Another key behind the same name, even of an authority that everybody trusts, gets nothing.
    """
    named = Authority().issue(Wish(hosts=["mx.dane.example"], purpose=None))
    other = Authority().issue(Wish(hosts=["mx.dane.example"], purpose=None))
    address = f"127.53.{sum(tmp_path.name.encode()) % 250}.{sha256(bytes(tmp_path)).digest()[0] or 1}"
    with Sink(context(tmp_path, named)) as server:
        lines = ["@ 60 IN MX 10 mx", "mx 60 IN A 127.0.0.1"]
        lines += [f"_{port}._tcp.mx 60 IN TLSA {digest(named)}" for port in (25, server.port)]
        settings: Settings = {"workers": {"count": 1}, "encryption": {"sources": ["dane"], "resolver": address}}
        layout = Layout(
            wire_rules(tmp_path / "rules"),
            settings,
            main_cf=("smtp_host_lookup = dns",),
            lane_hop=f"[mx.dane.example]:{server.port}",
            around=resolving(tmp_path, address),
        )
        with Unbound(tmp_path, ZONE, lines, address), Site(layout, prefix="gp-") as site:
            assert site.send(letter("case-encrypt", CANARY + b"\r\n"), RECIPIENT).final.code == 250
            (delivery,) = server.wait_for(1)
            assert delivery.tls in {"TLSv1.2", "TLSv1.3"}
            assert "dane-only" in site.gateway.command("recipients", "test", RECIPIENT)
            wait_until(lambda: bool(proofs(site)), 30, "the log proves it")
            assert proofs(site)[0]["tls"]["trust"] == "Verified"

            server.clear()
            server.tls, server.sniffed = context(tmp_path, other), bytearray()
            site.send(letter("case-encrypt", CANARY + b" again\r\n"), RECIPIENT)
            wait_until(lambda: is_deferred(site), 30, "the copy waits")
            assert server.deliveries == ()
            assert CANARY not in server.sniffed


def is_deferred(site: Site) -> bool:
    return any(r.get("delay_reason") for m in site.postfix.queue() for r in m["recipients"])


def proofs(site: Site) -> list[dict[str, dict[str, str]]]:
    events = (e for e in site.gateway.audit_events() if e["metadata"]["event_code"] == "copy-delivered")
    return [e["unmapped"] for e in events if e["unmapped"]["status"] == "sent"]
