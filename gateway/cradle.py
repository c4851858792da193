"""How a nursery comes to be: as a clean process, for the service; or forked early, for a command with one message.

A command forks its nursery when it has rules and nothing else: no configuration, no key, no message, no second thread.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
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
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            # not by `-m`: the module would exist twice, and its classes with it
            [sys.executable, "-c", f"from gateway.nursery import main; main({theirs.fileno()})"],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    return Cradle(process, ours)


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
