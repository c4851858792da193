"""gateway.processes.programs"""

import sys
import time

import pytest

from gateway.processes import programs
from gateway.processes.programs import Patience, ProgramFailed, run

PYTHON = (sys.executable, "-c")


def test_megabytes_go_in_and_out_at_once() -> None:
    """A program that writes while it still reads is neither blocked nor cut short."""
    octets = bytes(range(256)) * 20_000
    echo = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer, 1000); sys.stderr.write('ok')"
    ran = run([*PYTHON, echo], octets)

    assert (ran.code, ran.stdout == octets, ran.stderr) == (0, True, b"ok")


def test_program_that_hears_nothing_still_answers() -> None:
    """It ends without reading its input."""
    assert run([*PYTHON, "print('no')"], b"x" * 1_000_000).stdout == b"no\n"


def test_program_learns_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that could make it load a module, look at other keys or read somebody's options."""
    for name in ("OPENSSL_CONF", "OPENSSL_MODULES", "GNUPGHOME", "LD_PRELOAD", "HTTPS_PROXY", "HOME"):
        monkeypatch.setenv(name, "/tmp/elsewhere")
    told = run([*PYTHON, "import os; print(sorted(os.environ), os.environ['HOME'])"], environ={"A": "1"}).stdout

    assert told == b"['A', 'HOME', 'LC_ALL', 'PATH'] /nonexistent\n"


def test_program_that_writes_without_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with what it says."""
    monkeypatch.setattr(programs, "SPARE_BYTES", 1 << 20)
    begun = time.monotonic()
    with pytest.raises(ProgramFailed, match="far too much"):
        run(["yes"], patience=Patience(60))

    assert time.monotonic() - begun < 30


def test_program_that_hangs_is_killed_with_all_it_started() -> None:
    """At its deadline, also where it has closed its output before."""
    with pytest.raises(ProgramFailed, match=r"did not end within 0\.3 s"):
        run(["sh", "-c", "exec >&- 2>&-; sleep 60"], patience=Patience(0.3))


def test_waiting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Postfix hears that we are still at it."""
    told: list[float] = []
    monkeypatch.setattr(programs, "PROGRESS_SECONDS", 0.05)
    run(["sleep", "0.3"], patience=Patience(20, lambda: told.append(time.monotonic())))

    assert len(told) >= 2
