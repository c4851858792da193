"""gateway.ruleset.reader"""

import os
import re
import shutil
from pathlib import Path

import pytest

from gateway.core.errors import FaultyFiles, SetupError
from gateway.detect.database import Compiled, compiled
from gateway.ruleset.reader import read_apart, read_here
from gateway.ruleset.signing import SignatureRefused
from tests.unit.ruleset.test_ruleset import DETECTOR, RULE, SHIPPED
from tests.unit.ruletools.test_signing import make_key


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The shipped `policy.yaml` with a pack and a detector of our own."""
    shutil.copytree(SHIPPED / "lists", tmp_path / "lists")
    text = (SHIPPED / "policy.yaml").read_text(encoding="utf-8")
    for name, said in (
        ("policy.yaml", re.sub(r"^packs: .*$", "packs: [test]", text, flags=re.MULTILINE)),
        ("packs/test/test-it.yaml", RULE),
        ("detectors/badge.yaml", DETECTOR.replace("'badge ", f"'badge{os.getpid()} ")),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said, encoding="utf-8")
    return tmp_path / "policy.yaml"


def test_rules_that_another_process_reads_are_the_same(policy: Path) -> None:
    """With what it compiled: this process has not to."""
    before = set(compiled())

    apart, signed = read_apart(policy, None)

    assert set(compiled()) - before
    assert (apart, signed) == read_here(policy, None)


def test_what_is_compiled_already_is_not_compiled_again(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reload with few changes is quick: the other process has what this one had."""
    monkeypatch.setattr("gateway.ruleset.reader.compiled", lambda: {"one": Compiled((), b"")})

    read_apart(policy, None)

    assert compiled()["one"] == Compiled((), b"")


def test_faults_come_as_if_they_had_been_found_here(policy: Path) -> None:
    """Each with its place."""
    detector = policy.parent / "detectors" / "badge.yaml"
    detector.write_text(DETECTOR.replace("'badge (?P", "'badge ((?P"), encoding="utf-8")

    with pytest.raises(FaultyFiles) as found:
        read_apart(policy, None)

    with pytest.raises(FaultyFiles) as expected:
        read_here(policy, None)
    assert found.value.faults == expected.value.faults


def test_a_signature_that_is_missing_is_told_apart(policy: Path, tmp_path: Path) -> None:
    """From a fault in the files: the audit trail says so too."""
    _, public = make_key(tmp_path, "officer")

    with pytest.raises(SignatureRefused):
        read_apart(policy, public)


def test_a_reader_that_dies_is_a_refusal(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running gateway keeps its old policy, and says why."""
    monkeypatch.setattr("gateway.ruleset.reader.COMMAND", "import os; os.kill(os.getpid(), 9)")

    with pytest.raises(SetupError, match="the process that reads the rules ended"):
        read_apart(policy, None)
