"""Traces of the way of a message, for OpenTelemetry. Imported only where `traces.endpoint` names a collector.

What is traced is wrapped around what does the work: without a collector none of this is there. Spans carry ids, sizes
and counts, never an address, a subject or a value; of a failure its type, never its text.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path
from weakref import WeakKeyDictionary

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, Status, StatusCode, get_current_span

from gateway.act import Actor, Done
from gateway.act.ports import Evidence
from gateway.arriving.arrival import Answer, Arrival, Edits
from gateway.arriving.spool import Spool
from gateway.core.envelope import Transaction
from gateway.judge import GatewayJudge
from gateway.pipeline import Inspection

EXPORT_SECONDS = 5
NANO = 1_000_000_000


class Traces:
    """One trace a message: receive, inspect (parse, extract, detect, decide, plan), act, and each audit event."""

    def __init__(self, provider: TracerProvider, clock: Callable[[], int] = time.time_ns) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("gatepost")
        self._clock = clock
        self._begun: WeakKeyDictionary[Spool, int] = WeakKeyDictionary()
        self._thread = threading.local()  # a message is judged by one thread from its end to its answer

    def arriving(self, make: Callable[[], Spool]) -> Callable[[], Spool]:
        """`make`, which also notes when a message began to arrive."""

        def made() -> Spool:
            spool = make()
            self._begun[spool] = self._clock()
            return spool

        return made

    def message(self, spool: Spool) -> AbstractContextManager[Span]:
        """Around the answer for a message that has arrived; the span of all of it."""
        self._thread.arrived = now = self._clock()
        began = self._begun.pop(spool, now)
        around = self._span("message", began)
        return _After(around, lambda: self._tracer.start_span("receive", start_time=began).end(now))

    def inspected(self, transaction: Transaction, inspection: Inspection) -> None:
        """The message was inspected, in a worker, just now; its stages are told by how long each took."""
        now = self._clock()
        get_current_span().set_attributes(_facts(transaction, inspection))
        with self._span("inspect", self._thread.arrived, end=False) as span:
            at = now - round(sum(inspection.seconds.values()) * NANO)
            for stage, seconds in inspection.seconds.items():
                after = at + round(seconds * NANO)
                self._tracer.start_span(stage, start_time=at).end(after)
                at = after
            span.end(now)

    def step(self, name: str) -> AbstractContextManager[Span]:
        """Around something that is done for the message of this thread."""
        return self._span(name)

    def _span(self, name: str, start: int | None = None, *, end: bool = True) -> AbstractContextManager[Span]:
        # the text of an exception may hold content
        return self._tracer.start_as_current_span(
            name, start_time=start, record_exception=False, set_status_on_exception=False, end_on_exit=end
        )

    def judging(self, judge: GatewayJudge) -> "TracedJudge":
        """The same judge, traced."""
        return TracedJudge(judge, self)

    def acting(self, actor: Actor) -> Actor:
        """The same actor, traced."""
        parts = {field.name: getattr(actor, field.name) for field in fields(actor)}
        return TracedActor(**{**parts, "evidence": TracedEvidence(actor.evidence, self)}, traces=self)

    def close(self) -> None:
        """Send what waits, for a moment at most."""
        self._provider.force_flush(EXPORT_SECONDS * 1000)
        self._provider.shutdown()


class _After(AbstractContextManager[Span]):
    """A context that does something once it is entered."""

    def __init__(self, around: AbstractContextManager[Span], first: Callable[[], None]) -> None:
        self._around = around
        self._first = first

    def __enter__(self) -> Span:
        span = self._around.__enter__()
        self._first()
        return span

    def __exit__(self, *failure: object) -> None:
        self._around.__exit__(*failure)  # type: ignore[arg-type]


def _facts(transaction: Transaction, inspection: Inspection) -> Mapping[str, str | int]:
    plan = inspection.plan
    return {
        "gatepost.incident": transaction.incident,
        "gatepost.disposition": inspection.verdict.disposition.word,
        "gatepost.copies": len(plan.copies),
        "gatepost.effects": len(plan.effects),
        "gatepost.findings": len(inspection.findings),
        "gatepost.rules": len(inspection.verdict.hits),
        "gatepost.opaque": len(inspection.opaque),
        "gatepost.failures": len(inspection.failures),
    }


class TracedJudge:
    """The judge, with a span around each message."""

    def __init__(self, judge: GatewayJudge, traces: Traces) -> None:
        self._judge = judge
        self._traces = traces
        self.began = judge.began
        self.ended = judge.ended

    def judge(self, arrival: Arrival, edits: Edits) -> Answer:
        """As the judge within does; never raises."""
        with self._traces.message(arrival.spool) as span:
            answer = self._judge.judge(arrival, edits)
            span.set_attributes(
                {
                    "gatepost.queue_id": arrival.queue_id,
                    "gatepost.size": arrival.spool.size,
                    "gatepost.recipients": len(arrival.envelope.recipients),
                    "gatepost.reply": answer.reply.code,
                }
            )
            if answer.reply.code // 100 == 4:
                span.set_status(Status(StatusCode.ERROR, "deferred"))
            return answer


class TracedEvidence:
    """Evidence, with a span around each event."""

    def __init__(self, evidence: Evidence, traces: Traces) -> None:
        self._evidence = evidence
        self._traces = traces

    def decided(self, transaction: Transaction, inspection: Inspection) -> None:
        with self._traces.step("audit decided"):
            self._evidence.decided(transaction, inspection)

    def acted(self, transaction: Transaction, inspection: Inspection, done: Done) -> None:
        with self._traces.step("audit acted"):
            self._evidence.acted(transaction, inspection, done)

    def refused(self, transaction: Transaction, reason: str, code: int) -> None:
        with self._traces.step("audit refused"):
            self._evidence.refused(transaction, reason, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedActor(Actor):
    """The actor, with a span around what it does."""

    traces: Traces

    def carry_out(self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits) -> Answer:
        """As the actor within does. Raises TransactionError."""
        self.traces.inspected(transaction, inspection)
        with self.traces.step("act") as span:
            try:
                return Actor.carry_out(self, arrival, transaction, inspection, edits)
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR, "failed"))
                raise


def open_traces(endpoint: str, share: float, ca_file: Path | None) -> Traces:
    """Traces for the collector at `endpoint`, of this `share` of all messages. Sending is a thread of its own."""
    about = {"service.name": "gatepost", "service.version": metadata.version("gatepost")}
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)), resource=Resource.create(about), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(
        endpoint=endpoint, timeout=EXPORT_SECONDS, certificate_file=str(ca_file) if ca_file else None
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Traces(provider)
