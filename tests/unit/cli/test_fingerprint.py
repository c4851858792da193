"""`gatepost fingerprint`: blank forms in, filled-in ones known."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from gateway.cli.exits import Exit

BLANK = "\n".join(
    f"{label}: ______" for label in ("Patient name", "Date of birth", "Street address", "Health plan", "Member number")
) + "\n".join(f"\nSection {word} asks what you know of {word} and since when" for word in ("one", "two", "three"))

Call = Callable[..., Result]


@pytest.fixture
def call(call: Call) -> Call:
    """Run a command where there are keys."""
    assert call("keys", "init").exit_code == 0
    return call


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.txt"
    path.write_text(BLANK)
    return path


def test_a_form_is_taken_in_listed_tried_and_forgotten(call: Call, blank: Path, tmp_path: Path) -> None:
    """The whole life of one."""
    filled = tmp_path / "filled.txt"
    filled.write_text(BLANK.replace("______", "Ana 12"))

    added = call("fingerprint", "add", str(blank), "--name", "intake")
    listed = call("fingerprint", "list", "--format", "json")
    tried = call("fingerprint", "test", str(filled), "--format", "json")

    assert added.exit_code == 0, added.stderr
    assert (json.loads(listed.stdout)["form"], json.loads(listed.stdout)["words"]) == ("intake", 44)
    assert json.loads(tried.stdout)[0]["percent"] >= 90
    assert call("fingerprint", "remove", "intake").exit_code == 0
    assert call("fingerprint", "test", str(filled)).exit_code == Exit.NOT_FOUND
    assert call("fingerprint", "remove", "intake").exit_code == Exit.NOT_FOUND


def test_a_file_that_cannot_be_read_is_refused_in_plain_words(call: Call, tmp_path: Path) -> None:
    """Not taken in as something empty."""
    path = tmp_path / "form.xyz"
    path.write_bytes(bytes(range(256)) * 20)

    result = call("fingerprint", "add", str(path), "--name", "intake")

    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith(f"{path}: it cannot be read: ")


def test_a_name_is_fit_for_a_file_of_rules(call: Call, blank: Path) -> None:
    """No spaces, no capitals."""
    assert call("fingerprint", "add", str(blank), "--name", "Our form").exit_code == Exit.USAGE


def test_every_change_is_in_the_audit_log(call: Call, blank: Path) -> None:
    """Who taught Gatepost what, and when."""
    call("fingerprint", "add", str(blank), "--name", "intake")
    events = [json.loads(line) for line in call("audit", "export").stdout.splitlines()]

    assert [e["entity"]["uid"] for e in events if e["metadata"]["event_code"] == "index-built"] == ["forms.json"]
