"""Releasing redacted: what was found is gone from what is sent, and what cannot go is told and keeps it here."""

import io
import json
import zipfile
from datetime import timedelta
from email.message import EmailMessage

import httpx
import pytest
from typer.testing import CliRunner, Result

from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.console.api import PREFIX
from gateway.people import Tokens
from gateway.quarantine import State
from tests.web.conftest import Enter
from tests.web.house import LETTER, House

SSN = "536-22-1894"
TO, KIM = "pat@home.example", "kim@insurer.example"


def letter(**parts: bytes) -> bytes:
    """A message with the number in its subject, text and HTML; and attachments by name."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "nurse@clinic.example", TO, f"number {SSN}"
    message.set_content(f"Grüße,\n\nyour social security number is {SSN}.\n", cte="quoted-printable")
    message.add_alternative(f"<p>Social security number <b>{SSN}</b></p>", subtype="html")
    for name, octets in parts.items():
        message.add_attachment(octets, maintype="application", subtype="zip", filename=f"{name}.zip")
    return message.as_bytes().replace(b"\n", b"\r\n")


def packed(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("list.txt", text)
    return file.getvalue()


SIGNED = (
    b"From: nurse@clinic.example\r\nTo: pat@home.example\r\nSubject: signed\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nsocial security number 536-22-1894\r\n"
    b"--b\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\nx\r\n--b--\r\n"
)


def test_what_was_found_is_gone_from_what_is_sent(console: House, enter: Enter) -> None:
    """In subject, text and HTML; to those who were chosen; the evidence says what was taken out; once."""
    raw = letter()
    olga, item = enter("olga"), console.hold(raw, to=(TO, KIM))
    before = len(console.sink.deliveries)

    assert olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="redacted").status_code == 303

    (sent,) = console.sink.wait_for(before + 1)[before:]
    assert sent.recipients == (TO,)
    assert SSN.encode() not in sent.octets
    assert sent.octets.count(b"[REDACTED:US_SSN]") == 3
    assert b"Gr=C3=BC=C3=9Fe" in sent.octets
    (event,) = [e for e in console.events("released") if e["unmapped"]["item"] == item]
    assert event["unmapped"]["redacted"] == ["US_SSN"]
    assert console.stored.quarantine.get(item).state is State.HELD
    assert olga.post(f"/items/{item}/release", to=[TO], reason="again", how="redacted").status_code == 409
    assert len(console.sink.deliveries) == before + 1
    assert olga.post(f"/items/{item}/release", to=[KIM], reason="may have it", how="plain").status_code == 303
    assert console.sink.wait_for(before + 2)[-1].octets == raw


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (letter(list=packed(f"social security number {SSN}")), "attachment, from which it cannot be taken out"),
        (SIGNED, "would break the signature"),
        (letter(locked=b"PK\x03\x04 this is no archive"), "could not be read"),
        (LETTER.replace(SSN.encode(), b"not written here"), "find nothing in it"),
    ],
    ids=["attachment", "signed", "unread", "nothing"],
)
def test_what_cannot_be_taken_out_is_told_and_nothing_is_sent(
    console: House, enter: Enter, raw: bytes, why: str
) -> None:
    """In plain words, with the part; the message stays as it was."""
    olga, item = enter("olga"), console.hold(raw)
    before = len(console.sink.deliveries)

    answer = olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="redacted")

    assert answer.status_code == 409
    assert "cannot be released redacted" in answer.text
    assert why in answer.text
    assert SSN not in answer.text
    assert len(console.sink.deliveries) == before
    assert console.stored.quarantine.get(item).state is State.HELD


def test_while_postfix_is_away_nothing_changes(console: House, enter: Enter) -> None:
    """As with every release: Postfix has it before it counts as sent."""
    olga, item = enter("olga"), console.hold(letter())
    console.sink.on_recipient = lambda _: b"451 4.3.0 not now"
    try:
        answer = olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="redacted")
    finally:
        console.sink.on_recipient = lambda _: b""

    assert answer.status_code == 409
    assert console.stored.quarantine.get(item).state is State.HELD


def test_two_people_agree_to_the_same_way(console: House, enter: Enter) -> None:
    """Who agreed to all of it has nothing against less; who agreed to less did not agree to all of it."""
    less, more = console.hold(letter(), reviewers=2), console.hold(letter(), reviewers=2)
    before = len(console.sink.deliveries)

    enter("rolf").post(f"/items/{more}/release", to=[TO], reason="checked", how="redacted")
    enter("rita").post(f"/items/{more}/release", to=[TO], reason="checked", how="plain")
    enter("rolf").post(f"/items/{less}/release", to=[TO], reason="checked", how="plain")
    assert len(console.sink.deliveries) == before
    enter("rita").post(f"/items/{less}/release", to=[TO], reason="checked", how="redacted")

    (sent,) = console.sink.wait_for(before + 1)[before:]
    assert SSN.encode() not in sent.octets


def test_the_command_line_releases_redacted_too(console: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same care: once, and not where something stays."""
    item, locked = console.hold(letter()), console.hold(letter(list=packed(f"social security number {SSN}")))
    before = len(console.sink.deliveries)
    monkeypatch.setenv("SUDO_USER", "pat")

    def run(*words: str) -> Result:
        config = str(console.folder / "gatepost.yaml")
        return CliRunner().invoke(app, ["quarantine", "release", *words, "--reason", "known", "--config", config])

    done = run(item, "--redacted", "--format", "json")
    assert json.loads(done.stdout)["redacted"] == ["US_SSN"]
    refused = run(locked, "--redacted")
    assert refused.exit_code == Exit.REFUSED
    assert "from which it cannot be taken out" in refused.stderr
    assert run(item, "--redacted", "--encrypted").exit_code == Exit.USAGE
    (sent,) = console.sink.wait_for(before + 1)[before:]
    assert SSN.encode() not in sent.octets


def test_a_program_may_ask_for_it(shared: tuple[House, str]) -> None:
    """One of the ways, not two at once."""
    house, url = shared
    _, secret = Tokens(house.stored.engine).issue("rolf", "redacting", ["release"], timedelta(days=1))
    item, address = house.hold(letter()), {"Authorization": f"Bearer {secret}"}
    path = f"{url}{PREFIX}/items/{item}/release"

    both = httpx.post(path, json={"reason": "ticket", "encrypted": True, "redacted": True}, headers=address, timeout=60)
    one = httpx.post(path, json={"reason": "ticket", "redacted": True}, headers=address, timeout=60)

    assert both.status_code == 400
    assert one.json()["sent"][0]["redacted"] == ["US_SSN"]
