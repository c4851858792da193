"""Metrics: what is counted, that labels stay inside closed sets, and that a source that is away costs nothing else."""

from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.message import Ambiguity, AmbiguousReason, Opaque, OpaqueReason, Place, Span
from gateway.core.verdict import MILD_TO_STRICT, Action, Disposition, Outcome, RuleHit, Verb, Verdict, strictest
from gateway.metrics import Cause, Metrics, QuarantineLoad, Stage, WorkersLoad
from tests.makers.inspected import Inspected

CANARY = "canary-7731"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics(clock: Clock) -> Metrics:
    metrics = Metrics(CollectorRegistry(), clock)
    spec = DetectorSpec(id="us-ssn", entity="US_SSN", title="", groups=frozenset())
    metrics.policy_loaded(
        "sha256:aa", datetime.fromtimestamp(900, UTC), rules={"phi"}, areas={"hipaa"}, detectors=[spec]
    )
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def finding(entity: str = "US_SSN") -> Finding:
    return Finding(
        entity, frozenset(), "us-ssn", Confidence.HIGH, 0.85, "1", Place.BODY, 0, Span(0, 9), "***", CANARY, CANARY
    )


def verdict(rule: str = "phi") -> Verdict:
    hit = RuleHit(rule, "hipaa", CANARY, "high", "enforce", ("a@x.test",), (Action(Verb.TAG), Action(Verb.QUARANTINE)))
    outcomes = (Outcome("a@x.test", Disposition.QUARANTINE), Outcome("b@x.test", Disposition.DELIVER))
    return Verdict(Disposition.QUARANTINE, "sha256:aa", outcomes, (hit,))


def test_a_message_is_counted_in_every_family(metrics: Metrics) -> None:
    """Disposition, recipients, rule, finding, opaque and ambiguous parts, failure and stage times."""
    metrics.observe(
        Inspected(
            verdict(),
            (finding(), finding()),
            (Opaque("1", OpaqueReason.DAMAGED),),
            (Ambiguity("1", AmbiguousReason.CHARSET),),
            (DetectorFailure("us-ssn", FailureKind.TIMEOUT),),
            {"parse": 0.5, "tea-break": 4.0},
        )
    )

    assert value(metrics, "gatepost_messages_total", disposition="quarantine") == 1
    assert value(metrics, "gatepost_recipients_total", disposition="deliver") == 1
    labels = {"rule": "phi", "area": "hipaa", "status": "enforce", "action": "quarantine"}
    assert value(metrics, "gatepost_rule_hits_total", **labels) == 1
    assert value(metrics, "gatepost_findings_total", entity="US_SSN", confidence="high") == 2
    assert value(metrics, "gatepost_opaque_parts_total", reason="damaged") == 1
    assert value(metrics, "gatepost_ambiguous_parts_total", reason="charset") == 1
    assert value(metrics, "gatepost_inspection_failures_total", detector="us-ssn", kind="timeout") == 1
    assert value(metrics, "gatepost_stage_seconds_sum", stage="parse") == 0.5
    assert b"tea-break" not in generate_latest(metrics.registry)


def test_unknown_label_values_count_as_other(metrics: Metrics) -> None:
    """A rule, entity, detector or cause that the policy does not know never becomes a label."""
    metrics.observe(
        Inspected(verdict(CANARY), (finding(CANARY),), failures=(DetectorFailure(CANARY, FailureKind.CRASH),))
    )
    metrics.deferred(CANARY)

    assert CANARY.encode() not in generate_latest(metrics.registry)
    assert value(metrics, "gatepost_findings_total", entity="other", confidence="high") == 1
    assert value(metrics, "gatepost_deferred_total", cause="other") == 1


def test_closed_sets_start_at_zero() -> None:
    """A rate over a series sees the first event, since the series was there before."""
    metrics = Metrics(CollectorRegistry())

    assert value(metrics, "gatepost_messages_total", disposition="block") == 0
    assert value(metrics, "gatepost_deferred_total", cause=Cause.AUDIT) == 0
    assert value(metrics, "gatepost_stage_seconds_count", stage=Stage.TOTAL) == 0
    assert value(metrics, "gatepost_inspection_failures_total", detector="inspection", kind="crash") == 0


