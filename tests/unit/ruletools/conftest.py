"""A rule set of one detector and one rule, quick to load, for the tools that are tried on it."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app

SHIPPED = Path(__file__).parents[3] / "rules"
POLICY = """\
organization:
  name: Example Clinic
  domains: [clinic.example]
  officers: [privacy@clinic.example]
  notices-from: gatepost@clinic.example
  partners: lists/partners.txt
packs: [local]
"""
RULE = """\
id: local-ssn
title: A social security number leaves us
status: enforce
severity: high
owner: privacy@clinic.example
description: A social security number to somebody outside.
when:
  all:
    - recipient: {outside: partners}
    - finds: {entity: US_SSN, min-confidence: medium}
then:
  quarantine: {}
"""
CASES = """\
positive:
  - name: one-number
    expect: quarantine
    from: nurse@clinic.example
    to: pat@home.example
    subject: Your form
    body: Your SSN is 536-22-1874.
negative:
  - name: to-a-colleague
    expect: deliver
    from: nurse@clinic.example
    to: desk@clinic.example
    subject: The form
    body: The SSN is 536-22-1874.
"""
Call = Callable[..., Result]


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a wide terminal."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with a policy, a rule, its detector and its cases."""
    folder = tmp_path / "rules"
    (folder / "detectors").mkdir(parents=True)
    for name in ("us-ssn.yaml", "credit-card.yaml"):
        shutil.copy(SHIPPED / "detectors" / name, folder / "detectors")
    (folder / "lists").mkdir()
    (folder / "lists" / "partners.txt").write_text("lab.example until 2090-01-01  # agreement BA-1\n", "utf-8")
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    write_rule(folder, RULE)
    (folder / "cases" / "local-ssn").mkdir(parents=True)
    (folder / "cases" / "local-ssn" / "cases.yaml").write_text(CASES, "utf-8")
    return folder


def write_rule(folder: Path, text: str) -> Path:
    path = folder / "packs" / "local" / f"{text.split()[1]}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def add_rule(rules: Path) -> Callable[[str], Path]:
    """Write a rule file beside the first."""
    return lambda text: write_rule(rules, text)


@pytest.fixture
def variant() -> Callable[..., str]:
    """The text of the rule under another id, with some texts replaced by others."""

    def make(name: str, *changes: tuple[str, str]) -> str:
        text = RULE.replace("local-ssn", name)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        return text

    return make


@pytest.fixture
def call(rules: Path, tmp_path: Path) -> Call:
    """Run a command with a configuration whose policy is the one of the test."""
    settings = tmp_path / "gatepost.yaml"
    settings.write_text(
        "store: {folder: state}\npostfix: {submit-port: 1}\nworkers: {count: 1}\n"
        f"policy: {{file: {rules / 'policy.yaml'}}}\n",
        "utf-8",
    )

    def run(*words: str | Path, stdin: str | None = None) -> Result:
        given: Sequence[str] = [*map(str, words), "--config", str(settings)]
        return CliRunner().invoke(app, list(given), input=stdin)

    return run


@pytest.fixture
def issues(call: Call) -> Callable[..., list[tuple[str, str]]]:
    """(check, subject) of all that lint says."""

    def look(*words: str | Path) -> list[tuple[str, str]]:
        said = json.loads(call("rules", "lint", "--format", "json", *words).stdout)
        return [(issue["check"], issue["subject"]) for issue in said["issues"]]

    return look
