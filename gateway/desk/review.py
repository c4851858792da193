"""Evidence around what a reviewer does: that it was asked for, before it is tried; what became of it, after.

A crash or a full disk between the two leaves a request without an end in the log, never a deed without a trace.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from gateway.audit import events
from gateway.audit.errors import AuditUnavailable
from gateway.core.errors import GatepostError, TransactionError
from gateway.desk.guard import Log
from gateway.postfix.submit import SubmitUncertain
from gateway.quarantine import Item
from gateway.quarantine.errors import ReleaseUnrecorded, SecondReviewerNeeded
from gateway.store.errors import StoreUnavailable

Say = Callable[[str], None]


class Uncertain(GatepostError):
    """Postfix may have the message or not."""


class Review:
    """One operation ("release", "confirm" or "discard") on one item by one person.

    `say` hears what could not be written into the log.
    """

    def __init__(self, audit: Log, operation: str, item: Item, by: str, say: Say) -> None:
        self._audit = audit
        self._operation = operation
        self._item = item
        self._by = by
        self._say = say

    @contextmanager
    def __call__(self, *, recipients: Sequence[str] = (), reason: str = "", forced: bool = False) -> Iterator[None]:
        """Around the deed. Nothing is tried unless the request is durable (AuditUnavailable).

        Passes on what the deed raises; Uncertain in place of SubmitUncertain, with what to do now.
        """
        item = self._item
        self._audit.append(
            events.review_requested(
                operation=self._operation,
                item=item.id,
                incident=item.incident,
                by=self._by,
                recipients=recipients,
                reason=reason,
                forced=forced,
            )
        )
        try:
            yield
        except SecondReviewerNeeded:
            self._note(events.release_agreed(item=item.id, incident=item.incident, by=self._by))
            raise
        except SubmitUncertain as error:
            self._failed("uncertain")
            raise Uncertain(f"{error}: {_what_now(item)}") from None
        except BaseException as error:
            self._failed(_outcome(error, self._operation), getattr(error, "queue_id", ""))
            raise

    def done(self, event: Mapping[str, object], what: str) -> None:
        """Note that it was done. AuditUnavailable says so where it cannot be noted."""
        try:
            self._audit.append(event)
        except AuditUnavailable as error:
            raise AuditUnavailable(f"{what}, but only the request is in the audit log: {error}") from None

    def _failed(self, outcome: str, queue_id: str = "") -> None:
        event = events.review_failed(
            operation=self._operation,
            item=self._item.id,
            incident=self._item.incident,
            by=self._by,
            outcome=outcome,
            queue_id=queue_id,
        )
        self._note(event)

    def _note(self, event: Mapping[str, object]) -> None:
        try:
            self._audit.append(event)
        except AuditUnavailable as error:
            self._say(f"{self._item.id}: only the request is in the audit log: {error}")


def _outcome(error: BaseException, operation: str) -> str:
    if isinstance(error, ReleaseUnrecorded):
        return "unrecorded"
    if operation == "discard" and isinstance(error, StoreUnavailable):
        return "uncertain"  # the row goes first, then the sealed message
    return "not-done" if isinstance(error, TransactionError) else "uncertain"


def _what_now(item: Item) -> str:
    sender = item.mail_from or "<>"
    return (
        'perhaps it was sent, perhaps not; the item stays "releasing". Look in the mail log for a message from'
        f" {sender} at this time: if Postfix queued it, `gatepost quarantine confirm {item.id}`;"
        f" if not, `gatepost quarantine release --force {item.id}`"
    )
