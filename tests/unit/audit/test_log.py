"""Appending: durable, chained, together, and whole again after every kind of failure."""

import errno
import fcntl
import json
import os
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import checkpoint_in, digest
from gateway.audit.errors import AuditUnavailable
from gateway.audit.log import AuditLog
from gateway.audit.segments import Disk
from gateway.audit.sinks import Record
from gateway.audit.verify import verify
from gateway.core.errors import SetupError
from tests.makers.audited import LAST, MakeEvent, lines_of


class CountingDisk(Disk):
    def __init__(self) -> None:
        self.syncs = 0

    def sync(self, fd: int) -> None:
        self.syncs += 1
        super().sync(fd)


def test_an_event_is_one_canonical_chained_line(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """Sorted keys, no spaces, ASCII, numbered from 1, each with the hash of the line before, times in both forms."""
    log = AuditLog(folder, signing_key, clock=lambda: 1_767_323_045_678)
    log.append(event(1))
    log.append(event(2))

    first, second = (folder / LAST).read_bytes().splitlines(keepends=True)
    one, two = json.loads(first), json.loads(second)
    assert first == json.dumps(one, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"
    assert (one["seq"], one["prev"]) == (1, "0" * 64)
    assert (two["seq"], two["prev"]) == (2, digest(first))
    assert (one["time"], one["time_dt"]) == (1_767_323_045_678, "2026-01-02T03:04:05.678Z")
    assert one["metadata"]["uid"] != two["metadata"]["uid"]


def test_an_event_that_no_builder_made_is_refused(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """A stray field could be content; nothing is written."""
    log = AuditLog(folder, signing_key)
    for wrong in ({**event(1), "subject": "x"}, {}, {"metadata": 1}, {**event(1), "metadata": "x"}):
        with pytest.raises(ValueError, match="not an event"):
            log.append(wrong)

    assert lines_of(folder) == []


def test_an_event_that_json_cannot_say_fails_alone(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """A programmer's mistake costs its own caller only."""
    log = AuditLog(folder, signing_key)
    with pytest.raises(ValueError, match="JSON"):
        log.append({**event(1), "unmapped": {"x": object()}})
    with pytest.raises(ValueError, match="JSON"):
        log.append({**event(1), "unmapped": {"x": float("nan")}})
    log.append(event(2))

    assert verify(folder).events == 1


def test_many_threads_share_fsyncs_and_make_one_chain(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Every event of every short-lived thread is there once, with fewer fsyncs than events."""
    disk = CountingDisk()
    log = AuditLog(folder, signing_key, disk=disk, segment_bytes=40_000)
    barrier = threading.Barrier(16)

    def work(number: int) -> None:
        barrier.wait()
        for turn in range(20):
            log.append(event(number * 100 + turn))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()

    assert verify(folder).events == 321
    incidents = [line["unmapped"]["item"] for line in lines_of(folder) if "api" in line]  # type: ignore[index]  # an event
    assert len(set(incidents)) == 320
    assert disk.syncs < 250


def test_processes_share_one_chain(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """Several processes of a machine append at once to one folder, over segment borders."""
    AuditLog(folder, signing_key)
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            try:
                log = AuditLog(folder, signing_key, segment_bytes=8_000, checkpoint_events=7)
                for turn in range(25):
                    log.append(event(number * 100 + turn))
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4

    assert len([line for line in lines_of(folder) if "api" in line]) == 100
    assert verify(folder, signing_key.public_key()).segments > 3


def test_a_log_opened_before_a_fork_works_in_the_child(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Even if a thread of the parent was in the middle of an append."""
    blocked, go = threading.Event(), threading.Event()

    class SlowDisk(Disk):
        def sync(self, fd: int) -> None:
            blocked.set()
            go.wait(20)
            super().sync(fd)

    log = AuditLog(folder, signing_key, disk=SlowDisk())
    thread = threading.Thread(target=log.append, args=(event(1),))
    thread.start()
    assert blocked.wait(20)
    child = os.fork()
    if child == 0:
        try:
            go.set()
            log.append(event(2))
            os._exit(0)
        finally:
            os._exit(1)
    go.set()
    thread.join()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    log.append(event(3))
    assert verify(folder).events == 3


def test_a_checkpoint_comes_by_count_by_time_and_at_close(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Each N events, after T seconds with traffic, when closing with something unsigned, and not else."""
    now = [1_000_000]
    log = AuditLog(folder, signing_key, checkpoint_events=3, checkpoint_seconds=60, clock=lambda: now[0])
    for number in range(3):
        log.append(event(number))
    log.append(event(4))
    now[0] += 60_000
    log.append(event(5))
    log.close()
    log.append(event(6))
    log.close()
    log.close()

    kinds = ["checkpoint" if checkpoint_in(line) else "." for line in lines_of(folder)]
    assert kinds == [".", ".", ".", "checkpoint", ".", ".", "checkpoint", ".", "checkpoint"]
    assert verify(folder, signing_key.public_key()).checkpoints == 3


def test_segments_rotate_by_size_and_the_chain_goes_on(written: Path, signing_key: Ed25519PrivateKey) -> None:
    """No segment is larger than told, and numbers run through."""
    files = sorted(written.glob("audit-*.jsonl"))

    assert len(files) > 2
    assert all(file.stat().st_size <= 5_000 for file in files)
    assert [line["seq"] for line in lines_of(written)] == list(range(1, len(lines_of(written)) + 1))


def test_an_opened_log_goes_on_where_it_was(written: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """The next process continues numbers and hashes."""
    before = verify(written).last_seq

    log = AuditLog.open(written, signing_key)
    log.append(event(99))

    assert verify(written).last_seq == log.last_seq == before + 1


def test_another_signing_key_is_refused(written: Path) -> None:
    """A log has one key for its life."""
    with pytest.raises(SetupError, match="another key"):
        AuditLog(written, Ed25519PrivateKey.generate())


def test_a_folder_that_cannot_be_made_is_a_setup_error(tmp_path: Path, signing_key: Ed25519PrivateKey) -> None:
    """With the system's own words."""
    (tmp_path / "file").write_text("x")

    with pytest.raises(SetupError, match="Not a directory"):
        AuditLog(tmp_path / "file" / "audit", signing_key)


def test_files_are_private(written: Path) -> None:
    """Envelope addresses are in them."""
    assert all(file.stat().st_mode & 0o077 == 0 for file in [written, *written.iterdir()])


class ListSink:
    """Keeps what it gets, or fails."""

    def __init__(self, *, required: bool, fails: bool = False) -> None:
        self.required = required
        self.fails = fails
        self.seqs: list[int] = []

    def send(self, records: Sequence[Record]) -> None:
        if self.fails:
            raise OSError(errno.ECONNREFUSED, "Connection refused")
        self.seqs += [record.seq for record in records]


def test_sinks_get_every_event_once_in_order(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """Checkpoints too."""
    sink = ListSink(required=False)
    log = AuditLog.open(folder, signing_key, sinks=[sink])
    for number in range(3):
        log.append(event(number))
    log.close()

    assert sink.seqs == [1, 2, 3, 4]


@pytest.mark.parametrize("required", [True, False])
def test_only_a_required_sink_can_stop_the_mail(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, required: bool
) -> None:
    """The event itself is durable either way."""
    log = AuditLog.open(folder, signing_key, sinks=[ListSink(required=required, fails=True)])
    if required:
        with pytest.raises(AuditUnavailable, match="Connection refused"):
            log.append(event(1))
    else:
        log.append(event(1))

    assert verify(folder).events == 1


def test_the_time_of_a_line_is_that_of_its_writing(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Taken while no other process can write: one that waited would stand with its earlier time behind a later one,
    and be missed by whoever asks for a period that ends between the two."""

    def clock() -> int:
        """1 while anybody could write, 2 while one process alone can."""
        with (folder / "audit.lock").open("ab") if folder.exists() else nullcontext() as lock:
            try:
                if lock is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 2
            return 1

    AuditLog(folder, signing_key, clock=clock).append(event(1))

    assert [line["time"] for line in lines_of(folder)] == [2]
