"""`gatepost rules replay` and `rules usage`: what a candidate would change, and what has been used."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from gateway.config import load_config
from gateway.quarantine import State
from gateway.quarantine.items import NewItem
from gateway.replay import Fate, Record, Side, StateFile, StateRefused, compare
from gateway.wiring.stored import opened

Call = Callable[..., Result]
SSN, CARD = "My SSN is 536-22-1874", "Card number 4111 1111 1111 1111"
PURPOSE = {"old": "a", "new": "b", "settings": "c"}


def mail(to: str, body: str, number: int = 0) -> bytes:
    return f"From: nurse@clinic.example\nTo: {to}\nSubject: {number}\n\n{body} canary{number}\n".encode()


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A Maildir of five messages."""
    folder = tmp_path / "box"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    bodies = [("a@home.example", SSN), ("a@home.example", CARD), ("d@clinic.example", SSN), ("b@lab.example", "Hello")]
    for number, (to, body) in enumerate(bodies):
        (folder / "cur" / f"{number}").write_bytes(mail(to, body, number))
    (folder / "new" / "4").write_bytes(mail("a@home.example, d@clinic.example", SSN, 4))
    return folder


@pytest.fixture
def candidate(rules: Path) -> Path:
    """The same rules, milder about numbers, and with one about cards that is only watched."""
    folder = rules.parent / "candidate"
    shutil.copytree(rules, folder)
    rule = folder / "packs" / "local" / "local-ssn.yaml"
    text = rule.read_text("utf-8")
    rule.write_text(text.replace("quarantine: {}", "tag: x"), "utf-8")
    cards = text.replace("local-ssn", "local-cards").replace("US_SSN", "CREDIT_CARD").replace("enforce", "monitor")
    rule.with_name("local-cards.yaml").write_text(cards, "utf-8")
    return folder


