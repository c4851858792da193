"""`scan` and `explain` through real workers, with a small rule set of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.exits import Exit
from gateway.cli.main import app

ROOT = Path(__file__).resolve().parents[3]
POLICY = """
organization: {name: Clinic, domains: [clinic.example], officers: [o@clinic.example], notices-from: g@clinic.example}
packs: [badges]
"""
DETECTOR = r"""
id: badge
entity: BADGE_NUMBER
title: Badge number
groups: [badges]
patterns: [{name: badge, regex: '\bB-\d{4}\b', alone: high}]
mask: all
samples: {match: ['B-1234'], no-match: ['B-12']}
"""
RULE = """
id: badges-outside
title: Badge numbers leaving
status: enforce
severity: low
owner: o@clinic.example
when:
  all:
    - recipient: {outside: organization}
    - finds: {entity: BADGE_NUMBER}
then:
  quarantine: {}
"""
MESSAGE = b"From: n@clinic.example\nTo: a@outside.example\nSubject: a badge\n\nHere it is:\nB-4711 for Pat\n"

Call = Callable[..., Result]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A policy with one detector and one rule."""
    for name, text in (
        ("rules/policy.yaml", POLICY),
        ("rules/detectors/badge.yaml", DETECTOR),
        ("rules/packs/badges/badges-outside.yaml", RULE),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for kind, body in (("positive", MESSAGE), ("negative", b"Subject: x\n\nnothing\n")):
        case = tmp_path / "rules/cases/badges-outside" / f"{kind}-1.eml"
        case.parent.mkdir(parents=True, exist_ok=True)
        case.write_bytes(body)
    return tmp_path / "rules/policy.yaml"


@pytest.fixture
def call(rules: Path, settings: Path) -> Call:
    """Run a command with these rules and one worker."""

    def run(*words: str, stdin: bytes = b"") -> Result:
        options = ["--policy", str(rules), "--config", str(settings)]
        return CliRunner().invoke(app, [*words, *options], input=stdin)

    return run


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder with a clean message, one with a badge number and a link that leads nowhere."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "a.eml").write_bytes(b"Subject: hello\n\nnothing here\n")
    (folder / "b.eml").write_bytes(MESSAGE)
    (folder / "c.eml").symlink_to(folder / "gone")
    return folder


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_scan_gives_a_line_for_each_message_in_order(call: Call, mail: Path) -> None:
    """Clean, held and unreadable; exit code 0 all the same."""
    result = call("scan", "--format", "json", str(mail))

    assert result.exit_code == 0, result.stderr
    assert [Path(plain["path"]).name for plain in lines(result)] == ["a.eml", "b.eml", "c.eml"]
    assert [plain["verdict"]["disposition"] for plain in lines(result)] == ["deliver", "quarantine", "defer"]
    held = lines(result)[1]
    assert held["verdict"]["rules"] == [
        {"rule": "badges-outside", "area": "badges", "status": "enforce", "action": "quarantine"}
    ]
    assert held["verdict"]["outcomes"][0]["recipient"] == "someone@outside.example"
    [found] = held["findings"]
    assert (found["entity"], found["confidence"], found["part"]) == ("BADGE_NUMBER", "high", "1")
    assert "4711" not in result.stdout
    assert "value" not in found


def test_scan_exit_code_tells_held_messages_and_missing_paths(call: Call, mail: Path) -> None:
    """5 where something is held and it was asked for, 4 for a PATH that does not exist."""
    assert call("scan", "--exit-code", str(mail / "a.eml")).exit_code == 0
    assert call("scan", "--exit-code", str(mail / "b.eml")).exit_code == Exit.HELD
    missing = call("scan", "--format", "json", str(mail / "none"), str(mail / "a.eml"))
    assert missing.exit_code == Exit.NOT_FOUND
    assert [plain["verdict"]["disposition"] for plain in lines(missing)] == ["defer", "deliver"]


def test_scan_of_text_counts_in_the_file(call: Call, tmp_path: Path) -> None:
    """The span is that of the file's own code points; the value comes with --reveal only."""
    text = "José\nhas B-4711\nand B-4712\n"
    (tmp_path / "t").write_text(text, encoding="utf-8")

    [plain] = lines(call("scan", "--format", "json", "--as", "text", "--reveal", str(tmp_path / "t")))

    assert [text[found["start"] : found["end"]] for found in plain["findings"]] == ["B-4711", "B-4712"]
    assert [found["value"] for found in plain["findings"]] == ["B-4711", "B-4712"]


def test_scan_decides_for_the_envelope_that_was_given(call: Call) -> None:
    """A recipient inside the organisation gets it, one outside does not; the message is read from standard input."""
    words = ("scan", "--format", "json", "--to", "in@clinic.example", "--to", "out@outside.example", "--from", "", "-")

    [plain] = lines(call(*words, stdin=MESSAGE))

    assert plain["path"] == "-"
    assert [(outcome["recipient"], outcome["disposition"]) for outcome in plain["verdict"]["outcomes"]] == [
        ("in@clinic.example", "deliver"),
        ("out@outside.example", "quarantine"),
    ]


def test_scan_as_text_is_for_people(call: Call, mail: Path) -> None:
    """A line for the message, one for the rule, one for the masked finding."""
    result = call("scan", str(mail / "b.eml"))

    assert result.stdout.startswith("quarantine  ")
    assert "rule badges-outside: quarantine" in result.stdout
    assert "BADGE_NUMBER  high  part 1" in result.stdout
    assert "4711" not in result.stdout


def test_a_broken_rule_set_lists_every_fault_and_exits_2(call: Call, rules: Path, mail: Path) -> None:
    """Nothing is inspected under half a policy."""
    rules.write_text(POLICY.replace("domains", "domians"))
    (rules.parent / "detectors" / "badge.yaml").write_text(DETECTOR.replace("entity", "entitty"))

    result = call("scan", str(mail))

    assert result.exit_code == Exit.USAGE
    assert "domians" in result.stderr
    assert "entitty" in result.stderr
    assert result.stdout == ""


def test_explain_says_which_condition_held(call: Call, mail: Path) -> None:
    """For each recipient, without the value; with --reveal in its context."""
    words = ("explain", "--to", "in@clinic.example", "--to", "out@outside.example", str(mail / "b.eml"))
    text = call(*words).stdout

    assert "badges-outside  applies: quarantine  (badges, severity low)" in text
    assert "in@clinic.example: does not apply" in text
    assert "out@outside.example: applies" in text
    assert "because" in text
    assert "4711" not in text
    assert "in      Here it is: «B-4711» for Pat" in call(*words, "--reveal").stdout


def test_explain_as_json_has_the_trace(call: Call, mail: Path) -> None:
    """Each step with rule, recipient, condition, held and seen."""
    plain = json.loads(call("explain", "--format", "json", str(mail / "b.eml")).stdout)

    steps = [step for step in plain["trace"] if step["rule"] == "badges-outside"]
    assert [step["held"] for step in steps] == [True, True]
    assert set(steps[0]) == {"rule", "recipient", "condition", "held", "seen"}
    assert plain["hits"][0]["recipients"] == ["a@outside.example"]
    assert "4711" not in json.dumps(plain)
    assert {line["part"] for line in plain["coverage"]} == {"1"}
    assert {line["reader"] for line in plain["coverage"]} == {"fields", "text"}


def test_explain_judges_for_those_whom_the_message_names(call: Call) -> None:
    """By From, To and Cc, unless others are given; one that names nobody goes to somebody outside."""
    mail = b"From: n@clinic.example\nTo: in@clinic.example\nCc: P <p@home.example>\n\nB-4711\n"

    def judged(*words: str, stdin: bytes = mail) -> tuple[str, dict[str, str]]:
        plain = json.loads(call("explain", "--format", "json", *words, "-", stdin=stdin).stdout)
        return plain["mail_from"], {one["recipient"]: one["disposition"] for one in plain["verdict"]["outcomes"]}

    assert judged() == ("n@clinic.example", {"in@clinic.example": "deliver", "p@home.example": "quarantine"})
    assert judged("--to", "x@other.example", "--from", "") == ("", {"x@other.example": "quarantine"})
    assert judged(stdin=b"Subject: x\n\nB-4711\n") == (
        "scan@clinic.example",
        {"someone@outside.example": "quarantine"},
    )
    assert "Sender    n@clinic.example" in call("explain", "-", stdin=mail).stdout


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_explain_of_a_file_that_is_not_there_exits_4_in_every_form(call: Call, tmp_path: Path, form: str) -> None:
    """A page was a bug of ours: it looked for what only a message that was read has."""
    assert call("explain", "--format", form, str(tmp_path / "none")).exit_code == Exit.NOT_FOUND


def test_explain_of_a_file_that_is_not_there_exits_4(call: Call, tmp_path: Path) -> None:
    """With the path on standard error."""
    result = call("explain", str(tmp_path / "none"))

    assert result.exit_code == Exit.NOT_FOUND
    assert "none cannot be read" in result.stderr


def test_scan_of_the_real_command_with_many_messages(rules: Path, settings: Path, tmp_path: Path) -> None:
    """An mbox of three hundred messages through the installed program: as many lines, in order."""
    head = b"From a@x.test Sun Nov 22 10:00:00 2026\n"
    box = b"".join(head + b"Subject: %d\n\nB-%04d\n\n" % (number, number) for number in range(300))
    (tmp_path / "box").write_bytes(box)
    command = [sys.executable, "-c", "from gateway.cli.main import run; run()", "scan", "--format", "json", "--reveal"]
    options = ["--policy", str(rules), "--config", str(settings), str(tmp_path / "box")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEPOST_")}

    done = subprocess.run([*command, *options], capture_output=True, cwd=ROOT, env=kept, check=True, timeout=120)

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [plain["index"] for plain in found] == list(range(300))
    assert [plain["findings"][0]["value"] for plain in found] == [f"B-{number:04d}" for number in range(300)]
    assert done.stderr == b""


def test_scan_names_the_header_field_of_a_finding(call: Call) -> None:
    """Fields and body each count from 0; the field's name tells them apart."""
    message = b"Subject: B-1111\nX-Note: of B-2222\nComments: B-3333\n\nB-4444\n"

    [plain] = lines(call("scan", "--format", "json", "--reveal", "-", stdin=message))

    assert [(one["place"], one.get("header"), one["start"], one["value"]) for one in plain["findings"]] == [
        ("subject", None, 0, "B-1111"),
        ("header", "X-Note", 3, "B-2222"),
        ("header", "Comments", 0, "B-3333"),
        ("body", None, 0, "B-4444"),
    ]
    text = call("explain", "-", stdin=message).stdout
    assert "part 1, header X-Note, 3-9" in text


def test_explain_of_several_messages_explains_each(call: Call, mail: Path, tmp_path: Path) -> None:
    """A folder and an mbox: none is left out silently; JSON Lines."""
    head = b"From a@x.test Sun Nov 22 10:00:00 2026\n"
    (tmp_path / "box").write_bytes(head + b"Subject: one\n\nx\n\n" + head + b"Subject: two\n\nB-4711\n")

    box = lines(call("explain", "--format", "json", str(tmp_path / "box")))
    folder = call("explain", str(mail))

    assert [(plain["index"], plain["verdict"]["disposition"]) for plain in box] == [(0, "deliver"), (1, "quarantine")]
    assert folder.exit_code == Exit.NOT_FOUND
    assert folder.stdout.count("Message   ") == 2
    assert "c.eml cannot be read" in folder.stderr


def marked(rules: Path, name: str, mark: str, body: bytes) -> None:
    file = rules.parent / "cases/badges-outside" / name
    file.write_bytes(b"From: n@clinic.example\nTo: a@outside.example\n" + mark.encode() + b"\n\n" + body)


def test_rules_test_says_which_cases_came_out_differently(call: Call, rules: Path) -> None:
    """Both ways: a silent rule, an unexpected one, another outcome, a file that is no case. Exit code 3."""
    marked(rules, "positive-1.eml", "X-Gatepost-Case: expect=quarantine", b"B-1234\n")
    marked(rules, "negative-1.eml", "X-Gatepost-Case: expect=deliver", b"nothing\n")
    assert call("rules", "test").exit_code == 0
    marked(rules, "positive-2.eml", "X-Gatepost-Case: expect=quarantine", b"nothing\n")
    marked(rules, "negative-2.eml", "X-Gatepost-Case: expect=deliver", b"B-1234\n")
    marked(rules, "negative-3.eml", "X-Other: 1", b"B-1234\n")
    marked(rules, "negative-4.eml", "X-Gatepost-Case: expect=heaven", b"B-1234\n")

    result = call("rules", "test", "badges-outside", "--format", "json")

    assert result.exit_code == Exit.BROKEN
    assert {one["case"]: one["problems"] for one in lines(result)} == {
        "negative-1": [],
        "negative-2": [
            "badges-outside applied, and this is a case that it must not meet",
            "expected deliver, came out as quarantine",
        ],
        "negative-3": ["needs one line X-Gatepost-Case: expect=… also=…"],
        "negative-4": ["X-Gatepost-Case needs expect= with one of deliver, quarantine, block, defer"],
        "positive-1": [],
        "positive-2": ["did not apply: badges-outside", "expected quarantine, came out as deliver"],
    }
    assert "FAILED  badges-outside  positive-2" in call("rules", "test").stdout


def test_rules_test_of_an_unknown_rule_exits_4(call: Call) -> None:
    """A misspelt name must not pass for a rule that proved itself."""
    result = call("rules", "test", "badges-outsid")

    assert result.exit_code == Exit.NOT_FOUND
    assert "did you mean badges-outside?" in result.stderr
