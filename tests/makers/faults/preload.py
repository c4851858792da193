"""The preloaded library: compiled where it is first needed, and steered from inside the process."""

import ctypes
import errno
import hashlib
import os
import subprocess
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("inject.c")
VARIABLE = "LD_PRELOAD"


class Kind(IntEnum):
    """What a call does, as the library counts."""

    WRITE = 1
    SYNC = 2
    CREATE = 3
    NAME = 4
    CUT = 5
    SEND = 6
    CONNECT = 7
    RECEIVE = 8
    REPLY = 9


class Mode(IntEnum):
    """What happens at the chosen call."""

    COUNT = 1
    KILL = 2  # before it
    HALF = 3  # half of it is done, or all where there is no half; then killed
    FAIL = 4
    SHORT = 5  # half is written, the rest fails
    LASTING = 6  # fails, and all like it from then on


# What the kernel says where a call of this kind cannot be done.
FAILURES: dict[Kind, tuple[int, ...]] = {
    Kind.WRITE: (errno.ENOSPC, errno.EIO),
    Kind.SYNC: (errno.EIO, errno.ENOSPC),
    Kind.CREATE: (errno.ENOSPC, errno.EROFS, errno.EMFILE),
    Kind.NAME: (errno.ENOSPC, errno.EIO, errno.EROFS),
    Kind.CUT: (errno.ENOSPC, errno.EIO),
    Kind.SEND: (errno.ECONNRESET,),
    Kind.CONNECT: (errno.ECONNREFUSED,),
    Kind.RECEIVE: (errno.ECONNRESET,),
}


def compiled(folder: Path) -> Path:
    """The library, made anew when its source has changed."""
    library = folder / f"inject-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not library.exists():
        fresh = library.with_suffix(f".{os.getpid()}")
        command = ["gcc", "-O2", "-shared", "-fPIC", "-o", str(fresh), str(SOURCE), "-ldl", "-lpthread"]
        subprocess.run(command, check=True, capture_output=True)
        fresh.replace(library)
    return library


class Injector:
    """The library of this process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(os.environ[VARIABLE])

    def arm(self, mode: Mode, at: int = 0, code: int = 0) -> None:
        """Begin to count, and do `mode` at call number `at`, from 1."""
        self._library.faults_arm(int(mode), at, code)

    def disarm(self) -> list[Kind]:
        """Stop; what was counted."""
        calls = self._library.faults_disarm()
        return [Kind(self._library.faults_kind(number)) for number in range(1, calls + 1)]

    def mend(self) -> None:
        """What fails lastingly works again."""
        self._library.faults_mend()

    def reply_by(self, descriptor: int) -> None:
        """What is written there counts as said to Postfix."""
        self._library.faults_reply_fd(descriptor)

    def record(self, descriptor: int) -> None:
        """Write down there from now on what reaches the disk."""
        self._library.faults_record(descriptor)

    def shift(self, seconds: int) -> None:
        """The wall clock jumps so far; the monotonic one does not."""
        self._library.faults_shift(ctypes.c_long(seconds))
