"""Memory that is free goes back to the system."""

from pathlib import Path

from gateway.thrift import give_back


def test_what_is_free_is_given_back() -> None:
    """Many small values, made and dropped, leave the process as large as before."""
    small = [bytes(1_000) for _ in range(100_000)]
    kept = small[-1]
    del small

    before = _kilobytes()
    give_back()

    assert _kilobytes() < before - 50_000
    assert kept == bytes(1_000)


def _kilobytes() -> int:
    """Of this process in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
