"""What is asked at each scrape: workers, quarantine, keys, lanes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.metrics.part import Part
from gateway.metrics.words import QuarantineLoad, WorkersLoad


class Sources(Part):
    """Each source is asked when Prometheus asks."""

    def _define_sources(self) -> None:
        self._sources: dict[str, Callable[[], Iterator[Metric]]] = {}
        self.registry.register(_AtScrape(self))

    def watch_keys(self, ends: Callable[[], Mapping[str, tuple[int, datetime | None]]]) -> None:
        """Ask `ends` at each scrape: for each kind of key how many there are in use, and when the first expires."""

        def collect() -> Iterator[Metric]:
            count = GaugeMetricFamily("gatepost_keys", "Certificates and keys in use", labels=["kind"])
            first = GaugeMetricFamily(
                "gatepost_key_expiry_timestamp_seconds", "When the first of them expires", labels=["kind"]
            )
            for kind, (number, when) in ends().items():
                count.add_metric([kind], number)
                if when is not None:
                    first.add_metric([kind], when.timestamp())
            yield count
            yield first

        self._sources["keys"] = collect

    def watch_lanes(self, lanes: Callable[[], Mapping[str, str]]) -> None:
        """Ask `lanes` at each scrape: "" with each TLS lane that Postfix is proved to have."""

        def collect() -> Iterator[Metric]:
            proved = GaugeMetricFamily(
                "gatepost_tls_lane_proved",
                "1: Postfix has the lane; 0: it has not, so it protects nobody",
                labels=["lane"],
            )
            for lane, problem in lanes().items():
                proved.add_metric([lane], float(not problem))
            yield proved

        self._sources["lanes"] = collect

    def watch_workers(self, load: Callable[[], WorkersLoad]) -> None:
        """Ask `load` at each scrape."""

        def collect() -> Iterator[Metric]:
            now = load()
            yield _gauge("gatepost_workers", "Worker processes", now.count)
            yield _gauge("gatepost_workers_busy", "Worker processes with a message", now.busy)
            yield _gauge("gatepost_workers_queue", "Messages waiting for a worker", now.waiting)
            yield CounterMetricFamily("gatepost_worker_restarts", "Workers replaced", now.restarts)

        self._sources["workers"] = collect

    def watch_quarantine(self, load: Callable[[], QuarantineLoad]) -> None:
        """Ask `load` at each scrape."""

        def collect() -> Iterator[Metric]:
            now = load()
            age = max(0.0, self._clock() - now.oldest.timestamp()) if now.oldest else 0.0
            yield _gauge("gatepost_quarantine_items", "Items in quarantine", now.items)
            yield _gauge("gatepost_quarantine_bytes", "Size of the items in quarantine", now.octets)
            yield _gauge("gatepost_quarantine_oldest_age_seconds", "Age of the oldest item, 0: none", age)

        self._sources["quarantine"] = collect

    def watch_pickups(self, load: Callable[[], tuple[int, int]]) -> None:
        """Ask `load` at each scrape: how many messages wait at the portal, and how many of them nobody opened yet."""

        def collect() -> Iterator[Metric]:
            waiting, unopened = load()
            yield _gauge("gatepost_pickups_waiting", "Messages that wait at the portal", waiting)
            yield _gauge("gatepost_pickups_unopened", "Those of them that nobody opened yet", unopened)

        self._sources["pickups"] = collect

    def collect_sources(self) -> Iterator[Metric]:
        """Samples of the watched sources. One that cannot be asked costs its own samples and no other."""
        up = GaugeMetricFamily("gatepost_source_up", "1: the source could be asked at this scrape", labels=["source"])
        for name, collect in self._sources.items():
            try:
                samples = list(collect())
            except Exception:  # noqa: BLE001 - a database that is away must not take the other metrics away
                up.add_metric([name], 0)
            else:
                up.add_metric([name], 1)
                yield from samples
        yield up


class _AtScrape(Collector):
    def __init__(self, metrics: Sources) -> None:
        self._metrics = metrics

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        return self._metrics.collect_sources()


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value)
