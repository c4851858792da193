"""What is recorded of a message: the audit events and the row of a quarantined item."""

import hmac
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from gateway.act import Done
from gateway.act.wished import wishes_of
from gateway.audit import events
from gateway.core.envelope import Transaction
from gateway.core.plan import Notify, Quarantine
from gateway.pipeline import Inspection
from gateway.quarantine import NewItem, summarise


class Log(Protocol):
    """Where events go; `append` returns when the event is durable, or raises AuditUnavailable."""

    def append(self, event: Mapping[str, object]) -> None: ...


def fingerprint(key: bytes, value: str) -> str:
    """A keyed digest of an id, 32 hex digits; "" stays ""."""
    if not value:
        return ""
    return hmac.digest(key, value.encode("utf-8", "surrogateescape"), "sha256").hex()[:32]


def new_item(key: bytes, transaction: Transaction, inspection: Inspection, effect: Quarantine) -> NewItem:
    """The row of a message that is kept; its id is the incident."""
    return NewItem(
        id=transaction.incident,
        incident=transaction.incident,
        mail_from=transaction.envelope.mail_from,
        recipients=effect.recipients,
        severity=effect.severity,
        policy_digest=inspection.verdict.policy_digest,
        rules=effect.rules,
        areas=effect.areas,
        findings=summarise(inspection.findings),
        message_id_hash=fingerprint(key, inspection.message_id),
        created=transaction.received,
        reviewers=effect.reviewers,
        wishes=wishes_of(transaction.envelope, effect.recipients),
        sender_told=any(
            isinstance(each, Notify) and each.recipient == transaction.envelope.mail_from
            for each in inspection.plan.effects
        ),
    )


class AuditEvidence:
    """The audit trail of messages. `timed` surrounds each append, for the metrics."""

    def __init__(self, log: Log, key: bytes, timed: Callable[[], AbstractContextManager[None]]) -> None:
        self._log = log
        self._key = key
        self._timed = timed

    def decided(self, transaction: Transaction, inspection: Inspection) -> None:
        """What was found and decided. Raises AuditUnavailable."""
        event = events.message_decided(
            transaction,
            inspection.verdict,
            findings=inspection.findings,
            opaque=inspection.opaque,
            ambiguous=inspection.ambiguous,
            failures=inspection.failures,
            depth=inspection.depth,
            message_id=fingerprint(self._key, inspection.message_id),
            milliseconds=1000 * sum(inspection.seconds.values()),
        )
        self._append(event, inspection.size)

    def acted(self, transaction: Transaction, inspection: Inspection, done: Done) -> None:
        """What was done, before Postfix is answered. Raises AuditUnavailable."""
        event = events.message_acted(
            transaction,
            inspection.verdict,
            reply=inspection.plan.reply.code,
            copies=done.copies,
            items=done.items,
            forwarded=done.forwarded,
            notified=done.notified,
            message_id=fingerprint(self._key, inspection.message_id),
            resumed=done.resumed,
            protected=[
                {
                    "recipients": list(proof.recipients),
                    "queue_id": proof.queue_id,
                    "method": proof.method,
                    "manner": proof.manner,
                    "keys": list(proof.keys),
                }
                for proof in done.protected
            ],
        )
        self._append(event, inspection.size)

    def refused(self, transaction: Transaction, reason: str, code: int, stage: str = "collect") -> None:
        """A message was refused without a look at it, or (`stage` act) by its size once protected.

        Raises AuditUnavailable.
        """
        self._append(events.message_failed(transaction, stage=stage, kind=reason, reply=code), 0)

    def _append(self, event: dict[str, object], size: int) -> None:
        email = event["email"]
        if isinstance(email, dict):
            email["size"] = size
        with self._timed():
            self._log.append(event)