@pytest.fixture
def replay(rules: Path, candidate: Path, box: Path, call: Call) -> Callable[..., Any]:
    """The comparison of the two over the mail, as JSON."""

    def run(*words: str | Path) -> Any:
        result = call("rules", "replay", "--against", rules, candidate, box, "--format", "json", *words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_outcomes_are_compared_for_each_rule_and_recipient(replay: Callable[..., Any]) -> None:
    """By the envelope that To says; a watched rule counts and changes nothing."""
    said = replay()

    assert (said["messages"], said["recipients"], said["changed"]["count"], said["complete"]) == (5, 6, 2, True)
    moves = {(move["old"], move["new"]): move["recipients"]["count"] for move in said["moves"]}
    assert moves == {("quarantine", "deliver"): 2, ("deliver", "deliver"): 4}
    rules = {rule["rule"]: (rule["old"]["count"], rule["new"]["count"]) for rule in said["rules"]}
    assert rules == {"local-ssn": (2, 2), "local-cards": (0, 1)}
    low, high = said["changed"]["interval"]
    assert 0.11 < low < 0.4 < high < 0.78  # Wilson, 2 of 5


def test_examples_are_masked(replay: Callable[..., Any]) -> None:
    """Names of entities and masked values, never a value or a text."""
    said = replay()

    (first, _) = said["examples"]
    assert first["found"] == ["US_SSN ***-**-1874"]
    assert [one["recipient"] for one in first["recipients"]] == ["a@home.example"]
    assert first["recipients"][0]["old"]["rules"] == ["local-ssn"]
    for secret in ("536-22", "canary", "4111 1111"):
        assert secret not in json.dumps(said)


@pytest.fixture
def held(tmp_path: Path, call: Call) -> list[str]:
    """One held message whose header names others than its envelope, and a discarded one; their ids."""
    assert call("keys", "init").exit_code == 0
    with opened(load_config(tmp_path / "gatepost.yaml", {}), {}) as stored:
        for name, body in (("item-1", SSN), ("item-2", CARD)):
            new = NewItem(name, f"inc-{name}", "nurse@clinic.example", ("a@home.example",), "high", "sha256:x")
            stored.quarantine.put(new, [mail("d@clinic.example", body, 7).replace(b"\n", b"\r\n")])
        stored.quarantine.discard("item-2", "officer", "spam")
    return ["item-1", "item-2"]


def test_held_messages_are_judged_under_their_envelope(
    rules: Path, candidate: Path, tmp_path: Path, call: Call, held: list[str]
) -> None:
    """The item stays as it was, the audit log says who read it, and nothing of it is in the log."""
    result = call("rules", "replay", "--against", rules, candidate, "--quarantine", "--format", "json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["messages"], told["recipients"], told["changed"]["count"]) == (1, 1, 1)
    (example,) = told["examples"]
    assert (example["path"], example["recipients"][0]["recipient"]) == (f"quarantine:{held[0]}", "a@home.example")
    with opened(load_config(tmp_path / "gatepost.yaml", {}), {}) as stored:
        assert [stored.quarantine.get(item).state for item in held] == [State.HELD, State.DISCARDED]
    log = b"".join(path.read_bytes() for path in (tmp_path / "state" / "audit").rglob("*") if path.is_file())
    assert [b'"viewed"' in log, b"item-1" in log, b"canary" in log, b"536-22" in log] == [True, True, False, False]


def test_without_the_option_nothing_held_is_opened(
    rules: Path, candidate: Path, box: Path, call: Call, held: list[str]
) -> None:
    """Whoever compares rules has no need to read it."""
    told = json.loads(call("rules", "replay", "--against", rules, candidate, box, "--format", "json").stdout)

    assert told["messages"] == 5
    assert not any("quarantine" in example["path"] for example in told["examples"])


def test_other_detectors_read_the_mail_for_themselves(candidate: Path, replay: Callable[..., Any]) -> None:
    """One that finds less in the candidate: its rule matches less."""
    detector = candidate / "detectors" / "us-ssn.yaml"
    text = detector.read_text("utf-8")
    detector.write_text(text.replace("us_ssn\n", "us_ssn\nexclude: ['536-22-1874']\n"), "utf-8")

    rules = {rule["rule"]: (rule["old_alone"], rule["new_alone"]) for rule in replay()["rules"]}

    assert rules["local-ssn"] == (2, 0)


def test_a_finished_replay_goes_on_with_what_is_new(replay: Callable[..., Any], tmp_path: Path, box: Path) -> None:
    """The same message in another file is done already; its state is for its user alone."""
    state = tmp_path / "state.jsonl"
    replay("--state", state)
    before = state.read_text("utf-8").splitlines()
    shutil.copy(box / "cur" / "0", box / "new" / "copy")
    (box / "new" / "5").write_bytes(mail("a@home.example", SSN, 5))

    said = replay("--state", state)

    assert said["messages"] == 6
    assert state.read_text("utf-8").splitlines()[: len(before)] == before
    assert len(state.read_text("utf-8").splitlines()) == len(before) + 1
    assert state.stat().st_mode & 0o777 == 0o600
    assert "536-22" not in state.read_text("utf-8")


def test_ctrl_c_shows_what_is_done_and_the_next_run_goes_on(rules: Path, candidate: Path, tmp_path: Path) -> None:
    """Exit code 130, and no message is done twice."""
    box, state = tmp_path / "many", tmp_path / "state.jsonl"
    box.mkdir()
    for number in range(400):
        (box / f"{number:04}").write_bytes(mail("a@home.example", SSN + " filler" * 4000, number))
    settings = tmp_path / "gatepost.yaml"
    settings.write_text("workers: {count: 1}\n", "utf-8")
    start = [sys.executable, "-c", "from gateway.cli.main import run; run()", "rules", "replay"]
    given = ["--against", rules, candidate, box, "--state", state, "--format", "json", "--config", settings]
    command = [*start, *map(str, given)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GATEPOST_")}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        timer = threading.Timer(200, process.kill)
        timer.start()
        while not state.exists() or state.read_text("utf-8").count("\n") < 5:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        timer.cancel()

    assert process.returncode == 130, err
    said = json.loads(out)
    assert said["complete"] is False
    done = state.read_text("utf-8").count("\n") - 1
    assert said["messages"] == done < 400


def side(disposition: str = "deliver") -> Side:
    return Side(disposition, (), ())


def record(key: str, old: str = "deliver", new: str = "deliver") -> Record:
    return Record(key, "p", 0, (Fate("a@b.example", side(old), side(new)),))


@pytest.mark.parametrize("left", [0, 1, 20, -1])
def test_a_state_that_was_cut_off_in_its_first_line_begins_anew(tmp_path: Path, left: int) -> None:
    """There was nothing in it yet: it is not taken for that of another comparison."""
    path = tmp_path / "state"
    StateFile(path, PURPOSE).close()
    path.write_text(path.read_text()[:-1][:left])
    cut = StateFile(path, PURPOSE)
    cut.add([record("k")])
    cut.close()

    again = StateFile(path, PURPOSE)
    again.close()
    assert list(again.records) == ["k"]


def test_a_state_that_was_cut_off_loses_its_last_line_alone(tmp_path: Path) -> None:
    """That message is done again."""
    path = tmp_path / "state"
    state = StateFile(path, PURPOSE)
    for key in ("one", "two"):
        state.add([record(key)])
    state.close()
    path.write_bytes(path.read_bytes()[:-9])

    again = StateFile(path, PURPOSE)
    again.add([record("three")])
    again.close()

    last = StateFile(path, PURPOSE)
    last.close()
    assert sorted(last.records) == ["one", "three"]


@pytest.mark.parametrize("text", ["rubbish\n", '{"version": 1, "old": "other"}\n', "[" * 100_000])
def test_a_state_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    """Nothing of it is overwritten."""
    path = tmp_path / "state"
    path.write_text(text, "utf-8")

    with pytest.raises(StateRefused, match="belongs to a comparison of other rules"):
        StateFile(path, PURPOSE)
    assert path.read_text("utf-8") == text


def test_examples_show_each_kind_of_change_first() -> None:
    """Forty of one kind do not hide the one of another."""
    many = [record(str(number), "deliver", "block") for number in range(40)]

    comparison = compare([*many, record("last", "block", "deliver")])

    assert comparison.examples[1].key == "last"
    assert len(comparison.examples) == 25


@pytest.mark.parametrize("form", ["text", "html"])
def test_reports_for_people(rules: Path, candidate: Path, box: Path, call: Call, form: str) -> None:
    """The same figures."""
    shown = call("rules", "replay", "--against", rules, candidate, box, "--format", form).stdout

    for piece in ("2 of 5 (11.8-76.9 %)", "local-cards", "a@home.example", "***-**-1874"):
        assert piece in shown
    assert "<script" not in shown


def test_usage_tells_what_never_applied(call: Call, tmp_path: Path) -> None:
    """And what is gone, from the audit log."""
    hits = [{"rule": "local-ssn", "status": "enforce"}, {"rule": "local-old", "status": "monitor"}]
    events = [
        {
            "time": 1000 * day * 86_400,
            "metadata": {"event_code": "message-decided"},
            "unmapped": {"rules": hits[: day % 3]},
        }
        for day in range(1, 10)
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(event) + "\n" for event in events), "ascii")

    said = json.loads(call("rules", "usage", "--audit", log, "--format", "json").stdout)
    later = json.loads(call("rules", "usage", "--audit", log, "--since", "1970-01-09", "--format", "json").stdout)

    rows = {row["rule"]: (row["status"], row["messages"], row["enforced"], row["monitored"]) for row in said["rules"]}
    assert rows["local-ssn"] == ("enforce", 6, 6, 0)
    assert rows["local-old"] == ("gone", 3, 0, 3)
    assert "local-ssn" not in said["never"]
    assert "default-failure" in said["never"]
    assert (said["messages"], later["messages"]) == (9, 2)
