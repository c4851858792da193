"""`gatepost notices`: which texts count, how they look, and the officers' digest by mail."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.actions.templates import ALLOWED
from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import load_config
from gateway.demo.sink import Sink
from gateway.quarantine import NewItem
from gateway.wiring.stored import opened
from tests.makers.rules import small_rules

Call = Callable[..., Result]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def call(tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("COLUMNS", "300")
    policy = small_rules(tmp_path / "rules")
    officers = "officers: [privacy@clinic.example]"
    policy.write_text(policy.read_text().replace(officers, f"{officers[:-1]}, second@clinic.example]"))
    (tmp_path / "texts").mkdir()
    settings = {
        "policy": {"file": "rules/policy.yaml"},
        "store": {"folder": "state"},
        "postfix": {"submit-port": sink.port},
        "notices": {"templates": "texts"},
    }
    (tmp_path / "gatepost.yaml").write_text(json.dumps(settings))
    return lambda *words: CliRunner().invoke(app, [*words, "--config", str(tmp_path / "gatepost.yaml")])


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return tmp_path / "texts"


def hold(call: Call, folder: Path) -> None:
    assert call("keys", "init").exit_code == 0
    with opened(load_config(folder / "gatepost.yaml", {}), {}) as stored:
        new = NewItem(
            "20261122-aaaa", "20261122-aaaa", "n@clinic.example", ("a@x.example",), "high", "", ("hipaa-phi",)
        )
        stored.quarantine.put(new, [b"Subject: canary\r\n\r\ncanary\r\n"])


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_notice_can_be_looked_at(call: Call, name: str) -> None:
    """As a whole message with made-up values; no variable is left."""
    result = call("notices", "preview", name)

    assert result.exit_code == 0, result.output
    head, _, body = result.stdout.partition("\n\n")
    assert "Subject: " in head
    assert "$" not in body


def test_a_preview_shows_the_own_text_or_its_fault_with_the_line(call: Call, texts: Path, tmp_path: Path) -> None:
    """Another file can be tried before it counts."""
    (texts / "sender-held.txt").write_text("Subject: Prüfung\n\nVorgang $incident\n")
    (texts / "sender-blocked.txt").write_text("Subject: Nein\n\n$incident $body\n")
    trial = tmp_path / "trial.txt"
    trial.write_text("Subject: Versuch\n\n$incident\n")

    assert "Vorgang 20261125-" in call("notices", "preview", "sender-held").stdout
    faulty = call("notices", "preview", "sender-blocked")
    assert faulty.exit_code == Exit.USAGE
    assert "sender-blocked.txt:3:1: sender-blocked: there is no $body here" in faulty.stderr
    assert "Versuch" in call("notices", "preview", "sender-blocked", "--text", str(trial)).stdout
    assert call("notices", "preview", "sender-hold").exit_code == Exit.NOT_FOUND


def test_a_list_says_whose_text_counts(call: Call, texts: Path) -> None:
    """A faulty text is told beside it, and the check ends with 2."""
    (texts / "sender-held.txt").write_text("Subject: a\n\n$incident\n")
    (texts / "sender-blocked.txt").write_text("nothing")

    listed = call("notices", "list", "--format", "json")

    whose = {row["notice"]: row["text"] for row in json.loads(listed.stdout)}
    assert whose["sender-held"] == "own"
    assert whose["sender-blocked"] == "shipped"
    assert "the shipped text is used" in listed.stderr
    assert call("notices", "check").exit_code == Exit.USAGE
    assert "sender-blocked.txt:1:1" in call("config", "check").stderr


def test_the_digest_is_mailed_to_every_officer(call: Call, sink: Sink, tmp_path: Path) -> None:
    """From the null reverse-path; nothing of the message is in it. Printed where it is not mailed."""
    hold(call, tmp_path)

    printed = call("notices", "digest")
    mailed = call("notices", "digest", "--mail")

    assert "20261122-aaaa" in printed.stdout
    assert mailed.exit_code == 0, mailed.output
    deliveries = sink.wait_for(2)
    assert {d.recipients for d in deliveries} == {("privacy@clinic.example",), ("second@clinic.example",)}
    assert all(d.mail_from == "" and b"20261122-aaaa" in d.octets and b"canary" not in d.octets for d in deliveries)


def test_nobody_is_reminded_of_nothing(call: Call, sink: Sink, tmp_path: Path) -> None:
    """What came today is not near its end."""
    hold(call, tmp_path)

    result = call("notices", "remind", "--mail")

    assert result.exit_code == 0
    assert "nothing to tell" in result.stderr
    assert not sink.deliveries


def test_postfix_being_away_is_told_by_the_exit_code(call: Call, tmp_path: Path) -> None:
    """So that a timer shows that it failed."""
    hold(call, tmp_path)
    file = tmp_path / "gatepost.yaml"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps({**settings, "postfix": {"submit-port": 1}}))

    assert call("notices", "digest", "--mail").exit_code == Exit.UNAVAILABLE
