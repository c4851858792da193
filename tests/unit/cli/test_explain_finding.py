"""`gatepost explain` on a finding: pattern, context, validator, level, and where it stands, without its value."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.explain import veiled, words_of
from gateway.cli.main import app

RULE = """\
id: lists-badge
title: A badge goes outside
status: enforce
severity: low
owner: p@clinic.example
description: A number of a badge, to a recipient outside.
when:
  all:
    - recipient: {outside: organization}
    - finds: {entity: BADGE_NUMBER}
then:
  quarantine: {}
false-positives: [none known]
references: [made up]
"""
DETECTOR = """\
id: badge
entity: BADGE_NUMBER
title: Number of a badge
groups: [staff]
patterns:
  - name: dashed
    regex: '\\bB-(?P<value>[0-9 ]{19})\\b'
    alone: low
    with-context: high
    invalid-alone: low
    invalid-with-context: medium
validator: luhn
context:
  words: [badge no]
"""


@pytest.fixture
def explain(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The explanation, as JSON, of a message with a number that a validator knows."""
    rules = tmp_path / "rules"
    (rules / "detectors").mkdir(parents=True)
    (rules / "packs" / "lists").mkdir(parents=True)
    (rules / "policy.yaml").write_text(
        "organization:\n  name: Example Clinic\n  domains: [clinic.example]\n  notices-from: g@clinic.example\n"
        "  officers: [p@clinic.example]\npacks: [lists]\n"
    )
    (rules / "packs" / "lists" / "lists-badge.yaml").write_text(RULE)
    (rules / "detectors" / "badge.yaml").write_text(DETECTOR)
    message = tmp_path / "m.eml"
    message.write_bytes(b"From: a@clinic.example\r\n\r\nJane's badge no. is B-4111 1111 1111 1111, room 77.\r\n")
    words = ["--config", str(settings), "--policy", str(rules / "policy.yaml")]
    assert CliRunner().invoke(app, ["keys", "init", "--config", str(settings)]).exit_code == 0
    return CliRunner().invoke(app, ["explain", str(message), "--format", "json", *words])


def test_a_finding_is_explained_in_full(explain: Result) -> None:
    """Which pattern, which context word and where, what the validator said, which level; and its fingerprint."""
    (finding,) = json.loads(explain.stdout)["findings"]

    assert finding["why"] == [
        "pattern dashed",
        "context word 'badge no' 7 characters before",
        "validator luhn: valid",
        "high: what the detector says of one with context words",
    ]
    assert (finding["confidence"], finding["marks"], len(finding["fingerprint"])) == ("high", [], 32)


def test_its_place_is_shown_in_outline(explain: Result) -> None:
    """The masked value between outlines of words; only words of the rule can be read."""
    (finding,) = json.loads(explain.stdout)["findings"]

    assert finding["context"] == "xxxx'x badge no. xx x-«**** **** **** 1111», xxxx 99."
    assert "Jane" not in explain.output


def test_outline_has_no_letter_or_digit_of_the_text() -> None:
    """Of no alphabet; lengths and punctuation alone."""
    assert (
        veiled("Ünal 1٢ ab VALUE cd_e", 11, 16, "***", words_of(["context word 'ab' near"])) == "xxxx 99 ab «***» xxxx"
    )
