"""S/MIME on the wire: encrypted for whoever has a certificate, held for whoever has none."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.config import shipped
from gateway.demo.letters import letter
from gateway.demo.pki import Authority, Identity, Wish
from gateway.demo.service import Settings
from gateway.demo.site import Layout, Site

BODY = b"Dear colleague,\r\n\r\n.dots and \xc3\xbcmlauts stay.  \r\nMRN 4459-1182\r\n"
TYPE = b"Content-Type: text/plain; charset=utf-8"
ANN, EVE = "ann@partner.example", "eve@ec.example"

SETTINGS: Settings = {"workers": {"count": 1}, "encryption": {"revocation": "off"}}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def people(authority: Authority) -> dict[str, Identity]:
    return {
        ANN: authority.issue(Wish([ANN])),
        EVE: authority.issue(Wish([EVE], kind="ec")),
    }


@pytest.fixture(scope="module")
def crypto_site(
    tmp_path_factory: pytest.TempPathFactory,
    authority: Authority,
    people: dict[str, Identity],
    wire_rules: Callable[..., Path],
) -> Iterator[Site]:
    rules = wire_rules(tmp_path_factory.mktemp("crypto") / "rules")
    with Site(Layout(rules, SETTINGS), prefix="gp-") as site:
        (site.gateway.state / "anchors.pem").write_text(authority.pem)
        for number, person in enumerate(people.values()):
            file = site.folder / f"{number}.pem"
            file.write_text(person.pem)
            site.gateway.command("recipients", "import", str(file))
        yield site


@pytest.fixture
def site(crypto_site: Site) -> Site:
    crypto_site.postfix.drain()
    crypto_site.sink.clear()
    return crypto_site


def opened(octets: bytes, person: Identity, folder: Path) -> bytes:
    """The MIME entity inside, as OpenSSL decrypts it."""
    (folder / "own.pem").write_text(person.pem + person.key_pem)
    (folder / "mail.eml").write_bytes(octets)
    command = ["openssl", "cms", "-decrypt", "-in", str(folder / "mail.eml"), "-inkey", str(folder / "own.pem")]
    done = subprocess.run([*command, "-recip", str(folder / "own.pem")], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("address", [ANN, EVE])
def test_recipient_with_a_certificate_can_read_it(
    site: Site, people: dict[str, Identity], address: str, tmp_path: Path
) -> None:
    """AES-256-GCM for RSA and elliptic curves; the body inside is the sender's byte for byte, and so is the subject."""
    said = site.send(letter("case-encrypt", BODY, TYPE, b"MIME-Version: 1.0"), address)

    (delivery,) = site.sink.wait_for(1)
    inside = opened(delivery.message, people[address], tmp_path)
    assert said.final.code == 250
    assert b"smime-type=authEnveloped-data" in delivery.message
    assert b"MRN" not in delivery.message
    assert inside.partition(b"\r\n\r\n")[2] == BODY
    assert b"Subject: case-encrypt\r\n" in inside
    assert b'hp="cipher"' in inside
    assert delivery.message.count(b"Content-Type:") == 1
    assert delivery.message.lower().count(b"mime-version:") == 1


def test_several_named_recipients_share_one_copy(site: Site, people: dict[str, Identity], tmp_path: Path) -> None:
    """Both are named in the header, so one ciphertext is for both."""
    raw = letter("case-encrypt", BODY, TYPE).replace(b"someone@outside.example", f"{ANN}, {EVE}".encode())

    site.send(raw, ANN, EVE)

    (delivery,) = site.sink.wait_for(1)
    assert set(delivery.recipients) == {ANN, EVE}
    for address in (ANN, EVE):
        assert opened(delivery.message, people[address], tmp_path).endswith(BODY)


def test_recipient_without_a_key_is_held_for(site: Site, people: dict[str, Identity]) -> None:
    """Never in plain: the one without a key waits in quarantine, the other has a copy."""
    before = site.gateway.held()
    said = site.send(letter("case-encrypt", BODY), ANN, "bob@nowhere.example")

    site.postfix.drain()
    (delivery,) = site.sink.wait_for(1)
    assert said.final.code == 250
    assert delivery.recipients == (ANN,)
    assert site.gateway.held() == before + 1


def test_shipped_rule_for_patient_information_encrypts(
    tmp_path: Path, authority: Authority, people: dict[str, Identity]
) -> None:
    """What was quarantined without encryption leaves as ciphertext now, by the rule as shipped."""
    text = b"Patient Jane Roe, SSN 219-09-9999, was diagnosed with type 2 diabetes.\r\n"
    with Site(Layout(shipped("rules"), SETTINGS), prefix="gp-") as site:
        (site.gateway.state / "anchors.pem").write_text(authority.pem)
        (tmp_path / "ann.pem").write_text(people[ANN].pem)
        site.gateway.command("recipients", "import", str(tmp_path / "ann.pem"))

        said = site.send(letter("Referral", text), ANN)

        site.sink.wait(lambda deliveries: bool(site.sink.to(ANN)))
        (delivery,) = site.sink.to(ANN)
        assert said.final.code == 250
        assert b"219-09-9999" not in delivery.octets
        assert opened(delivery.message, people[ANN], tmp_path).endswith(text)
        (acted,) = [e for e in site.gateway.audit_events() if e["metadata"]["event_code"] == "message-acted"]
        (protected,) = acted["unmapped"]["protected"]
        assert (protected["method"], protected["manner"], protected["recipients"]) == ("smime", "gcm", [ANN])


def test_one_mailbox_in_quotes_and_without_has_one_copy(site: Site) -> None:
    """Postfix takes `"ann"@` for `ann@`: taken off as somebody without a certificate, Ann would have nothing."""
    said = site.send(letter("case-encrypt", BODY), ANN, f'"ann"@{ANN.partition("@")[2]}')

    site.postfix.drain()
    assert said.final.code == 250
    assert [delivery.recipients for delivery in site.sink.deliveries] == [(ANN,)]
    assert all(b"MRN" not in delivery.message for delivery in site.sink.deliveries)


@pytest.mark.parametrize("both", [(ANN.title(), ANN), (ANN, ANN.title())])
def test_letters_of_another_case_lose_nothing(site: Site, both: tuple[str, str]) -> None:
    """Postfix drops the second as a duplicate: it is held with the first, not taken off along with it."""
    said = site.send(letter("case-encrypt", BODY), *both)

    site.postfix.drain()
    kept = {recipient["address"] for recipient in site.gateway.quarantine()[0]["recipients"]}
    assert said.final.code == 250
    assert site.sink.deliveries == ()
    assert kept == set(both)
