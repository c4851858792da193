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


RULE_MISTAKES = [
    (
        "unknown key",
        f"sevirity: high\n{GOOD}",
        '6:1: test-it: the rule has no setting "sevirity": did you mean "severity"?',
    ),
    ("missing when", THEN, '1:1: test-it: the rule lacks "when": add a line "when: ..."'),
    (
        "no conditions",
        f"when: {{}}\n{THEN}",
        "6:7: test-it: a rule without conditions would hold for every message: write all:, any: or none: below when",
    ),
    (
        "empty list of conditions",
        f"when: {{all: []}}\n{THEN}",
        '6:8: test-it: "all" needs a list of conditions: begin each with "- " on a line of its own',
    ),
    ("unknown list", f"when: {{al: [x]}}\n{THEN}", '6:8: test-it: when has no list "al": did you mean "all"?'),
    (
        "no condition but a word",
        all_of("outside"),
        '8:7: test-it: "outside" is not a condition: write it as - recipient: {outside: organization}',
    ),
    (
        "unknown condition",
        all_of("recipent: {outside: organization}"),
        '8:7: test-it: there is no condition "recipent": did you mean "recipient"?',
    ),
    (
        "two conditions in one entry",
        f"when:\n  all:\n    - recipient: {{outside: organization}}\n      direction: outbound\n{THEN}",
        (
            '9:7: test-it: "direction" stands in the same entry as "recipient": '
            'begin each condition with "- ", or indent its settings further'
        ),
    ),
    (
        "setting indented too little",
        f"when:\n  all:\n    - finds:\n      entity: US_SSN\n{THEN}",
        (
            '9:7: test-it: "entity" stands in the same entry as "finds": '
            'begin each condition with "- ", or indent its settings further'
        ),
    ),
    (
        "unknown setting of a condition",
        all_of("finds: {entity: US_SSN, min-confidance: low}"),
        '8:31: test-it: finds has no setting "min-confidance": did you mean "min-confidence"?',
    ),
    (
        "unknown entity",
        all_of("finds: {entity: US_SNN}"),
        '8:23: test-it: no detector finds "US_SNN": did you mean "US_SSN"?',
    ),
    (
        "unknown group",
        all_of("finds: {group: [health, patient-identifer]}"),
        '8:31: test-it: no detector belongs to the group "patient-identifer": did you mean "patient-identifier"?',
    ),
    (
        "entity and group",
        all_of("finds: {entity: US_SSN, group: health}"),
        "8:14: test-it: finds has more than one of entity, group: give exactly one of them",
    ),
    (
        "neither entity nor group",
        all_of("finds: {min-count: 3}"),
        "8:14: test-it: finds has none of entity, group: give exactly one of them",
    ),
    (
        "unknown confidence",
        all_of("finds: {entity: US_SSN, min-confidence: hihg}"),
        '8:47: test-it: "hihg" is not a confidence: did you mean "high"?',
    ),
    (
        "count that is no number",
        all_of("finds: {entity: US_SSN, min-count: ten}"),
        '8:42: test-it: "ten" is no number that fits here: write 1 to 1,000,000',
    ),
    (
        "true for a number",
        all_of("finds: {entity: US_SSN, min-count: true}"),
        '8:42: test-it: "true" is no number that fits here: write 1 to 1,000,000',
    ),
    (
        "count that adds nothing",
        all_of("finds: {entity: US_SSN, min-count: 3, min-distinct: 3}"),
        (
            "8:42: test-it: min-count 3 says no more than min-distinct: leave min-count out, or make it larger than "
            "min-distinct"
        ),
    ),
    (
        "within without another finds",
        all_of("finds: {entity: US_SSN, within: 300}"),
        (
            "8:39: test-it: within needs another finds condition before it in the same list: "
            "put the finds condition that it is to be near to above it"
        ),
    ),
    (
        "within below none",
        "when:\n  all:\n    - finds: {entity: US_SSN}\n  none:\n    - finds: {group: health, within: 9}\n" + THEN,
        '10:38: test-it: within has no meaning below "none": write this condition below "all"',
    ),
    (
        "unknown place",
        all_of("finds: {entity: US_SSN, place: [subject, footer]}"),
        (
            '8:48: test-it: "footer" is not a place in a message: '
            "use one of: subject, header, body, attachment, filename"
        ),
    ),
    (
        "missing list",
        all_of("recipient: {in: lists/partner.txt}"),
        '8:23: test-it: there is no list "lists/partner.txt": did you mean "lists/partners.txt"?',
    ),
    (
        "list outside the folder",
        all_of("recipient: {in: ../../etc/passwd}"),
        '8:23: test-it: "../../etc/passwd" is not the name of a list: write it as lists/name.txt',
    ),
    (
        "address for a domain",
        all_of("recipient: {domain: a@b.example}"),
        "8:27: test-it: \"a@b.example\" is not a domain: write it as clinic.example or '*.clinic.example'",
    ),
    (
        "pattern that RE2 refuses",
        all_of("subject: {matches: '(?<=a)b'}"),
        (
            "8:26: test-it: the pattern is refused: invalid perl operator: (?<=: "
            "see https://github.com/google/re2/wiki/Syntax; put patterns in single quotes"
        ),
    ),
    (
        "pattern with an open bracket",
        all_of("header: {name: X-Class, matches: '(a'}"),
        (
            "8:40: test-it: the pattern is refused: missing ): (a: "
            "see https://github.com/google/re2/wiki/Syntax; put patterns in single quotes"
        ),
    ),
    (
        "unknown reason",
        all_of("opaque: encripted-archive"),
        '8:15: test-it: "encripted-archive" is not a reason why a part is unread: did you mean "encrypted-archive"?',
    ),
    (
        "unknown direction",
        all_of("direction: outgoing"),
        '8:18: test-it: "outgoing" is not a direction: did you mean "outbound"?',
    ),
    (
        "size without a unit",
        all_of("size: {over: 10000}"),
        '8:20: test-it: "10000" is not a size: write a whole number and KiB, MiB or GiB: 10 MiB',
    ),
    (
        "condition without settings",
        all_of("recipient:"),
        '8:17: test-it: recipient needs settings: write "name: value" with: outside, in, domain, address',
    ),
    (
        "nothing to do",
        f"{WHEN}then: {{}}\n",
        ("7:7: test-it: the rule does nothing: write what to do below then, for example quarantine: {}"),
    ),
    (
        "unknown action",
        f"{WHEN}then: {{quarentine: }}\n",
        ('7:8: test-it: there is no action "quarentine": did you mean "quarantine"?'),
    ),
    (
        "contradiction",
        f"{WHEN}then: {{quarantine: , block: }}\n",
        "7:22: test-it: block contradicts quarantine: keep one of the two",
    ),
    (
        "encrypt and deliver",
        f"{WHEN}then: {{encrypt: {{}}, deliver: }}\n",
        "7:21: test-it: deliver contradicts encrypt: keep one of the two",
    ),
    (
        "settings where there are none",
        f"{WHEN}then: {{block: {{days: 3}}}}\n",
        '7:16: test-it: block has no setting "days": leave it out',
    ),
    (
        "unknown method",
        f"{WHEN}then: {{encrypt: {{prefer: [smime, gpg]}}}}\n",
        '7:34: test-it: "gpg" is not a method of encryption: did you mean "pgp"?',
    ),
    (
        "plain delivery instead of encryption",
        f"{WHEN}then: {{encrypt: {{otherwise: deliver}}}}\n",
        '7:29: test-it: "deliver" is not something to do without encryption: use one of: quarantine, block',
    ),
    (
        "redact what",
        f"{WHEN}then: {{redact: {{style: mask}}}}\n",
        "7:8: test-it: redact does not say what: name entities or groups, or add a finds condition to the rule",
    ),
    (
        "header that holds the message together",
        f"{WHEN}then: {{change-header: {{name: Content-Type, value: text/plain}}}}\n",
        (
            '7:30: test-it: the header field "Content-Type" holds the message together: '
            "choose another; a name of your own starts with X-"
        ),
    ),
    (
        "header value on two lines",
        f'{WHEN}then: {{add-header: {{name: X-A, value: "a\\nBcc: b@c.example"}}}}\n',
        "7:39: test-it: the text has a line break or a control character: write it on one line",
    ),
    (
        "notify nobody known",
        f"{WHEN}then: {{notify: [boss]}}\n",
        '7:17: test-it: "boss" is not somebody to notify: use one of: sender, officer',
    ),
]


