"""`gatepost config`, accounts and usage: output, exit codes, and what they leave in the audit log."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import load_config, reference
from gateway.wiring.stored import Stored
from tests.makers.called import Call, codes, data

pytestmark = pytest.mark.usefixtures("at_terminal")


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
    made = data(
        call("users", "add", "robin", "--role", "officer", "--address", "robin@clinic.example", "--format", "json")
    )
    call("users", "add", "ada", "--role", "admin")

    assert made["state"] == "new"
    assert made["password"] not in call("users", "list", "--format", "json").stdout
    assert made["password"] not in call("audit", "export").stdout
    assert data(call("users", "reset-mfa", "robin", "--format", "json"))["password"] != made["password"]
    assert call("users", "disable", "robin").exit_code == 0
    assert "last administrator" in call("users", "disable", "ada").stderr
    assert call("users", "disable", "nobody").exit_code == Exit.NOT_FOUND
    assert "a reset gives" in call("users", "enable", "robin").stderr
    again = call("users", "add", "robin", "--role", "officer", "--address", "other@clinic.example")
    assert again.exit_code == Exit.REFUSED
    assert "needs a mail address" in call("users", "add", "sam", "--role", "reviewer").stderr
    assert [code for code in codes(call) if code.startswith("account-")] == [
        "account-added",
        "account-added",
        "account-reset",
        "account-disabled",
    ]
