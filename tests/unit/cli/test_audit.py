"""`gatepost audit`: verifies, shows and exports the log, and notes who took evidence."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from gateway.audit.chain import digest, line_of
from gateway.cli.exits import Exit
from gateway.wiring.stored import Stored
from tests.makers.called import Call, data

pytestmark = pytest.mark.usefixtures("at_terminal")


def test_audit_verify_of_a_whole_chain(call: Call, stored: Stored) -> None:
    """Counts and the end of the log, which may be noted and asked for later."""
    verified = data(call("audit", "verify", "--format", "json"))

    assert verified["ok"] is True
    end = f"{verified['last_seq']}:{verified['last_hash']}"
    assert call("audit", "verify", "--expect", end).exit_code == 0
    assert call("audit", "verify", "--expect", f"{verified['last_seq']}:{'0' * 64}").exit_code == Exit.BROKEN
    assert call("audit", "verify", "--expect", "odd").exit_code == Exit.USAGE


def test_audit_verify_names_the_first_changed_line(call: Call, held: str, tmp_path: Path) -> None:
    """Exit code 3, in both forms."""
    call("quarantine", "discard", held, "--reason", "sent in error")
    [segment] = (tmp_path / "state" / "audit").glob("*.jsonl")
    segment.write_text(segment.read_text().replace("sent in error", "sent  on time"))

    text, plain = call("audit", "verify"), call("audit", "verify", "--format", "json")

    assert (text.exit_code, plain.exit_code) == (Exit.BROKEN, Exit.BROKEN)
    assert text.stdout.startswith("BROKEN  audit-000001.jsonl:")
    assert data(plain)["ok"] is False


def test_audit_verify_tells_of_events_that_nobody_signed(call: Call, held: str, tmp_path: Path) -> None:
    """Put behind an older signed head: exit code 3; when the log has gone on behind them it is still told."""
    folder = tmp_path / "state" / "audit"
    [segment] = folder.glob("*.jsonl")
    signed, head = segment.read_bytes().splitlines(keepends=True), (folder / "head.json").read_bytes()
    call("quarantine", "discard", held, "--reason", "sent in error")
    forged: list[bytes] = []
    last = digest(signed[-1])
    for line in map(json.loads, segment.read_bytes().splitlines()[len(signed) :]):
        if line["metadata"]["event_code"] != "checkpoint":
            line["unmapped"]["reason"] = "sent on time"
            forged.append(line_of({**line, "prev": last, "seq": len(signed) + len(forged) + 1}))
            last = digest(forged[-1])
    segment.write_bytes(b"".join((*signed, *forged)))
    (folder / "head.json").write_bytes(head)

    text, plain = call("audit", "verify"), data(call("audit", "verify", "--format", "json"))
    assert text.exit_code == Exit.BROKEN
    assert "NOT SIGNED" in text.stdout
    assert plain["ok"] is False

    call("audit", "show", "20261122-inc")
    after = call("audit", "verify")
    assert after.exit_code == 0
    assert "once went on behind an end that was not signed" in after.stderr


def test_audit_verify_with_a_key_kept_elsewhere(call: Call, stored: Stored, tmp_path: Path) -> None:
    """The public key that an auditor has; a file that is none is refused."""
    (tmp_path / "key.pem").write_bytes(stored.keyring.audit_public_pem())
    (tmp_path / "none.pem").write_text("nothing")

    assert call("audit", "verify", "--public-key", str(tmp_path / "key.pem")).exit_code == 0
    assert call("audit", "verify", "--public-key", str(tmp_path / "none.pem")).exit_code == Exit.USAGE


def test_audit_show_tells_one_incident(call: Call, held: str) -> None:
    """All its events in order; an incident that is not there exits 4."""
    call("quarantine", "discard", held, "--reason", "sent in error")

    assert "discarded" in call("audit", "show", "20261122-inc").stdout
    assert "sent in error" in call("audit", "show", "20261122-inc").stdout
    assert call("audit", "show", "20261122-none").exit_code == Exit.NOT_FOUND


def test_audit_export_is_the_lines_of_the_log(call: Call, stored: Stored, tmp_path: Path) -> None:
    """Byte for byte, so that their hashes can be checked elsewhere; times narrow it."""
    [segment] = (tmp_path / "state" / "audit").glob("*.jsonl")

    assert call("audit", "export").stdout == segment.read_text()
    assert call("audit", "export", "--until", "2001-01-01").stdout == ""
    assert call("audit", "export", "--format", "text").stdout.count("\n") == segment.read_text().count("\n")


def test_whoever_takes_evidence_is_noted(call: Call, held: str, tmp_path: Path) -> None:
    """On standard output as well as with proof; not for an incident that is not there, which would be invented so."""
    call("quarantine", "discard", held, "--reason", "sent in error")
    for words in (("export",), ("export", "--incident", "20261122-inc"), ("timeline", "20261122-inc")):
        assert call("audit", *words).exit_code == 0
    assert call("audit", "show", "20261122-inc").exit_code == 0
    for words in (("export", "--incident", "none"), ("timeline", "none"), ("show", "none")):
        assert call("audit", *words).exit_code == Exit.NOT_FOUND

    [segment] = (tmp_path / "state" / "audit").glob("*.jsonl")
    noted = [json.loads(line) for line in segment.read_text().splitlines()]
    taken = [event for event in noted if event["metadata"]["event_code"] == "audit-exported"]
    assert [event["unmapped"]["what"] for event in taken] == ["lines", "lines", "timeline", "incident"]
    assert {event["actor"]["user"]["name"] for event in taken} == {"pat"}


def test_audit_without_a_log_exits_4(call: Call) -> None:
    """There is nothing to verify, which is not the same as a whole chain."""
    assert call("audit", "verify").exit_code == Exit.NOT_FOUND


def test_audit_export_of_a_damaged_line_stops_with_3(call: Call, stored: Stored, tmp_path: Path) -> None:
    """The lines before it are written, the damaged one is not."""
    [segment] = (tmp_path / "state" / "audit").glob("*.jsonl")
    with segment.open("a") as log:
        log.write("[1]\n")

    assert call("audit", "export").exit_code == Exit.BROKEN


def test_audit_export_to_a_folder_has_the_proof(call: Call, held: str, tmp_path: Path) -> None:
    """Events, proof, signed head, public key and instructions; by an incident too; never over something there."""
    call("quarantine", "discard", held, "--reason", "sent in error")
    to = tmp_path / "proof"

    result = call("audit", "export", "--output", str(to), "--incident", "20261122-inc")

    assert result.exit_code == 0, result.output
    names = {path.name for path in to.iterdir()}
    assert names >= {"events.jsonl", "proof.jsonl", "SHA256SUMS.sig", "README.html", "timeline.html", "timeline.txt"}
    events = (to / "events.jsonl").read_bytes().splitlines()
    assert len(events) == 3
    assert b'"audit-exported"' in events[-1]
    proof = (to / "proof.jsonl").read_bytes().splitlines()
    assert set(events) <= set(proof)
    assert hashlib.sha256(proof[-1] + b"\n").hexdigest() == json.loads((to / "head.json").read_text())["hash"] or (
        b'"checkpoint"' in proof[-1]
    )
    assert call("audit", "export", "--output", str(to)).exit_code == Exit.USAGE
    none = call("audit", "export", "--output", str(tmp_path / "none"), "--incident", "20261122-none")
    assert none.exit_code == Exit.NOT_FOUND


def test_audit_export_to_a_zip_file_of_a_period(call: Call, held: str, tmp_path: Path) -> None:
    """An auditor's words for the period are understood too, and who took it is noted."""
    to = tmp_path / "proof.zip"

    result = call("audit", "export", "-o", str(to), "--from", "2001-01-01", "--to", "2101-01-01")

    assert result.exit_code == 0, result.output
    assert zipfile.is_zipfile(to)
    event = json.loads(call("audit", "export", "--kind", "audit-exported").stdout.splitlines()[0])
    assert event["actor"]["user"]["name"] == "pat"
    assert event["unmapped"]["from"] == 978_307_200_000


def test_audit_timeline_in_three_forms(call: Call, held: str) -> None:
    """The same moments as text, JSON and a page, with who looked before; an incident that is not there exits 4."""
    call("quarantine", "discard", held, "--reason", "sent in error")

    assert "The sealed message was destroyed (by pat)" in call("audit", "timeline", "20261122-inc").stdout
    moments = data(call("audit", "timeline", "20261122-inc", "--format", "json"))["moments"]
    assert [moment["code"] for moment in moments] == ["discard-requested", "discarded", "audit-exported"]
    assert "sent in error" in call("audit", "timeline", "20261122-inc", "--format", "html").stdout
    assert call("audit", "timeline", "20261122-none").exit_code == Exit.NOT_FOUND


def test_audit_export_with_proof_refuses_a_log_that_was_changed(call: Call, stored: Stored, tmp_path: Path) -> None:
    """Nothing is written that looks like a proof."""
    [segment] = (tmp_path / "state" / "audit").glob("*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b'"pat"', b'"max"'))

    assert call("audit", "export", "--output", str(tmp_path / "proof")).exit_code == Exit.BROKEN
    assert not (tmp_path / "proof").exists()