def test_policy_digest_age_and_loads(metrics: Metrics, clock: Clock) -> None:
    """Only the policy in force has an info series; a refused one shows in the counters and leaves it."""
    metrics.policy_loaded("sha256:bb", datetime.fromtimestamp(990, UTC), rules=(), areas=(), detectors=())
    metrics.policy_refused()
    clock.now = 1_050.0

    assert value(metrics, "gatepost_policy_info", digest="sha256:bb") == 1
    assert value(metrics, "gatepost_policy_info", digest="sha256:aa") is None
    assert value(metrics, "gatepost_policy_age_seconds") == 60
    assert value(metrics, "gatepost_policy_loaded_timestamp_seconds") == 990
    assert value(metrics, "gatepost_policy_reloads_total", result="ok") == 2
    assert value(metrics, "gatepost_policy_reloads_total", result="failed") == 1
    assert value(metrics, "gatepost_policy_last_load_ok") == 0


def test_audit_lag_is_the_age_of_the_oldest_waiting_event(metrics: Metrics, clock: Clock) -> None:
    """While an append waits the lag grows; afterwards it is zero and the time is observed."""
    with metrics.audited():
        clock.now += 3
        assert value(metrics, "gatepost_audit_lag_seconds") == 3

    assert value(metrics, "gatepost_audit_lag_seconds") == 0
    assert value(metrics, "gatepost_audit_append_seconds_sum") == 3


def test_a_failed_append_is_counted_and_raised(metrics: Metrics) -> None:
    """The metric does not swallow the failure."""
    with pytest.raises(OSError, match="full"), metrics.audited():
        raise OSError("full")

    assert value(metrics, "gatepost_audit_append_failures_total") == 1
    assert value(metrics, "gatepost_audit_lag_seconds") == 0


def test_in_flight_and_refused_messages(metrics: Metrics) -> None:
    """The number of messages in hand, and those refused unseen; an unknown reason counts as other."""
    metrics.set_in_flight(3)
    metrics.refused("too-large")
    metrics.refused(CANARY)

    assert value(metrics, "gatepost_messages_in_flight") == 3
    assert value(metrics, "gatepost_refused_total", reason="too-large") == 1
    assert value(metrics, "gatepost_refused_total", reason="other") == 1


def test_workers_and_quarantine_are_asked_at_each_scrape(metrics: Metrics) -> None:
    """Gauges of the pool and of the quarantine show the state at the scrape."""
    metrics.watch_workers(lambda: WorkersLoad(4, 2, 1, 7))
    metrics.watch_quarantine(lambda: QuarantineLoad(3, 900, datetime.fromtimestamp(400, UTC)))

    assert value(metrics, "gatepost_workers") == 4
    assert value(metrics, "gatepost_workers_busy") == 2
    assert value(metrics, "gatepost_workers_queue") == 1
    assert value(metrics, "gatepost_worker_restarts_total") == 7
    assert value(metrics, "gatepost_quarantine_items") == 3
    assert value(metrics, "gatepost_quarantine_bytes") == 900
    assert value(metrics, "gatepost_quarantine_oldest_age_seconds") == 600


def test_a_source_that_cannot_be_asked_costs_its_own_samples_only(metrics: Metrics) -> None:
    """A database that is away takes the quarantine's gauges away and says so; the rest is served."""

    def away() -> QuarantineLoad:
        raise OSError(CANARY)

    metrics.watch_quarantine(away)
    metrics.watch_workers(lambda: WorkersLoad(4, 2, 1, 7))

    assert value(metrics, "gatepost_source_up", source="quarantine") == 0
    assert value(metrics, "gatepost_source_up", source="workers") == 1
    assert value(metrics, "gatepost_quarantine_items") is None
    assert CANARY.encode() not in generate_latest(metrics.registry)


def test_no_content_reaches_the_metrics(metrics: Metrics) -> None:
    """The value, fingerprint and rule title of a message are in no metric."""
    metrics.observe(Inspected(verdict(), (finding(),)))

    assert CANARY.encode() not in generate_latest(metrics.registry)


def test_every_verb_has_its_place_in_strictness() -> None:
    """A verb without a rank could not be reported."""
    assert sorted(MILD_TO_STRICT) == sorted(Verb)
    assert strictest(()) is Verb.DELIVER
    assert strictest([Action(Verb.NOTIFY), Action(Verb.REDACT), Action(Verb.TAG)]) is Verb.REDACT
