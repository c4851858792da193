"""Evidence around what a reviewer does: that it was asked for, before it is tried; what became of it, after.

A crash or a full disk between the two leaves a request without an end in the log, never a deed without a trace.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from gateway.cli.output import say
from gateway.config import Config
from gateway.core.errors import Fault, FaultyFiles, GatepostError, TransactionError

if TYPE_CHECKING:
    from gateway.audit.log import AuditLog
    from gateway.quarantine import Item

NEVER_IN_REASONS = frozenset({"patient-identifier", "payment", "secret", "us-pii"})


class Uncertain(GatepostError):
    """Postfix may have the message or not."""


class Review:
    """One operation ("release", "confirm" or "discard") on one item by one person."""

    def __init__(self, audit: "AuditLog", operation: str, item: "Item", by: str) -> None:
        self._audit = audit
        self._operation = operation
        self._item = item
        self._by = by

    @contextmanager
    def __call__(self, *, recipients: Sequence[str] = (), reason: str = "", forced: bool = False) -> Iterator[None]:
        """Around the deed. Nothing is tried unless the request is durable (AuditUnavailable).

        Passes on what the deed raises; Uncertain in place of SubmitUncertain, with what to do now.
        """
        from gateway.audit import events
        from gateway.submit import SubmitUncertain

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
        except SubmitUncertain as error:
            self._failed("uncertain")
            raise Uncertain(f"{error}: {_what_now(item)}") from None
        except BaseException as error:
            self._failed(_outcome(error, self._operation), getattr(error, "queue_id", ""))
            raise

    def done(self, event: Mapping[str, object], what: str) -> None:
        """Note that it was done. AuditUnavailable says so where it cannot be noted."""
        from gateway.audit.errors import AuditUnavailable

        try:
            self._audit.append(event)
        except AuditUnavailable as error:
            raise AuditUnavailable(f"{what}, but only the request is in the audit log: {error}") from None

    def _failed(self, outcome: str, queue_id: str = "") -> None:
        from gateway.audit import events
        from gateway.audit.errors import AuditUnavailable

        event = events.review_failed(
            operation=self._operation,
            item=self._item.id,
            incident=self._item.incident,
            by=self._by,
            outcome=outcome,
            queue_id=queue_id,
        )
        try:
            self._audit.append(event)
        except AuditUnavailable as error:
            say(f"{self._item.id}: only the request is in the audit log: {error}")


def _outcome(error: BaseException, operation: str) -> str:
    from gateway.quarantine.errors import ReleaseUnrecorded
    from gateway.store.errors import StoreUnavailable

    if isinstance(error, ReleaseUnrecorded):
        return "unrecorded"
    if operation == "discard" and isinstance(error, StoreUnavailable):
        return "uncertain"  # the row goes first, then the sealed message
    return "not-done" if isinstance(error, TransactionError) else "uncertain"


def _what_now(item: "Item") -> str:
    sender = item.mail_from or "<>"
    return (
        'perhaps it was sent, perhaps not; the item stays "releasing". Look in the mail log for a message from'
        f" {sender} at this time: if Postfix queued it, `gatepost quarantine confirm {item.id}`;"
        f" if not, `gatepost quarantine release --force {item.id}`"
    )


def check_reason(reason: str, config: Config) -> None:
    """A reason stands in clear in the audit log for years: BadParameter where the policy's detectors see a value in it.

    Detectors with faults are left out; FaultyFiles where none is left.
    """
    if not any(map(str.isalnum, reason)):
        return
    from gateway.cli.inspecting import exact_key
    from gateway.core.detector import Confidence
    from gateway.core.message import Place, Segment
    from gateway.detect import Engine
    from gateway.detect.load import load_detectors

    faults: list[Fault] = []
    specs = [spec for spec in load_detectors(config.policy.file.parent / "detectors", faults) if _guards(spec.groups)]
    if faults and not specs:
        raise FaultyFiles(faults)
    engine = Engine(specs, exact_key=exact_key(config, specs))
    found = engine.detect([Segment("1", Place.BODY, reason)], config.limits.core()).findings
    entities = sorted({finding.entity for finding in found if finding.confidence >= Confidence.MEDIUM})
    if entities:
        raise typer.BadParameter(
            f"the reason looks as if it has a value in it ({', '.join(entities)}): it is kept in clear, so leave values"
            " and names out; nothing was done",
            param_hint="--reason",
        )


def _guards(groups: frozenset[str]) -> bool:
    return bool(groups & NEVER_IN_REASONS)
