"""SIGHUP while mail flows: a good policy comes into force whole, a broken one never does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.demo.client import Dialogue
from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.site import Site
from gateway.ruleset.signing import sign


@contextmanager
def mail_flows(site: Site) -> Iterator[list[Dialogue]]:
    """Three clients that send a held message over and over; what they were told."""
    said: list[Dialogue] = []
    stop = threading.Event()

    def client() -> None:
        while not stop.is_set():
            said.append(site.send(letter("case-block"), "a@outside.example"))

    threads = [threading.Thread(target=client) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield said
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def digest(site: Site) -> str:
    (name,) = [name for name in site.gateway.metrics() if name.startswith("gatepost_policy_info")]
    return name


def reloads(site: Site, result: str) -> float:
    return site.gateway.metrics()[f'gatepost_policy_reloads_total{{result="{result}"}}']


def test_broken_rule_keeps_the_policy_while_mail_flows(build_site: Callable[..., Site], rules: Path) -> None:
    """Every message is judged by the old policy; the metric says that the load failed; a mended rule loads again."""
    site = build_site()
    before = digest(site)
    rule = rules / "packs/wire/wire-block.yaml"
    sound = rule.read_text()

    with mail_flows(site) as said:
        wait_until(lambda: len(said) >= 5, 60, "mail flows")
        rule.write_text(sound.replace("subject:", "subjekt:"))
        site.gateway.reload()
        wait_until(lambda: reloads(site, "failed") == 1, 60, "the load has failed")
        count = len(said)
        wait_until(lambda: len(said) >= count + 5, 60, "mail still flows")

    assert {each.final.code for each in said} == {550}
    assert digest(site) == before
    assert site.gateway.metrics()["gatepost_policy_last_load_ok"] == 0
    assert any("subjekt" in line and "wire-block.yaml:" in line for line in site.gateway.log_lines())

    rule.write_text(sound)
    site.gateway.reload()
    wait_until(lambda: reloads(site, "ok") == 2, 60, "the mended policy is in force")
    assert site.gateway.metrics()["gatepost_policy_last_load_ok"] == 1


def test_good_rule_comes_into_force_while_mail_flows(build_site: Callable[..., Site], rules: Path) -> None:
    """Messages are refused until the reload and held after it; none is lost, deferred or delivered."""
    site = build_site()
    before = digest(site)
    rule = rules / "packs/wire/wire-block.yaml"

    with mail_flows(site) as said:
        wait_until(lambda: len(said) >= 5, 60, "mail flows")
        rule.write_text(rule.read_text().replace("block: {}", "quarantine: {}"))
        site.gateway.reload()
        wait_until(lambda: reloads(site, "ok") == 2, 60, "the new policy is in force")
        count = len(said)
        wait_until(lambda: len(said) >= count + 5, 60, "mail still flows")

    codes = [each.final.code for each in said]
    assert set(codes) == {550, 250}
    assert codes[-1] == 250
    assert digest(site) != before
    assert site.sink.deliveries == ()
    assert site.gateway.held() == codes.count(250)


@pytest.fixture
def officer(tmp_path: Path, rules: Path) -> Callable[[], Path]:
    """Signs the rules as they are; gives the file of the public key."""
    key = Ed25519PrivateKey.generate()
    public = tmp_path / "officer.pub.pem"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def put() -> Path:
        sign(rules / "policy.yaml", key, signer="privacy@clinic.example", when=datetime.now(UTC))
        return public

    return put


def test_a_reload_refuses_what_nobody_signed(
    build_site: Callable[..., Site], rules: Path, officer: Callable[[], Path]
) -> None:
    """Rules that were changed, and a set without a signature: the old policy stays, and it is evidence."""
    site = build_site({"policy": {"require-signature": str(officer())}})
    before = digest(site)
    rule = rules / "packs/wire/wire-block.yaml"
    rule.write_text(rule.read_text().replace("block: {}", "tag: x"))

    site.gateway.reload()
    wait_until(lambda: reloads(site, "failed") == 1, 60, "the changed set is refused")
    (rules / "signature.json").unlink()
    site.gateway.reload()
    wait_until(lambda: reloads(site, "failed") == 2, 60, "the unsigned set is refused")

    assert site.send(letter("case-block"), "a@outside.example").final.code == 550
    assert digest(site) == before
    refused = [e["unmapped"] for e in site.gateway.audit_events() if e["metadata"]["event_code"] == "policy-refused"]
    assert [each["unsigned"] for each in refused] == [True, True]
    assert {each["kept"] for each in refused} == {before.split('"')[1]}
    assert any("wire-block.yaml: changed since it was signed" in line for line in site.gateway.log_lines())

    officer()
    site.gateway.reload()
    wait_until(lambda: reloads(site, "ok") == 2, 60, "the signed set is in force")
    assert site.send(letter("case-block"), "a@outside.example").final.code == 250


def test_gateway_does_not_start_with_a_broken_rule(build_site: Callable[..., Site], rules: Path) -> None:
    """Exit 2, every fault with file and line, before any mail."""
    site = build_site(start=False)
    for name in ("wire-block", "wire-hold"):
        rule = rules / f"packs/wire/{name}.yaml"
        rule.write_text(rule.read_text().replace("status: enforce", "status: enforced"))

    site.gateway.prepare()
    text = site.gateway.complaint("serve", expect=2)

    assert "wire-block.yaml:3" in text
    assert "wire-hold.yaml:3" in text
    assert "Traceback" not in text
