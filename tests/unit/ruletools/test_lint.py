"""Checks of `gatepost rules lint`, both ways: each sees what is wrong, and is silent where nothing is."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from gateway.cli.ruleset import rules_of
from gateway.lint import CHECKS, read_history, site_of
from gateway.policy.listfile import read_list
from tests.unit.ruletools.linted import OUT, SSN, clean

Call = Callable[..., Result]
AddRule = Callable[[str], Path]
Variant = Callable[..., str]
TODAY = datetime.now(UTC).date()
SHIPPED = Path(__file__).parents[3] / "rules"
Issues = Callable[..., list[tuple[str, str]]]


def test_a_sound_rule_set_is_silent(issues: Issues) -> None:
    """No check cries wolf on it."""
    assert issues() == []


def test_a_rule_without_cases(rules: Path, issues: Issues) -> None:
    """Nobody knows what it does."""
    (rules / "cases" / "local-ssn" / "cases.yaml").unlink()

    assert issues() == [("no-cases", "local-ssn")]


@pytest.mark.parametrize(("owner", "told"), [("nobody", True), ("me@other.example", True), ("x@clinic.example", False)])
def test_a_rule_whose_owner_cannot_be_asked(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, owner: str, told: bool
) -> None:
    """An address of ours is wanted."""
    add_rule(variant("local-ssn", ("owner: privacy@clinic.example", f"owner: {owner}")))

    assert (("no-owner", "local-ssn") in issues()) is told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"old.example until {TODAY - timedelta(days=1)}  # BA-2", ["list-empty", "expired-exception"]),
        (f"new.example until {TODAY + timedelta(days=9)}  # BA-2", ["ends-soon"]),
        (f"new.example until {TODAY + timedelta(days=90)}  # BA-2", []),
        ("new.example # BA-2", ["entry-without-reason"]),
        (f"new.example until {TODAY + timedelta(days=90)}", ["entry-without-reason"]),
        ("# all gone", ["list-empty"]),
    ],
)
def test_dates_and_reasons_of_partners(rules: Path, issues: Issues, line: str, told: list[str]) -> None:
    """What has ended, ends soon, or nobody can say why."""
    (rules / "lists" / "partners.txt").write_text(line + "\n", "utf-8")

    assert [check for check, _ in issues()] == told


def test_an_entry_is_told_with_its_line(rules: Path, call: Call) -> None:
    """Not with that of the rule."""
    (rules / "lists" / "partners.txt").write_text("# ours\n\nold.example until 2020-01-01 # x\n", "utf-8")

    assert f"{rules / 'lists' / 'partners.txt'}:3:1: warning: lists/partners.txt:" in call("rules", "lint").stdout


@pytest.mark.parametrize(("name", "told"), [("csv", True), ("'*.csv'", False), ("list.csv", False), ("'*csv*'", False)])
@pytest.mark.parametrize("where", ["when", "then"])
def test_a_name_of_attachments_that_is_only_an_ending(
    add_rule: AddRule, variant: Variant, issues: Issues, name: str, told: bool, where: str
) -> None:
    """The rule would wait for a file that is called just so."""
    if where == "when":
        change = (SSN, SSN + f"\n    - attachment: {{name: {name}}}")
    else:
        change = ("quarantine: {}", f"remove-attachments: {{name: {name}}}")
    add_rule(variant("local-ssn", change))

    assert (("whole-name", "local-ssn") in issues()) is told


@pytest.mark.parametrize("used", [False, True])
def test_a_list_that_nothing_names(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, used: bool
) -> None:
    """Somebody may believe that it does something."""
    (rules / "lists" / "extra.txt").write_text("home.example\n", "utf-8")
    if used:
        add_rule(variant("local-ssn", (SSN, SSN + "\n  none:\n    - recipient: {in: lists/extra.txt}")))

    assert (("list-unused", "lists/extra.txt") in issues()) is not used


@pytest.mark.parametrize("setting", ["lexicon", "list", "against-list"])
def test_a_list_that_a_detector_names(rules: Path, issues: Issues, setting: str) -> None:
    """As its words, or as those that make its values more or less likely."""
    (rules / "lists" / "extra.txt").write_text("ward\n", "utf-8")
    head = "id: own\nentity: OWN\ntitle: Own\ngroups: [own]\n"
    pattern = "patterns: [{name: it, regex: 'W-[0-9]{5}', alone: low}]\n"
    words = f"{setting}: ../lists/extra.txt"
    rest = f"{words}\n" if setting == "lexicon" else f"{pattern}context: {{words: [x], {words}}}\n"
    (rules / "detectors" / "own.yaml").write_text(head + rest, "utf-8")

    assert issues() == []


def test_the_shipped_rules_name_all_of_their_lists() -> None:
    """And the list of those who get a new rule first waits for the next one."""
    site = site_of(SHIPPED / "policy.yaml", rules_of(SHIPPED / "policy.yaml"), TODAY)

    assert site.stray_lists == ()


@pytest.mark.parametrize(
    ("regex", "told"),
    [
        (r"[a-z]+", ["far-too-wide"]),
        (r"\bzq[0-9]{4}\b", []),
        (r"(?s:[a-z ,.].{900})[0-9]", ["slow-pattern"]),
    ],
)
def test_a_pattern_on_clean_text(rules: Path, tmp_path: Path, issues: Issues, regex: str, told: list[str]) -> None:
    """One that finds every word, and one with a thousand states."""
    (rules / "detectors" / "own.yaml").write_text(
        f"id: own\nentity: OWN\ntitle: Own\ngroups: [own]\npatterns: [{{name: it, regex: '{regex}', alone: low}}]\n",
        "utf-8",
    )
    body = "Lunch for five at noon, please, and coffee for the six of us who stay until the evening. " * 6

    said = issues("--clean", clean(tmp_path, 10, 10, body))

    assert said == [(check, "own") for check in told]


def test_a_detector_that_finds_something_in_most_mail(rules: Path, tmp_path: Path, issues: Issues) -> None:
    """With confidence; that it may find much that nobody counts is no matter."""
    file = rules / "detectors" / "own.yaml"
    text = "id: own\nentity: OWN\ntitle: Own\ngroups: [own]\npatterns: [{name: it, regex: 'five', alone: medium}]\n"
    mail = clean(tmp_path, 20, 20, "Lunch for five")
    file.write_text(text, "utf-8")
    assert issues("--clean", mail) == [("far-too-wide", "own")]

    file.write_text(text.replace("medium", "low"), "utf-8")
    assert issues("--clean", mail) == []


def day(number: int) -> int:
    return int(datetime(2026, 3, number, tzinfo=UTC).timestamp() * 1000)


def policy(when: int, **rules: list[str]) -> dict[str, Any]:
    return {"time": day(when), "metadata": {"event_code": "policy-changed"}, "unmapped": {"old": "", **rules}}


HISTORIES: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "never watched": ([policy(1, enforced=[]), policy(3, enforced=["local-ssn"])], True),
    "watched three days": (
        [policy(1, enforced=[]), policy(2, monitored=["local-ssn"]), policy(5, enforced=["local-ssn"])],
        True,
    ),
    "watched three weeks": (
        [policy(1, enforced=[]), policy(2, monitored=["local-ssn"]), policy(23, enforced=["local-ssn"])],
        False,
    ),
    "there from the start": ([policy(1, enforced=["local-ssn"])], False),
    "nothing is known": ([policy(1, enforced=[])], False),
}


@pytest.mark.parametrize(("events", "told"), HISTORIES.values(), ids=HISTORIES)
def test_a_rule_that_was_not_watched_first(
    tmp_path: Path, issues: Issues, events: list[dict[str, Any]], told: bool
) -> None:
    """The audit log knows which policy had it under which status."""
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(event) + "\n" for event in events), "ascii")

    assert (("not-monitored-first", "local-ssn") in issues("--audit", log)) is told


def test_odd_events_say_nothing() -> None:
    """A log that somebody changed is for `audit verify`."""
    odd: Iterator[dict[str, Any]] = iter(
        [{}, {"metadata": 3}, {"metadata": {"event_code": "policy-changed"}}, policy(1, enforced=None)]  # type: ignore[arg-type]
    )

    assert read_history(odd).rules == {}


def test_what_was_not_checked_is_said(call: Call) -> None:
    """Silence is no proof."""
    result = call("rules", "lint")

    assert "not checked without an audit log (--audit): not-monitored-first" in result.stderr
    assert "not checked without clean mail (--clean): speaks-on-clean, slow-pattern, far-too-wide" in result.stderr


@pytest.mark.parametrize(
    ("change", "words", "code"),
    [
        (("privacy@clinic.example\nd", "nobody\nd"), (), 0),
        (("privacy@clinic.example\nd", "nobody\nd"), ("--strict",), 3),
        ((OUT, "- direction: internal\n    - direction: outbound"), (), 3),
        ((OUT, "- recipient: {outside: everybody}"), (), 2),
    ],
    ids=["warning", "warning, strict", "error", "does not load"],
)
def test_exit_codes(
    add_rule: AddRule, variant: Variant, call: Call, change: tuple[str, str], words: tuple[str, ...], code: int
) -> None:
    """For scripts: only what is certain to be wrong fails."""
    add_rule(variant("local-ssn", change))

    assert call("rules", "lint", *words).exit_code == code
    assert call("rules", "lint", *words, "--format", "json").exit_code == code


def test_every_check_is_tried_here_and_described() -> None:
    """A new one needs a test both ways and a line in rules/README.md."""
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_lint*.py"))
    readme = (Path(__file__).parents[3] / "rules" / "README.md").read_text("utf-8")

    for check in CHECKS:
        assert f'"{check.id}"' in tests, check.id
        assert f"`{check.id}`" in readme, check.id
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_dates_of_the_fixture_are_in_force() -> None:
    """The sound rule set stays sound for a while."""
    listed = read_list("x", "lab.example until 2090-01-01", "x", [])

    assert listed.covers("a@lab.example", date(2089, 1, 1))
