"""What is said of libraries with known holes, above all where nobody could be asked."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from package.advisories import CLEAN, KNOWN_HOLES, NOBODY_ASKED, asked, told

WELL = {"name": "idna", "version": "3.20", "vulns": []}
HOLE = {"name": "jinja2", "version": "3.1.0", "vulns": [{"id": "CVE-2099-1", "fix_versions": ["3.1.9"]}]}
UNMENDED = {"name": "rich", "version": "15.0", "vulns": [{"id": "CVE-2099-2", "fix_versions": []}]}
UNASKED = {"name": "numpy", "version": "2.4", "skip_reason": "not found"}


def report(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(entries)}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (report(WELL, WELL), CLEAN, "2 libraries asked about: no known hole"),
        (report(WELL, HOLE), KNOWN_HOLES, "jinja2 3.1.0: CVE-2099-1: mended in 3.1.9"),
        (report(UNMENDED, UNASKED), KNOWN_HOLES, "rich 15.0: CVE-2099-2: mended in no version"),
        (report(WELL, UNASKED), CLEAN, "1 of 2 libraries could not be asked about: numpy"),
        (report(UNASKED, UNASKED), CLEAN, "SKIPPED"),
        (report(), CLEAN, "SKIPPED"),
        (None, CLEAN, "SKIPPED"),
    ],
)
def test_it_says_what_was_checked_and_what_not(found: dict[str, Any] | None, code: int, said: str) -> None:
    """A service that knows no library has checked none, whatever pip-audit calls that."""
    result, lines = told(found, required=False)

    assert result == code
    assert said in "\n".join(lines)


def test_where_it_is_required_nobody_to_ask_is_a_failure() -> None:
    """A release is made where the service can be reached."""
    assert told(None, required=True)[0] == NOBODY_ASKED
    assert told(report(UNASKED), required=True)[0] == NOBODY_ASKED
    assert told(report(WELL), required=True)[0] == CLEAN


def program(folder: Path, body: str) -> list[str]:
    file = folder / "auditor.py"
    file.write_text(f"import sys, time\nout = sys.argv[sys.argv.index('--output') + 1]\n{body}\n")
    return [sys.executable, str(file)]


def test_a_report_is_taken_also_where_the_exit_code_says_holes(tmp_path: Path) -> None:
    """pip-audit ends with 1 then, as it does where it failed: the report tells which."""
    made = program(tmp_path, f"open(out, 'w').write({json.dumps(json.dumps(report(HOLE)))}); sys.exit(1)")

    assert asked(made) == report(HOLE)


@pytest.mark.parametrize("body", ["sys.exit(1)", "open(out, 'w').write('{')", "time.sleep(60)"])
def test_no_report_is_no_answer(tmp_path: Path, body: str) -> None:
    """It failed, broke off, or said nothing in its time."""
    assert asked(program(tmp_path, body), seconds=2) is None


def test_no_pip_audit_is_no_answer(tmp_path: Path) -> None:
    """As on a machine that only runs."""
    assert asked([str(tmp_path / "absent")]) is None
