"""Writing evidence: how long, how often it failed, how far behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram

from gateway.metrics.part import Part
from gateway.metrics.words import SECONDS


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
