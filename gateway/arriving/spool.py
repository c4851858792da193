"""The raw bytes of one arriving message: in memory while small, then in an unnamed file.

The file has no name (O_TMPFILE), so a crash leaves nothing behind, and travels to a worker as a descriptor.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from gateway.core.errors import TransactionError

CHUNK = 256 * 1024


class SpoolFull(TransactionError):
    """The spool folder took no more bytes."""


class Spool:
    """Append-only bytes. Not for several threads at once."""

    def __init__(self, folder: Path, above: int) -> None:
        """Keep up to `above` bytes in memory, the rest in a file in `folder`."""
        self._folder = folder
        self._above = above
        self._chunks: list[bytes] = []
        self._file: int | None = None
        self.size = 0

    @classmethod
    def of(cls, octets: bytes) -> "Spool":
        """A spool in memory that holds these bytes."""
        spool = cls(Path(os.devnull), len(octets))
        spool.append(octets)
        return spool

    def append(self, octets: bytes) -> None:
        """Add bytes at the end. Raises SpoolFull."""
        if self._file is None and self.size + len(octets) > self._above:
            self._open()
        if self._file is None:
            self._chunks.append(octets)
        else:
            self._write(octets)
        self.size += len(octets)

    def _open(self) -> None:
        try:
            self._file = os.open(self._folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SpoolFull(f"the spool folder {self._folder} cannot be written: {error.strerror}") from error
        for chunk in self._chunks:
            self._write(chunk)
        self._chunks.clear()

    def _write(self, octets: bytes) -> None:
        assert self._file is not None
        view = memoryview(octets)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise SpoolFull(f"the spool folder {self._folder} cannot be written: {error.strerror}") from error

    @property
    def descriptor(self) -> int | None:
        """The file that holds the bytes, from offset 0; None while they are in memory."""
        return self._file

    def octets(self) -> bytes:
        """All bytes at once."""
        return b"".join(self.chunks())

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        end = self.size if end is None else min(end, self.size)
        if self._file is None:
            if len(self._chunks) > 1:
                self._chunks = [b"".join(self._chunks)]
            whole = memoryview(self._chunks[0] if self._chunks else b"")
            for at in range(start, end, CHUNK):
                yield bytes(whole[at : min(at + CHUNK, end)])
            return
        while start < end:
            piece = os.pread(self._file, min(CHUNK, end - start), start)
            if not piece:
                raise SpoolFull("the spooled message is shorter than what was written")
            start += len(piece)
            yield piece

    def close(self) -> None:
        """Forget the bytes."""
        self._chunks.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
