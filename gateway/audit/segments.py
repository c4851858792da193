"""The files of the log: finding the end of the chain, and adding to it so that it is on disk.

    audit-000001.jsonl …   the chain, continued from file to file
    head.json              where it ends, signed after every write; 512 bytes, overwritten in place
    audit-key.pub.pem      to check signatures with
    audit.lock             flock of whoever adds (many processes of a machine share one chain)
    *.torn-<offset>        what a crash left of a line that nobody was told is durable

Every call opens the files anew: no state of a file descriptor outlives a fork or a file that was put in another's
place.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import (
    GENESIS,
    HEAD,
    HEAD_BYTES,
    LOCK,
    MAX_LINE,
    PUBLIC_KEY,
    Head,
    checkpoint_in,
    decode_head,
    digest,
    encode_head,
    public_pem,
    segment_numbers,
    segment_path,
)
from gateway.audit.errors import AuditUnavailable
from gateway.audit.rotated import rotated, rotated_words


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of the chain as it is on disk. `torn` bytes were moved aside to get there; `unsigned` lines stand behind
    the signed head: of a writer that died before it signed, or of a hand in the file."""

    segment: int
    inode: int
    size: int
    seq: int
    hash: str
    checkpoint: int
    torn: int = 0
    unsigned: int = 0


class Disk:
    """The system calls that can fail; tests give one that does."""

    def write(self, fd: int, octets: bytes | memoryview) -> int:
        return os.write(fd, octets)

    def sync(self, fd: int) -> None:
        os.fdatasync(fd)

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)


