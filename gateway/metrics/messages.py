"""Messages: what was decided, what was found, what could not be read, how long it took."""

from prometheus_client import Counter, Gauge, Histogram

from gateway.core.finding import FailureKind
from gateway.core.message import AmbiguousReason, OpaqueReason
from gateway.core.verdict import Disposition, RuleHit, Verb, strictest
from gateway.metrics.part import Part
from gateway.metrics.words import BYTES, SECONDS, Cause, Inspected, Refusal, Stage, known, member, start_at_zero


class Messages(Part):
    """Told once of each message."""

    def _define_messages(self) -> None:
        self._messages = Counter(
            "gatepost_messages", "Messages decided, by strictest disposition", ["disposition"], registry=self.registry
        )
        self._recipients = Counter(
            "gatepost_recipients", "Recipients decided, by disposition", ["disposition"], registry=self.registry
        )
        self._deferred = Counter(
            "gatepost_deferred", "Messages answered 451, by what failed on our side", ["cause"], registry=self.registry
        )
        self._refused = Counter(
            "gatepost_refused", "Messages refused before they were inspected", ["reason"], registry=self.registry
        )
        self._in_flight = Gauge("gatepost_messages_in_flight", "Messages being worked on now", registry=self.registry)
        self._size = Histogram("gatepost_message_bytes", "Size of messages", buckets=BYTES, registry=self.registry)
        start_at_zero(self._messages, [disposition.word for disposition in Disposition])
        start_at_zero(self._recipients, [disposition.word for disposition in Disposition])
        start_at_zero(self._deferred, list(Cause))
        start_at_zero(self._refused, list(Refusal))

    def _define_inspection(self) -> None:
        self._seconds = Histogram(
            "gatepost_stage_seconds", "Seconds of each stage", ["stage"], buckets=SECONDS, registry=self.registry
        )
        self._hits = Counter(
            "gatepost_rule_hits",
            "Messages that a rule matched, by its strictest action",
            ["rule", "area", "status", "action"],
            registry=self.registry,
        )
        self._would = Counter(
            "gatepost_monitored_rule_hits",
            "Messages that a rule matched which only watches, by what it would have done",
            ["rule", "area", "disposition", "method"],
            registry=self.registry,
        )
        self._findings = Counter("gatepost_findings", "Findings", ["entity", "confidence"], registry=self.registry)
        self._opaque = Counter(
            "gatepost_opaque_parts", "Parts that could not be read", ["reason"], registry=self.registry
        )
        self._ambiguous = Counter(
            "gatepost_ambiguous_parts", "Parts that programs could read differently", ["reason"], registry=self.registry
        )
        self._failures = Counter(
            "gatepost_inspection_failures",
            "Detectors, or whole inspections, that did not finish because of a message",
            ["detector", "kind"],
            registry=self.registry,
        )
        start_at_zero(self._seconds, list(Stage))
        start_at_zero(self._opaque, list(OpaqueReason))
        start_at_zero(self._ambiguous, list(AmbiguousReason))
        for kind in FailureKind:
            self._failures.labels("inspection", kind)
        # looked up for each message
        self._stages = {stage.value: self._seconds.labels(stage) for stage in Stage}
        self._by_disposition = {word.word: self._messages.labels(word.word) for word in Disposition}
        self._by_outcome = {word.word: self._recipients.labels(word.word) for word in Disposition}

    def observe(self, inspection: Inspected) -> None:
        """Count one decided message: disposition, rules, findings, what could not be read, times of its stages."""
        verdict = inspection.verdict
        self._by_disposition[verdict.disposition.word].inc()
        for outcome in verdict.outcomes:
            self._by_outcome[outcome.disposition.word].inc()
        self._size.observe(inspection.size)
        for hit in verdict.hits:
            self._hits.labels(*self._hit_labels(hit)).inc()
            if hit.status == "monitor":
                self._count_would(hit)
        for finding in inspection.findings:
            self._findings.labels(known(finding.entity, self._labels.entities), finding.confidence.word).inc()
        for opaque in inspection.opaque:
            self._opaque.labels(member(opaque.reason, OpaqueReason)).inc()
        for ambiguity in inspection.ambiguous:
            self._ambiguous.labels(member(ambiguity.reason, AmbiguousReason)).inc()
        for failure in inspection.failures:
            self._failures.labels(
                known(failure.detector, self._labels.detectors), member(failure.kind, FailureKind)
            ).inc()
        for stage, seconds in inspection.seconds.items():
            if stage in self._stages:
                self._stages[stage].observe(seconds)

    def _hit_labels(self, hit: RuleHit) -> tuple[str, str, str, str]:
        return (
            known(hit.rule, self._labels.rules),
            known(hit.area, self._labels.areas),
            known(hit.status, ("enforce", "monitor")),
            member(strictest(hit.actions), Verb),
        )

    def _count_would(self, hit: RuleHit) -> None:
        """A message with recipients that need several methods counts once for each."""
        rule, area = known(hit.rule, self._labels.rules), known(hit.area, self._labels.areas)
        for method in hit.methods or ("none",):
            self._would.labels(rule, area, hit.disposition.word, method).inc()

    def observe_seconds(self, stage: Stage, seconds: float) -> None:
        """Time of a stage outside of the inspection: record, act, total."""
        self._stages[stage].observe(seconds)

    def deferred(self, cause: str) -> None:
        """One message was answered 451; `cause` is one of `Cause`."""
        self._deferred.labels(member(cause, Cause)).inc()

    def refused(self, reason: str) -> None:
        """One message was refused, by no rule; `reason` is one of `Refusal`."""
        self._refused.labels(member(reason, Refusal)).inc()

    def set_in_flight(self, count: int) -> None:
        """So many messages are being worked on now."""
        self._in_flight.set(count)
