"""Metrics and the log line of each message."""

import logging
from collections.abc import Sequence

from gateway import logs
from gateway.core.envelope import Transaction
from gateway.metrics import Cause, Metrics, Stage
from gateway.pipeline import Inspection

CAUSES = {
    "WorkersUnavailable": Cause.WORKERS,
    "StoreUnavailable": Cause.STORE,
    "BlobDamaged": Cause.STORE,
    "JournalBusy": Cause.STORE,
    "AuditUnavailable": Cause.AUDIT,
    "SubmitFailed": Cause.SUBMIT,
    "SubmitUncertain": Cause.SUBMIT,
    "EncryptFailed": Cause.KEYS,
    "ProgramFailed": Cause.KEYS,
    "SpoolFull": Cause.SPOOL,
    "Busy": Cause.OVERLOAD,
    "Stopping": Cause.SHUTDOWN,
}


class Observer:
    """Told once of each message, with ids and counts."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def judged(self, transaction: Transaction, inspection: Inspection, seconds: float) -> None:
        """A message was answered as its verdict says."""
        self._metrics.observe(inspection)
        self._metrics.observe_seconds(Stage.TOTAL, seconds)
        plan = inspection.plan
        logs.message_event(
            incident=transaction.incident,
            queue_id=transaction.queue_id,
            disposition=inspection.verdict.disposition.word,
            reply=plan.reply.code,
            size=inspection.size,
            recipients=len(transaction.envelope.recipients),
            copies=len(plan.copies),
            findings=len(inspection.findings),
            rules=len(inspection.verdict.hits),
            opaque=len(inspection.opaque),
            failures=len(inspection.failures),
            ms=seconds * 1000,
        )

    def deferred(self, transaction: Transaction, error: Exception) -> None:
        """A message was answered 451 because something of ours failed."""
        self._metrics.deferred(CAUSES.get(type(error).__name__, Cause.OTHER))
        logs.event(
            "deferred",
            level=logging.ERROR,
            failure=error,
            incident=transaction.incident,
            queue_id=transaction.queue_id,
            cause=CAUSES.get(type(error).__name__, Cause.OTHER).value,
        )

    def refused(self, transaction: Transaction, reason: str) -> None:
        """A message was refused, by no rule."""
        self._metrics.refused(reason)
        logs.event(
            "refused",
            level=logging.WARNING,
            incident=transaction.incident,
            queue_id=transaction.queue_id,
            reason=reason,
        )

    def passed(self, transaction: Transaction) -> None:
        """A message came back by the loopback listener: it was judged already."""
        logs.event("loopback", level=logging.DEBUG, queue_id=transaction.queue_id)

    def in_flight(self, count: int) -> None:
        """So many messages are in hand now."""
        self._metrics.set_in_flight(count)

    def faults(self, faults: Sequence[str]) -> None:
        """A new policy was refused; the old one stays."""
        self._metrics.policy_refused()
        for fault in faults:
            logs.event("policy-fault", level=logging.ERROR, fault=logs.Words(fault))
