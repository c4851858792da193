"""What the checks look at. Everything is read when it is first asked for, and nothing is changed."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from gateway.config import Config
from gateway.detect.database import Shelf
from gateway.postfix import PostfixTools, Survey, Wish, wish_of

T = TypeVar("T")
UNIT_FOLDERS = tuple(map(Path, ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system")))


@dataclass(frozen=True, slots=True)
class Room:
    """What a file system has left; shares from 0 to 1. `inodes` 1.0 where it does not count them."""

    octets: int
    share: float
    inodes: float


def room_of(path: Path) -> Room:
    """Of the file system of `path`, or of the first folder above it that is there."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    facts = os.statvfs(there)
    inodes = facts.f_favail / facts.f_files if facts.f_files else 1.0
    return Room(facts.f_bavail * facts.f_frsize, facts.f_bavail / max(1, facts.f_blocks), inodes)


def memory_bytes() -> int:
    """Of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def now() -> datetime:
    """The clock of the product."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True)
class Machine:
    """One gateway with its Postfix. `postfix` None: there is none here, and its checks say nothing."""

    config: Config
    config_file: Path | None
    postfix: PostfixTools | None
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    room: Callable[[Path], Room] = room_of
    memory: Callable[[], int] = memory_bytes
    clock: Callable[[], datetime] = now
    unit_folders: tuple[Path, ...] = UNIT_FOLDERS
    proofs: Shelf | None = None  # where it is remembered which samples of the rules came out right
    _known: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, what: str, find: Callable[[], T]) -> T:
        """What several checks need is found once."""
        if what not in self._known:
            self._known[what] = find()
        known: T = self._known[what]
        return known

    @cached_property
    def wish(self) -> Wish:
        """How Postfix has to reach Gatepost."""
        return wish_of(self.config)

    @cached_property
    def survey(self) -> Survey | None:
        """What Postfix is set to. Raises PostfixUnusable."""
        return self.postfix.survey() if self.postfix is not None else None

    def surveyed(self) -> Iterator[tuple[Survey, Wish]]:
        """The survey with the wish, where there is a Postfix."""
        if self.survey is not None:
            yield self.survey, self.wish