class Segments:
    """One folder.

    Not safe between threads: `AuditLog` lets one in at a time; safe between processes inside `locked`.
    """

    def __init__(self, folder: Path, key: Ed25519PrivateKey, *, segment_bytes: int, disk: Disk) -> None:
        self._folder = folder
        self._folder_name = os.fspath(folder)
        self._lock_path = os.fspath(folder / LOCK)
        self._head_path = os.fspath(folder / HEAD)
        self._key = key
        self._public = key.public_key()
        self._segment_bytes = segment_bytes
        self._disk = disk
        self._tail: Tail | None = None

    def prepare(self) -> None:
        """Make folder, public key, head and first segment where there are none. OSError, AuditUnavailable."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(PermissionError):  # a folder above that may be passed but not read: somebody else's to keep
            _sync(self._folder.parent)
        with self.locked():
            pem, path = public_pem(self._public), self._folder / PUBLIC_KEY
            numbers = segment_numbers(self._folder)
            if not numbers and rotated(self._folder):
                raise self._refused("the log is gone, and a new one would hide that")
            if not path.exists() and not numbers:
                self._create(path, pem)
            if not path.exists() or path.read_bytes() != pem:
                raise self._refused("the log was signed with another key than the keyring's")
            if not numbers and not (self._folder / HEAD).exists():
                self._create(self._folder / HEAD, encode_head(Head(1, 0, 0, GENESIS, 0, 0), self._key))
            if not numbers and self._read_head().seq == 0:
                self._sync_folder()  # never a line without the head that it is found from
                self._create(segment_path(self._folder, 1), b"")
            self._sync_folder()
            self._tail = self._find_tail()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among the processes that add. Raises OSError."""
        fd = os.open(self._lock_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(fd, fcntl.LOCK_UN)  # closing is not enough: a process forked meanwhile shares the descriptor
            os.close(fd)

    def tail(self) -> Tail:
        """The end of the chain now, read anew if another process added. Inside `locked`. OSError, AuditUnavailable."""
        if self._tail is None or not self._unchanged(self._tail):
            self._tail = None
            self._tail = self._find_tail()
        return self._tail

    def write(self, octets: bytes, tail: Tail, end: Tail, time: int) -> None:
        """Put whole lines behind `tail`; `end` has seq, hash and checkpoint after them. Durable on return.

        On failure the file is cut back to `tail` and looked at anew next time: after a failed fsync nobody knows what
        the disk has. Raises OSError. Inside `locked`.
        """
        self._tail = None
        segment, size = tail.segment, tail.size
        if size and size + len(octets) > self._segment_bytes:
            segment, size = segment + 1, 0
            self._create(segment_path(self._folder, segment), b"")
            self._sync_folder()
        fd = os.open(self._segment(segment), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            self._add(fd, octets, size)
            inode = os.fstat(fd).st_ino
        finally:
            os.close(fd)
        self._tail = Tail(segment, inode, size + len(octets), end.seq, end.hash, end.checkpoint)
        self._write_head(self._tail, time)

    def _add(self, fd: int, octets: bytes, size: int) -> None:
        try:
            self._write_all(fd, octets)
            self._disk.sync(fd)
        except BaseException:
            with suppress(OSError):
                self._disk.truncate(fd, size)
                self._disk.sync(fd)
            raise

    def _write_all(self, fd: int, octets: bytes) -> None:
        rest = memoryview(octets)
        while rest:
            rest = rest[self._disk.write(fd, rest) :]

    def _write_head(self, tail: Tail, time: int) -> None:
        """Not fsynced: an old head only means that fewer lines are signed. The events are durable already."""
        head = Head(tail.segment, tail.size, tail.seq, tail.hash, tail.checkpoint, time)
        with suppress(OSError):
            fd = os.open(self._head_path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.pwrite(fd, encode_head(head, self._key), 0)
            finally:
                os.close(fd)

    def sync_head(self) -> None:
        """Make the head durable too; at close. Raises OSError."""
        fd = os.open(self._head_path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _segment(self, number: int) -> str:
        return f"{self._folder_name}/audit-{number:06d}.jsonl"

    def _unchanged(self, tail: Tail) -> bool:
        try:
            status = os.stat(self._segment(tail.segment))  # noqa: PTH116  # on the way of every message: no Path is made
        except FileNotFoundError:
            return False
        grown = status.st_size != tail.size or status.st_ino != tail.inode
        return not grown and not os.access(self._segment(tail.segment + 1), os.F_OK)

    def _refused(self, why: str) -> AuditUnavailable:
        return AuditUnavailable(f"{why}{rotated_words(self._folder)}")

    def _read_head(self) -> Head:
        try:
            octets = (self._folder / HEAD).read_bytes()
        except FileNotFoundError:
            octets = b""
        head = decode_head(octets[:HEAD_BYTES], self._public)
        if head is None:
            raise self._refused("the signed head of the log is missing or was changed")
        return head

    def _find_tail(self) -> Tail:
        """From the signed head onwards, line by line; what is not a whole right line at the very end is moved aside."""
        head = self._read_head()
        self._check_head(head)
        tail = Tail(head.segment, 0, head.size, head.seq, head.hash, head.checkpoint)
        numbers = [number for number in segment_numbers(self._folder) if number >= head.segment]
        for number in numbers:
            if number != head.segment:
                tail = Tail(number, 0, 0, tail.seq, tail.hash, tail.checkpoint)
            tail = self._walk(tail, last=number == numbers[-1])
        return replace(tail, unsigned=tail.seq - head.seq)

    def _check_head(self, head: Head) -> None:
        """The line that the head names must be there as it was signed."""
        path = segment_path(self._folder, head.segment)
        if not path.exists() or path.stat().st_size < head.size:
            raise self._refused("the log is shorter than its signed head says")
        if head.seq and digest(_line_before(path, head.size)) != head.hash:
            raise self._refused("the end of the log is not what its signed head says")

    def _walk(self, tail: Tail, *, last: bool) -> Tail:
        path = segment_path(self._folder, tail.segment)
        size, seq, previous, checkpoint = tail.size, tail.seq, tail.hash, tail.checkpoint
        with path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            file.seek(size)
            while line := file.readline(MAX_LINE):
                kind = _follows(line, seq, previous)
                if kind is None:
                    break
                size, seq, previous = size + len(line), seq + 1, digest(line)
                checkpoint = seq if kind else checkpoint
        torn = path.stat().st_size - size
        if torn and not last:
            raise self._refused("the log is broken between two of its files")
        if torn:
            self._move_aside(path, size)
        return Tail(tail.segment, inode, size, seq, previous, checkpoint, tail.torn + torn)

    def _move_aside(self, path: Path, size: int) -> None:
        with path.open("rb") as file:
            file.seek(size)
            self._create(path.with_name(f"{path.name}.torn-{size}"), file.read(), replace=True)
        self._sync_folder()
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            self._disk.truncate(fd, size)
            self._disk.sync(fd)
        finally:
            os.close(fd)

    def _create(self, path: Path, octets: bytes, *, replace: bool = False) -> None:
        """A file that is there whole or not at all, wherever a crash or a full disk comes between."""
        if not replace and path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(path))
        fresh = path.with_name(f".{path.name}.new")  # one that a crash left is written anew
        fd = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self._write_all(fd, octets)
            os.fsync(fd)
        finally:
            os.close(fd)
        fresh.rename(path)

    def _sync_folder(self) -> None:
        _sync(self._folder)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _follows(line: bytes, seq: int, previous: str) -> bool | None:
    """Whether it is a checkpoint, if it is the line after `seq`; None if it is not."""
    if not line.endswith(b"\n"):
        return None
    try:
        event = json.loads(line)
        right = event["seq"] == seq + 1 and event["prev"] == previous
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return checkpoint_in(event) is not None if right else None


def _line_before(path: Path, end: int) -> bytes:
    """The line that ends at byte `end`, read backwards."""
    step, start, octets = 4096, end, b""
    with path.open("rb") as file:
        while start > 0 and b"\n" not in octets[:-1] and end - start < MAX_LINE:
            start = max(0, start - step)
            file.seek(start)
            octets = file.read(end - start)
            step *= 2
    return octets[octets[:-1].rfind(b"\n") + 1 :]
