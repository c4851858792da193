"""Every snippet of rules/README.md is what the page says it is."""

import os
import re
import shlex
import shutil
import subprocess
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from gateway.audit import events
from gateway.cli.main import app
from gateway.config import load_config
from gateway.core.errors import Fault
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.load import load_detectors
from gateway.documents import parse_document
from gateway.policy import load_policy
from gateway.policy.conditions import CONDITIONS
from gateway.policy.listfile import read_list
from gateway.policy.verbs import VERBS
from gateway.ruleset import RuleSet
from gateway.wiring.stored import opened

RULES = Path(__file__).parents[2] / "rules"
README = (RULES / "README.md").read_text(encoding="utf-8")
YAML = [dedent(found) for found in re.findall(r"^ *```yaml\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)]
SHELL = re.findall(r"^ *```sh\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
TEXT = re.findall(r"^ *```text\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
FIRST = next(snippet for snippet in YAML if snippet.startswith("id: local-phi-external"))
TUTORIAL = README.partition("## Your first rule")[2].partition("\n## ")[0]
FIRST_OF_TUTORIAL = next(snippet for snippet in YAML if snippet.startswith("id: local-plates"))
HEAD = "id: local-it\ntitle: A rule\nstatus: enforce\nseverity: low\nowner: privacy@clinic.example\n"


@pytest.mark.parametrize("snippet", YAML, ids=lambda snippet: snippet.split("\n", 1)[0])
def test_a_snippet_loads(snippet: str, tmp_path: Path, ruleset: RuleSet) -> None:
    """As the whole policy, as a rule, or as the body of one."""
    shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("cases", "detectors"))
    policy_file = tmp_path / "rules" / "policy.yaml"
    if snippet.startswith(("positive:", "recognizers:")):
        return  # cases and detectors: see below
    if snippet.startswith("organization:"):
        policy_file.write_text(snippet, encoding="utf-8")
    else:
        rule = snippet if snippet.startswith("id:") else HEAD + snippet
        path = tmp_path / "rules" / "packs" / "local" / f"{rule.split()[1]}.yaml"
        path.parent.mkdir()
        path.write_text(rule, encoding="utf-8")
        policy_file.write_text(policy_file.read_text("utf-8").replace("packs: [", "packs: [local, "), encoding="utf-8")
    faults: list[Fault] = []

    policy = load_policy(policy_file, ruleset.detectors, faults)

    assert [str(fault) for fault in faults] == []
    assert policy is not None


def test_the_list_snippet_is_a_list() -> None:
    """Its entries are read without a fault."""
    faults: list[Fault] = []

    entries = read_list("lists/x.txt", next(text for text in TEXT if "clearing house" in text), "x.txt", faults)

    assert faults == []
    assert entries.covers("a@billing.example")
    assert entries.covers("dr.lee@practice.example")


def test_the_snippet_of_consents_is_one() -> None:
    """From the day of the form on, until it ends."""
    faults: list[Fault] = []

    entries = read_list("lists/x.txt", next(text for text in TEXT if "form MK" in text), "x.txt", faults)

    assert faults == []
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2027, 1, 31), date(2027, 2, 1)]
    assert [entries.consents("pat.lee@home.example", day) for day in days] == [False, True, True, False]


def test_the_snippet_of_a_detector_finds_what_it_says(tmp_path: Path) -> None:
    """Sure beside a word of its context, less sure without."""
    (tmp_path / "ward.yaml").write_text(next(s for s in YAML if s.startswith("recognizers:")), encoding="utf-8")
    faults: list[Fault] = []
    engine = Engine(load_detectors(tmp_path, faults))

    found = engine.detect((Segment("1", Place.BODY, "badge W-12345; " + "x " * 50 + "W-54321"),), Limits()).findings

    assert faults == []
    assert [(one.value, one.confidence.word) for one in found] == [("W-12345", "high"), ("W-54321", "medium")]


def test_the_message_about_a_mistake_is_the_real_one(tmp_path: Path, ruleset: RuleSet) -> None:
    """The page shows what the loader says about its first rule with that mistake in it."""
    shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("cases", "detectors"))
    policy_file = tmp_path / "rules" / "policy.yaml"
    policy_file.write_text(policy_file.read_text("utf-8").replace("packs: [", "packs: [local, "), encoding="utf-8")
    path = tmp_path / "rules" / "packs" / "local" / "local-phi-external.yaml"
    path.parent.mkdir()
    path.write_text(FIRST.replace("min-confidence: medium", "min-confidance: medium"), encoding="utf-8")
    faults: list[Fault] = []

    load_policy(policy_file, ruleset.detectors, faults)

    (shown,) = (text.strip() for text in TEXT if "min-confidance" in text)
    assert [str(fault).replace(f"{tmp_path}/", "") for fault in faults] == [shown]


