"""What all parts of the metrics share."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from gateway.metrics.words import Known


class Part:
    """Some metrics of one registry. `clock` gives seconds since the epoch."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float]) -> None:
        self.registry = registry
        self._clock = clock
        self._labels = Known()
