"""The audit log on a disk that fails, after a kill, and in the hands of somebody who tampers with it."""

import errno
import hashlib
import json
import os
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.errors import AuditUnavailable
from gateway.audit.log import AuditLog
from gateway.audit.segments import Disk
from gateway.audit.verify import verify
from gateway.core.errors import SetupError
from tests.makers.audited import LAST, MakeEvent, lines_of


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
    assert [line["metadata"]["correlation_uid"] for line in lines_of(folder)] == ["incident-1", "incident-3"]  # type: ignore[index]  # an event
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

    kinds = [line["metadata"]["event_code"] for line in lines_of(folder)]  # type: ignore[index]  # an event
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
    assert verify(folder).last_seq == len(lines_of(folder)) > 1


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

    seen = [line["metadata"].get("correlation_uid", "recovered") for line in lines_of(folder)]  # type: ignore[attr-defined]  # an event
    assert seen[:5] == [f"incident-{number}" for number in range(5)]
    assert seen[-1] == "incident-6"
    assert seen[-2] == "recovered"
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

    assert verify(folder).events == 13
    assert lines_of(folder)[-2]["unmapped"] == {"segment": 4, "torn_bytes": 0, "unsigned_events": 10}


def test_a_line_that_somebody_without_the_key_put_behind_the_end_is_told(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """It fits the chain, as that of a writer that died does: the log goes on behind it, and says so before it signs."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    last = (folder / LAST).read_bytes()
    forged = {**event(2), "seq": 2, "prev": hashlib.sha256(last).hexdigest(), "time": 0}
    with (folder / LAST).open("ab") as file:
        file.write(json.dumps(forged).encode() + b"\n")
    assert verify(folder).unsigned_tail == 1

    log.append(event(3))
    log.close()

    told = [line["unmapped"] for line in lines_of(folder) if line["metadata"]["event_code"] == "log-recovered"]  # type: ignore[index]  # an event
    assert told == [{"segment": 1, "torn_bytes": 0, "unsigned_events": 1}]
    assert verify(folder).unsigned_tail == 0


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
    tmp_path: Path, signing_key: Ed25519PrivateKey, synced: list[int]
) -> None:
    """A log whose lines are synced, in a folder that nobody ever synced, could be gone as a whole."""
    AuditLog.open(tmp_path / "audit", signing_key)

    assert tmp_path.stat().st_ino in synced
