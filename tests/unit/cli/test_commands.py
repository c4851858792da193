"""The commands as a user calls them: output, exit codes, and what they leave in the audit log."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import load_config, reference
from gateway.core.wishes import Wishes
from gateway.quarantine import FoundEntity, NewItem
from gateway.stored import Stored, opened
from gateway.submit import SubmitFailed

MESSAGE = b"Subject: canary-subject\r\n\r\ncanary-body\r\n"

Call = Callable[..., Result]


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a wide terminal."""
    monkeypatch.setenv("SUDO_USER", "pat")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def stored(settings: Path, call: Call) -> Iterator[Stored]:
    """Keys, an empty quarantine and an audit log."""
    assert call("keys", "init").exit_code == 0
    with opened(load_config(settings, {}), {}) as stored:
        yield stored


@pytest.fixture
def held(stored: Stored) -> str:
    """The id of one held message."""
    new = NewItem(
        id="20261122-aaaa",
        incident="20261122-inc",
        mail_from="nurse@clinic.example",
        recipients=("a@outside.example", "b@outside.example"),
        severity="high",
        policy_digest="sha256:aa",
        rules=("hipaa-phi-external",),
        areas=("hipaa",),
        findings=(FoundEntity("US_SSN", 2, ("***-**-6789",)),),
    )
    return stored.quarantine.put(new, [MESSAGE])


def data(result: Result) -> Any:
    return json.loads(result.stdout)


def codes(call: Call) -> list[str]:
    """The codes of the events in the audit log."""
    lines = call("audit", "export").stdout.splitlines()
    return [json.loads(line)["metadata"]["event_code"] for line in lines]


def faulty(file: Path) -> str:
    file.write_text("milter: {sokcet: x}\nlog: {level: loud}\n")
    return str(file)


def test_config_check_lists_every_fault_and_exits_2(settings: Path) -> None:
    """On standard error as text; standard output stays empty."""
    result = CliRunner().invoke(app, ["config", "check", "--config", faulty(settings)])

    assert result.exit_code == Exit.USAGE
    assert result.stdout == ""
    assert [line.rpartition("yaml:")[2] for line in result.stderr.splitlines()] == [
        "1:10: milter.sokcet: no such setting: did you mean socket?",
        "2:14: log.level: must be 'debug', 'info', 'warning' or 'error': write one of them",
    ]


def test_config_check_as_json_gives_the_faults_as_data(settings: Path) -> None:
    """With file, line, column, subject, problem and remedy."""
    result = CliRunner().invoke(app, ["config", "check", "--format", "json", "--config", faulty(settings)])

    assert result.exit_code == Exit.USAGE
    assert data(result)["ok"] is False
    assert data(result)["faults"][0]["line"] == 1


@pytest.mark.parametrize("words", [("serve",), ("scan", "x"), ("explain", "x"), ("keys", "list"), ("audit", "verify")])
def test_a_faulty_configuration_ends_every_command_with_2(settings: Path, words: Sequence[str]) -> None:
    """Before anything else is done."""
    result = CliRunner().invoke(app, [*words, "--config", faulty(settings)])

    assert result.exit_code == Exit.USAGE
    assert "did you mean socket?" in result.stderr


def test_config_check_of_a_sound_file(call: Call) -> None:
    """Says so, with exit code 0."""
    assert call("config", "check").stdout.endswith("no faults\n")
    assert data(call("config", "check", "--format", "json"))["ok"] is True


def test_config_show_prints_a_file_that_can_be_used(call: Call, settings: Path) -> None:
    """The effective values, as YAML that loads to the same configuration."""
    before = load_config(settings, {})

    settings.write_text(call("config", "show").stdout)

    assert load_config(settings, {}) == before


def test_config_show_hides_passwords(call: Call, settings: Path) -> None:
    """In text and in JSON."""
    settings.write_text("store: {database: 'postgresql://gate:pass-word@db.test/x'}\n")

    assert "pass-word" not in call("config", "show").stdout
    assert "pass-word" not in call("config", "show", "--format", "json").stdout


def test_config_reference_is_the_page() -> None:
    """So that `gatepost config reference > docs/configuration.md` renews it."""
    assert CliRunner().invoke(app, ["config", "reference"]).stdout == reference()