def test_the_cases_of_a_rule_run_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first rule, with a case either way and the shown header line, goes through the shown command."""
    shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("cases"))
    (tmp_path / "models").symlink_to(RULES.parent / "models")
    policy_file = tmp_path / "rules" / "policy.yaml"
    policy_file.write_text(policy_file.read_text("utf-8").replace("packs: [", "packs: [local, "), encoding="utf-8")
    rule = tmp_path / "rules" / "packs" / "local" / "local-phi-external.yaml"
    rule.parent.mkdir()
    rule.write_text(FIRST, encoding="utf-8")
    cases = tmp_path / "rules" / "cases" / "local-phi-external"
    cases.mkdir(parents=True)
    also = "hipaa-phi-external,hipaa-phi-named-person"
    (mark,) = (text.strip() for text in TEXT if "X-Gatepost-Case" in text)
    for name, shipped, line in (
        (
            "positive-lab.eml",
            "positive-lab-result.eml",
            mark.replace("hipaa-phi-bulk", also),
        ),
        ("negative-news.eml", "negative-newsletter.eml", "X-Gatepost-Case: expect=deliver"),
    ):
        text = (RULES / "cases" / "hipaa-phi-external" / shipped).read_text("utf-8")
        (cases / name).write_text(re.sub("X-Gatepost-Case: .*", line, text), encoding="utf-8")
    (command,) = (
        line.split() for text in SHELL for line in text.splitlines() if "rules test" in line and "phi" in line
    )
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, command[1:])

    assert result.exit_code == 0, result.output
    assert result.stdout.count("ok  local-phi-external") == len(list(cases.iterdir()))

    (short,) = (snippet for snippet in YAML if "result-to-a-patient" in snippet)
    (cases / "cases.yaml").write_text(short, encoding="utf-8")

    result = CliRunner().invoke(app, command[1:])

    assert result.exit_code == 0, result.output
    assert result.stdout.count("ok  local-phi-external") == 4


def test_the_first_quarter_of_an_hour_goes_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step, word for word, in a folder with nothing but the rules and the models."""
    shutil.copytree(RULES, tmp_path / "rules")
    (tmp_path / "models").symlink_to(RULES.parent / "models")
    monkeypatch.chdir(tmp_path)
    said = ""
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL):
        if kind == "text":
            Path("candidate/plate.eml").write_text(block, "utf-8")
        elif block.startswith("id: "):
            Path("candidate/packs/local/local-plates.yaml").write_text(block, "utf-8")
        elif kind == "yaml":
            add_cases(Path("candidate/cases/local-plates/cases.yaml"), block)
        else:
            said += "".join(map(typed, block.splitlines()))

    assert said.count("ok  local-plates") == 5
    assert " 0 errors, 0 warnings" in " ".join(said.split())
    assert "local-plates  applies: quarantine" in said
    assert re.search(r"local-plates +0 of 1 .*-> 1 of 1 ", said)
    assert Path("rules/packs/local/local-plates.yaml").read_text("utf-8") == FIRST_OF_TUTORIAL


def add_cases(file: Path, more: str) -> None:
    """Those of each kind below those that are there."""
    positive, _, negative = more.partition("negative:\n")
    text = file.read_text("utf-8")
    text = text.replace("negative:\n", positive.partition("positive:\n")[2] + "negative:\n")
    file.write_text(text + negative, "utf-8")


def typed(line: str) -> str:
    """A line in a terminal; what it shows."""
    words = shlex.split(line)
    if words[0] != "gatepost":
        subprocess.run(words, check=True)
        return ""
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == 0, result.output
    return result.output


