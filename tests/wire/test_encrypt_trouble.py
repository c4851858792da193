"""Protected copies where Postfix or the other side makes trouble: once each in the end, or back to the sender."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from gateway.demo.pki import Identity, Wish
from gateway.demo.ports import wait_until
from tests.makers.fanout import ANN, BODY, PAT, TOM, Crew, to_all
from tests.makers.fanout import crew as make_crew
from tests.makers.opening import opened_by_gpg, opened_by_openssl

THREE = (ANN, PAT, TOM)
EVE = "eve@nothing.example"


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    with make_crew(folder, wire_rules(folder / "rules")) as started:
        yield started


@contextmanager
def refusing(crew: Crew, address: str) -> Iterator[None]:
    """Postfix takes no copy for this one."""
    postfix = crew.site.postfix
    place = f"127.0.0.1:{postfix.loopback_port}/inet/smtpd_recipient_restrictions"
    postfix.change("-P", f"{place}=check_recipient_access,inline:{{{address}=REJECT}}")
    yield
    postfix.change("-PX", place)


def test_postfix_refuses_the_last_of_three_copies(crew: Crew) -> None:
    """One has been handed over when another is refused: 451; once Postfix takes it each has exactly one copy."""
    postfix, raw = crew.site.postfix, to_all("case-encrypt", *THREE)
    with refusing(crew, TOM):
        said = [crew.site.send(raw, *THREE).final.code for _ in range(2)]

    assert said == [451, 451]
    wait_until(lambda: crew.got()[PAT] == 1, 30, "the copy that was taken is delivered")
    assert crew.got()[TOM] == 0
    assert crew.site.send(raw, *THREE).final.code == 250
    postfix.drain()
    assert crew.got() == Counter(THREE)


def test_a_copy_too_large_once_encrypted_stops_all_of_them(crew: Crew) -> None:
    """The message fits and its S/MIME and OpenPGP copies do not: refused for good, and nobody has anything."""
    crew.clear()
    postfix, raw = crew.site.postfix, to_all("case-encrypt", *THREE) + b"x" * 70 + b"\r\n"
    raw += (b"y" * 70 + b"\r\n") * 2000
    postfix.change("-e", f"message_size_limit={len(raw) + 12_000}")
    try:
        said = crew.site.send(raw, *THREE).final
    finally:
        postfix.change("-X", "message_size_limit")

    assert said.code == 552
    assert "too large" in said.text
    postfix.drain()
    assert crew.got() == Counter()
    assert crew.site.send(raw, *THREE).final.code == 250
    postfix.drain()
    assert crew.got() == Counter(THREE)


def test_certificates_that_arrive_between_two_tries_give_nobody_two_copies(crew: Crew, tmp_path: Path) -> None:
    """The retry groups its recipients anew: who was served stays so, who was not gets one copy of the new group.

    At first Pat's copy is handed over, Eve's is held, Tom's is refused and Ann's waits for the answer. Then Pat, Tom
    and Eve can be reached by S/MIME as Ann can, so that all four would share one copy.
    """
    crew.clear()
    site, everybody = crew.site, (*THREE, EVE)
    raw, held = to_all("case-encrypt", *everybody), site.gateway.held()
    with refusing(crew, TOM):
        said = site.send(raw, *everybody).final.code
    assert said == 451
    wait_until(lambda: crew.got()[PAT] == 1, 30, "the copy that was taken is delivered")
    people = {address: crew.authority.issue(Wish([address])) for address in (PAT, TOM, EVE)}
    for number, person in enumerate(people.values()):
        (tmp_path / f"{number}.pem").write_text(person.pem)
        site.gateway.command("recipients", "import", str(tmp_path / f"{number}.pem"))

    assert site.send(raw, *everybody).final.code == 250

    site.postfix.drain()
    by = {address: delivery.message for delivery in crew.deliveries() for address in delivery.recipients}
    assert crew.got() == Counter(THREE)
    assert site.gateway.held() == held + 1
    assert by[TOM] == by[ANN]
    assert opened_by_gpg(by[PAT], crew.pat).endswith(BODY)
    for address, person in ((ANN, crew.ann), (TOM, people[TOM])):
        assert opened_by_openssl(by[address], person, tmp_path).endswith(BODY)
    for address, person in people.items():
        site.gateway.command("recipients", "remove", address, fingerprint(person))


def fingerprint(person: Identity) -> str:
    """Of a certificate, as it is listed."""
    return load_pem_x509_certificate(person.pem.encode()).fingerprint(SHA256()).hex()


def test_what_cannot_leave_by_tls_returns_to_its_sender(crew: Crew) -> None:
    """The other side lost its TLS for good: after Postfix's patience the sender hears of it, and nobody got a byte."""
    crew.clear()
    context, crew.tls.tls, crew.tls.sniffed = crew.tls.tls, None, bytearray()
    crew.site.postfix.change("-e", "maximal_queue_lifetime=2s")
    try:
        assert crew.site.send(to_all("case-encrypt", TOM), TOM).final.code == 250
        (bounce,) = crew.site.sink.wait_for(1, seconds=60)
    finally:
        crew.site.postfix.change("-X", "maximal_queue_lifetime")
        crew.tls.tls = context

    assert (bounce.mail_from, bounce.recipients) == ("", ("nurse@clinic.example",))
    assert b"TLS is required" in bounce.octets
    assert crew.tls.deliveries == ()
    assert BODY[:20] not in crew.tls.sniffed
    wait_until(lambda: "expired" in statuses(crew) or "bounced" in statuses(crew), 30, "the log proves it")


def statuses(crew: Crew) -> set[str]:
    events = (e for e in crew.site.gateway.audit_events() if e["metadata"]["event_code"] == "copy-delivered")
    return {e["unmapped"]["status"] for e in events if TOM in e["email"]["smtp_to"]}
