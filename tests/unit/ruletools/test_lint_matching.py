"""Checks of `gatepost rules lint` on what rules match: never, always, in the shadow of another, against another."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.unit.ruletools.linted import OUT, SSN, clean, with_cases

Call = Callable[..., Result]
AddRule = Callable[[str], Path]
Variant = Callable[..., str]
Issues = Callable[..., list[tuple[str, str]]]
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


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ((), ["local-tss"]),
        ((("enforce", "monitor"),), []),
        (((SSN, "- finds: {entity: CREDIT_CARD}"),), ["local-tss"]),
        (((OUT, "- recipient: {domain: clinic.example}"),), []),
    ],
)
def test_a_rule_that_delivers_is_no_exception(
    rules: Path,
    add_rule: AddRule,
    variant: Variant,
    issues: Issues,
    changes: tuple[tuple[str, str], ...],
    found: list[str],
) -> None:
    """Where a stricter rule can match as well, if only for other reasons."""
    with_cases(rules, add_rule(variant("local-tss", ("quarantine: {}", "deliver: {}"), *changes)))

    assert [subject for check, subject in issues() if check == "makes-nothing-milder"] == found


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


def test_an_otherwise_of_what_is_found_in_a_subject_is_no_mistake(
    rules: Path, add_rule: AddRule, variant: Variant, issues: Issues
) -> None:
    """The same value may stand in the name of a file as well, where it cannot be taken out."""
    where = ("min-confidence: medium", "min-confidence: medium, place: subject")
    with_cases(rules, add_rule(variant("local-new", where, ("quarantine: {}", "redact: {otherwise: block}"))))

    assert ("unreachable-otherwise", "local-new") not in issues()
