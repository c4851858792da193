"""What a command with one message begins before it reads its configuration."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.begun import likely_policy, models_near
from gateway.config import shipped

ROOT = Path(__file__).resolve().parents[3]
MAIL = ROOT / "rules" / "cases" / "hipaa-phi-external" / "positive-lab-result.eml"
POLICY = ROOT / "rules" / "policy.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy:\n  file: rules/policy.yaml\n", "rules/policy.yaml"),
        ("store:\n  file: no\npolicy:   # ours\n\n  # here\n  require: x\n  file: 'a/p.yaml'  # it\n", "a/p.yaml"),
        ('policy:\r\n    file: "/etc/p.yaml"\r\nstore:\r\n', "/etc/p.yaml"),
    ],
)
def test_the_policy_of_a_configuration_is_guessed(tmp_path: Path, text: str, said: str) -> None:
    """As people write it, beside comments and other sections."""
    file = tmp_path / "gatepost.yaml"
    file.write_bytes(text.encode())

    assert likely_policy(file, {}) == tmp_path / said


@pytest.mark.parametrize("text", ["", "store:\n  file: no\n", "policy: {file: x}\n", "policy:\nstore:\n  file: x\n"])
def test_what_is_not_understood_is_taken_for_the_policy_that_is_shipped(tmp_path: Path, text: str) -> None:
    """So is a configuration that cannot be read: what is wrong with it is told by who loads it."""
    file = tmp_path / "gatepost.yaml"
    file.write_text(text)

    assert likely_policy(file, {}) == shipped("rules") / "policy.yaml"
    assert likely_policy(tmp_path / "none.yaml", {}) == shipped("rules") / "policy.yaml"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """A policy that it names, and a configuration."""
    file = tmp_path / "gatepost.yaml"
    file.write_text("policy:\n  file: a.yaml\n")

    assert likely_policy(None, {"GATEPOST_CONFIG": str(file)}) == tmp_path / "a.yaml"
    assert likely_policy(file, {"GATEPOST_POLICY_FILE": "/p.yaml"}) == Path("/p.yaml")


def test_the_models_that_detectors_name_are_found() -> None:
    """The one that is shipped; beside a policy without detectors there is none."""
    assert models_near(POLICY) == [ROOT / "models" / "names-en"]
    assert models_near(ROOT / "policy.yaml") == []


def explained(tmp_path: Path, *words: str, **environ: str) -> tuple[int, Any, str]:
    """What a process of its own says: its exit code, its explanation but for times, its errors."""
    settings: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GATEPOST_")},
        "GATEPOST_STORE_FOLDER": str(tmp_path),
        "GATEPOST_STORE_KEYRING": str(tmp_path / "keyring"),
        **environ,
    }
    program = "from gateway.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", program, "explain", "--format", "json", *words],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = json.loads(done.stdout or "{}")
    lasting = {name: said[name] for name in said if name not in ("elapsed_ms", "seconds")}
    return done.returncode, lasting, done.stderr


def test_an_explanation_is_the_same_however_it_was_begun(tmp_path: Path) -> None:
    """A message that goes to the language model: with the policy given, guessed rightly, guessed wrongly; and with a
    clean nursery, as for a folder."""
    (tmp_path / "rules").symlink_to(POLICY.parent)
    misled = tmp_path / "misled.yaml"  # in a way that is not understood before it is loaded
    misled.write_text("policy: {file: rules/policy.yaml}\n")
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / MAIL.name).write_bytes(MAIL.read_bytes())
    paths = {"path": "", "index": 0}

    with_policy = explained(tmp_path, "--policy", str(POLICY), str(MAIL))
    code, said, errors = with_policy
    assert (code, errors) == (0, "")
    assert said["findings"]
    assert any("language model" in why for finding in said["findings"] for why in finding["why"])
    for words in (
        [str(MAIL)],
        ["--config", str(misled), str(MAIL)],
        ["--policy", str(POLICY), str(mail)],
    ):
        code, plain, errors = explained(tmp_path, *words)
        assert (code, errors) == (0, ""), words
        assert {**plain, **paths} == {**said, **paths}, words


def test_faults_of_rules_are_told_once_and_as_ever(tmp_path: Path) -> None:
    """Also where a nursery has begun with them."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("packs: [none]\n")

    code, said, errors = explained(tmp_path, "--policy", str(policy), str(MAIL))

    assert (code, said) == (2, {})
    assert errors.count("there is no pack") == 1
    assert len(errors.splitlines()) == 3
