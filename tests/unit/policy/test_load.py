"""Rule files with mistakes: each fault at its place, in plain words, all together."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.policy import decide, load_policy

GOOD = "when: {all: [{recipient: {outside: organization}}]}\nthen: {quarantine: }\n"
WHEN = "when: {all: [{recipient: {outside: organization}}]}\n"
THEN = "then: {quarantine: }\n"
FINDS = "when: {all: [{finds: {entity: US_SSN}}]}\n"


def all_of(condition: str) -> str:
    return f"when:\n  all:\n    - {condition}\n{THEN}"


def test_faults_of_all_files_come_together_in_order(rules: Any) -> None:
    """policy.yaml, a list and two rules, wrong at once, are all reported, sorted by file and line."""
    rules.rule("test-b", all_of("finds: {entity: NO_SUCH, min-count: 0}"))
    rules.rule("test-a", "when: [\n")
    rules.write("lists/partners.txt", "a b\n")
    policy = rules.folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("packs:", "mixed-recipients: maybe\npacks:"))

    places = [fault.split(": ")[0] for fault in rules.faults()]

    assert places == ["packs/test/test-a.yaml:7:1", "packs/test/test-b.yaml:8:43", "policy.yaml:7:19"]


def test_two_mistakes_in_one_rule_are_both_reported(rules: Any) -> None:
    """An unknown entity and an unknown group need one round only."""
    rules.rule("test-it", "when:\n  all:\n    - finds: {entity: A1}\n    - finds: {group: b2}\n" + THEN)

    assert [fault.split(": ")[0] for fault in rules.faults()] == [
        "packs/test/test-it.yaml:8:23",
        "packs/test/test-it.yaml:9:22",
    ]


def test_a_rule_of_another_pack_is_in_the_wrong_folder(rules: Any) -> None:
    """The id begins with the name of the pack."""
    rules.rule("hipaa-x", GOOD)

    (fault,) = rules.faults()

    assert 'the rule "hipaa-x" lies in the folder of the pack "test"' in fault


@pytest.mark.parametrize("name", ["packs/test-it.yaml", "packs/test/old/test-it.yaml"])
def test_a_rule_that_no_pack_would_load_is_a_fault(rules: Any, name: str) -> None:
    """Beside the packs or too deep, it would silently do nothing."""
    rules.rule("test-good", GOOD)
    rules.write(name, "id: test-it\n")

    assert rules.faults() == [f"{name}: test-it: the rule is in the wrong folder: move it to packs/<pack>/"]


def test_a_rule_file_ending_in_yml_is_a_fault(rules: Any) -> None:
    """It would silently do nothing."""
    rules.rule("test-good", GOOD)
    rules.write("packs/test/test-it.yml", GOOD)

    assert rules.faults() == ['packs/test/test-it.yml: test-it: the name ends in ".yml": rename it to .yaml']


def test_an_empty_pack_is_a_fault(rules: Any) -> None:
    """A pack in use that has no rules protects nobody."""
    rules.write("packs/test/README.md", "nothing yet")

    assert rules.faults() == ["packs/test: test: the pack has no rules: add one, or take it from packs"]


def test_two_rules_with_one_id_are_a_fault(rules: Any) -> None:
    """The second is named with the place of the first."""
    rules.rule("test-a", GOOD)
    path: Path = rules.rule("test-b", GOOD)
    path.write_text(path.read_text().replace("id: test-b", "id: test-a"))

    assert any('another rule has the id "test-a"' in fault for fault in rules.faults())


def test_entities_are_not_judged_where_detectors_failed_to_load(rules: Any) -> None:
    """One broken detector file must not make every rule that uses it look wrong."""
    rules.rule("test-it", all_of("finds: {entity: OF_THE_BROKEN_FILE}"))
    faults = [Fault("detectors/x.yaml", 1, 1, "x", "broken", "mend it")]

    assert load_policy(rules.folder / "policy.yaml", (), faults) is None
    assert len(faults) == 1


def test_editor_backups_are_left_alone(rules: Any) -> None:
    """Hidden files and lock files of editors are no rules."""
    rules.rule("test-it", GOOD)
    rules.write("packs/test/.#test-it.yaml", "x")
    rules.write("packs/test/#test-it.yaml", "x")

    assert rules.load().rules[-1].id == "test-it"


def test_a_rule_keeps_what_it_says(rules: Any) -> None:
    """Head, description, false positives, references, and its place."""
    rules.rule("test-it", "description: Why\nfalse-positives: [Rosters]\nreferences: ['45 CFR 164.312(e)(1)']\n" + GOOD)

    rule = rules.load().rules[-1]

    assert (rule.id, rule.area, rule.title, rule.severity) == ("test-it", "test", "A rule", "high")
    assert (rule.description, rule.false_positives) == ("Why", ("Rosters",))
    assert rule.references == ("45 CFR 164.312(e)(1)",)
    assert rule.file.endswith("test-it.yaml")


def test_the_day_of_the_message_says_which_entries_are_in_force(rules: Any, facts: Callable[..., Any]) -> None:
    """`since` and `until` include their day; a gateway that runs on needs no reload for it."""
    rules.rule("test-it", all_of("recipient: {in: lists/partners.txt}"))
    rules.write("lists/partners.txt", "partner.example since 2026-06-01 until 2026-12-31 # contract\n")
    policy = rules.load()

    def is_partner(day: date) -> bool:
        given = facts("a@partner.example", received=datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC))
        return bool(decide(policy, given).hits)

    days = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [is_partner(day) for day in days] == [False, True, True, False]
    (entry,) = policy.organization.partners.entries
    assert (entry.reason, entry.line) == ("contract", 1)


def test_the_digest_is_of_contents_and_not_of_the_place(rules: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A copy elsewhere has the same digest; any changed byte of a rule or list gives another."""
    rules.rule("test-a", GOOD)
    rules.rule("test-b", GOOD)
    first = rules.load().digest
    copy = type(rules)(tmp_path_factory.mktemp("copy"))
    for name in ("packs/test/test-b.yaml", "lists/partners.txt", "packs/test/test-a.yaml", "policy.yaml"):
        copy.write(name, (rules.folder / name).read_text())

    assert first.startswith("sha256:")
    assert len(first) == len("sha256:") + 64
    assert copy.load().digest == first
    copy.write("lists/partners.txt", "partner.example # changed\n")
    assert copy.load().digest != first


def test_the_digest_changes_with_a_detector(rules: Any) -> None:
    """Detectors decide too."""
    rules.rule("test-it", GOOD)
    file, faults = rules.folder / "policy.yaml", list[Fault]()

    terms = [("flu",), ("flu", "gout")]
    specs = [DetectorSpec("words", "WORDS", "Words", frozenset({"health"}), lexicon_terms=each) for each in terms]
    digests = {policy.digest for spec in specs if (policy := load_policy(file, [spec], faults))}

    assert len(digests) == 2
