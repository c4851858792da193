"""gateway.workers.pool and its nursery, with real processes: what ends, what waits, and who is our own failure."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.arriving.spool import Spool
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.verdict import Disposition
from gateway.demo.ports import wait_until
from gateway.workers.pool import WorkersUnavailable
from tests.makers.misbehaved import failures, transaction
from tests.unit.workers.conftest import Start


def end(pid: int) -> None:
    """Kill a process and wait until it is dead, if its parent has not noticed."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_dead(pid), 10, "the process is dead")


def is_dead(pid: int) -> bool:
    """Gone, or a zombie (proc(5))."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_the_verdict_is_that_of_the_policy(start: Start) -> None:
    """A worker answers with the verdict; the size is that of the raw message."""
    workers = start()

    assert workers.inspect(transaction("fine")).verdict.disposition is Disposition.DELIVER
    inspection = workers.inspect(transaction("hold", b"x" * 100))
    assert inspection.verdict.disposition is Disposition.QUARANTINE
    assert inspection.size == len(transaction("hold", b"x" * 100).raw)


@pytest.mark.parametrize("above", [0, 1 << 30], ids=["from a file", "from memory"])
def test_a_large_body_reaches_the_worker_whole(start: Start, tmp_path: Path, above: int) -> None:
    """Bodies beyond a pipe's size travel as a descriptor."""
    raw = transaction("fine", b"x" * 3_000_000).raw
    with Spool(tmp_path, above) as spool:
        spool.append(raw)

        assert start().inspect(transaction(""), spool).size == len(raw)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("sleep 60", FailureKind.TIMEOUT),
        ("kill SIGSEGV", FailureKind.CRASH),
        ("kill SIGABRT", FailureKind.CRASH),
        ("exit 3", FailureKind.CRASH),
        ("raise", FailureKind.ERROR),
        ("swell 4000", FailureKind.MEMORY),
    ],
)
def test_what_the_message_did_is_a_fact_for_the_policy(start: Start, subject: str, kind: FailureKind) -> None:
    """The message gets a DetectorFailure, nobody delivers it as if it were clean, and the next message is served."""
    workers = start(deadline=2, memory_mib=500)
    inspection = workers.inspect(transaction(subject))

    assert failures(inspection) == [DetectorFailure("inspection", kind)]
    assert inspection.size == len(transaction(subject).raw)
    assert workers.inspect(transaction("hold")).verdict.disposition is Disposition.QUARANTINE


def test_processor_time_is_limited_for_each_message(start: Start) -> None:
    """A loop is ended by its own CPU limit before the deadline; earlier messages do not count against it."""
    workers = start(cpu_seconds=1, deadline=60)
    for _ in range(3):
        workers.inspect(transaction("fine"))

    assert failures(workers.inspect(transaction("spin"))) == [DetectorFailure("inspection", FailureKind.TIMEOUT)]


def test_a_worker_killed_from_outside_is_our_failure(start: Start) -> None:
    """SIGKILL that we did not send says nothing about the message: the client shall come again."""
    workers = start()
    with pytest.raises(WorkersUnavailable):
        workers.inspect(transaction("kill SIGKILL"))

    assert workers.inspect(transaction("fine")).failures == ()


def test_an_idle_worker_killed_from_outside_costs_nobody_anything(start: Start) -> None:
    """It is noticed before the next message is given to it: another one takes its place."""
    workers = start(count=2)
    killed = workers.pids
    for pid in killed:
        end(pid)

    assert [workers.inspect(transaction("fine")).failures for _ in range(3)] == [()] * 3
    assert workers.restarts >= 1
    assert not Path(f"/proc/{killed[-1]}").exists()


def test_a_dead_nursery_is_started_again(start: Start) -> None:
    """Without its nursery a pool still replaces its workers."""
    workers = start()
    nursery = workers._forks.process
    assert nursery is not None
    nursery.kill()
    nursery.wait(10)
    for pid in workers.pids:
        end(pid)

    assert workers.inspect(transaction("fine")).failures == ()


def test_workers_are_replaced_after_so_many_messages(start: Start) -> None:
    """Memory that a library leaks is given back."""
    workers = start(recycle_after=2)
    first = workers.pids
    workers.inspect(transaction("fine"))
    assert workers.pids == first
    workers.inspect(transaction("fine"))

    assert workers.pids != first
    assert workers.restarts == 1


def test_a_slow_message_delays_no_other(start: Start) -> None:
    """With two workers, one that hangs leaves the other free; progress is told meanwhile."""
    workers = start(count=2, deadline=3)
    ticks: list[float] = []
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(workers.inspect, transaction("sleep 60"), None, lambda: ticks.append(time.monotonic()))
        while not ticks:
            threading.Event().wait(0.01)
        for _ in range(20):
            assert workers.inspect(transaction("fine")).failures == ()
        assert not slow.done()
        assert failures(slow.result(30)) == [DetectorFailure("inspection", FailureKind.TIMEOUT)]


