"""What a worker can do while it reads mail, and what it cannot."""

import os
import socket
from pathlib import Path

from gateway.core.verdict import Disposition
from gateway.workers.pool import Workers
from tests.makers.archives import packed
from tests.makers.misbehaved import failures, transaction
from tests.makers.office import docx, paragraph, zipped
from tests.makers.ole import compound, xls
from tests.makers.pdf import line, page
from tests.makers.pictures import png
from tests.unit.workers.conftest import Start


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
