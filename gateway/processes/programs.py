"""Runs another program with bytes in, bytes out and a deadline. It never waits for ever, and never asks anybody.

It starts with an environment of its own: what ours says (OPENSSL_CONF, GNUPGHOME, GCONV_PATH, a home with options in
it) could make it load a module, look at other keys or send something away.
"""

import os
import resource
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.core.errors import TransactionError

PROGRESS_SECONDS = 5.0
SPARE_BYTES = 16 << 20  # that a program may write beyond twice of what it was given
PIECE = 1 << 16
ERROR_BYTES = 1 << 20  # of its standard error that are kept
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
    """How long a program may take, and who is told every few seconds that it still does.

    `memory`: bytes of address space that it may take, None: as many as it likes.
    """

    seconds: float
    progress: Callable[[], None] | None = None
    memory: int | None = None


def run(
    command: Sequence[str],
    octets: bytes = b"",
    patience: Patience | None = None,
    environ: Mapping[str, str] | None = None,
) -> Ran:
    """Run a program with `octets` on its standard input.

    Raises ProgramFailed: absent, or killed because it did not end in time or wrote far too much.
    """
    patience = patience or Patience(60.0)
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=environment(environ),
        )
    except OSError as error:
        raise ProgramFailed(f"{name} cannot be started: {error.strerror}") from error
    if patience.memory is not None:
        with suppress(ProcessLookupError):  # it has ended
            resource.prlimit(process.pid, resource.RLIMIT_AS, (patience.memory, patience.memory))
    try:
        out, err = _talk(process, octets, patience, name)
    except BaseException:
        _end(process)
        raise
    return Ran(process.returncode, out, err)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """All that a program is told; where programs are found stays the administrator's choice."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "LC_ALL": "C", **(more or {})}


def _talk(process: "subprocess.Popen[bytes]", octets: bytes, patience: Patience, name: str) -> tuple[bytes, bytes]:
    now = time.monotonic()
    until, tell_at = now + patience.seconds, now + PROGRESS_SECONDS
    talk = _Talk(process, octets)
    while now < until:
        left = max(0.0, min(until, tell_at) - now)
        if not talk.goes_on(left) and _has_ended(process, left):
            return bytes(talk.out), bytes(talk.err)
        if len(talk.out) > 2 * len(octets) + SPARE_BYTES:
            raise ProgramFailed(f"{name} wrote far too much and was killed")
        now = time.monotonic()
        if now >= tell_at:
            tell_at = now + PROGRESS_SECONDS
            if patience.progress:
                patience.progress()
    raise ProgramFailed(f"{name} did not end within {patience.seconds:g} s and was killed")


class _Talk:
    """What goes in and comes out, a piece at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]", octets: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.out, self.err = bytearray(), bytearray()
        self._stdin, self._left = process.stdin, memoryview(octets)
        self._selector = selectors.DefaultSelector()
        self._selector.register(process.stdout, selectors.EVENT_READ, self.out)
        self._selector.register(process.stderr, selectors.EVENT_READ, self.err)
        if octets:
            os.set_blocking(self._stdin.fileno(), False)
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        else:
            self._stdin.close()

    def goes_on(self, seconds: float) -> bool:
        """Take a piece, wait for one so long at most; False: there is nothing more to say or to hear."""
        if not self._selector.get_map():
            self._selector.close()
            return False
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                self._write()
            else:
                self._read(key.fd, key.fileobj, key.data)
        return True

    def _write(self) -> None:
        try:
            self._left = self._left[os.write(self._stdin.fileno(), self._left[:PIECE]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # it has heard enough
            self._left = self._left[:0]
        if not self._left:
            self._selector.unregister(self._stdin)
            self._stdin.close()

    def _read(self, descriptor: int, stream: Any, into: bytearray) -> None:
        piece = os.read(descriptor, PIECE)
        if not piece:
            self._selector.unregister(stream)
            stream.close()
        elif into is self.out or len(into) < ERROR_BYTES:
            into += piece


def _has_ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


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
    """A folder for files of one run, mode 0700, in memory where the system has such a place; gone afterwards.

    Raises ProgramFailed where there is no room for it, or for what is written into it.
    """
    place = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None
    try:
        folder = tempfile.TemporaryDirectory(prefix="gatepost-", dir=place, ignore_cleanup_errors=True)
    except OSError as error:
        raise ProgramFailed(f"no folder for temporary files: {error.strerror}") from error
    with folder as name:
        try:
            yield Path(name)
        except OSError as error:
            raise ProgramFailed(f"no room for temporary files: {error.strerror}") from error
