"""How processes of ours come to be: a nursery as a clean process, for the service, or forked early, for a command with
one message; and a clean process for one piece of work that is not to be done in its parent.

A command forks its nursery when it has rules and nothing else: no configuration, no key, no message, no second thread.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from select import POLLIN, poll
from typing import NoReturn, Protocol


class Process(Protocol):
    """What a parent may do to a nursery."""

    def wait(self, timeout: float) -> object: ...

    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Cradle:
    """A nursery that waits for its Setup on `control`. It has the values `known` since it was forked."""

    process: Process
    control: socket.socket
    known: tuple[object, ...] = field(repr=False, default=())

    def give_up(self) -> None:
        """It is not needed: let it end."""
        self.control.close()
        self.process.kill()
        self.process.wait(5)


def clean() -> Cradle:
    """An interpreter of its own. Raises OSError."""
    # not by `-m`: the module would exist twice, and its classes with it
    return Cradle(*_interpreter("from gateway.workers.nursery import main; main({})"))


@contextmanager
def brief(command: str, seconds: float) -> "Iterator[Brief]":
    """An interpreter for one piece of work, gone at the end whatever it does. Raises OSError.

    `command`: Python, with {} for the number of its end of the channel. It has to confine itself. What it says on its
    standard streams is lost: where a bug is told, a stranger's text would be too.
    """
    process, ours = _interpreter(command, silent=True)
    with ours:
        try:
            ours.settimeout(seconds)
            yield Brief(ours, process)
        finally:
            process.kill()
            process.wait()


def _interpreter(command: str, *, silent: bool = False) -> "tuple[subprocess.Popen[bytes], socket.socket]":
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", command.format(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if silent else None,
            )
    except BaseException:
        ours.close()
        raise
    return process, ours


@dataclass(frozen=True, slots=True)
class Brief:
    """The process, and our end of its channel."""

    channel: socket.socket
    process: "subprocess.Popen[bytes]"

    def status(self, seconds: float) -> int | None:
        """How it ended, as `subprocess` says it; None where it has not within so many seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def can_fork() -> bool:
    """Whether this process has one thread: a lock that another holds would be held in a fork for ever."""
    return threading.active_count() == 1


def forked(life: Callable[[socket.socket], None], known: tuple[object, ...] = ()) -> Cradle:
    """A fork of this process that lives this life with its end of a channel. Raises OSError."""
    ours, theirs = socket.socketpair()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _become(life, theirs)
    theirs.close()
    return Cradle(_Child(pid), ours, known)


def _become(life: Callable[[socket.socket], None], channel: socket.socket) -> NoReturn:
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(nowhere, standard)
        os.setsid()  # Ctrl-C is for the command, which then closes the channel
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        life(channel)
        code = 0
    except BaseException:  # noqa: BLE001 - as an interpreter would
        traceback.print_exc()
    finally:
        os._exit(code)


class _Child:
    """A process that we forked."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = False

    def wait(self, timeout: float) -> None:
        """Until it has ended. Raises TimeoutExpired."""
        if self._ended:
            return
        descriptor = os.pidfd_open(self._pid)
        try:
            waiting = poll()
            waiting.register(descriptor, POLLIN)
            if not waiting.poll(1000 * timeout):
                raise subprocess.TimeoutExpired("nursery", timeout)
        finally:
            os.close(descriptor)
        os.waitpid(self._pid, 0)
        self._ended = True

    def kill(self) -> None:
        """At once; nothing where it has ended."""
        if not self._ended:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
