"""One message, four recipients, four ways: each gets exactly one copy that they, and nobody else, can read."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.cli.exits import Exit
from tests.makers.fanout import ANN, BODY, NED, PAT, TOM, Crew, to_all
from tests.makers.fanout import crew as make_crew
from tests.makers.opening import opened_by_gpg, opened_by_openssl


@pytest.fixture(scope="module")
def whole_crew(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    with make_crew(folder, wire_rules(folder / "rules")) as started:
        yield started


@pytest.fixture
def crew(whole_crew: Crew) -> Crew:
    whole_crew.clear()
    return whole_crew


def test_each_of_four_recipients_gets_exactly_one_readable_copy(crew: Crew, tmp_path: Path) -> None:
    """S/MIME, PGP, TLS and nothing: the first three read the same body byte for byte, the fourth is held."""
    held = crew.site.gateway.held()
    said = crew.site.send(to_all("case-encrypt", ANN, PAT, TOM, NED), ANN, PAT, TOM, NED)

    crew.site.postfix.drain()
    by = {address: delivery for delivery in crew.deliveries() for address in delivery.recipients}
    assert said.final.code == 250
    assert crew.got() == Counter([ANN, PAT, TOM])
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


def test_the_client_hears_of_every_recipient_what_it_asked_for(crew: Crew) -> None:
    """RFC 3461: of the copy in place Postfix tells by itself, of those that were handed over as much."""
    asked = {ANN: "NOTIFY=SUCCESS", PAT: "NOTIFY=SUCCESS", TOM: "NOTIFY=NEVER"}
    with crew.site.postfix.connect() as client:
        assert client.mail("me@clinic.example", ["RET=HDRS", "ENVID=visit+3D7"])[0] == 250
        for address, wish in asked.items():
            assert client.rcpt(address, [wish, f"ORCPT=rfc822;first.{address}"])[0] == 250
        assert client.data(to_all("case-encrypt", ANN, PAT, TOM))[0] == 250

    crew.site.postfix.drain()
    reports = [delivery for delivery in crew.deliveries() if delivery.recipients == ("me@clinic.example",)]
    told = b"".join(report.octets for report in reports)
    assert sorted(re.findall(rb"Original-Recipient: rfc822; ?(\S+)", told)) == sorted(
        f"first.{address}".encode() for address in (ANN, PAT)
    )
    assert told.count(b"Original-Envelope-Id: visit=7") == 2
    assert crew.got() == Counter([ANN, PAT, TOM, "me@clinic.example", "me@clinic.example"])


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


def test_held_message_is_released_encrypted_or_not_at_all(crew: Crew, tmp_path: Path) -> None:
    """Each recipient by what they can read, nothing in plain; and nobody gets it where one could not read it."""
    gateway = crew.site.gateway
    before = {item["item"] for item in gateway.quarantine()}
    crew.site.send(to_all("case-hold", ANN, PAT, TOM, NED), ANN, PAT, TOM, NED)
    (item,) = [item["item"] for item in gateway.quarantine() if item["item"] not in before]
    why = gateway.complaint("quarantine", "release", "--encrypted", item, expect=Exit.REFUSED)
    assert f"no way to reach {NED} by smime, pgp, tls" in why
    assert crew.site.postfix.queue() == []

    gateway.command("quarantine", "release", "--encrypted", "--to", ANN, "--to", PAT, "--to", TOM, item)

    crew.site.postfix.drain()
    by = {address: delivery for delivery in crew.deliveries() for address in delivery.recipients}
    assert crew.got() == Counter([ANN, PAT, TOM])
    for inside in (opened_by_openssl(by[ANN].message, crew.ann, tmp_path), opened_by_gpg(by[PAT].message, crew.pat)):
        assert inside.partition(b"\r\n\r\n")[2] == BODY
    assert by[TOM].tls in {"TLSv1.2", "TLSv1.3"}
    released = [e["unmapped"] for e in gateway.audit_events() if e["metadata"]["event_code"] == "released"]
    assert sorted((e["recipients"], e["method"]) for e in released) == [
        ([ANN], "smime"),
        ([PAT], "pgp"),
        ([TOM], "tls"),
    ]
    (left,) = [known for known in gateway.quarantine() if known["item"] == item]
    assert {r["address"]: r["state"] for r in left["recipients"]}[NED] == "held"
