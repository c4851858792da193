"""Every check of `gatepost rules lint`, both ways: it sees what is wrong, and is silent where nothing is."""

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

Call = Callable[..., Result]
AddRule = Callable[[str], Path]
Variant = Callable[..., str]

TODAY = datetime.now(UTC).date()
SHIPPED = Path(__file__).parents[3] / "rules"
CASES = """\
positive: [{name: a, expect: deliver, from: a@clinic.example, to: b@home.example}]
negative: [{name: b, expect: deliver, from: a@clinic.example, to: b@home.example}]
"""


@pytest.fixture
def issues(call: Call) -> Callable[..., list[tuple[str, str]]]:
    """(check, subject) of all that lint says."""

    def look(*words: str | Path) -> list[tuple[str, str]]:
        said = json.loads(call("rules", "lint", "--format", "json", *words).stdout)
        return [(issue["check"], issue["subject"]) for issue in said["issues"]]

    return look


Issues = Callable[..., list[tuple[str, str]]]


def with_cases(rules: Path, rule: Path) -> None:
    file = rules / "cases" / rule.stem / "cases.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CASES, "utf-8")


def test_a_sound_rule_set_is_silent(issues: Issues) -> None:
    """No check cries wolf on it."""
    assert issues() == []


SSN = "- finds: {entity: US_SSN, min-confidence: medium}"
OUT = "- recipient: {outside: partners}"
NEVER = {
    "inside and outside": (OUT, OUT + "\n    - recipient: {domain: clinic.example}"),
    "exception that takes it all": (SSN, SSN + "\n  none:\n    - recipient: {outside: organization}"),
    "two directions": (OUT, "- direction: internal\n    - direction: outbound"),
    "two kinds of mail": (SSN, "- stream: marketing\n    - stream: personal"),
    "a partner that is nobody": (OUT, "- recipient: {in: lists/nobody.txt}"),
    "asks after encryption that nobody asks for": (SSN, "- unprotected: {}"),
    "more than is counted": (SSN, "- finds: {entity: PLACE, min-count: 9}"),
    "surer than it ever is": (SSN, "- finds: {entity: PLACE, min-confidence: high}"),
    "nested": (SSN, "- any:\n        - direction: internal\n        - recipient: {domain: clinic.example}"),
}
SOMETIMES = {
    "partners are outside too": (OUT, OUT + "\n    - recipient: {outside: organization}"),
    "exception for one domain": (SSN, SSN + "\n  none:\n    - recipient: {domain: home.example}"),
    "a partner": (OUT, "- recipient: {in: lists/partners.txt}"),
    "as much as is counted": (SSN, "- finds: {entity: PLACE, min-count: 3}"),
    "as sure as it is": (SSN, "- finds: {entity: PLACE, min-confidence: medium}"),
    "one way of two": (SSN, "- any:\n        - direction: internal\n        - direction: outbound"),
}


@pytest.fixture
def place_detector(rules: Path) -> None:
    """A detector that stops counting at 3 and is never sure, and a list without anybody."""
    (rules / "detectors" / "place.yaml").write_text(
        "id: place\nentity: PLACE\ntitle: A place\ngroups: [place]\nenough: 3\n"
        "patterns: [{name: town, regex: 'Springfield', alone: low, with-context: medium}]\n"
        "context: {words: [town], before: 20, after: 20}\n",
        "utf-8",
    )
    (rules / "lists" / "nobody.txt").write_text("# nobody yet\n", "utf-8")


@pytest.mark.usefixtures("place_detector")
@pytest.mark.parametrize("change", NEVER.values(), ids=NEVER)
def test_a_rule_that_never_matches(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, change: tuple[str, str]
) -> None:
    """By construction: whatever the message."""
    with_cases(rules, add_rule(variant("local-new", change)))

    assert ("never-matches", "local-new") in issues()