@pytest.mark.parametrize(
    ("body", "expected"), [row[1:] for row in RULE_MISTAKES], ids=[row[0] for row in RULE_MISTAKES]
)
def test_a_mistake_in_a_rule_is_explained_at_its_place(rules: Any, body: str, expected: str) -> None:
    """file:line:column: rule: what is wrong: how to mend it; and nothing else is reported."""
    rules.rule("test-it", body)

    assert rules.faults() == [f"packs/test/test-it.yaml:{expected}"]


HEADS = [
    (
        "status",
        "status: enforce",
        "status: enforced",
        '3:9: test-it: "enforced" is not a status: did you mean "enforce"?',
    ),
    (
        "severity",
        "severity: high",
        "severity: critical",
        '4:11: test-it: "critical" is not a severity: use one of: low, medium, high',
    ),
    (
        "no owner",
        "owner: privacy@clinic.example",
        "owner:",
        "5:7: test-it: a text is missing here: write it after the colon",
    ),
    (
        "other file name",
        "id: test-it",
        "id: test-its",
        '1:5: test-it: the id "test-its" is not the name of the file: write id: test-it, or rename the file',
    ),
    (
        "capital letters",
        "id: test-it",
        "id: Test-It",
        '1:5: test-it: "Test-It" is not an id: use small letters, digits and single hyphens: hipaa-phi-external',
    ),
]


