"""Disks, clock, memory, and what protects the workers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning
from gateway.extract import ocr
from gateway.processes import sandbox

MIB = 1 << 20
LOW_BYTES, OUT_BYTES = 1_024 * MIB, 256 * MIB
LOW_SHARE, OUT_SHARE = 0.05, 0.01
SLACK = timedelta(minutes=5)
SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")


def _folders(machine: Machine) -> dict[str, Path]:
    """What is written for each message, by the words for it."""
    config = machine.config
    found = {
        "the store": config.store.folder,
        "the audit log": config.audit.folder,
        "the spool": config.milter.spool_folder,
    }
    for survey, _ in machine.surveyed():
        found["Postfix's queue"] = survey.queue
    return found


def disk_space(machine: Machine) -> Iterator[Found]:
    """A full disk answers all mail with 451."""
    for what, folder in _folders(machine).items():
        room = machine.room(folder)
        left = f"{what} has {room.octets // MIB:,} MiB left ({room.share:.1%})"
        remedy = "make room or give it a larger disk: docs/runbook/GatepostDiskFull.md"
        if room.octets < OUT_BYTES or room.share < OUT_SHARE:
            yield critical(str(folder), f"{left}: without room all mail is answered 451", remedy)
        elif room.octets < LOW_BYTES or room.share < LOW_SHARE:
            yield warning(str(folder), left, remedy)


def inodes(machine: Machine) -> Iterator[Found]:
    """A disk without inodes is as full as one without bytes."""
    for what, folder in _folders(machine).items():
        left = machine.room(folder).inodes
        if left < LOW_SHARE:
            reason = f"{what} has {left:.1%} of its inodes left: without any no file can be made"
            remedy = "remove small files of others on that disk (df -i), or move the folder"
            yield critical(str(folder), reason, remedy) if left < OUT_SHARE else warning(str(folder), reason, remedy)


def clock(machine: Machine) -> Iterator[Found]:
    """Consents, expiries and evidence depend on the day."""
    now = machine.clock()
    newest = _newest(machine.config.audit.folder)
    if newest is not None and newest > now + SLACK:
        reason = f"the clock says {now:%Y-%m-%d %H:%M} UTC, the audit log was written to at {newest:%Y-%m-%d %H:%M}"
        yield critical("clock", reason, "set the clock (timedatectl), and find out why it went back")
    folder = SYNCHRONIZED.parent
    if folder.is_dir() and not SYNCHRONIZED.exists():
        yield warning("clock", "systemd-timesyncd runs, and has not set the clock yet", "timedatectl timesync-status")


def _newest(folder: Path) -> datetime | None:
    try:
        times = [path.stat().st_mtime for path in folder.glob("audit-*.jsonl")]
    except OSError:
        return None
    return datetime.fromtimestamp(max(times), UTC) if times else None


def memory(machine: Machine) -> Iterator[Found]:
    """All workers with a large message at once."""
    workers = machine.config.workers
    needed, there = workers.count * workers.memory_mib * MIB, machine.memory()
    if needed > there:
        reason = f"{workers.count} workers may take {needed // MIB:,} MiB, this machine has {there // MIB:,}"
        yield warning("gatepost.yaml: workers", reason, "lower workers.count or workers.memory-mib, or add memory")


def protection(_: Machine) -> Iterator[Found]:
    """The layers between a hostile attachment and this machine."""
    for layer in sandbox.missing():
        reason = f"workers run without {layer}: a hostile attachment that takes one over can do more"
        yield warning("workers", reason, "install libseccomp2; run a kernel of 5.13 or later with Landlock")


def pictures(_: Machine) -> Iterator[Found]:
    """Words in pictures."""
    if ocr.data_folder() is None:
        reason = "words in pictures are not read: every picture counts as unread"
        yield warning("tesseract", reason, "apt-get install tesseract-ocr-eng, then restart Gatepost")