@pytest.mark.usefixtures("place_detector")
@pytest.mark.parametrize("change", SOMETIMES.values(), ids=SOMETIMES)
def test_a_rule_that_can_match_is_no_rule_that_never_does(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, change: tuple[str, str]
) -> None:
    """Near misses of the above."""
    with_cases(rules, add_rule(variant("local-new", change)))

    assert "never-matches" not in {check for check, _ in issues()}


@pytest.mark.parametrize(
    ("when", "always"),
    [
        ("all:\n    - recipients: {over: 0}", True),
        ("any:\n    - size: {over: 0 KiB}", True),
        ("all:\n    - recipients: {over: 1}", False),
        ("any:\n    - direction: outbound\n    - direction: internal", False),
    ],
)
def test_a_rule_that_always_matches(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, when: str, always: bool
) -> None:
    """By construction."""
    with_cases(rules, add_rule(variant("local-new", (f"all:\n    {OUT}\n    {SSN}", when), ("enforce", "monitor"))))

    assert (("always-matches", "local-new") in issues()) is always


def clean(folder: Path, number: int, wrong: int, body: str) -> Path:
    mails = (
        f"- {{name: m{i}, from: a@clinic.example, to: b@home.example, body: '{body if i < wrong else 'Hello'}'}}\n"
        for i in range(number)
    )
    file = folder / "mail.yaml"
    file.write_text("".join(mails), "utf-8")
    return file


@pytest.mark.parametrize(("wrong", "found"), [(0, []), (1, ["speaks-on-clean"]), (7, ["always-matches"])])
def test_a_rule_on_clean_mail(tmp_path: Path, issues: Issues, wrong: int, found: list[str]) -> None:
    """One message in ten is told, and more than half of them are nearly all mail."""
    said = issues("--clean", clean(tmp_path, 10, wrong, "My SSN is 536-22-1874"))

    assert [check for check, _ in said] == found


def test_clean_mail_may_be_a_folder_of_messages(tmp_path: Path, issues: Issues) -> None:
    """As a mail program exports them."""
    folder = tmp_path / "export"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.eml").write_text(
            "From: a@clinic.example\nTo: b@home.example\nSubject: x\n\nMy SSN is 536-22-1874\n", "utf-8"
        )

    assert issues("--clean", folder) == [("always-matches", "local-ssn")]


SHADOWED = {
    "the same again": [],
    "narrower": [(SSN, "- finds: {entity: US_SSN, min-confidence: high, min-distinct: 3}")],
    "to fewer people": [(OUT, OUT + "\n    - recipient: {domain: home.example}")],
    "milder": [("quarantine: {}", "encrypt: {prefer: [smime]}")],
    "any of two, both narrower": [
        (
            SSN,
            "- any:\n    "
            + SSN.replace("- finds", "    - finds").replace("medium", "high")
            + "\n        "
            + SSN.replace("medium", "medium, place: body"),
        ),
    ],
}
NOT_SHADOWED = {
    "stricter": [("quarantine: {}", "block: {}")],
    "does more": [("quarantine: {}", "quarantine: {}\n  notify: [officer]")],
    "wider": [(OUT, "- recipient: {outside: organization}")],
    "less sure": [("min-confidence: medium", "min-confidence: low")],
    "another entity": [("US_SSN", "CREDIT_CARD")],
    "where values stand near": [(SSN, SSN + "\n    - finds: {entity: US_SSN, within: 5}"), ("quarantine", "block")],
}


@pytest.mark.parametrize("changes", SHADOWED.values(), ids=SHADOWED)
def test_a_rule_in_the_shadow_of_another(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, changes: list[tuple[str, str]]
) -> None:
    """It changes nothing, and only one of the two is told."""
    with_cases(rules, add_rule(variant("local-tss", *changes)))

    found = [subject for check, subject in issues() if check == "shadowed"]
    assert len(found) == 1
    assert found == ["local-tss"] or not changes


@pytest.mark.parametrize("changes", NOT_SHADOWED.values(), ids=NOT_SHADOWED)
def test_a_rule_that_adds_something_is_in_no_shadow(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, changes: list[tuple[str, str]]
) -> None:
    """If only a notice to somebody."""
    with_cases(rules, add_rule(variant("local-tss", *changes)))

    assert ("shadowed", "local-tss") not in issues()


