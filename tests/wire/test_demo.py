"""The demo as its user runs it."""

import re
import shutil
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until

COMMAND = (sys.executable, "-m", "gateway.demo")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def folder_of(process: subprocess.Popen[str]) -> Path:
    """Where this demo keeps its files, once it says that everything is up."""
    return Path(_read_until(process, r"files in (/tmp/gatepost-demo-\S+)")[1])


def _read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if match := re.search(pattern, text):
            return match
    raise AssertionError(f"the demo ended without saying {pattern}: {text}")


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def test_the_day_goes_as_it_must_and_nothing_stays_behind(start: Callable[..., subprocess.Popen[str]]) -> None:
    """Exit 0, every part of the show is there, no process and no file is left."""
    process = start()
    folder = folder_of(process)

    text = process.communicate(timeout=120)[0]

    assert process.returncode == 0, text
    for words in ("Private key", "550 5.7.1", "**** **** **** 1111", "Quarantine", "gatepost_messages_total", "BROKEN"):
        assert words in text
    assert "went as they had to" in text
    assert processes_of(folder) == []
    assert not folder.exists()


def test_interrupted_demo_cleans_up(start: Callable[..., subprocess.Popen[str]]) -> None:
    """Ctrl-C in the middle of the day: everything is stopped, the folder is gone."""
    process = start()
    folder = folder_of(process)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 1
    assert processes_of(folder) == []
    assert not folder.exists()


def test_killed_demo_leaves_no_process(start: Callable[..., subprocess.Popen[str]]) -> None:
    """SIGKILL: Postfix and the gateway end with it, so that nothing disturbs the next run."""
    process = start()
    folder = folder_of(process)
    assert processes_of(folder)

    process.kill()

    wait_until(lambda: not processes_of(folder), 60, "its processes end")
    shutil.rmtree(folder)


def test_stay_keeps_everything_up_until_interrupted(start: Callable[..., subprocess.Popen[str]]) -> None:
    """With --stay a message of one's own goes through, and is told; Ctrl-C ends it with 0."""
    process = start("--stay")
    folder = folder_of(process)
    port = int(_read_until(process, r"submit\s+127\.0\.0\.1:(\d+)")[1])
    _read_until(process, r"mail log\s")

    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("reception@clinic.example", ["somebody@outside.example"], letter("Good morning"))
    _read_until(process, r"delivered: reception@clinic\.example to somebody@outside\.example")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert processes_of(folder) == []
