"""Appending: durable, chained, together, and whole again after every kind of failure."""

import errno
import json
import os
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import digest
from gateway.audit.errors import AuditUnavailable
from gateway.audit.log import AuditLog
from gateway.audit.segments import Disk
from gateway.audit.sinks import Record
from gateway.audit.verify import verify
from gateway.core.errors import SetupError

MakeEvent = Callable[[int], dict[str, object]]
LAST = "audit-000001.jsonl"


def _lines(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.glob("audit-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


class CountingDisk(Disk):
    def __init__(self) -> None:
        self.syncs = 0

    def sync(self, fd: int) -> None:
        self.syncs += 1
        super().sync(fd)


class FailingDisk(Disk):
    """Fails as told: after so many bytes of a write, or at fsync."""

    def __init__(self) -> None:
        self.room: int | None = None
        self.sync_error = 0
        self.cut_error = 0

    def write(self, fd: int, octets: bytes | memoryview) -> int:
        if self.room is None:
            return super().write(fd, octets)
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = super().write(fd, octets[: self.room])
        self.room -= written
        return written

    def sync(self, fd: int) -> None:
        if self.sync_error:
            raise OSError(self.sync_error, os.strerror(self.sync_error))
        super().sync(fd)

    def truncate(self, fd: int, size: int) -> None:
        if self.cut_error:
            raise OSError(self.cut_error, os.strerror(self.cut_error))
        super().truncate(fd, size)


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

    assert _lines(folder) == []


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
    incidents = [line["unmapped"]["item"] for line in _lines(folder) if "api" in line]  # type: ignore[index]  # an event
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

    assert len([line for line in _lines(folder) if "api" in line]) == 100
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

    kinds = ["checkpoint" if "checkpoint" in line else "." for line in _lines(folder)]
    assert kinds == [".", ".", ".", "checkpoint", ".", ".", "checkpoint", ".", "checkpoint"]
    assert verify(folder, signing_key.public_key()).checkpoints == 3


def test_segments_rotate_by_size_and_the_chain_goes_on(written: Path, signing_key: Ed25519PrivateKey) -> None:
    """No segment is larger than told, and numbers run through."""
    files = sorted(written.glob("audit-*.jsonl"))

    assert len(files) > 2
    assert all(file.stat().st_size <= 4_000 for file in files)
    assert [line["seq"] for line in _lines(written)] == list(range(1, len(_lines(written)) + 1))


def test_an_opened_log_goes_on_where_it_was(written: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """The next process continues numbers and hashes."""
    before = verify(written).last_seq

    log = AuditLog.open(written, signing_key)
    log.append(event(99))

    assert verify(written).last_seq == log.last_seq == before + 1


@pytest.mark.parametrize("room", [0, 1, 200, 700])
def test_a_full_disk_fails_the_callers_and_heals(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, room: int
) -> None:
    """ENOSPC anywhere in a write: AuditUnavailable, nothing of it stays, and it works again with room."""
    disk = FailingDisk()
    log = AuditLog(folder, signing_key, disk=disk)
    log.append(event(1))
    before = (folder / LAST).read_bytes()

    disk.room = min(room, len(before) - 1)
    with pytest.raises(AuditUnavailable, match="No space left"):
        log.append(event(2))
    assert (folder / LAST).read_bytes() == before

    disk.room = None
    log.append(event(3))
    assert [line["metadata"]["correlation_uid"] for line in _lines(folder)] == ["incident-1", "incident-3"]  # type: ignore[index]  # an event
    assert verify(folder).events == 2


def test_a_failed_fsync_is_not_believed(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """EIO at fsync: the lines are taken back, since nobody knows what the disk has."""
    disk = FailingDisk()
    log = AuditLog(folder, signing_key, disk=disk)
    log.append(event(1))
    before = (folder / LAST).read_bytes()

    disk.sync_error = errno.EIO
    with pytest.raises(AuditUnavailable, match="Input/output error"):
        log.append(event(2))
    assert (folder / LAST).read_bytes() == before

    disk.sync_error = 0
    log.append(event(3))
    assert verify(folder).events == 2


def test_lines_that_cannot_be_taken_back_are_chained_or_moved_aside(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Truncating failed too: the half line is moved aside when the disk works again, and that is an event."""
    disk = FailingDisk()
    log = AuditLog(folder, signing_key, disk=disk)
    log.append(event(1))
    disk.room, disk.cut_error = 50, errno.EROFS
    with pytest.raises(AuditUnavailable):
        log.append(event(2))

    disk.room, disk.cut_error = None, 0
    log.append(event(3))

    kinds = [line["metadata"]["event_code"] for line in _lines(folder)]  # type: ignore[index]  # an event
    assert kinds == ["viewed", "log-recovered", "viewed"]
    assert verify(folder).events == 3
    assert len(list(folder.glob("*.torn-*"))) == 1


def test_every_waiting_caller_hears_of_a_failure(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Nobody of a batch is told that it is durable when it is not."""
    disk = FailingDisk()
    log = AuditLog(folder, signing_key, disk=disk)
    disk.sync_error = errno.EIO
    heard: list[str] = []
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait()
        try:
            log.append(event(number))
        except AuditUnavailable:
            heard.append("unavailable")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard == ["unavailable"] * 8
    assert (folder / LAST).read_bytes() == b""


def test_a_real_size_limit_is_unavailable(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """RLIMIT_FSIZE makes the kernel cut a write short and refuse the next, as a full disk does."""
    log = AuditLog(folder, signing_key)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
        try:
            for number in range(100):
                log.append(event(number))
        except AuditUnavailable as error:
            os._exit(0 if "File too large" in str(error) else 2)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    log.append(event(1_000))
    assert verify(folder).last_seq == len(_lines(folder)) > 1


@pytest.mark.parametrize("stage", ["half a line", "a line and a half", "written, not synced"])
def test_a_kill_in_mid_write_loses_nothing_that_was_acknowledged(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, stage: str
) -> None:
    """SIGKILL inside a write: the next process has all acknowledged events and an unbroken chain."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:

        class DyingDisk(Disk):
            armed = False

            def write(self, fd: int, octets: bytes | memoryview) -> int:
                if not self.armed or stage == "written, not synced":
                    return super().write(fd, octets)
                super().write(fd, bytes(octets)[:300] if stage == "half a line" else bytes(octets) + b'{"activity_id"')
                os.write(told, b"!")
                signal.pause()
                return 0

            def sync(self, fd: int) -> None:
                if self.armed:
                    os.write(told, b"!")
                    signal.pause()
                super().sync(fd)

        disk = DyingDisk()
        log = AuditLog(folder, signing_key, disk=disk)
        for number in range(5):
            log.append(event(number))
        disk.armed = True
        log.append(event(5))
        os._exit(1)
    assert os.read(ready, 1) == b"!"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ready)
    os.close(told)

    log = AuditLog(folder, signing_key)
    log.append(event(6))

    seen = [line["metadata"].get("correlation_uid", "recovered") for line in _lines(folder)]  # type: ignore[attr-defined]  # an event
    assert seen[:5] == [f"incident-{number}" for number in range(5)]
    assert seen[-1] == "incident-6"
    assert ("recovered" in seen) == (stage != "written, not synced")
    assert verify(folder, signing_key.public_key()).events == len(seen)


def test_zeros_behind_the_end_are_moved_aside(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """After a power loss a file may be longer than what was written to it."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    with (folder / LAST).open("ab") as file:
        file.write(b"\0" * 3_000 + b"\n" + b"\0" * 100)
    log.append(event(2))

    assert verify(folder).events == 3
    assert next(folder.glob("*.torn-*")).stat().st_size == 3_101


def test_an_old_head_only_means_a_longer_walk(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> None:
    """The head is not fsynced: after a power loss an earlier one, in an earlier segment, must do."""
    log = AuditLog(folder, signing_key, segment_bytes=2_000)
    log.append(event(1))
    old = (folder / "head.json").read_bytes()
    for number in range(10):
        log.append(event(number))
    (folder / "head.json").write_bytes(old)

    AuditLog(folder, signing_key).append(event(11))

    assert verify(folder).events == 12


def _cut(folder: Path) -> None:
    octets = (folder / LAST).read_bytes()
    (folder / LAST).write_bytes(b"".join(octets.splitlines(keepends=True)[:-1]))


def _edit_last(folder: Path) -> None:
    (folder / LAST).write_bytes((folder / LAST).read_bytes().replace(b'"item-4"', b'"item-9"'))


def _drop_segment(folder: Path) -> None:
    (folder / LAST).unlink()


def _drop_head(folder: Path) -> None:
    (folder / "head.json").unlink()


def _forge_head(folder: Path) -> None:
    (folder / "head.json").write_bytes((folder / "head.json").read_bytes().replace(b'"seq":5', b'"seq":4'))


def _swap_key(folder: Path) -> None:
    (folder / "audit-key.pub.pem").write_text("nothing")


@pytest.mark.parametrize("tamper", [_cut, _edit_last, _drop_segment, _drop_head, _forge_head, _swap_key])
def test_a_log_that_was_tampered_with_is_not_signed_anew(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, tamper: Callable[[Path], None]
) -> None:
    """Opening refuses with what to do: going on would put our signature under the change."""
    log = AuditLog(folder, signing_key)
    for number in range(5):
        log.append(event(number))
    tamper(folder)

    with pytest.raises(SetupError, match="keep the folder as evidence"):
        AuditLog(folder, signing_key)


@pytest.mark.parametrize("tamper", [_cut, _drop_segment])
def test_a_log_cut_under_a_running_gateway_stops_the_mail(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, tamper: Callable[[Path], None]
) -> None:
    """No audit, no mail."""
    log = AuditLog(folder, signing_key)
    for number in range(5):
        log.append(event(number))
    tamper(folder)

    with pytest.raises(AuditUnavailable):
        log.append(event(6))


@pytest.mark.parametrize("room", [0, 60, 113, 400])
def test_a_first_start_on_a_full_disk_leaves_nothing_that_stops_the_next(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, room: int
) -> None:
    """Key, head and first segment are there whole or not at all: what was half made would never be taken again."""
    full = FailingDisk()
    full.room = room
    with pytest.raises(SetupError):
        AuditLog(folder, signing_key, disk=full)

    log = AuditLog.open(folder, signing_key)
    log.append(event(1))
    log.close()

    assert verify(folder).events == 2  # and the checkpoint


def test_the_name_of_the_folder_outlives_the_power(
    tmp_path: Path, signing_key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log whose lines are synced, in a folder that nobody ever synced, could be gone as a whole."""
    synced: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)

    AuditLog.open(tmp_path / "audit", signing_key)

    assert tmp_path.stat().st_ino in synced


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
