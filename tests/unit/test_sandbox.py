"""gateway.sandbox; what it forbids is tried in test_workers."""

import os
import subprocess
import sys
from typing import Any

import pytest

from gateway import app, logs, sandbox
from gateway.extract import ocr

THREADS = """
import threading
from gateway.sandbox import confine
confine(1 << 30)
thread = threading.Thread(target=lambda: print("ran"))
thread.start()
thread.join()
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
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("ran\n", "")
