"""What a disk can hold after the power went: rebuilt from a record of what one process wrote, synced and renamed.

Only what was synced is sure to be there: the bytes of a file by fsync of the file, a name by fsync of its folder. Of
the rest any part may be there, in any order, cut at sectors.
"""

import random
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

ENTRY = struct.Struct("=IIQQQII")
SECTOR = 512
NOT_ON_DISK = "-shm"  # SQLite makes it anew


class What(IntEnum):
    """As the library writes it down."""

    WRITE = 1
    SYNC = 2
    CUT = 5
    SEND = 6
    RENAME = 20
    LINK = 21
    UNLINK = 22
    FOLDER = 23
    CREATE = 24
    VECTOR = 99  # a call that the record does not understand
    REPLY = 109


@dataclass(frozen=True, slots=True)
class Step:
    """One call that succeeded. `first` are bytes or a name, `second` another name."""

    what: What
    inode: int
    offset: int
    first: bytes = field(repr=False)
    second: bytes = field(repr=False)


def read_record(octets: bytes) -> list[Step]:
    """All steps in order."""
    steps, at = [], 0
    while at + ENTRY.size <= len(octets):
        what, _, _, inode, offset, first, second = ENTRY.unpack_from(octets, at)
        at += ENTRY.size
        steps.append(Step(What(what), inode, offset, octets[at : at + first], octets[at + first :][:second]))
        at += first + second
    return steps


@dataclass(slots=True)
class _File:
    """What is surely there, and what has been written since."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # None: cut to that size

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.sure, *change)
        self.pending.clear()

    def left(self, some: "Chance") -> bytes:
        """What a crash leaves of it."""
        octets = bytearray(self.sure)
        for offset, written in some.of(self.pending):
            _apply(octets, offset, some.torn(offset, written))
        return bytes(octets)


class Chance:
    """How much of what was not synced is there: "none", "all", or some of it by lot."""

    def __init__(self, share: str, seed: int) -> None:
        self._share = share
        self._random = random.Random(seed)

    def of(self, changes: list[tuple[int, bytes | None]]) -> Iterable[tuple[int, bytes | None]]:
        if self._share == "none":
            return []
        return changes if self._share == "all" else [change for change in changes if self._random.random() < 0.5]

    def torn(self, offset: int, written: bytes | None) -> bytes | None:
        """Cut at the end of a sector, now and then."""
        if self._share != "some" or written is None or self._random.random() < 0.7:
            return written
        first = SECTOR - offset % SECTOR
        ends = list(range(first, len(written), SECTOR))
        return written[: self._random.choice(ends)] if ends else written

    def first_of(self, count: int) -> int:
        """So many of the first changes of a folder: a file system writes names in order."""
        if self._share == "some":
            return self._random.randint(0, count)
        return count if self._share == "all" else 0


class Disk:
    """A folder as the disk has it while a record is played."""

    def __init__(self, folder: Path) -> None:
        """All that is in the folder now is on the disk."""
        self._root = folder
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        self._folders: dict[str, int] = {str(folder): folder.stat().st_ino}
        self._pending: list[Step] = []
        for path in folder.rglob("*"):
            status = path.lstat()
            if path.is_dir():
                self._folders[str(path)] = status.st_ino
            elif path.is_file():
                self._names[str(path)] = status.st_ino
                self._files[status.st_ino] = _File(bytearray(path.read_bytes()))
        self._by_inode = {inode: path for path, inode in self._folders.items()}

    def play(self, step: Step) -> None:
        """One more step. ValueError for one that cannot be understood."""
        if step.what is What.VECTOR and step.inode in self._files:
            raise ValueError("a call that the record does not understand")
        if step.what is What.SYNC:
            self._sync(step.inode)
        elif step.what is What.WRITE and step.inode in self._files:
            self._files[step.inode].pending.append((step.offset, step.first))
        elif step.what is What.CUT and step.inode in self._files:
            self._files[step.inode].pending.append((step.offset, None))
        elif step.what >= What.RENAME and step.what <= What.CREATE and self._is_ours(step):
            self._pending.append(step)
            if step.what is What.CREATE:
                self._files.setdefault(step.inode, _File())
            if step.what is What.FOLDER:
                self._by_inode[step.inode] = step.first.decode()

    def _is_ours(self, step: Step) -> bool:
        return step.first.decode().startswith(f"{self._root}/")

    def _sync(self, inode: int) -> None:
        if inode in self._files:
            self._files[inode].sync()
        folder = self._by_inode.get(inode)
        if folder is not None:
            mine = [step for step in self._pending if _parent(step) == folder]
            for step in mine:
                self._name(self._names, self._folders, step)
            self._pending = [step for step in self._pending if _parent(step) != folder]

    def _name(self, names: dict[str, int], folders: dict[str, int], step: Step) -> None:
        first, second = step.first.decode(), step.second.decode()
        if step.what is What.CREATE:
            names[first] = step.inode
        elif step.what is What.FOLDER:
            folders[first] = step.inode
        elif step.what is What.UNLINK:
            names.pop(first, None)
        elif step.what is What.LINK:
            names[second] = step.inode
        elif step.what is What.RENAME:
            # an unsynced name that is renamed is there under the new one alone
            names.pop(first, None)
            names[second] = step.inode

    def left(self, chance: Chance) -> Iterator[tuple[str, bytes | None]]:
        """Relative paths and bytes of what a crash leaves now; None for a folder."""
        names, folders = dict(self._names), dict(self._folders)
        for folder in sorted({_parent(step) for step in self._pending}):
            mine = [step for step in self._pending if _parent(step) == folder]
            for step in mine[: chance.first_of(len(mine))]:
                self._name(names, folders, step)
        prefix = f"{self._root}/"
        for path in sorted(folders):
            if path.startswith(prefix) and _reachable(path, folders, str(self._root)):
                yield path.removeprefix(prefix), None
        for path, inode in sorted(names.items()):
            if _reachable(path, folders, str(self._root)) and not path.endswith(NOT_ON_DISK):
                yield path.removeprefix(prefix), self._files[inode].left(chance)


def restore(folder: Path, left: Iterable[tuple[str, bytes | None]]) -> None:
    """Make the folder hold exactly that."""
    folder.mkdir(mode=0o700)
    for name, octets in left:
        path = folder / name
        if octets is None:
            path.mkdir(mode=0o700)
        else:
            path.touch(mode=0o600)
            path.write_bytes(octets)


def _apply(octets: bytearray, offset: int, written: bytes | None) -> None:
    if written is None:
        del octets[offset:]
        octets.extend(bytes(offset - len(octets)))
        return
    if len(octets) < offset:
        octets.extend(bytes(offset - len(octets)))
    octets[offset : offset + len(written)] = written


def _parent(step: Step) -> str:
    return (step.second or step.first).decode().rpartition("/")[0]


def _reachable(path: str, folders: dict[str, int], root: str) -> bool:
    parent = path.rpartition("/")[0]
    return parent == root or (parent in folders and _reachable(parent, folders, root))
