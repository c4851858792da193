"""`gatepost report`: what is written where, noted, refused; and mailed so that one person can read it."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import Result

from gateway.audit import events
from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import load_config
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.verdict import Disposition, Outcome, Verdict
from gateway.demo.pki import Authority, Wish
from gateway.demo.sink import Sink
from gateway.detect.masking import fingerprint
from gateway.keys.intake import Checks, Intake
from gateway.keys.records import Source
from gateway.keys.revocation import Revocation
from gateway.report.safeguards import SAFEGUARDS
from gateway.wiring.stored import Stored, now, opened
from tests.makers.rules import small_rules

Call = Callable[..., Result]
OFFICER = "privacy@clinic.example"
RECORD = "MRN 44718-20"


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a wide terminal."""
    monkeypatch.setenv("SUDO_USER", "pat")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def settings(tmp_path: Path, sink: Sink) -> Path:
    small_rules(tmp_path / "rules")
    file = tmp_path / "gatepost.yaml"
    settings = {
        "policy": {"file": "rules/policy.yaml"},
        "store": {"folder": "state"},
        "postfix": {"submit-port": sink.port},
        "reports": {"recipients": [OFFICER]},
    }
    file.write_text(json.dumps(settings))
    return file


@pytest.fixture
def stored(settings: Path, call: Call) -> Iterator[Stored]:
    """A log with one delivered message that carried a record number."""
    assert call("keys", "init").exit_code == 0
    with opened(load_config(settings, {}), {}) as stored:
        recipients = ("lab@lab.example",)
        transaction = Transaction(
            Session(), Envelope("a@clinic.example", (Recipient(recipients[0]),)), b"x", "4F", "20261122-inc", now()
        )
        verdict = Verdict(Disposition.DELIVER, "sha256:00", (Outcome(recipients[0], Disposition.DELIVER),))
        decided = events.message_decided(transaction, verdict)
        assert isinstance(decided["unmapped"], dict)
        name = "MEDICAL_RECORD_NUMBER"
        known = fingerprint(stored.keyring.derive("fingerprint"), name, RECORD)
        decided["unmapped"]["entities"] = [{"entity": name, "count": 1, "distinct": 1, "fingerprints": [known]}]
        stored.audit.append(decided)
        yield stored


def exported(call: Call) -> list[dict[str, Any]]:
    """Reports alone: taking events out of the log is such an event too."""
    lines = call("audit", "export", "--kind", "audit-exported").stdout.splitlines()
    return [event for line in lines if (event := json.loads(line))["unmapped"]["what"].startswith("report")]


def test_a_report_is_a_private_file_and_who_took_it_is_noted(call: Call, stored: Stored, tmp_path: Path) -> None:
    """Never over something that is there."""
    file = tmp_path / "report.html"

    result = call("report", "quarterly", "--quarter", "this", "--format", "html", "--output", str(file))

    assert result.exit_code == 0, result.output
    assert file.stat().st_mode & 0o777 == 0o600
    page = file.read_text()
    assert "1 message left the organization" in page
    assert "the chain is whole" in page
    assert "*.reference-lab.example" in page  # an exception of the shipped lists
    assert exported(call)[0]["unmapped"]["what"] == "report quarterly"
    assert exported(call)[0]["actor"]["user"]["name"] == "pat"
    assert call("report", "safeguards", "--output", str(file)).exit_code == Exit.USAGE


def test_tables_go_into_a_new_folder(call: Call, stored: Stored, tmp_path: Path) -> None:
    """One file each."""
    folder = tmp_path / "tables"

    assert call("report", "quarterly", "--quarter", "this", "--format", "csv", "-o", str(folder)).exit_code == 0
    assert {"volume.csv", "rules.csv", "access-log.csv", "exceptions.csv"} <= {path.name for path in folder.iterdir()}
    assert call("report", "quarterly", "--format", "csv").exit_code == Exit.USAGE


def test_a_broken_log_is_reported_as_broken_and_exits_3(call: Call, stored: Stored, tmp_path: Path) -> None:
    """The report is made all the same: it is where people look. Nothing more is written into such a log."""
    [segment] = (tmp_path / "state" / "audit").glob("*.jsonl")
    before = segment.read_bytes().replace(b"4F", b"4G", 1)
    segment.write_bytes(before)
    file = tmp_path / "report.html"

    result = call("report", "quarterly", "--quarter", "this", "--format", "html", "-o", str(file))

    assert result.exit_code == Exit.BROKEN
    assert "broken at audit-000001.jsonl:" in file.read_text()
    assert segment.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("--quarter", "2026-Q5"),
        ("--quarter", "next"),
        ("--to", "2026-01-01"),
        ("--from", "2026-02-01", "--to", "2026-02-01"),
        ("--from", "2026-02-01", "--quarter", "last"),
    ],
)
def test_a_period_that_is_none_is_refused(call: Call, stored: Stored, words: tuple[str, ...]) -> None:
    """Before anything is noted."""
    assert call("report", "quarterly", "--format", "html", *words).exit_code == Exit.USAGE
    assert not exported(call)


