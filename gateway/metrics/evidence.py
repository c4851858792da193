"""Writing evidence: how long, how often it failed, how far behind."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from prometheus_client import Counter, Gauge, Histogram

from gateway.metrics.part import Part
from gateway.metrics.words import SECONDS


class Receiving(Protocol):
    """How one receiver of webhooks is doing."""

    @property
    def name(self) -> str: ...
    @property
    def waiting(self) -> float: ...
    @property
    def failing(self) -> bool: ...


class Evidence(Part):
    """Told of each append to the audit log."""

    def _define_audit(self) -> None:
        self._audit_waiting: dict[object, float] = {}
        self._audit_seconds = Histogram(
            "gatepost_audit_append_seconds", "Until an event was durable", buckets=SECONDS, registry=self.registry
        )
        self._audit_failures = Counter(
            "gatepost_audit_append_failures", "Events that could not be written", registry=self.registry
        )
        lag = Gauge(
            "gatepost_audit_lag_seconds", "Age of the oldest event not durable yet, 0: none", registry=self.registry
        )
        lag.set_function(self._audit_lag)

    def audited(self) -> AbstractContextManager[None]:
        """Around the append of one audit event: its time, its failure, and the lag while it waits."""
        return _Audited(self._audit_waiting, self._clock, self._audit_seconds, self._audit_failures)

    def _audit_lag(self) -> float:
        waiting = list(self._audit_waiting.values())
        return max(0.0, self._clock() - min(waiting)) if waiting else 0.0

    def watch_webhooks(self, names: Iterable[str], standings: Callable[[], Sequence[Receiving]]) -> None:
        """Ask `standings` at each scrape. The names are those of the configuration."""
        waiting = Gauge(
            "gatepost_webhook_waiting_seconds",
            "Age of the oldest event that a receiver has not taken, 0: none",
            ["receiver"],
            registry=self.registry,
        )
        failing = Gauge(
            "gatepost_webhook_failing", "1 while a receiver does not take events", ["receiver"], registry=self.registry
        )
        for name in names:
            waiting.labels(name).set_function(lambda name=name: _of(standings(), name).waiting)  # type: ignore[misc]
            failing.labels(name).set_function(lambda name=name: float(_of(standings(), name).failing))  # type: ignore[misc]


class _Audited(AbstractContextManager[None]):
    """One append; a class, since a generator takes twice as long."""

    def __init__(
        self, waiting: dict[object, float], clock: Callable[[], float], seconds: Histogram, failures: Counter
    ) -> None:
        self._waiting, self._clock, self._seconds, self._failures = waiting, clock, seconds, failures

    def __enter__(self) -> None:
        self._start = self._waiting[self] = self._clock()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self._waiting[self]
        if kind is not None:
            self._failures.inc()
        self._seconds.observe(max(0.0, self._clock() - self._start))


def _of(standings: Sequence[Receiving], name: str) -> Receiving:
    return next(each for each in standings if each.name == name)