def test_signing_works_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shown commands, with a key that has no passphrase to be asked for."""
    shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("cases"))
    (tmp_path / "models").symlink_to(RULES.parent / "models")
    monkeypatch.chdir(tmp_path)
    (commands,) = (text.splitlines() for text in SHELL if "rules sign" in text)

    for command in commands:
        words = command.replace(" -aes256", "").split()
        if words[0] == "openssl":
            subprocess.run(words, check=True, capture_output=True)
        else:
            result = CliRunner().invoke(app, words[1:])
            assert result.exit_code == 0, result.output


def test_a_new_rule_works_as_the_page_says(tmp_path: Path) -> None:
    """The shown command writes a rule and its cases."""
    shutil.copytree(RULES, tmp_path / "rules", ignore=shutil.ignore_patterns("cases"))
    (tmp_path / "models").symlink_to(RULES.parent / "models")
    (command,) = re.findall("`gatepost (rules new [^`]*)`", README)

    result = CliRunner().invoke(app, [*shlex.split(command), "--policy", str(tmp_path / "rules" / "policy.yaml")])

    assert result.exit_code == 0, result.output
    assert (tmp_path / "rules" / "cases" / "local-cards" / "cases.yaml").is_file()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `rules/`, a candidate beside it, kept mail, and a gateway's configuration and audit log.

    Of the shipped rules the one about Social Security numbers, with its detectors: enough for every command.
    """
    rules = tmp_path / "rules"
    for part in ("packs/us-pii/us-pii-ssn.yaml", "detectors/us-ssn.yaml", "detectors/us-itin.yaml"):
        (rules / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(RULES / part, rules / part)
    for part in ("detectors/credit-card.yaml", "lists/trusted-partners.txt", "cases/us-pii-ssn", "clean"):
        copy = shutil.copytree if (RULES / part).is_dir() else shutil.copy
        (rules / part).parent.mkdir(parents=True, exist_ok=True)
        copy(RULES / part, rules / part)
    policy = (RULES / "policy.yaml").read_text("utf-8")
    (rules / "policy.yaml").write_text(re.sub(r"packs: \[.*\]", "packs: [us-pii]", policy), "utf-8")
    (tmp_path / "gatepost.yaml").write_text(
        "store: {folder: state}\npostfix: {submit-port: 1}\nworkers: {count: 1}\npolicy: {file: rules/policy.yaml}\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEPOST_CONFIG", str(tmp_path / "gatepost.yaml"))
    (tmp_path / "kept.eml").write_bytes(
        b"From: nurse@clinic.example\r\nTo: pat@home.example\r\n\r\nYour Social Security number is 219-09-9998.\r\n"
    )
    assert CliRunner().invoke(app, ["keys", "init"]).exit_code == 0
    with opened(load_config(None, os.environ), os.environ) as stored:
        stored.audit.append(events.viewed(item="1", incident="1", by="officer"))
    return tmp_path


def changed_candidate(office: Path) -> None:
    """The rules as they would be: the number is refused."""
    shutil.copytree(office / "rules", office / "candidate")
    rule = office / "candidate" / "packs" / "us-pii" / "us-pii-ssn.yaml"
    text = re.sub("encrypt: .*", "block: {}", rule.read_text("utf-8"))
    rule.write_text(text, "utf-8")


# What each command that the page mentions says, among other things, when it is typed as it stands there.
SAYS = {
    "gatepost policy check rules/policy.yaml": "5 enforce",
    "gatepost rules lint": "0 errors",
    "gatepost explain --policy rules/policy.yaml FILE": "us-pii-ssn",
    "gatepost rules replay --against rules/ candidate/ PATH…": "quarantine (notify) by us-pii-ssn -> block",
    "gatepost rules usage": "us-pii-ssn",
    "gatepost rules docs": "Social Security number leaving the organization",
}
ELSEWHERE = ("gatepost rules new", "gatepost rules test --watch")  # tests of their own


def test_every_command_of_the_page_is_run() -> None:
    """One that is added needs a line above."""
    mentioned = set(re.findall(r"`(gatepost [^`]*)`", README))

    assert {each for each in mentioned if not each.startswith(ELSEWHERE)} == set(SAYS)


@pytest.mark.parametrize("command", SAYS)
def test_a_command_of_the_page_works(office: Path, command: str) -> None:
    """As it stands there, with a file for FILE and PATH."""
    changed_candidate(office)
    words = shlex.split(command.replace("FILE", "kept.eml").replace("PATH…", "kept.eml"))

    result = CliRunner().invoke(app, words[1:])

    assert result.exit_code == 0, result.output
    assert SAYS[command] in result.output


def test_every_condition_and_action_is_described() -> None:
    """A new one needs a line in the tables."""
    words = [condition.word for condition in CONDITIONS] + [asked.verb.value for asked in VERBS]

    assert [word for word in words if f"`{word}`" not in README] == []


def test_every_shipped_rule_is_described(ruleset: RuleSet) -> None:
    """With the status that it has."""
    for rule in ruleset.policy.rules:
        if rule.area != "default":
            (line,) = (line for line in README.splitlines() if line.startswith("| `") and f"`{rule.id}`" in line)
            assert f"| {rule.status} |" in line


def test_yaml_snippets_are_single_documents() -> None:
    """None of them leans on what the loader refuses."""
    faults: list[Fault] = []

    assert all(parse_document(snippet, "README.md", faults) for snippet in YAML)
    assert faults == []
