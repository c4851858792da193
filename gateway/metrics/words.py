"""The words of labels, what is counted, and how a value becomes a label.

Label values come from closed sets or from the loaded policy. Anything else counts as "other": what a worker answers
could be the work of a hostile message, and a label must neither leak content nor grow without end.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from prometheus_client import Counter, Histogram

from gateway.core.finding import DetectorFailure, Finding
from gateway.core.message import Ambiguity, Coverage, Opaque
from gateway.core.verdict import Verdict

OTHER = "other"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
BYTES = (1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0, 67108864.0)


class Stage(StrEnum):
    """Where the time of a message goes. `total`: from the end of the body to the reply."""

    PARSE = "parse"
    EXTRACT = "extract"
    DETECT = "detect"
    DECIDE = "decide"
    PLAN = "plan"
    RECORD = "record"
    ACT = "act"
    TOTAL = "total"


class Cause(StrEnum):
    """Why a message was answered 451: always a failure of ours."""

    WORKERS = "workers"
    STORE = "store"
    AUDIT = "audit"
    KEYS = "keys"
    SUBMIT = "submit"
    SPOOL = "spool"
    OVERLOAD = "overload"
    SHUTDOWN = "shutdown"
    OTHER = OTHER


class Refusal(StrEnum):
    """Why a message was answered 5xx by something else than a rule."""

    TOO_LARGE = "too-large"
    COPY_TOO_LARGE = "copy-too-large"
    PROBE = "probe"
    OTHER = OTHER


class Inspected(Protocol):
    """What is counted of one message; `pipeline.Inspection` is one."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def opaque(self) -> Sequence[Opaque]: ...
    @property
    def ambiguous(self) -> Sequence[Ambiguity]: ...
    @property
    def failures(self) -> Sequence[DetectorFailure]: ...
    @property
    def ledger(self) -> Sequence[Coverage]: ...
    @property
    def seconds(self) -> Mapping[str, float]: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class WorkersLoad:
    """The pool of workers at this moment; `restarts` since the start."""

    count: int
    busy: int
    waiting: int
    restarts: int


@dataclass(frozen=True, slots=True)
class QuarantineLoad:
    """What the quarantine holds. `oldest` is aware; None where it is empty."""

    items: int
    octets: int
    oldest: datetime | None


@dataclass(slots=True)
class Known:
    """What the policy in force names: its rules, areas, entities and detectors are labels, nothing else is."""

    rules: Collection[str] = frozenset()
    areas: Collection[str] = frozenset()
    entities: Collection[str] = frozenset()
    detectors: Collection[str] = field(default_factory=lambda: frozenset({"inspection"}))


def known(value: str, words: Collection[str]) -> str:
    return value if value in words else OTHER


def member(value: str, words: type[StrEnum]) -> str:
    return known(value, [word.value for word in words])


def start_at_zero(metric: Counter | Histogram, values: Sequence[str]) -> None:
    # A series that exists from the start lets a rate see the first event.
    for value in values:
        metric.labels(value)
