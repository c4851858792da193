"""The JSON Schemas that are shipped in `rules/schema/`, one for each kind of file that people write there."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.detect.schema import detector_schema
from gateway.policy.schema import policy_schema, rule_schema


def schemas() -> Mapping[str, dict[str, Any]]:
    """By file name, as the code in force declares them."""
    return {"rule.json": rule_schema(), "policy.json": policy_schema(), "detector.json": detector_schema()}


def written(schema: Mapping[str, Any]) -> str:
    """As it stands in its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
