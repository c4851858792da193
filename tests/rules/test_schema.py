"""The JSON Schemas that are shipped: current, and right about everything that is shipped."""

import json
from pathlib import Path

import jsonschema
import pytest

from gateway.core.errors import Fault
from gateway.documents import load_document
from gateway.policy.conditions import CONDITIONS
from gateway.policy.verbs import VERBS
from gateway.ruleset.schemas import schemas, written

RULES = Path(__file__).parents[2] / "rules"
KINDS = {"packs": "rule.json", "detectors": "detector.json", "policy.yaml": "policy.json"}
FILES = sorted(path for path in RULES.rglob("*.yaml") if path.relative_to(RULES).parts[0] in KINDS)


@pytest.mark.parametrize("name", schemas())
def test_a_shipped_schema_is_what_the_code_declares(name: str) -> None:
    """`gatepost rules schema` writes it anew."""
    schema = schemas()[name]

    jsonschema.Draft202012Validator.check_schema(schema)
    assert (RULES / "schema" / name).read_text(encoding="utf-8") == written(schema)


def test_every_shipped_file_is_valid_and_names_its_schema() -> None:
    """The first line is what editors look for; the way to the schema is right from where the file stands."""
    validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas().items()}
    for path in FILES:
        name = KINDS[path.relative_to(RULES).parts[0]]
        faults: list[Fault] = []
        node = load_document(path, faults)
        first = path.read_text(encoding="utf-8").splitlines()[0]

        assert node is not None, path
        if "recognizers" not in [key for key, _, _ in node.items()]:
            assert [error.message for error in validators[name].iter_errors(node.plain)] == [], path
            assert first.startswith("# yaml-language-server: $schema="), path
            assert (path.parent / first.partition("=")[2]).resolve() == RULES / "schema" / name


def test_what_a_classifier_reads_can_be_completed() -> None:
    """And another word is marked while it is written."""
    validator = jsonschema.Draft202012Validator(schemas()["detector.json"])
    detector = {"id": "care", "entity": "CARE", "title": "Care", "classifier": "weights.txt"}

    assert validator.is_valid({**detector, "reads": "sentences"})
    assert not validator.is_valid({**detector, "reads": "paragraphs"})


def test_every_condition_and_action_can_be_completed_with_a_word_about_it() -> None:
    """What an editor shows beside a suggestion is the first paragraph of the code's own description."""
    known = json.loads((RULES / "schema/rule.json").read_text(encoding="utf-8"))["$defs"]

    for words, defined in (
        ([condition.word for condition in CONDITIONS], known["conditions"]["properties"]),
        ([asked.verb.value for asked in VERBS], known["then"]["properties"]),
    ):
        assert all(defined[word]["description"] for word in words)
