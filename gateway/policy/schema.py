"""JSON Schemas of rule files and of `policy.yaml`, made from the same forms that the loader reads by.

They give completion in editors, and refuse what the first two passes of the loader refuse. What the names in a rule
refer to only the loader knows.
"""

from gateway.policy.conditions import CONDITIONS
from gateway.policy.model import SECTIONS
from gateway.policy.policyfile import POLICY
from gateway.policy.rulefile import RULE, RULE_ID
from gateway.policy.settings import Schema
from gateway.policy.verbs import VERBS, Asked

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = {"id": {"type": "string", "pattern": f"^{RULE_ID.pattern}$"}}
_LISTS = {"type": "object", "additionalProperties": False, "minProperties": 1}


def rule_schema() -> Schema:
    """Of one file of a pack."""
    rule = RULE.schema()
    given = {"when": {"$ref": "#/$defs/when"}, "then": {"$ref": "#/$defs/then"}}
    return {
        "$schema": DIALECT,
        "title": "A rule of Gatepost",
        **rule,
        "properties": rule["properties"] | _ID | given,
        "$defs": {"when": _when(), "conditions": _conditions(), "then": _then()},
    }


def policy_schema() -> Schema:
    """Of `policy.yaml`."""
    return {"$schema": DIALECT, "title": "The policy of an organization", **POLICY.schema()}


def _when() -> Schema:
    listed = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/conditions"}}
    return {**_LISTS, "properties": dict.fromkeys(SECTIONS, listed)}


def _conditions() -> Schema:
    """One entry of a list: a single condition, or a list within."""
    words = {condition.word: _told(condition, condition.form.schema()) for condition in CONDITIONS}
    return {**_LISTS, "maxProperties": 1, "properties": {**words, **_when()["properties"]}}


def _then() -> Schema:
    return {**_LISTS, "properties": {asked.verb.value: _told(asked, _of_verb(asked)) for asked in VERBS}}


def _of_verb(asked: type[Asked]) -> Schema:
    schema = asked.form.schema()
    return {"anyOf": [schema, {"type": "array", "items": schema}]} if asked.repeats else schema


def _told(declared: type, schema: Schema) -> Schema:
    """With the first paragraph of what the code says about itself, for editors to show."""
    first = " ".join((declared.__doc__ or "").strip().partition("\n\n")[0].split())
    return {"description": first, **schema}
