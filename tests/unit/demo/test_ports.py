"""Ports that are kept for servers about to start, and processes that end with us."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.demo.guard import Guard
from gateway.demo.ports import LOOPBACK, PortHold, answers, wait_until


def test_held_port_can_be_served_by_its_owner_alone() -> None:
    """A server with SO_REUSEADDR listens on it; a socket without cannot even bind."""
    hold = PortHold()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((LOOPBACK, hold.port))
    assert not answers(hold.port)

    with socket.create_server((LOOPBACK, hold.port)):
        assert answers(hold.port)
    hold.close()


def test_waiting_for_what_does_not_come_fails_with_its_name() -> None:
    """TimeoutError names what was waited for."""
    with pytest.raises(TimeoutError, match="spring"):
        wait_until(lambda: False, 0.05, "spring")


def test_guarded_process_ends_with_the_one_that_started_it() -> None:
    """The middle process is killed and can do nothing any more; its guarded child ends all the same."""
    middle = (
        "import subprocess, sys, time\n"
        "from gateway.demo.guard import Guard\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True, stdout=subprocess.DEVNULL)\n"
        "Guard(child.pid)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", middle], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        process.kill()

    wait_until(lambda: not _sleeps(child), 30, "the child has ended")


def test_dismissed_guard_ends_nothing() -> None:
    """After dismiss the child goes on."""
    with subprocess.Popen(["sleep", "600"]) as child:
        Guard(child.pid).dismiss()
        assert child.poll() is None
        child.kill()


def _sleeps(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