@pytest.mark.parametrize(("good", "bad", "expected"), [row[1:] for row in HEADS], ids=[row[0] for row in HEADS])
def test_a_mistake_in_the_head_of_a_rule_is_explained(rules: Any, good: str, bad: str, expected: str) -> None:
    """Status, severity, owner and id are checked like conditions."""
    path: Path = rules.rule("test-it", GOOD)
    path.write_text(path.read_text().replace(good, bad))

    assert rules.faults() == [f"packs/test/test-it.yaml:{expected}"]


POLICY_MISTAKES = [
    ("unknown pack", "packs: [test]", "packs: [tset]", '7:9: policy: there is no pack "tset": did you mean "test"?'),
    (
        "unknown key",
        "packs: [test]",
        "packs: [test]\nlogging: 1",
        (
            '8:1: policy: policy.yaml has no setting "logging": '
            "use one of: organization, mixed-recipients, streams, packs, defaults"
        ),
    ),
    (
        "no organization",
        "organization:",
        "organisation:",
        '1:1: policy: policy.yaml has no setting "organisation": did you mean "organization"?',
    ),
    (
        "bad domain",
        "'*.clinic.example'",
        "'clinic'",
        "3:29: policy: \"clinic\" is not a domain: write it as clinic.example or '*.clinic.example'",
    ),
    (
        "bad officer",
        "[privacy@clinic.example]",
        "[Privacy Office]",
        '4:14: policy: "Privacy Office" is not an address: write it as name@clinic.example',
    ),
    (
        "missing list of partners",
        "lists/partners.txt",
        "lists/parters.txt",
        '6:13: policy: there is no list "lists/parters.txt": did you mean "lists/partners.txt"?',
    ),
    (
        "unknown default",
        "packs: [test]",
        "packs: [test]\ndefaults: {failure: hold}",
        '8:21: policy: "hold" is not something to do: use one of: deliver, quarantine, block',
    ),
    (
        "unknown reason",
        "packs: [test]",
        "packs: [test]\ndefaults: {opaque: {encripted-archive: deliver}}",
        '8:21: policy: opaque has no setting "encripted-archive": did you mean "encrypted-archive"?',
    ),
]


@pytest.mark.parametrize(
    ("good", "bad", "expected"), [row[1:] for row in POLICY_MISTAKES], ids=[row[0] for row in POLICY_MISTAKES]
)
def test_a_mistake_in_policy_yaml_is_explained(rules: Any, good: str, bad: str, expected: str) -> None:
    """The first fault names the place; what follows from it may be reported too."""
    rules.rule("test-it", GOOD)
    policy = rules.folder / "policy.yaml"
    policy.write_text(policy.read_text().replace(good, bad, 1))

    assert f"policy.yaml:{expected}" in rules.faults()


LIST_MISTAKES = [
    (
        "two entries",
        "a.example, b.example\n",
        (
            "1:1: lists/partners.txt: more than one entry on the line: one entry a line; a comment starts with #, "
            "dates are written: since 2026-01-01 until 2030-12-31"
        ),
    ),
    (
        "nonsense",
        "a.example\n\n  http://b.example\n",
        (
            '3:3: lists/partners.txt: "http://b.example" is neither an address nor a domain: '
            "write an address, a domain, *.domain or a user's name"
        ),
    ),
    (
        "no date",
        "a.example until 31.12.2030  # contract\n",
        '1:1: lists/partners.txt: "31.12.2030" is not a date: write year-month-day, for example 2030-12-31',
    ),
    (
        "no such day",
        "a.example until 2030-02-30\n",
        '1:1: lists/partners.txt: "2030-02-30" is not a date: write year-month-day, for example 2030-12-31',
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in LIST_MISTAKES], ids=[row[0] for row in LIST_MISTAKES]
)
def test_a_mistake_in_a_list_is_explained(rules: Any, text: str, expected: str) -> None:
    """Lists have their own place and words."""
    rules.rule("test-it", GOOD)
    rules.write("lists/partners.txt", text)

    assert rules.faults() == [f"lists/partners.txt:{expected}"]


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
