"""What is done to a process, and what one process did."""

import os
from dataclasses import dataclass, field
from typing import Any

from tests.makers.faults.preload import Kind, Mode


@dataclass(frozen=True, slots=True)
class Point:
    """Where and how a case is hurt."""

    mode: Mode
    at: int = 0
    code: int = 0
    kind: Kind | None = None

    def __str__(self) -> str:
        kind = self.kind.name.lower() if self.kind else "-"
        return f"{self.mode.name.lower()} at call {self.at} ({kind}{f', errno {self.code}' if self.code else ''})"


@dataclass(slots=True)
class Life:
    """What one process did: its wait status, what it said to Postfix, how many calls it made, what it found."""

    status: int = 0
    heard: list[int] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    look: dict[str, Any] | None = None

    @property
    def killed(self) -> bool:
        return os.WIFSIGNALED(self.status)


@dataclass(slots=True)
class Result:
    """`problems` is empty where nothing is wrong. `repeated`: a copy came twice, as RFC 1047 allows."""

    problems: list[str]
    hurt: Life
    after: Life
    repeated: bool = False
