"""Policy and detectors loaded together."""

import re
import shutil
from pathlib import Path

import pytest

from gateway.core.errors import FaultyFiles
from gateway.ruleset import load_ruleset

SHIPPED = Path(__file__).parents[3] / "rules"
RULE = """\
id: test-it
title: A rule
status: enforce
severity: low
owner: privacy@clinic.example
when: {all: [{finds: {entity: BADGE}}]}
then: {quarantine: }
"""
DETECTOR = """\
id: badge
entity: BADGE
title: Number of a staff badge
groups: [staff]
patterns:
  - name: labelled
    regex: 'badge (?P<value>[0-9]{4})'
    alone: high
    with-context: high
samples:
  match: ['badge 1234']
  no-match: ['badge none']
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped `policy.yaml` and list with a pack and a detector of our own."""
    shutil.copytree(SHIPPED / "lists", tmp_path / "lists")
    policy = (SHIPPED / "policy.yaml").read_text(encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(re.sub(r"^packs: .*$", "packs: [test]", policy, flags=re.MULTILINE), "utf-8")
    for name, text in (("packs/test/test-it.yaml", RULE), ("detectors/badge.yaml", DETECTOR)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_rule_set_is_policy_and_detectors_with_one_digest(folder: Path) -> None:
    """The digest covers both."""
    first = load_ruleset(folder / "policy.yaml")
    (folder / "detectors" / "badge.yaml").write_text(DETECTOR.replace("{4}", "{4,4}"), encoding="utf-8")
    second = load_ruleset(folder / "policy.yaml")

    assert [spec.entity for spec in first.detectors] == ["BADGE"]
    assert first.digest == first.policy.digest
    assert first.digest != second.digest


def test_faults_of_detectors_and_rules_come_together(folder: Path) -> None:
    """One exception has every fault, sorted by file."""
    (folder / "detectors" / "badge.yaml").write_text(DETECTOR.replace("'badge (?P", "'badge ((?P"), encoding="utf-8")
    (folder / "packs/test/test-it.yaml").write_text(RULE.replace("severity: low", "severity: lo"), encoding="utf-8")

    with pytest.raises(FaultyFiles) as caught:
        load_ruleset(folder / "policy.yaml")

    files = [Path(fault.file).name for fault in caught.value.faults]
    assert files == ["badge.yaml", "test-it.yaml"]


def test_a_missing_policy_is_a_fault(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(FaultyFiles, match="cannot be read"):
        load_ruleset(tmp_path / "policy.yaml")
