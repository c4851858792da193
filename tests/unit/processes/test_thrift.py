"""Memory that is free goes back to the system, and threads take theirs from one place."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.processes.thrift import give_back

# How many places the C library keeps memory in (malloc_info(3)) once four threads have taken some at the same time.
_ARENAS = """
import ctypes, threading
from gateway.processes.thrift import share_one_arena
{call}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(4)
def take():
    together.wait()
    libc.malloc(20_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.fdopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stream)
libc.fflush(stream)
"""


def test_what_is_free_is_given_back() -> None:
    """Many small values, made and dropped, leave the process as large as before."""
    small = [bytes(1_000) for _ in range(100_000)]
    kept = small[-1]
    del small

    before = _kilobytes()
    give_back()

    assert _kilobytes() < before - 50_000
    assert kept == bytes(1_000)


@pytest.mark.parametrize(("call", "arenas"), [("share_one_arena()", range(1, 2)), ("", range(2, 6))])
def test_all_threads_take_from_one_place(call: str, arenas: range) -> None:
    """Without the call each of them has one of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _ARENAS.format(call=call)], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.count("<heap nr=") in arenas


def _kilobytes() -> int:
    """Of this process in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
