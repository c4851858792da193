"""How a nursery comes to be: as a clean process, for the service; or forked early, for a command with one message.

A command forks its nursery when it has loaded its own code and nothing else: no rule, no key, no second thread. While
the command loads the rules, the nursery loads the models that they are likely to name.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from select import POLLIN, poll
from typing import NoReturn, Protocol

from gateway.nursery import main


class Process(Protocol):
    """What a parent may do to a nursery."""

    def wait(self, timeout: float) -> object: ...

    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Cradle:
    """A nursery that waits for its Setup on `control`."""

    process: Process
    control: socket.socket

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


def forked(models: Sequence[Path]) -> Cradle:
    """A fork of this process, which loads these models first; a clean one where there are threads. Raises OSError."""
    if threading.active_count() > 1:
        return clean()
    ours, theirs = socket.socketpair()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if pid == 0:
        _become(ours, theirs, models)
    theirs.close()
    return Cradle(_Child(pid), ours)


def _become(ours: socket.socket, theirs: socket.socket, models: Sequence[Path]) -> NoReturn:
    """The life of a forked nursery."""
    code = 1
    try:
        ours.close()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(nowhere, standard)
        os.setsid()  # Ctrl-C is for the command, which then closes the channel
        main(theirs.detach(), models)
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
