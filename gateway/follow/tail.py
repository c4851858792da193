"""New lines of a log: of a file that may be rotated or cut, or of the journal of systemd."""

import os
import subprocess
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from gateway.processes.programs import kill

BEGIN_BYTES = 64 << 20  # how far back reading begins
PIECE = 4 << 20
LONGEST = 1 << 16
JOURNALCTL = ("journalctl", "--follow", "--lines=100000", "--output=short-iso", "--facility=mail", "--quiet")


class Tail(Protocol):
    """`lines` never waits; OSError while the log cannot be read."""

    def lines(self) -> list[str]: ...

    def close(self) -> None: ...


class FileTail:
    """Follows a file by its name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""

    def lines(self) -> list[str]:
        """What has come since; of a file that took the place of the old one, all of both."""
        if self._file is None:
            self._open(from_end=BEGIN_BYTES)
        found = self._read()
        if not found and self._is_another():
            found = self._read()
            self.close()
            self._open(from_end=None)
            found += self._read()
        return found

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._rest = None, b""

    def _open(self, from_end: int | None) -> None:
        file = self._path.open("rb", buffering=0)
        if from_end is not None:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - from_end))
        self._file = file

    def _read(self) -> list[str]:
        assert self._file is not None
        pieces = [self._rest]
        while piece := self._file.read(PIECE):
            pieces.append(piece)
        octets = b"".join(pieces)
        whole, newline, self._rest = octets.rpartition(b"\n")
        if len(self._rest) > LONGEST:
            self._rest = b""
        return whole.decode("utf-8", "replace").split("\n") if newline else []

    def _is_another(self) -> bool:
        assert self._file is not None
        ours = os.fstat(self._file.fileno())
        with suppress(FileNotFoundError):
            named = self._path.stat()
            return (named.st_dev, named.st_ino) != (ours.st_dev, ours.st_ino) or named.st_size < self._file.tell()
        return False


class JournalTail:
    """Follows systemd's journal by journalctl(1)."""

    def __init__(self, command: tuple[str, ...] = JOURNALCTL) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: deque[str] = deque(maxlen=1_000_000)

    def lines(self) -> list[str]:
        """What has come since."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            threading.Thread(target=self._collect, args=(self._process,), name="journal", daemon=True).start()
        found = []
        while self._lines:
            found.append(self._lines.popleft())
        return found

    def close(self) -> None:
        if self._process is not None:
            kill(self._process)
            self._process.wait()
        self._process = None

    def _collect(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            for line in stream:
                self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
