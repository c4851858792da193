"""What a policy needs a language model to look for in all text, and what only where care is spoken of."""

import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from gateway.cli.ruleset import rules_of
from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.detect.names import gate, shape
from gateway.policy import Policy, load_policy
from gateway.policy.reach import NEAR, asked_alone, asks_models

SHIPPED = Path(__file__).parents[3] / "rules"
DETECTORS = (
    DetectorSpec("mrn", "MEDICAL_RECORD_NUMBER", "MRN", frozenset({"patient-identifier"})),
    DetectorSpec("term", "HEALTH_TERM", "Term", frozenset({"health"})),
    DetectorSpec("people", "PERSON", "People", frozenset({"patient-identifier", "person"}), engine="names"),
    DetectorSpec("towns", "LOCATION", "Towns", frozenset({"location"}), engine="names"),
)
WITH_CARE = "{finds: {group: health}}"


def _policy(rules: Any, when: str, then: str = "quarantine: ", status: str = "enforce") -> Policy:
    rules.rule("test-it", f"when: {{{when}}}\nthen: {{{then}}}\n", status=status)
    faults: list[Fault] = []
    policy = load_policy(rules.folder / "policy.yaml", DETECTORS, faults)
    assert policy is not None, [str(fault) for fault in faults]
    return policy


def _asked(rules: Any, when: str, then: str = "quarantine: ", status: str = "enforce") -> set[str]:
    return set(asked_alone(_policy(rules, when, then, status), DETECTORS))


@pytest.mark.parametrize(
    ("when", "then", "asked"),
    [
        ("all: [{finds: {entity: PERSON}}]", "quarantine: ", {"PERSON"}),
        ("any: [{finds: {group: [person, location]}}]", "quarantine: ", {"PERSON", "LOCATION"}),
        ("all: [{recipient: {outside: organization}}], none: [{finds: {entity: LOCATION}}]", "block: ", set()),
        ("all: [{recipient: {outside: organization}}]", "redact: {entities: [PERSON]}", {"PERSON"}),
        ("any: [{finds: {entity: PERSON}}, " + WITH_CARE + "]", "quarantine: ", {"PERSON"}),
        ("all: [{finds: {entity: PERSON}}, " + WITH_CARE + "]", "quarantine: ", {"PERSON"}),
        ("all: [{finds: {entity: PERSON}}, {finds: {group: health, within: 2000}}]", "quarantine: ", {"PERSON"}),
        ("all: [{finds: {entity: PERSON}}, {finds: {group: health, together: row}}]", "quarantine: ", {"PERSON"}),
        ("all: [" + WITH_CARE + ", {finds: {entity: PERSON, within: 90}}]", "quarantine: ", set()),
        ("all: [" + WITH_CARE + ", {any: [{finds: {entity: LOCATION}}]}]", "quarantine: ", {"LOCATION"}),
        ("all: [{finds: {entity: PERSON}}, {finds: {entity: HEALTH_TERM, within: 90}}]", "quarantine: ", set()),
        ("all: [" + WITH_CARE + "]", "redact: {entities: [PERSON]}", set()),
        ("all: [{finds: {group: patient-identifier}}]", "quarantine: ", set()),
        ("all: [{finds: {entity: MEDICAL_RECORD_NUMBER}}]", "quarantine: ", set()),
    ],
)
def test_rule_asks_for_names_alone_where_it_needs_no_care(rules: Any, when: str, then: str, asked: set[str]) -> None:
    """By a condition or an action, with the model's entity or its group; health content must be needed close to it."""
    assert _asked(rules, when, then) == asked


def test_rule_that_is_not_evaluated_asks_for_nothing(rules: Any) -> None:
    """A draft costs nothing."""
    assert _asked(rules, "all: [{finds: {entity: PERSON}}]", status="draft") == set()


def test_what_a_rule_takes_for_near_has_been_read() -> None:
    """The model reads farther around care than that, by a name at least."""
    assert NEAR + shape.LONGEST_NAME <= gate.REACH


def test_shipped_policy_asks_for_no_names_alone() -> None:
    """So ordinary mail is not shown to the language model."""
    assert rules_of(SHIPPED / "policy.yaml").anywhere == set()


@pytest.mark.parametrize(
    ("when", "then", "asks"),
    [
        ("all: [{finds: {entity: MEDICAL_RECORD_NUMBER}}]", "quarantine: ", False),
        ("all: [" + WITH_CARE + "]", "block: ", False),
        ("all: [{recipient: {outside: organization}}]", "redact: {entities: [PERSON]}", True),
        ("all: [{finds: {group: patient-identifier}}, " + WITH_CARE + "]", "quarantine: ", True),
        ("all: [" + WITH_CARE + "], none: [{finds: {entity: LOCATION}}]", "quarantine: ", True),
        ("all: [" + WITH_CARE + "], none: [{finds: {entity: MEDICAL_RECORD_NUMBER}}]", "quarantine: ", True),
        (
            "all: [" + WITH_CARE + "], none: [{finds: {entity: MEDICAL_RECORD_NUMBER, min-confidence: high}}]",
            "quarantine: ",
            False,
        ),
    ],
)
def test_models_are_asked_for_where_a_rule_could_be_moved_by_them(rules: Any, when: str, then: str, asks: bool) -> None:
    """Also by the place of a number that an exception counts, if that is no surer than what a model finds."""
    assert asks_models(_policy(rules, when, then), DETECTORS) is asks


def test_shipped_policy_asks_its_models_and_packs_about_cards_and_secrets_do_not(tmp_path: Path) -> None:
    """So a gateway for these alone loads no language model."""
    assert rules_of(SHIPPED / "policy.yaml").asks_models
    copytree(SHIPPED, tmp_path / "rules")
    (tmp_path / "models").symlink_to(SHIPPED.parent / "models")
    file = tmp_path / "rules" / "policy.yaml"
    file.write_text(re.sub(r"(?m)^packs:.*$", "packs: [pci, secrets]", file.read_text()))
    assert not rules_of(file).asks_models