def test_an_incident_report_is_for_an_incident_that_is_there(call: Call, stored: Stored) -> None:
    """Standard output takes the page where it is no terminal."""
    found = call("report", "incident", "20261122-inc", "--format", "html")

    assert found.exit_code == 0
    assert "Factor 4" in found.stdout
    assert call("report", "incident", "20261122-none").exit_code == Exit.NOT_FOUND


def test_disclosures_are_found_by_a_value_that_is_nowhere_kept(call: Call, stored: Stored, tmp_path: Path) -> None:
    """It comes by standard input; report, log and output have it not."""
    result = call("report", "disclosures", "--format", "html", typed=RECORD + "\n")

    assert result.exit_code == 0, result.output
    assert "lab@lab.example" in result.stdout
    assert "1 disclosure in 1 message" in result.stdout
    other = call("report", "disclosures", "--format", "html", typed="MRN 999\n")
    assert "No disclosure was found." in other.stdout
    everything = result.output + "".join(p.read_text() for p in (tmp_path / "state" / "audit").glob("*.jsonl"))
    assert RECORD not in everything
    assert "44718" not in everything
    assert call("report", "disclosures", "--format", "html", typed="").exit_code == Exit.USAGE


def test_a_report_is_mailed_so_that_only_its_recipient_reads_it(
    call: Call, stored: Stored, sink: Sink, tmp_path: Path
) -> None:
    """By S/MIME here: openssl opens it with the private key; in the mail on the way nothing of it is legible."""
    authority = Authority()
    identity = authority.issue(Wish(addresses=[OFFICER]))
    _take_in(stored, authority, identity.pem, tmp_path)

    result = call("report", "quarterly", "--quarter", "this", "--mail")

    assert result.exit_code == 0, result.output
    assert "by smime as" in result.stdout
    [delivery] = sink.wait_for(1)
    assert delivery.recipients == (OFFICER,)
    assert b"Compliance report on outbound mail" not in delivery.octets.partition(b"\r\n\r\n")[2]
    message = message_from_bytes(_decrypted(delivery.octets, identity.pem, identity.key_pem, tmp_path), policy=default)
    [attachment] = message.iter_attachments()
    [kept] = (tmp_path / "state" / "reports").iterdir()
    assert attachment.get_content() == kept.read_bytes()
    assert attachment.get_filename() == kept.name
    assert re.fullmatch(r"quarterly-quarter-\d-of-\d{4}-\d{8}\.pdf", kept.name)
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_report_never_leaves_in_plain(call: Call, stored: Stored, sink: Sink, tmp_path: Path) -> None:
    """Without a key of the recipient nothing is sent; the copy in the folder stays, and exit code 6 tells the timer."""
    result = call("report", "quarterly", "--quarter", "this", "--format", "html", "--mail")

    assert result.exit_code == Exit.UNAVAILABLE
    assert f"{OFFICER}: no certificate or OpenPGP key is known" in result.stderr
    assert not sink.deliveries
    assert len(list((tmp_path / "state" / "reports").iterdir())) == 1


def test_recipients_of_reports_are_addresses(call: Call, settings: Path) -> None:
    """No setting can bring a header of its own, or a name that is none."""
    for evil in ('"a@x.example\\nBcc: b@x.example"', "nobody", '"a b@x.example"'):
        settings.write_text(f"reports: {{recipients: [{evil}]}}\n")
        result = call("config", "check")
        assert result.exit_code == Exit.USAGE
        assert "must be a mail address" in result.stderr


@pytest.mark.parametrize("command", sorted({each.command for each in SAFEGUARDS if each.command}))
def test_each_command_of_the_safeguards_is_one(command: str) -> None:
    """The map sends nobody to something that is not there."""
    program, *words = command.split()
    assert program == "gatepost"
    found: Any = typer.main.get_command(app)
    for word in words:
        assert word in found.commands, command
        found = found.commands[word]


def _take_in(stored: Stored, authority: Authority, pem: str, folder: Path) -> None:
    (folder / "state" / "anchors.pem").write_text(authority.pem)
    book = stored.directory._book
    checks = Checks(folder / "state" / "anchors.pem", Revocation("off", lambda *_: b""))
    Intake(book, checks, lambda *_: None).take(pem.encode(), Source.MANUAL, by="pat")


def _decrypted(octets: bytes, certificate: str, key: str, folder: Path) -> bytes:
    for name, text in (("certificate.pem", certificate), ("key.pem", key)):
        (folder / name).write_text(text)
    command = ["openssl", "cms", "-decrypt", "-recip", "certificate.pem", "-inkey", "key.pem"]
    return subprocess.run(command, input=octets, cwd=folder, capture_output=True, check=True).stdout