def test_wrong_usage_exits_2() -> None:
    """An unknown command, an unknown option, a missing argument."""
    for words in (["nothing"], ["scan", "--nothing"], ["scan"], ["quarantine", "discard", "x"]):
        assert CliRunner().invoke(app, words).exit_code == Exit.USAGE


def test_version_is_told_both_ways() -> None:
    """By the option on one line, by the command with what it runs on."""
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("gatepost ")
    assert set(data(CliRunner().invoke(app, ["version", "--format", "json"]))) == {"gatepost", "python", "system"}


def test_keys_init_makes_a_private_keyring_and_says_so_in_the_audit_log(call: Call, tmp_path: Path) -> None:
    """Mode 0600, an event with who did it, and no second time."""
    first = call("keys", "init", "--format", "json")

    file = tmp_path / "state" / "keyring.json"
    assert data(first)["keyring"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert codes(call)[0] == "keys-initialised"
    assert '"name":"pat"' in call("audit", "export").stdout
    again = call("keys", "init")
    assert again.exit_code == Exit.USAGE
    assert "there is a keyring already" in again.stderr


def test_keys_rotate_retires_the_old_key(call: Call) -> None:
    """The new one is active, both are listed, the audit log knows."""
    call("keys", "init")
    rotated = data(call("keys", "rotate", "--format", "json"))

    listed = [json.loads(line) for line in call("keys", "list", "--format", "json").stdout.splitlines()]
    assert [(key["key"], key["state"]) for key in listed] == [
        (rotated["retired"], "retired"),
        (rotated["key"], "active"),
    ]
    assert "keys-rotated" in codes(call)


def test_keys_rewrap_seals_items_under_the_new_key(call: Call, held: str) -> None:
    """Each item once; the message still opens."""
    call("keys", "rotate")

    assert data(call("keys", "rewrap", "--format", "json"))["rewrapped"] == 1
    assert data(call("keys", "rewrap", "--format", "json"))["rewrapped"] == 0
    assert call("quarantine", "show", held, "--message").stdout_bytes == MESSAGE


def test_no_keyring_is_a_setup_error(call: Call) -> None:
    """With the path and exit code 2."""
    result = call("keys", "list")

    assert result.exit_code == Exit.USAGE
    assert "keyring.json" in result.stderr


def test_quarantine_list_tells_what_is_held(call: Call, held: str) -> None:
    """As JSON Lines with masked samples, and as a table; other states are asked for."""
    [line] = call("quarantine", "list", "--format", "json").stdout.splitlines()

    item = json.loads(line)
    assert item["item"] == held
    assert item["recipients"][0] == {"address": "a@outside.example", "state": "held", "queue_id": ""}
    assert item["findings"] == [{"entity": "US_SSN", "count": 2, "samples": ["***-**-6789"]}]
    assert held in call("quarantine", "list").stdout
    assert call("quarantine", "list", "--state", "released", "--format", "json").stdout == ""
    assert call("quarantine", "list", "--rule", "other", "--format", "json").stdout == ""
    assert call("quarantine", "list", "--state", "odd").exit_code == Exit.USAGE


def test_quarantine_list_goes_through_all_pages(call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every item once, newest first, however many pages there are."""
    monkeypatch.setattr("gateway.cli.quarantine.PAGE", 2)
    for number in range(5):
        new = NewItem(f"item-{number}", "i", "", ("a@x.test",), "low", "sha256:aa")
        stored.quarantine.put(new, [MESSAGE])

    lines = call("quarantine", "list", "--format", "json").stdout.splitlines()
    limited = call("quarantine", "list", "--format", "json", "--limit", "3").stdout.splitlines()

    assert sorted(json.loads(line)["item"] for line in lines) == [f"item-{number}" for number in range(5)]
    assert lines[:3] == limited


def test_quarantine_show_has_no_content_without_the_flag(call: Call, held: str) -> None:
    """What is known of the item in both forms; the message itself is noted as viewed."""
    assert "nurse@clinic.example" in call("quarantine", "show", held).stdout
    assert "canary" not in call("quarantine", "show", held).stdout
    assert "canary" not in call("quarantine", "show", held, "--format", "json").stdout

    assert call("quarantine", "show", held, "--message").stdout_bytes == MESSAGE
    assert "viewed" in codes(call)


def test_an_item_that_is_not_there_exits_4(call: Call, stored: Stored) -> None:
    """For show, release and discard alike."""
    for words in (("show", "gone"), ("release", "gone"), ("discard", "gone", "--reason", "x")):
        assert call("quarantine", *words).exit_code == Exit.NOT_FOUND


def test_discard_is_noted_and_final(call: Call, held: str) -> None:
    """The second time is refused with a code of its own; the events say who and why."""
    first = call("quarantine", "discard", held, "--reason", "sent in error")

    assert first.exit_code == 0
    again = call("quarantine", "discard", held, "--reason", "x", "--format", "json")
    assert again.exit_code == Exit.REFUSED
    assert data(again)["ok"] is False
    event = json.loads(call("audit", "export", "--kind", "discarded").stdout)
    assert event["unmapped"]["reason"] == "sent in error"
    assert event["actor"]["user"]["name"] == "pat"


def test_release_hands_the_message_to_postfix(call: Call, held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the recipients asked for, as it came; the queue id is shown and in the audit log."""
    sent: list[tuple[str, Sequence[str], bytes]] = []

    def submit(_: object, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes) -> str:
        sent.append((mail_from, tuple(recipients), b"".join(chunks)))
        return "4QUEUE"

    monkeypatch.setattr("gateway.submit.Submitter.submit", submit)
    result = call("quarantine", "release", held, "--to", "b@outside.example", "--reason", "known", "--format", "json")

    assert sent == [("nurse@clinic.example", ("b@outside.example",), MESSAGE)]
    assert data(result) == {"item": held, "ok": True, "queue_id": "4QUEUE", "recipients": ["b@outside.example"]}
    event = json.loads(call("audit", "export", "--kind", "released").stdout)
    assert event["unmapped"]["queue_id"] == "4QUEUE"


def test_release_without_postfix_is_unavailable_and_goes_on(
    call: Call, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The item stays held, the next one is tried, the first failure gives the exit code."""

    def submit(_: object, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes) -> str:
        assert b"".join(chunks) == MESSAGE
        raise SubmitFailed("Postfix was not reached")

    monkeypatch.setattr("gateway.submit.Submitter.submit", submit)
    result = call("quarantine", "release", held, "gone", "--format", "json")

    assert result.exit_code == Exit.UNAVAILABLE
    assert [json.loads(line)["ok"] for line in result.stdout.splitlines()] == [False, False]
    assert json.loads(call("quarantine", "list", "--format", "json").stdout)["state"] == "held"


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


def test_config_check_looks_at_what_the_file_names(call: Call, settings: Path, tmp_path: Path) -> None:
    """A policy that is not there, and a store that others may read, with the place of each setting."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(0o755)
    settings.write_text("policy: {file: none.yaml}\nstore: {folder: state}\n")

    result = call("config", "check")

    assert result.exit_code == Exit.USAGE
    assert "1:16: policy.file" in result.stderr
    assert "2:17: store.folder" in result.stderr
    assert data(call("config", "check", "--format", "json"))["ok"] is False


def test_accounts_are_made_and_ended_with_evidence(stored: Stored, call: Call) -> None:
    """The first password is shown once and is nowhere else; who made and ended the account is in the log."""
    made = data(call("users", "add", "robin", "--role", "officer", "--full-name", "Robin", "--format", "json"))
    call("users", "add", "ada", "--role", "admin")

    assert made["state"] == "new"
    assert made["password"] not in call("users", "list", "--format", "json").stdout
    assert made["password"] not in call("audit", "export").stdout
    assert data(call("users", "reset-mfa", "robin", "--format", "json"))["password"] != made["password"]
    assert call("users", "disable", "robin").exit_code == 0
    assert "last administrator" in call("users", "disable", "ada").stderr
    assert call("users", "disable", "nobody").exit_code == Exit.NOT_FOUND
    assert "a reset gives" in call("users", "enable", "robin").stderr
    assert call("users", "add", "robin", "--role", "officer").exit_code == Exit.REFUSED
    assert [code for code in codes(call) if code.startswith("account-")] == [
        "account-added",
        "account-added",
        "account-reset",
        "account-disabled",
    ]