def test_a_message_that_takes_long_steps_aside(start: Start) -> None:
    """Its worker goes on at a low priority and another takes its place; afterwards there are as many as before."""
    workers = start(count=1, aside=1, patience=0.05, deadline=20)
    pids = workers.pids
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(workers.inspect, transaction("spin 2"))
        assert [workers.inspect(transaction("hold")).verdict.disposition for _ in range(5)] == [
            Disposition.QUARANTINE
        ] * 5
        assert not slow.done()
        assert (workers.aside, workers.count) == (1, 2)
        assert os.getpriority(os.PRIO_PROCESS, pids[0]) > os.getpriority(os.PRIO_PROCESS, 0)
        assert slow.result(30).failures == ()

    assert (workers.aside, workers.count, len(workers.pids)) == (0, 1, 1)
    assert workers.pids != pids
    assert not Path(f"/proc/{pids[0]}").exists()


def test_a_worker_that_only_waits_for_the_processor_keeps_its_place(start: Start) -> None:
    """A busy machine makes every message slow: replacing the workers for it would make them slower still."""
    workers = start(count=1, aside=1, patience=0.3, deadline=20)
    (pid,) = workers.pids
    os.kill(pid, signal.SIGSTOP)
    waker = threading.Timer(0.8, os.kill, (pid, signal.SIGCONT))
    waker.start()

    workers.inspect(transaction("fine"))
    waker.join()

    assert (workers.pids, workers.restarts) == ((pid,), 0)


def test_no_more_step_aside_than_may(start: Start) -> None:
    """What comes then waits, as it always did."""
    workers = start(count=1, aside=1, patience=0.02, deadline=20, wait=1.5)
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(workers.inspect, transaction("sleep 4")) for _ in range(2)]
        while workers.busy < 2:
            assert not any(one.done() for one in slow), "no worker took the place of the first in time"
            threading.Event().wait(0.005)
        with pytest.raises(WorkersUnavailable, match="in time"):
            workers.inspect(transaction("fine"))
        assert [one.result(20).failures for one in slow] == [(), ()]


def test_a_place_is_kept_for_messages_that_cannot_take_long(start: Start) -> None:
    """Parts in base64 may be anything, so one of them never has the last worker."""
    workers = start(count=1, kept=1, deadline=20, wait=0.3)
    packed = b"Content-Transfer-Encoding: Base64"
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(workers.inspect, transaction("sleep 2", packed))
        while not workers.busy:
            threading.Event().wait(0.005)
        assert workers.inspect(transaction("fine", b"short")).failures == ()
        for body in (packed, b"x" * 100_000):
            with pytest.raises(WorkersUnavailable, match="in time"):
                workers.inspect(transaction("fine", body))
        assert slow.result(20).failures == ()


def test_memory_is_limited_for_each_message_by_its_size(start: Start) -> None:
    """A small message may not take what a large one may; the one before does not count."""
    workers = start(memory_mib=150)

    assert workers.inspect(transaction("swell 200", bytes(40_000_000))).failures == ()
    assert failures(workers.inspect(transaction("swell 200"))) == [DetectorFailure("inspection", FailureKind.MEMORY)]


def test_a_full_queue_and_a_long_wait_are_our_failure(start: Start) -> None:
    """More messages than may wait are told at once; one that waits too long is told then."""
    workers = start(deadline=10, wait=0.2, queue=1)
    ticking = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(workers.inspect, transaction("sleep 2"), None, ticking.set)
        assert ticking.wait(10)
        waiting = threads.submit(workers.inspect, transaction("fine"))
        while not workers.waiting:
            threading.Event().wait(0.001)
        with pytest.raises(WorkersUnavailable, match="too many"):
            workers.inspect(transaction("fine"))
        with pytest.raises(WorkersUnavailable, match="in time"):
            waiting.result(10)
        assert slow.result(10).failures == ()


def test_many_threads_share_the_workers(start: Start) -> None:
    """Each message gets its own verdict, whoever asks."""
    workers = start(count=2)
    subjects = ["hold", "fine"] * 50
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda subject: workers.inspect(transaction(subject)), subjects))

    assert [item.verdict.disposition is Disposition.QUARANTINE for item in found] == [True, False] * 50
    assert (workers.busy, workers.waiting) == (0, 0)


def test_closed_workers_leave_no_process(start: Start) -> None:
    """After `close` neither workers nor nursery run, and nobody is served."""
    workers = start(count=2)
    pids = workers.pids
    workers.close()

    assert all(not Path(f"/proc/{pid}").exists() for pid in pids)
    with pytest.raises(WorkersUnavailable):
        workers.inspect(transaction("fine"))


def test_nothing_of_an_exception_reaches_standard_error(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    """The place of a bug is told, the text of the exception is not."""
    start().inspect(transaction("raise"))

    told = capfd.readouterr().err
    assert "RuntimeError at misbehaving.py" in told
    assert "text that must not be shown" not in told


def test_a_package_of_our_name_in_the_working_folder_is_not_ours(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who calls a command in a stranger's folder runs nothing of it."""
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)

    assert start().inspect(transaction("fine")).failures == ()
