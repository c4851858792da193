"""gateway.processes.sandbox; what it forbids is tried in test_workers."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway import app, logs
from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.limits import Limits
from gateway.extract import ocr
from gateway.processes import sandbox
from gateway.workers.nursery import Setup, models_of

RULES = Path(__file__).resolve().parents[3] / "rules" / "policy.yaml"

THREADS = """
import threading
from gateway.processes.sandbox import confine
confine(1 << 30)
thread = threading.Thread(target=lambda: print("ran"))
thread.start()
thread.join()
"""


READS = """
import sys
from pathlib import Path
from gateway.processes.sandbox import confine
confine(1 << 30, [Path(sys.argv[1])])
print((Path(sys.argv[1]) / "a").read_text())
try:
    (Path(sys.argv[1]) / "a").write_text("changed")
except PermissionError:
    print("not written")
"""


def test_this_machine_has_every_layer() -> None:
    """Debian's kernel and libseccomp do."""
    assert sandbox.missing() == ()


def test_layer_that_is_missing_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old kernel, a library that is not installed: one line of the log for each."""
    said: list[tuple[str, Any]] = []
    monkeypatch.setattr(sandbox, "_landlock_version", lambda: -1)
    monkeypatch.setattr(sandbox, "_libseccomp", lambda: None)
    monkeypatch.setattr(ocr, "FOLDERS", ())
    monkeypatch.setattr(logs, "event", lambda name, **values: said.append((name, values["missing"])))
    app.say_what_is_missing()

    assert said == [
        ("unprotected", "landlock"),
        ("unprotected", "seccomp"),
        ("unread-pictures", "tesseract-ocr-eng"),
    ]


def test_sandbox_that_cannot_be_put_on_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without it would not be one."""
    monkeypatch.setattr(sandbox, "_libc", lambda: Refusing())

    with pytest.raises(OSError, match="die with the nursery"):
        sandbox.confine(1 << 30)


class Refusing:
    """A kernel that refuses."""

    def prctl(self, *_: object) -> int:
        return -1


def test_threads_can_still_be_made() -> None:
    """Engines of PDF use some."""
    assert run(THREADS) == ("ran\n", "")


def test_folder_of_a_model_can_be_read_and_not_changed(tmp_path: Path) -> None:
    """A worker that loads its model only when a text needs it."""
    (tmp_path / "a").write_text("words")

    assert run(READS, str(tmp_path)) == ("words\nnot written\n", "")


def test_models_that_the_rules_name_can_be_read() -> None:
    """As the shipped ones do."""
    setup = Setup(rules_of(RULES), Limits(), Notices("", "", ""))

    assert RULES.parents[1] / "models" / "names-en" in models_of(setup)


def run(script: str, *arguments: str) -> tuple[str, str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr
