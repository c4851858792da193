"""gateway.workers and gateway.nursery, with real processes"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gateway.actions import Notices
from gateway.comparing import Comparing, Kept, Naming
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.limits import Limits
from gateway.core.verdict import Action, Disposition, Verb
from gateway.demo.ports import wait_until
from gateway.nursery import Setup
from gateway.pipeline import Inspection
from gateway.policy import Organization, Policy, Rule, Status
from gateway.policy.conditions.trouble import Failure
from gateway.policy.model import When
from gateway.replay import ask
from gateway.ruleset import RuleSet
from gateway.spool import Spool
from gateway.workers import Pace, Workers, WorkersUnavailable
from tests.makers.archives import packed
from tests.makers.office import docx, paragraph, zipped
from tests.makers.ole import compound, xls
from tests.makers.pdf import line, page
from tests.makers.pictures import png

SUPPORT = Path(__file__).parent / "support"
FAILED = Rule(
    "failed", "test", "Failed", Status.ENFORCE, "low", "o@clinic.example", When(all=(Failure(("any",)),)),
    (Action(Verb.BLOCK),),
)  # fmt: skip
Start = Callable[..., Workers]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts workers whose policy holds what has the subject "hold", and misbehaves as other subjects say."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(SUPPORT), *sys.path]))
    monkeypatch.syspath_prepend(str(SUPPORT))
    when = When(all=(import_module("misbehaving").Misbehave(),))
    held = (Action(Verb.QUARANTINE),)
    rule = Rule("hold", "test", "Held", Status.ENFORCE, "low", "o@clinic.example", when, held)
    ruleset = RuleSet(Policy(Organization("Clinic", ("clinic.example",)), (rule,)), ())
    milder = replace(rule, then=(Action(Verb.TAG, {"text": "[held]"}),))
    other = RuleSet(Policy(Organization("Clinic", ("clinic.example",)), (milder, FAILED)), ())
    notices = Notices("gatepost@clinic.example", "Clinic", "")
    running: list[Workers] = []

    def begin(*, memory_mib: int = 1024, cpu_seconds: int = 30, compares: bool = False, **pace: Any) -> Workers:
        setup = Setup(ruleset, Limits(), notices, memory_bytes=memory_mib << 20, cpu_seconds=cpu_seconds)
        if compares:
            setup = replace(setup, comparing=Comparing(other, Naming("a@clinic.example")))
        running.append(Workers(setup, Pace(**{"count": 1, "progress": 0.05, **pace})))
        return running[-1]

    yield begin
    for workers in running:
        workers.close()


def transaction(subject: str, body: bytes = b"") -> Transaction:
    envelope = Envelope("a@clinic.example", (Recipient("b@x.example"),))
    return Transaction(Session(), envelope, b"Subject: " + subject.encode() + b"\r\n\r\n" + body)


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


def failures(inspection: Inspection) -> list[DetectorFailure]:
    return list(inspection.failures)


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


def test_a_worker_cannot_reach_the_network(start: Start) -> None:
    """Not even a port of this machine that listens."""
    workers = start()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert achieved(workers, f"connect 127.0.0.1:{port}") is False
    assert achieved(workers, "datagram") is False


def test_a_worker_reads_no_state_and_writes_nothing(start: Start, tmp_path: Path) -> None:
    """Neither a keyring nor the configuration; libraries can still be loaded."""
    workers = start()
    keyring = tmp_path / "keyring.json"
    keyring.write_text("{}")

    assert achieved(workers, f"read {keyring}") is False
    assert achieved(workers, f"list {tmp_path}") is False
    assert achieved(workers, "read /etc/passwd") is False
    assert achieved(workers, "read /proc/self/environ") is False
    assert [achieved(workers, f"write {place}/x") for place in (tmp_path, "/tmp", "/dev/shm")] == [False] * 3
    assert list(tmp_path.iterdir()) == [keyring]
    assert achieved(workers, f"read {os.__file__}") is True


def test_a_worker_starts_and_touches_no_process(start: Start) -> None:
    """It runs no program, makes no process, signals none, and can gain no privilege."""
    workers = start()

    assert achieved(workers, "run /bin/true") is False
    assert achieved(workers, "fork") is False
    assert achieved(workers, f"signal {os.getpid()}") is False
    assert achieved(workers, "privilege") is False
    assert achieved(workers, f"limit {os.getpid()}") is False


def test_a_worker_changes_no_mark_of_a_file(start: Start, tmp_path: Path) -> None:
    """Who may open what it cannot open itself."""
    keyring = tmp_path / "keyring.json"
    keyring.touch(mode=0o600)

    assert achieved(start(), f"open-up {keyring}") is False
    assert keyring.stat().st_mode & 0o777 == 0o600


def test_a_confined_worker_reads_every_kind_of_file(start: Start) -> None:
    """Libraries that were loaded before the sandbox was put on work in it, threads included."""
    files = {"a.docx": docx(paragraph("words")), "b.pdf": page(line("words")), "c.png": png("words")}
    files |= {"d.7z": packed({"a": b"words"}, "7zip"), "e.xls": compound(xls("words", 1.0)), "f.rtf": b"{\\rtf1 words}"}
    octets = zipped(files)
    inspection = start().inspect(transaction("fine", octets))

    assert (inspection.opaque, failures(inspection)) == ((), [])
    assert {line.reader for line in inspection.ledger} >= {"office", "pdf", "picture", "archive", "ole", "rtf", "zip"}


def test_a_picture_without_words_ends_no_worker(start: Start) -> None:
    """Tesseract has something to say about it, into a file that the sandbox has to let it open."""
    inspection = start().inspect(transaction("fine", page("0 0 m 9 9 l S")))

    assert (inspection.opaque, failures(inspection)) == ((), [])


def achieved(workers: Workers, subject: str) -> bool:
    """Whether the worker did it."""
    inspection = workers.inspect(transaction(subject))
    assert failures(inspection) == []
    return inspection.verdict.disposition is Disposition.QUARANTINE


def kept(subject: str, body: bytes = b"") -> Kept:
    return Kept("r", transaction(subject, body).raw, Envelope("a@clinic.example", (Recipient("b@x.example"),)))


def dispositions(workers: Workers, *batch: Kept) -> list[tuple[str, str] | None]:
    """Under the old rules and under the new, of each message."""
    return [told and (told[0][0][1][0], told[0][0][2][0]) for told in ask(workers, batch)]


def test_messages_are_compared_several_at_a_time(start: Start) -> None:
    """Each by both rule sets, in order; a large one that comes by itself travels as a file."""
    workers = start(compares=True)
    large = kept("hold", b"x" * 100_000)

    assert dispositions(workers, kept("fine"), kept("hold"), large) == [
        ("deliver", "deliver"),
        ("quarantine", "deliver"),
        ("quarantine", "deliver"),
    ]
    assert dispositions(workers, large) == [("quarantine", "deliver")]


@pytest.mark.parametrize("subject", ["kill SIGSEGV", "exit 3", "sleep 60", "raise", "swell 4000"])
def test_a_message_that_costs_its_worker_costs_the_others_beside_it_nothing(start: Start, subject: str) -> None:
    """Both rule sets decide about it as about an inspection that did not finish."""
    workers = start(compares=True, deadline=3.0)

    assert dispositions(workers, kept("hold"), kept(subject), kept("fine")) == [
        ("quarantine", "deliver"),
        ("deliver", "block"),
        ("deliver", "deliver"),
    ]
    assert [told and told[4] for told in ask(workers, [kept(subject), kept("fine")])] == [True, False]


def test_a_message_whose_worker_is_killed_from_outside_is_left_for_another_time(start: Start) -> None:
    """That says nothing about it."""
    workers = start(compares=True)

    assert dispositions(workers, kept("hold"), kept("kill SIGKILL")) == [("quarantine", "deliver"), None]


def test_a_package_of_our_name_in_the_working_folder_is_not_ours(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who calls a command in a stranger's folder runs nothing of it."""
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)

    assert start().inspect(transaction("fine")).failures == ()
