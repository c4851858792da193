"""Carries a Plan out. The first place on the way of a message that touches the world.

The order is what makes it safe: evidence first, then what outlives us (quarantine, copies, notices), each step
journalled, then the edits of the message that Postfix still holds, then evidence again, then the reply. A failure
anywhere raises a TransactionError: the client gets 451, tries again, and no finished step is done twice.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from gateway.actions.apply import apply_edits
from gateway.arrival import Answer, Arrival, Edits
from gateway.core.envelope import Transaction
from gateway.core.plan import AddHeader, ChangeHeader, Copy, Notify, Plan, Quarantine, Splice
from gateway.pipeline import Inspection
from gateway.quarantine import NewItem
from gateway.store.journal import Attempt


@dataclass(frozen=True, slots=True)
class Done:
    """What was done besides editing the original. `copies` are (recipients, queue id); `items` quarantine ids."""

    copies: tuple[tuple[tuple[str, ...], str], ...] = ()
    items: tuple[str, ...] = ()
    notified: tuple[str, ...] = ()
    resumed: bool = False


class Evidence(Protocol):
    """The audit trail. Both return when the event is durable, or raise AuditUnavailable."""

    def decided(self, transaction: Transaction, inspection: Inspection) -> None: ...

    def acted(self, transaction: Transaction, inspection: Inspection, done: Done) -> None: ...


class Journal(Protocol):
    """What was already done for a message whose client may send it again."""

    def attempt(self, key: str, incident: str) -> AbstractContextManager[Attempt]: ...

    def done(self, attempt: Attempt, step: str, reference: str = "") -> None: ...

    def close(self, attempt: Attempt) -> None: ...


class Keeper(Protocol):
    """Keeps sealed messages; durable on return, idempotent by item id."""

    def put(self, item: NewItem, chunks: Iterable[bytes]) -> str: ...


class Postbox(Protocol):
    """Hands a message to Postfix; all recipients or none."""

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes]) -> str: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Carries plans out; safe for many threads.

    `journal_key` makes retries recognisable without storing who wrote what.
    """

    evidence: Evidence
    journal: Journal
    keeper: Keeper
    postbox: Postbox
    journal_key: bytes
    new_item: Callable[[Transaction, Inspection, Quarantine], NewItem]

    def carry_out(self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits) -> Answer:
        """Everything the plan says is durable on return. Raises TransactionError: nothing may be answered but 451."""
        plan = inspection.plan
        self.evidence.decided(transaction, inspection)
        if plan.effects or len(plan.copies) > 1:
            plan = self._with_effects(arrival, transaction, inspection, edits).plan
            return Answer(plan.reply, discard=_nobody_gets_it(plan))
        if plan.copies:
            _edit_in_place(arrival, plan.copies[0], edits)
        return Answer(plan.reply, discard=_nobody_gets_it(plan))

    def _with_effects(
        self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits
    ) -> Inspection:
        with self.journal.attempt(self._key(arrival, inspection), transaction.incident) as attempt:
            return self._step_by_step(attempt, arrival, transaction, inspection, edits)

    def _step_by_step(
        self, attempt: Attempt, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits
    ) -> Inspection:
        if attempt.incident != transaction.incident:
            inspection = _under_incident(inspection, transaction.incident, attempt.incident)
            transaction = replace(transaction, incident=attempt.incident)
        plan = inspection.plan
        steps = _Steps(self.journal, attempt)
        done = Done(
            items=tuple(
                self._keep(arrival, transaction, inspection, effect, steps)
                for effect in plan.effects
                if isinstance(effect, Quarantine)
            ),
            copies=tuple(self._hand_over(arrival, plan, steps, edits)),
            notified=tuple(self._notify(plan, steps, edits)),
            resumed=bool(attempt.done),
        )
        if plan.copies:
            _edit_in_place(arrival, plan.copies[0], edits)
        self.evidence.acted(transaction, inspection, done)
        self.journal.close(attempt)
        return inspection

    def _key(self, arrival: Arrival, inspection: Inspection) -> str:
        digest = hmac.new(self.journal_key, digestmod=hashlib.sha256)
        recipients = sorted(recipient.address for recipient in arrival.envelope.recipients)
        for word in (arrival.envelope.mail_from, *recipients, inspection.message_id):
            digest.update(word.encode("utf-8", "surrogateescape") + b"\0")
        for chunk in arrival.spool.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def _keep(
        self, arrival: Arrival, transaction: Transaction, inspection: Inspection, effect: Quarantine, steps: "_Steps"
    ) -> str:
        item = self.new_item(transaction, inspection, effect)
        return steps.once("quarantine", effect.recipients, b"", lambda: self.keeper.put(item, arrival.spool.chunks()))

    def _hand_over(
        self, arrival: Arrival, plan: Plan, steps: "_Steps", edits: Edits
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        for copy in plan.copies[1:]:
            edits.progress()
            octets = apply_edits(arrival.spool.octets(), copy.edits)
            submit = partial(self.postbox.submit, arrival.envelope.mail_from, copy.recipients, [octets])
            yield copy.recipients, steps.once("copy", copy.recipients, octets, submit)

    def _notify(self, plan: Plan, steps: "_Steps", edits: Edits) -> Iterator[str]:
        for effect in plan.effects:
            if isinstance(effect, Notify):
                edits.progress()
                submit = partial(self.postbox.submit, "", (effect.recipient,), [effect.octets])
                steps.once("notify", (effect.recipient,), b"", submit)
                yield effect.recipient


@dataclass(frozen=True, slots=True)
class _Steps:
    journal: Journal
    attempt: Attempt

    def once(self, kind: str, recipients: Sequence[str], octets: bytes, do: Callable[[], str]) -> str:
        """Do a step unless an earlier try of this message did it; its reference."""
        digest = hashlib.sha256(octets)
        for recipient in sorted(recipients):
            digest.update(b"\0" + recipient.encode("utf-8", "surrogateescape"))
        step = f"{kind}:{digest.hexdigest()[:32]}"
        if step in self.attempt.done:
            return self.attempt.done[step]
        reference = do()
        self.journal.done(self.attempt, step, reference)
        return reference


def _nobody_gets_it(plan: Plan) -> bool:
    """Kept for everybody: the client hears 250 and Postfix forgets the message."""
    return not plan.copies and plan.reply.code < 400


def _under_incident(inspection: Inspection, now: str, first: str) -> Inspection:
    """The same plan, told under the incident that the first try of this message was given."""
    plan = inspection.plan
    effects = tuple(
        replace(effect, octets=effect.octets.replace(now.encode(), first.encode()))
        if isinstance(effect, Notify)
        else effect
        for effect in plan.effects
    )
    reply = replace(plan.reply, text=plan.reply.text.replace(now, first))
    return replace(inspection, plan=replace(plan, effects=effects, reply=reply))


def _edit_in_place(arrival: Arrival, copy: Copy, edits: Edits) -> None:
    """Headers and recipients first, then one contiguous body: Postfix refuses to mix them."""
    for edit in copy.edits:
        if isinstance(edit, AddHeader):
            edits.add_header(edit.name, edit.value)
        elif isinstance(edit, ChangeHeader):
            edits.change_header(edit.name, edit.index, edit.value)
    staying = set(copy.recipients)
    for recipient in arrival.envelope.recipients:
        if recipient.address not in staying:
            edits.remove_recipient(recipient.address)
    splices = [edit for edit in copy.edits if isinstance(edit, Splice)]
    if splices:
        edits.replace_body(_spliced(arrival, splices))


def _spliced(arrival: Arrival, splices: Sequence[Splice]) -> Iterator[bytes]:
    at = arrival.header_size
    for splice in splices:
        yield from arrival.spool.chunks(at, splice.start)
        if splice.octets:
            yield splice.octets
        at = splice.end
    yield from arrival.spool.chunks(at)
