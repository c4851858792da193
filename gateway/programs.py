"""Runs another program with bytes in, bytes out and a deadline. It never waits for ever, and never asks anybody."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import TransactionError

PROGRESS_SECONDS = 5.0
MEMORY = Path("/dev/shm")  # noqa: S108 - folders below it are made with mode 0700 and a name of their own


class ProgramFailed(TransactionError):
    """The program is not there, did not end in time, or said that it failed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended. `stderr` is for looking at, not for logs: it may have names of people in it."""

    code: int
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a program may take, and who is told every few seconds that it still does."""

    seconds: float
    progress: Callable[[], None] | None = None


def run(
    command: Sequence[str],
    octets: bytes = b"",
    patience: Patience | None = None,
    environ: Mapping[str, str] | None = None,
) -> Ran:
    """Run a program with `octets` on its standard input. Raises ProgramFailed: absent, or killed at the deadline."""
    patience = patience or Patience(60.0)
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C", **(environ or {})},
        )
    except OSError as error:
        raise ProgramFailed(f"{name} cannot be started: {error.strerror}") from error
    try:
        out, err = _talk(process, octets, patience, name)
    except BaseException:
        _end(process)
        raise
    return Ran(process.returncode, out, err)


def _talk(process: "subprocess.Popen[bytes]", octets: bytes, patience: Patience, name: str) -> tuple[bytes, bytes]:
    until = time.monotonic() + patience.seconds
    first: bytes | None = octets
    while True:
        left = until - time.monotonic()
        try:
            return process.communicate(first, timeout=max(0.0, min(left, PROGRESS_SECONDS)))
        except subprocess.TimeoutExpired:
            first = None  # communicate goes on where it was
            if time.monotonic() >= until:
                raise ProgramFailed(f"{name} did not end within {patience.seconds:g} s and was killed") from None
            if patience.progress:
                patience.progress()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program that was started in a session of its own, and all that it started there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _end(process: "subprocess.Popen[bytes]") -> None:
    kill(process)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.wait()


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for files of one run, mode 0700, in memory where the system has such a place; gone afterwards."""
    place = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None
    try:
        folder = tempfile.TemporaryDirectory(prefix="gatepost-", dir=place, ignore_cleanup_errors=True)
    except OSError as error:
        raise ProgramFailed(f"no folder for temporary files: {error.strerror}") from error
    with folder as name:
        yield Path(name)
