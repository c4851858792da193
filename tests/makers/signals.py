"""Signals to all workers of a gateway: which of them gets the next message is nobody's to know."""

import os
import signal
from collections.abc import Iterable


def stop(pids: Iterable[int]) -> None:
    """So that whoever has a message is at it for as long as we like."""
    _send(pids, signal.SIGSTOP)


def go_on(pids: Iterable[int]) -> None:
    """Those that are still there."""
    _send(pids, signal.SIGCONT)


def kill(pids: Iterable[int]) -> None:
    _send(pids, signal.SIGKILL)


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
