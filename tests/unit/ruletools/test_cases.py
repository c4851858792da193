"""`gatepost rules test`: messages and short cases, both ways; clean mail; watching; results for CI."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import Result

from gateway.casework import read_clean, read_inline
from gateway.core.errors import Fault

Call = Callable[..., Result]
CLEAN = """\
- name: lunch
  from: office@clinic.example
  to: kitchen@catering.example
  subject: Lunch
  body: Lunch for five, please.
"""


def test_short_cases_are_tried_both_ways(call: Call) -> None:
    """Each is a line of its own, by its name."""
    result = call("rules", "test", "--format", "json")

    cases = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(case["case"], case["outcome"]) for case in cases] == [
        ("one-number", "quarantine"),
        ("to-a-colleague", "deliver"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("expect: quarantine", "expect: deliver", "expected deliver, came out as quarantine"),
        ("SSN is 536-22-1874", "form is here", "did not apply: local-ssn"),
        (
            "to: desk@clinic.example",
            "to: desk@other.example",
            "local-ssn applied, and this is a case that it must not meet",
        ),
        ("expect: deliver\n", "expect: deliver\n    also: [other]\n", "did not apply: other"),
    ],
)
def test_a_case_that_comes_out_differently_fails(rules: Path, call: Call, old: str, new: str, problem: str) -> None:
    """An expectation unused and a rule unexpected both do."""
    file = rules / "cases" / "local-ssn" / "cases.yaml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")

    result = call("rules", "test")

    assert result.exit_code == 3
    assert problem in result.stdout


@pytest.mark.parametrize("part", ["positive", "negative"])
def test_a_rule_without_cases_of_both_kinds_fails(rules: Path, call: Call, part: str) -> None:
    """Nobody knows what it does; under draft it does nothing."""
    file = rules / "cases" / "local-ssn" / "cases.yaml"
    halves = dict(zip(("positive", "negative"), file.read_text("utf-8").split("negative:"), strict=True))
    file.write_text(halves["positive"] if part == "negative" else "negative:" + halves["negative"], "utf-8")

    result = call("rules", "test")

    assert result.exit_code == 3
    assert f"there is no {part} case" in result.stdout


def test_clean_mail_must_stay_silent(rules: Path, call: Call) -> None:
    """It is named with the rule that spoke."""
    (rules / "clean").mkdir()
    (rules / "clean" / "ours.yaml").write_text(CLEAN, "utf-8")
    assert call("rules", "test").exit_code == 0
    (rules / "clean" / "ours.yaml").write_text(CLEAN.replace("Lunch for five", "SSN 536-22-1874"), "utf-8")

    result = call("rules", "test")

    assert result.exit_code == 3
    assert "applied to clean mail: local-ssn" in result.stdout


def test_results_are_written_for_ci(call: Call, tmp_path: Path) -> None:
    """JUnit XML beside the output."""
    call("rules", "test", "--junit", tmp_path / "out.xml")

    root = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert root.attrib == {"tests": "2", "failures": "0"}
    assert [case.attrib["name"] for case in root.iter("testcase")] == ["one-number", "to-a-colleague"]


def test_a_failure_is_a_failure_for_ci(rules: Path, call: Call, tmp_path: Path) -> None:
    """With its words, escaped."""
    file = rules / "cases" / "local-ssn" / "cases.yaml"
    file.write_text(
        file.read_text("utf-8").replace("one-number", '"<one> & more"').replace("536-22-1874", "gone"), "utf-8"
    )

    call("rules", "test", "--junit", tmp_path / "out.xml")

    (failure,) = ElementTree.parse(tmp_path / "out.xml").getroot().iter("failure")
    assert "did not apply: local-ssn" in failure.attrib["message"]


FAULTS = [
    ("- name: x\n", "a list of cases has the parts positive and negative"),
    ("positive: [{name: x}]\n", 'the case lacks "from"'),
    ("positive: []\n", '"positive" needs a list of cases'),
    ("negative:\n  - {name: x, from: a@b.example, to: c@d.example, expect: holds}\n", '"holds" is not an outcome'),
    ("negative:\n  - {name: x, form: a@b.example, to: c@d.example, expect: deliver}\n", 'did you mean "from"?'),
    (
        "negative:\n  - {name: x, from: a@b.example, to: c@d.example, expect: deliver, headers: {Subject: x}}\n",
        'the header field "Subject"',
    ),
    ("negative:\n  - {name: x, from: a@b.example, to: c@d.example, expect: deliver, day: May}\n", '"May" is not a day'),
    (
        "negative:\n  - {name: x, from: a@b.example, to: c@d.example, expect: deliver, headers: [x]}\n",
        "the header fields are no mapping",
    ),
]


@pytest.mark.parametrize(("text", "problem"), FAULTS, ids=[problem for _, problem in FAULTS])
def test_a_mistake_in_a_list_of_cases_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """In the words of the rule files."""
    file = tmp_path / "local-ssn" / "cases.yaml"
    file.parent.mkdir()
    file.write_text(text, "utf-8")
    faults: list[Fault] = []

    read_inline(file, faults)

    assert any(problem in str(fault) and fault.line for fault in faults), [str(fault) for fault in faults]


def test_a_short_case_has_all_that_a_message_has(tmp_path: Path) -> None:
    """Login, day, header fields, plain text, HTML and attachments."""
    file = tmp_path / "mail.yaml"
    file.write_text(
        "- name: all\n  from: a@b.example\n  to: [c@d.example, e@f.example]\n  user: anna\n  day: 2026-05-04\n"
        "  subject: Überraschung\n  headers: {X-One: two}\n  body: plain\n  html: <p>rich</p>\n"
        "  attachments: [{name: a.csv, type: text/csv, text: '1,2'}]\n",
        "utf-8",
    )
    faults: list[Fault] = []

    (message,) = read_clean(file, faults)

    assert faults == []
    assert message.session.auth_authen == "anna"
    assert [recipient.address for recipient in message.envelope.recipients] == ["c@d.example", "e@f.example"]
    assert message.received.date().isoformat() == "2026-05-04"
    for piece in (b"X-One: two", b"plain", b"<p>rich</p>", b'filename="a.csv"', b"=?utf-8?"):
        assert piece in message.raw
    assert b"\n" not in message.raw.replace(b"\r\n", b"")


def test_watching_runs_again_on_each_save(rules: Path, tmp_path: Path) -> None:
    """A case that fails is told, a fault in a rule too, and mending it ends both; Ctrl-C ends the watch."""
    command = [sys.executable, "-c", "from gateway.cli.main import run; run()", "rules", "test", "--watch"]
    process = subprocess.Popen(
        [*command, "--policy", str(rules / "policy.yaml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=hears_ctrl_c,
    )
    killer = threading.Timer(250, process.kill)
    killer.start()
    rule = rules / "packs" / "local" / "local-ssn.yaml"
    right = rule.read_text("utf-8")
    assert process.stderr is not None
    try:
        wait_for(process.stderr, "watching")
        rule.write_text(right.replace("outside: partners", "outside: orgnization"), "utf-8")
        assert "orgnization" in wait_for(process.stderr, "local-ssn.yaml:")
        rule.write_text(right.replace("quarantine: {}", "block: {}"), "utf-8")
        assert "1 not as expected" in wait_for(process.stderr, "cases of")
        rule.write_text(right, "utf-8")
        assert "0 not as expected" in wait_for(process.stderr, "cases of")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        killer.cancel()
        process.kill()
        process.communicate()


def hears_ctrl_c() -> None:
    """A test run in the background of a shell is deaf to it, and so would its children be."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(lines: object, text: str) -> str:
    for line in lines:  # type: ignore[attr-defined]
        if text in line:
            return str(line)
    raise AssertionError(f"it ended without {text!r}")


def test_other_rules_that_speak_may_be_meant(rules: Path, call: Call) -> None:
    """Shipped rules judge the cases of one's own too: it is said where to name them; not so of the rule itself."""
    own = rules / "packs" / "local" / "local-ssn.yaml"
    other = own.read_text("utf-8").replace("local-ssn", "local-again")
    (own.parent / "local-again.yaml").write_text(other, "utf-8")

    said = " ".join(call("rules", "test", "local-ssn").stdout.split())

    assert "applied unexpectedly: local-again (where that is meant, name them under also)" in said