def test_a_rule_that_is_only_watched_shadows_nothing(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues
) -> None:
    """It changes nothing yet."""
    with_cases(rules, add_rule(variant("local-tss", ("enforce", "monitor"), ("quarantine", "block"))))

    assert ("shadowed", "local-ssn") not in issues()


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("encrypt: {prefer: [smime]}", "encrypt: {prefer: [pgp, tls]}", True),
        ("encrypt: {prefer: [smime, tls]}", "encrypt: {prefer: [pgp, tls]}", False),
        ("change-header: {name: X-A, value: one}", "change-header: {name: x-a, value: two}", True),
        ("change-header: {name: X-A, value: one}", "change-header: {name: X-B, value: two}", False),
        ("remove-header: X-A", "add-header: {name: X-A, value: two}", True),
        ("remove-header: X-A", "remove-header: X-A", False),
    ],
)
def test_rules_that_contradict_one_another(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, one: str, other: str, clash: bool
) -> None:
    """Where they can match the same message."""
    for name, then in (("local-one", one), ("local-two", other)):
        with_cases(rules, add_rule(variant(name, ("quarantine: {}", then))))

    assert (("contradicts", "local-two") in issues()) is clash


def test_rules_for_different_people_do_not_contradict(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues
) -> None:
    """No message and recipient meets both."""
    for name, whom, method in (("local-in", "internal", "smime"), ("local-out", "outbound", "pgp")):
        changes = ((OUT, f"- direction: {whom}"), ("quarantine: {}", f"encrypt: {{prefer: [{method}]}}"))
        with_cases(rules, add_rule(variant(name, *changes)))

    assert "contradicts" not in {check for check, _ in issues()}


def test_an_otherwise_that_a_stricter_rule_takes_the_place_of(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues
) -> None:
    """What could not be encrypted is blocked by the other rule, so it is never held; narrower, it may be."""
    card = ("US_SSN", "CREDIT_CARD")
    encrypts = variant("local-cards", card, ("quarantine: {}", "encrypt: {prefer: [smime], otherwise: quarantine}"))
    with_cases(rules, add_rule(encrypts))
    assert "unreachable-otherwise" not in {check for check, _ in issues()}
    blocks = variant("local-none", (SSN, "- unprotected: {}"), ("quarantine: {}", "block: {}"))
    with_cases(rules, add_rule(blocks))

    assert ("unreachable-otherwise", "local-cards") in issues()
    add_rule(blocks.replace(OUT, "- recipient: {domain: home.example}"))
    assert "unreachable-otherwise" not in {check for check, _ in issues()}


@pytest.mark.parametrize(
    ("place", "then", "told"),
    [
        ("subject", "redact: {otherwise: block}", True),
        ("subject", "redact: {}", False),
        ("body", "redact: {otherwise: block}", False),
    ],
)
def test_an_otherwise_of_what_can_always_be_taken_out(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues, place: str, then: str, told: bool
) -> None:
    """A subject can; one that nobody wrote is no mistake."""
    where = ("min-confidence: medium", f"min-confidence: medium, place: {place}")
    with_cases(rules, add_rule(variant("local-new", where, ("quarantine: {}", then))))

    assert (("unreachable-otherwise", "local-new") in issues()) is told


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
    tests = Path(__file__).read_text("utf-8")
    readme = (Path(__file__).parents[3] / "rules" / "README.md").read_text("utf-8")

    for check in CHECKS:
        assert f'"{check.id}"' in tests, check.id
        assert f"`{check.id}`" in readme, check.id
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_dates_of_the_fixture_are_in_force() -> None:
    """The sound rule set stays sound for a while."""
    listed = read_list("x", "lab.example until 2090-01-01", "x", [])

    assert listed.covers("a@lab.example", date(2089, 1, 1))
