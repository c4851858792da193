"""`gatepost rules new` and `rules docs`: a rule that works at once, and pages that follow the rules."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from gateway.cli.ruleset import rules_of
from gateway.policy.conditions import CONDITIONS
from gateway.policy.verbs import VERBS
from gateway.rulebook import reference, rules_in_force

Call = Callable[..., Result]
AddRule = Callable[[str], Path]
Variant = Callable[..., str]
SHIPPED = Path(__file__).parents[3]


@pytest.mark.parametrize("then", ["quarantine", "block", "encrypt", "tag", "notify"])
@pytest.mark.parametrize("finds", ["CREDIT_CARD", "us-pii"])
def test_a_new_rule_passes_its_cases_and_lint(rules: Path, call: Call, finds: str, then: str) -> None:
    """In a pack that was not there before, which the policy takes into use."""
    made = call("rules", "new", "ours", "cards", "--finds", finds, "--title", 'Cards: "all"', "--then", then)

    assert made.exit_code == 0, made.output
    assert "packs: [local, ours]" in (rules / "policy.yaml").read_text("utf-8")
    tried = call("rules", "test", "ours-cards")
    assert tried.exit_code == 0, tried.output
    issues = json.loads(call("rules", "lint", "--format", "json").stdout)["issues"]
    assert [issue for issue in issues if issue["severity"] != "note" and issue["check"] != "shadowed"] == []


def test_what_is_not_given_is_asked_for(rules: Path, call: Call) -> None:
    """One question a line."""
    made = call("rules", "new", "local", "local-cards", stdin="CREDIT_CARD\nCards\nblock\n")

    assert made.exit_code == 0, made.output
    assert "block: {}" in (rules / "packs" / "local" / "local-cards.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("local", "ssn", "--finds", "US_SSN", "--title", "x", "--then", "tag"), 7, "there is one already"),
        (("local", "x", "--finds", "US_SSM", "--title", "x", "--then", "tag"), 2, "US_SSN"),
        (("Local", "x", "--finds", "US_SSN", "--title", "x", "--then", "tag"), 2, "small letters"),
        (("../x", "x", "--finds", "US_SSN", "--title", "x", "--then", "tag"), 2, "small letters"),
        (("local", "x", "--finds", "US_SSN", "--title", "x", "--then", "explode"), 2, "quarantine"),
        (("local", "x", "--finds", "US_SSN", "--title", "x", "--then", "tag", "--outside", "x"), 2, "partners"),
    ],
)
def test_what_cannot_be_is_refused(rules: Path, call: Call, words: tuple[str, ...], code: int, said: str) -> None:
    """Nothing is written then."""
    before = sorted(rules.rglob("*"))

    result = call("rules", "new", *words)

    assert result.exit_code == code
    assert said in result.output
    assert sorted(rules.rglob("*")) == before


def test_the_rules_in_force_in_plain_english(rules: Path, add_rule: AddRule, variant: Variant, call: Call) -> None:
    """When each matches, what happens, who answers; drafts are left out."""
    nested = "any:\n        - direction: internal\n        - subject: {contains: list}"
    add_rule(
        variant(
            "local-new",
            ("enforce", "monitor"),
            ("- recipient: {outside: partners}", f"- {nested}"),
            ("quarantine: {}", "encrypt: {prefer: [smime, tls]}\n  notify: [officer]"),
        )
    )
    add_rule(variant("local-draft", ("enforce", "draft")))

    page = call("rules", "docs").stdout

    assert "`local-ssn`, in force; severity high; privacy@clinic.example answers for it." in page
    assert "- a value of US_SSN with medium confidence or more is found" in page
    assert "- hold it for review" in page
    assert "`local-new`, only watched: it changes nothing" in page
    assert "- at least one of these holds:\n    - the message is internal" in page
    assert "- encrypt it by smime or tls, the first that the recipient can read; else quarantine it" in page
    assert "- tell the officer" in page
    assert "local-draft" not in page
    assert "## Where no rule says anything" in page


def test_every_shipped_rule_can_be_told() -> None:
    """No action is left without words."""
    page = rules_in_force(rules_of(SHIPPED / "rules" / "policy.yaml").policy)

    for asked in VERBS:
        assert f"- {asked.verb.value}\n" not in page


def test_the_reference_is_in_step_with_the_language() -> None:
    """`gatepost rules docs --reference > docs/rules-reference.md`."""
    page = reference(rules_of(SHIPPED / "rules" / "policy.yaml").detectors)

    assert (SHIPPED / "docs" / "rules-reference.md").read_text("utf-8") == page
    for word in [condition.word for condition in CONDITIONS] + [asked.verb.value for asked in VERBS]:
        assert f"| `{word}` |" in page
