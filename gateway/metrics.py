"""Every metric of the product, in one place.

Label values come from closed sets or from the loaded policy. Anything else counts as "other": what a worker answers
could be the work of a hostile message, and a label must neither leak content nor grow without end.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.core.detector import DetectorSpec
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.message import Ambiguity, AmbiguousReason, Coverage, Opaque, OpaqueReason
from gateway.core.verdict import Disposition, Method, RuleHit, Verb, Verdict
from gateway.strictness import strictest

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
    """Why a message was answered 5xx without a look at it."""

    TOO_LARGE = "too-large"
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


class Metrics:
    """All metrics, registered on `registry`. Safe for many threads. `clock` gives seconds since the epoch."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.time) -> None:
        self.registry = registry
        self._clock = clock
        self._rules: Collection[str] = frozenset()
        self._areas: Collection[str] = frozenset()
        self._entities: Collection[str] = frozenset()
        self._detectors: Collection[str] = frozenset({"inspection"})
        self._define_messages(registry)
        self._define_inspection(registry)
        self._define_policy(registry)
        self._define_audit(registry)
        self._define_encryption(registry)
        registry.register(_AtScrape(self))
        self._sources: dict[str, Callable[[], Iterator[Metric]]] = {}

    def _define_messages(self, registry: CollectorRegistry) -> None:
        self._messages = Counter(
            "gatepost_messages", "Messages decided, by strictest disposition", ["disposition"], registry=registry
        )
        self._recipients = Counter(
            "gatepost_recipients", "Recipients decided, by disposition", ["disposition"], registry=registry
        )
        self._deferred = Counter(
            "gatepost_deferred", "Messages answered 451, by what failed on our side", ["cause"], registry=registry
        )
        self._refused = Counter(
            "gatepost_refused", "Messages refused before they were inspected", ["reason"], registry=registry
        )
        self._in_flight = Gauge("gatepost_messages_in_flight", "Messages being worked on now", registry=registry)
        self._size = Histogram("gatepost_message_bytes", "Size of messages", buckets=BYTES, registry=registry)
        _start_at_zero(self._messages, [disposition.word for disposition in Disposition])
        _start_at_zero(self._recipients, [disposition.word for disposition in Disposition])
        _start_at_zero(self._deferred, list(Cause))
        _start_at_zero(self._refused, list(Refusal))

    def _define_inspection(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "gatepost_stage_seconds", "Seconds of each stage", ["stage"], buckets=SECONDS, registry=registry
        )
        self._hits = Counter(
            "gatepost_rule_hits",
            "Messages that a rule matched, by its strictest action",
            ["rule", "area", "status", "action"],
            registry=registry,
        )
        self._would = Counter(
            "gatepost_monitored_rule_hits",
            "Messages that a rule matched which only watches, by what it would have done",
            ["rule", "area", "disposition", "method"],
            registry=registry,
        )
        self._findings = Counter("gatepost_findings", "Findings", ["entity", "confidence"], registry=registry)
        self._opaque = Counter("gatepost_opaque_parts", "Parts that could not be read", ["reason"], registry=registry)
        self._ambiguous = Counter(
            "gatepost_ambiguous_parts", "Parts that programs could read differently", ["reason"], registry=registry
        )
        self._failures = Counter(
            "gatepost_inspection_failures",
            "Detectors, or whole inspections, that did not finish because of a message",
            ["detector", "kind"],
            registry=registry,
        )
        _start_at_zero(self._seconds, list(Stage))
        _start_at_zero(self._opaque, list(OpaqueReason))
        _start_at_zero(self._ambiguous, list(AmbiguousReason))
        for kind in FailureKind:
            self._failures.labels("inspection", kind)

    def _define_policy(self, registry: CollectorRegistry) -> None:
        self._policy_info = Gauge(
            "gatepost_policy_info", "Digest of the policy in force", ["digest"], registry=registry
        )
        self._policy_loaded = Gauge(
            "gatepost_policy_loaded_timestamp_seconds", "When the policy in force was loaded", registry=registry
        )
        self._policy_age = Gauge("gatepost_policy_age_seconds", "Age of the policy in force", registry=registry)
        self._reloads = Counter("gatepost_policy_reloads", "Loads of the policy", ["result"], registry=registry)
        self._reload_ok = Gauge(
            "gatepost_policy_last_load_ok", "1: the last load succeeded, 0: it failed", registry=registry
        )
        _start_at_zero(self._reloads, ["ok", "failed"])

    def _define_audit(self, registry: CollectorRegistry) -> None:
        self._audit_waiting: dict[object, float] = {}
        self._audit_seconds = Histogram(
            "gatepost_audit_append_seconds", "Until an event was durable", buckets=SECONDS, registry=registry
        )
        self._audit_failures = Counter(
            "gatepost_audit_append_failures", "Events that could not be written", registry=registry
        )
        lag = Gauge("gatepost_audit_lag_seconds", "Age of the oldest event not durable yet, 0: none", registry=registry)
        lag.set_function(self._audit_lag)

    def _define_encryption(self, registry: CollectorRegistry) -> None:
        self._copies = Counter(
            "gatepost_protected_copies",
            "What Postfix's log says of copies that left protected, by recipient",
            ["method", "status", "tls"],
            registry=registry,
        )

        self._mail_log = Gauge(
            "gatepost_mail_log_readable",
            "1: Postfix's log is followed; 0: none is, or it cannot be read",
            registry=registry,
        )

    # Encryption

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

    def watch_mail_log(self, sees: Callable[[], bool]) -> None:
        """Ask `sees` at each scrape."""
        self._mail_log.set_function(lambda: float(sees()))

    def copy_delivered(self, method: str, status: str, tls: str) -> None:
        """One copy came to `status` for one recipient; `tls` is how far the other server's certificate was checked."""
        self._copies.labels(
            _member(method, Method),
            _known(status, ("sent", "deferred", "bounced", "expired")),
            _known(tls, ("verified", "trusted", "untrusted", "anonymous", "none")),
        ).inc()

    # Messages

    def observe(self, inspection: Inspected) -> None:
        """Count one decided message: disposition, rules, findings, what could not be read, times of its stages."""
        verdict = inspection.verdict
        self._messages.labels(verdict.disposition.word).inc()
        for outcome in verdict.outcomes:
            self._recipients.labels(outcome.disposition.word).inc()
        self._size.observe(inspection.size)
        for hit in verdict.hits:
            self._hits.labels(*self._hit_labels(hit)).inc()
            if hit.status == "monitor":
                self._count_would(hit)
        for finding in inspection.findings:
            self._findings.labels(_known(finding.entity, self._entities), finding.confidence.word).inc()
        for opaque in inspection.opaque:
            self._opaque.labels(_member(opaque.reason, OpaqueReason)).inc()
        for ambiguity in inspection.ambiguous:
            self._ambiguous.labels(_member(ambiguity.reason, AmbiguousReason)).inc()
        for failure in inspection.failures:
            self._failures.labels(_known(failure.detector, self._detectors), _member(failure.kind, FailureKind)).inc()
        for stage, seconds in inspection.seconds.items():
            if stage in list(Stage):
                self.observe_seconds(Stage(stage), seconds)

    def _hit_labels(self, hit: RuleHit) -> tuple[str, str, str, str]:
        return (
            _known(hit.rule, self._rules),
            _known(hit.area, self._areas),
            _known(hit.status, ("enforce", "monitor")),
            _member(strictest(hit.actions), Verb),
        )

    def _count_would(self, hit: RuleHit) -> None:
        """A message with recipients that need several methods counts once for each."""
        rule, area = _known(hit.rule, self._rules), _known(hit.area, self._areas)
        for method in hit.methods or ("none",):
            self._would.labels(rule, area, hit.disposition.word, method).inc()

    def observe_seconds(self, stage: Stage, seconds: float) -> None:
        """Time of a stage outside of the inspection: record, act, total."""
        self._seconds.labels(stage).observe(seconds)

    def deferred(self, cause: str) -> None:
        """One message was answered 451; `cause` is one of `Cause`."""
        self._deferred.labels(_member(cause, Cause)).inc()

    def refused(self, reason: str) -> None:
        """One message was refused before it was inspected; `reason` is one of `Refusal`."""
        self._refused.labels(_member(reason, Refusal)).inc()

    def set_in_flight(self, count: int) -> None:
        """So many messages are being worked on now."""
        self._in_flight.set(count)

    # Policy

    def policy_loaded(
        self,
        digest: str,
        when: datetime,
        *,
        rules: Collection[str],
        areas: Collection[str],
        detectors: Collection[DetectorSpec],
    ) -> None:
        """A policy came into force. From now on its rules, areas, entities and detectors are the known labels."""
        self._rules, self._areas = frozenset(rules), frozenset(areas)
        self._entities = frozenset(spec.entity for spec in detectors)
        self._detectors = frozenset(spec.id for spec in detectors) | {"inspection"}
        self._policy_info.clear()
        self._policy_info.labels(digest).set(1)
        loaded = when.timestamp()
        self._policy_loaded.set(loaded)
        self._policy_age.set_function(lambda: max(0.0, self._clock() - loaded))
        self._reloads.labels("ok").inc()
        self._reload_ok.set(1)

    def policy_refused(self) -> None:
        """A load failed; the policy in force stays."""
        self._reloads.labels("failed").inc()
        self._reload_ok.set(0)

    # Audit

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

    # What is asked at each scrape

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
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        return self._metrics.collect_sources()


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value)


def _known(value: str, known: Collection[str]) -> str:
    return value if value in known else OTHER


def _member(value: str, words: type[StrEnum]) -> str:
    return _known(value, [word.value for word in words])


def _start_at_zero(metric: Counter | Histogram, values: Sequence[str]) -> None:
    # A series that exists from the start lets a rate see the first event.
    for value in values:
        metric.labels(value)
