"""Copies of a held message on their way to Postfix, each with its evidence around it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.audit import events
from gateway.core.wishes import Wishes
from gateway.desk.guard import Log
from gateway.desk.redacting import RedactedRelease
from gateway.desk.releasing import EncryptedRelease
from gateway.desk.review import Review, Say
from gateway.quarantine import Item, QuarantineStore, Way
from gateway.quarantine.errors import SecondReviewerNeeded
from gateway.quarantine.release import Submit, Terms


class Submits(Protocol):
    """Hands a message to Postfix; the queue id."""

    def submit(
        self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes], *, wishes: Wishes = ...
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A copy that Postfix has. `method`: how it is protected, "" as it came. `redacted`: what was taken out."""

    recipients: tuple[str, ...]
    queue_id: str
    method: str = ""
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A copy, ready to be sent. `only`: to whom, None for all who wait."""

    recipients: tuple[str, ...]
    only: Sequence[str] | None
    submit: Submit = field(repr=False)
    method: str = ""
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what, and why. `forced`: send although a release was cut off."""

    by: str
    reason: str
    terms: Terms
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages go out: as they came, encrypted for each recipient, or without what was found in them."""

    quarantine: QuarantineStore
    submitter: Submits
    encrypting: EncryptedRelease
    redacting: RedactedRelease

    def copies(
        self, item: Item, wanted: Sequence[str], only: Sequence[str] | None, way: Way, raw: Callable[[], bytes]
    ) -> tuple[Outgoing, ...]:
        """What would be sent; nothing is. Raises Unreachable, NotRedactable, WorkersUnavailable, StoreUnavailable."""
        if way is Way.AS_IT_CAME:
            return (Outgoing(tuple(wanted), only, self.submitter.submit),)
        if way is Way.REDACTED:
            copy = self.redacting.copy(item, raw())
            return (Outgoing(tuple(wanted), only, copy.submit, redacted=copy.entities),)
        return tuple(
            Outgoing(
                copy.recipients,
                copy.recipients,
                self.encrypting.submit(item, copy),
                copy.protection.method.value if copy.protection else "",
            )
            for copy in self.encrypting.copies(item, wanted, raw())
        )

    def send_all(self, audit: Log, item: Item, copies: Sequence[Outgoing], wish: Wish, say: Say) -> tuple[Sent, ...]:
        """As `send`. Where somebody else has to agree, this agreement is noted for all of the copies."""
        sent: list[Sent] = []
        needed: SecondReviewerNeeded | None = None
        for copy in copies:
            try:
                sent.append(self.send(audit, item, copy, wish, say))
            except SecondReviewerNeeded as error:
                needed = error
        if needed is not None:
            raise needed
        return tuple(sent)

    def send(self, audit: Log, item: Item, copy: Outgoing, wish: Wish, say: Say) -> Sent:
        """Raises what `QuarantineStore.release` raises; Uncertain, AuditUnavailable."""
        review = Review(audit, "release", item, wish.by, say)
        with review(recipients=copy.recipients, reason=wish.reason, forced=wish.forced):
            queue_id = self.quarantine.release(
                item.id, copy.submit, wish.by, copy.only, force=wish.forced, reason=wish.reason, terms=wish.terms
            )
        event = events.released(
            item=item.id,
            incident=item.incident,
            by=wish.by,
            recipients=copy.recipients,
            queue_id=queue_id,
            reason=wish.reason,
            forced=wish.forced,
            method=copy.method,
            redacted=copy.redacted,
        )
        review.done(event, f"it was sent as {queue_id}")
        return Sent(copy.recipients, queue_id, copy.method, copy.redacted)
