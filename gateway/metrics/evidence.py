"""Writing evidence: how long, how often it failed, how far behind."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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

    @contextmanager
    def audited(self) -> Iterator[None]:
        """Around the append of one audit event: its time, its failure, and the lag while it waits."""
        ticket, start = object(), self._clock()
        self._audit_waiting[ticket] = start
        try:
            yield
        except BaseException:
            self._audit_failures.inc()
            raise
        finally:
            del self._audit_waiting[ticket]
            self._audit_seconds.observe(max(0.0, self._clock() - start))

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


def _of(standings: Sequence[Receiving], name: str) -> Receiving:
    return next(each for each in standings if each.name == name)
