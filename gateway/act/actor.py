"""Carries a Plan out.

The order is what makes it safe: evidence first, then what outlives us (quarantine, copies, notices), each step
journalled, then the edits of the message that Postfix still holds, then evidence again, then the reply. A failure
anywhere raises a TransactionError: the client gets 451, tries again, and no finished step is done twice.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from gateway.act.in_place import edit_in_place
from gateway.act.ports import Evidence, Journal, Keeper, MeasuredPostbox, Proof, Protector, Witness
from gateway.act.retry import Report, not_refused_for_all, under_incident, without
from gateway.act.sameness import key_of
from gateway.act.sizes import CopyTooLarge, check_sizes
from gateway.act.steps import (
    ANSWER,
    COPY,
    FORWARD,
    NOTICE,
    PLANNED,
    QUARANTINE,
    REPORT,
    Hand,
    Parcel,
    Steps,
    of_postfix,
    step_at,
)
from gateway.act.wished import wishes_of
from gateway.actions.apply import apply_edits
from gateway.arriving.arrival import Answer, Arrival, Edits
from gateway.core.envelope import Transaction
from gateway.core.plan import Copy, Forward, Notify, Plan, Quarantine
from gateway.encrypt import Origin, Protected
from gateway.pipeline import Inspection
from gateway.quarantine import NewItem
from gateway.store.errors import JournalBusy
from gateway.store.journal import Attempt

Ready = tuple[Copy, Protected]


@dataclass(frozen=True, slots=True)
class Actor:
    """Carries plans out; safe for many threads.

    `journal_key` makes retries recognisable without storing who wrote what.
    """

    evidence: Evidence
    journal: Journal
    keeper: Keeper
    postbox: MeasuredPostbox
    protector: Protector
    witness: Witness
    journal_key: bytes
    new_item: Callable[[Transaction, Inspection, Quarantine], NewItem]
    report: Report

    def carry_out(self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits) -> Answer:
        """Everything the plan says is durable on return.

        Raises TransactionError: nothing may be answered but 451; CopyTooLarge: nothing was done, and never will be.
        """
        plan = inspection.plan
        self.evidence.decided(transaction, inspection)
        several = len(plan.copies) > 1 or _leaves_apart(arrival, plan)
        if plan.effects or several or _is_protected(plan) or self._was_begun(arrival):
            key = self._key(arrival)
            self._settle_earlier(key, transaction.incident)
            with self.journal.attempt(key, transaction.incident) as attempt:
                plan = self._step_by_step(attempt, arrival, transaction, inspection, edits)
        elif plan.copies:
            edit_in_place(arrival, plan.copies[0].recipients, plan.copies[0].edits, edits)
        return Answer(plan.reply, discard=_leaves_apart(arrival, plan) or _nobody_gets_it(plan))

    def look_after_left(self) -> int:
        """Note what our Postfix has of messages whose tries stopped, so that any gateway may go on with them.

        How many there were. Raises TransactionError.
        """
        if not self.witness.sees:
            return 0
        looked = 0
        for key, incident in self.journal.left_open(step_at(PLANNED, self.witness.name)):
            with suppress(JournalBusy), self.journal.attempt(key, incident) as attempt:
                self._steps(attempt).look()
                looked += 1
        return looked

    def _steps(self, attempt: Attempt) -> Steps:
        return Steps(self.journal, attempt, Hand(self.postbox, self.witness, self._token_key(attempt)))

    def _was_begun(self, arrival: Arrival) -> bool:
        """An earlier try of this message did something; rare, so that the bytes are seldom hashed for it."""
        return not self.journal.quiet and self._is_open(self._key(arrival))

    def _is_open(self, key: str) -> bool:
        return self.journal.may_be_open(key) and self.journal.is_open(key)

    def _settle_earlier(self, key: str, incident: str) -> None:
        """An earlier try that Postfix has taken is over: the same message again is a new one."""
        if not self.witness.sees or self.journal.quiet or not self._is_open(key):
            return
        with self.journal.attempt(key, incident) as earlier:
            name = self.witness.name
            answered = [
                queue_id
                for step, queue_id in earlier.done.items()
                if step.startswith(ANSWER) and of_postfix(step, name)
            ]
            if any(self.witness.has(queue_id) for queue_id in answered):
                self.journal.close(earlier)

    def _step_by_step(
        self, attempt: Attempt, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits
    ) -> Plan:
        steps = self._steps(attempt)
        steps.settle()
        if attempt.incident != transaction.incident:
            inspection = under_incident(inspection, transaction.incident, attempt.incident)
            transaction = replace(transaction, incident=attempt.incident)
        plan = not_refused_for_all(without(inspection.plan, steps.served()), transaction, steps.served(), self.report)
        # all of them before anything leaves: a key that has gone stops the whole message while nobody has it
        copies = [(copy, self._protected(arrival, copy, edits, transaction.incident)) for copy in plan.copies]
        stays = copies[:1] if copies and not _leaves_apart(arrival, plan) else []
        leaving = copies[len(stays) :]
        if not steps.served() and (leaving or plan.effects):
            self._check_sizes(attempt, copies)
        self._hand_over(steps, arrival, transaction, replace(inspection, plan=plan), leaving, edits)
        in_place = _in_place(arrival, transaction, stays[0], edits) if stays else ()
        # Postfix may have given up meanwhile, and told its client to come again: this raises, the attempt stays open
        edits.progress()
        done = steps.summary(in_place)
        self.evidence.acted(transaction, replace(inspection, plan=plan), done)
        self._close(attempt, transaction, done.protected, edits)
        return plan

    def _check_sizes(self, attempt: Attempt, copies: Sequence[Ready]) -> None:
        try:
            check_sizes(copies, self.postbox)
        except CopyTooLarge:
            self.journal.close(attempt)  # the answer is final: nothing is left to go on with
            raise

    def _hand_over(
        self,
        steps: Steps,
        arrival: Arrival,
        transaction: Transaction,
        inspection: Inspection,
        copies: Sequence[Ready],
        edits: Edits,
    ) -> None:
        """All that leaves but the copy in place: what is kept, further copies, the copies of others, notices."""
        parcels = _parcels(arrival, inspection.plan, copies)
        steps.announce(parcels)
        for effect in inspection.plan.effects:
            if isinstance(effect, Quarantine):
                edits.progress()
                item = self.new_item(transaction, inspection, effect)
                steps.do(QUARANTINE, effect.recipients, partial(self.keeper.put, item, arrival.spool.chunks()))
        for parcel in parcels:
            edits.progress()
            steps.post(parcel)

    def _close(self, attempt: Attempt, transaction: Transaction, proofs: Sequence[Proof], edits: Edits) -> None:
        # also where the log cannot be read just now: it will be, from its beginning
        self.witness.follow(transaction.incident, proofs)
        if self.witness.sees:
            # Whether Postfix got the answer, and has the message, is seen in its log: until then a retry is a retry
            step = step_at(ANSWER, self.witness.name, transaction.queue_id)
            self.journal.done(attempt, step, transaction.queue_id)
            self.witness.answered(attempt.id, transaction.queue_id)
            edits.progress()
        else:
            edits.progress()
            self.journal.close(attempt)

    def _protected(self, arrival: Arrival, copy: Copy, edits: Edits, incident: str) -> Protected:
        if copy.protection is None:
            return Protected(copy.edits, lambda: apply_edits(arrival.spool.octets(), copy.edits))
        edits.progress()
        origin = Origin(arrival.envelope.mail_from, incident)
        return self.protector.protect(arrival.spool.octets(), copy, edits.progress, origin)

    def _token_key(self, attempt: Attempt) -> bytes:
        return hmac.new(self.journal_key, b"token\0" + attempt.id.encode(), hashlib.sha256).digest()

    def _key(self, arrival: Arrival) -> str:
        return key_of(arrival, self.journal_key)


def _parcels(arrival: Arrival, plan: Plan, copies: Sequence[Ready]) -> list[Parcel]:
    """In the order in which they leave; `copies` without the one in place."""
    parcels = [
        # without a return path: a report about this copy must not tell the sender of it
        Parcel(FORWARD, "", (effect.recipient,), arrival.spool.octets)
        for effect in plan.effects
        if isinstance(effect, Forward)
    ]
    envelope = arrival.envelope
    parcels += [
        Parcel(
            COPY,
            envelope.mail_from,
            c.recipients,
            done.octets,
            done.lane,
            _proof(c, done),
            wishes=wishes_of(envelope, c.recipients),
        )
        for c, done in copies
    ]
    notes = [effect for effect in plan.effects if isinstance(effect, Notify)]
    parcels += [
        Parcel(REPORT if note.late else NOTICE, "", (note.recipient,), partial(bytes, note.octets), number=number)
        for number, note in enumerate(notes)
    ]
    return parcels


def _in_place(arrival: Arrival, transaction: Transaction, ready: Ready, edits: Edits) -> tuple[Proof, ...]:
    copy, protected = ready
    edit_in_place(arrival, copy.recipients, protected.edits, edits, protected.body)
    proof = _proof(copy, protected)
    return (replace(proof, queue_id=transaction.queue_id),) if proof else ()


def _proof(copy: Copy, protected: Protected) -> Proof | None:
    """Without its queue id; None for a copy that leaves as it is."""
    protection = copy.protection
    if protection is None:
        return None
    return Proof(copy.recipients, "", protection.method.value, protection.manner, protected.keys)


def _is_protected(plan: Plan) -> bool:
    return any(copy.protection is not None for copy in plan.copies)


def _leaves_apart(arrival: Arrival, plan: Plan) -> bool:
    """Somebody would have to be taken off who cannot be: all copies are handed over, Postfix forgets the original."""
    if not (arrival.local and plan.copies):
        return False
    return {recipient.address for recipient in arrival.envelope.recipients} != set(plan.copies[0].recipients)


def _nobody_gets_it(plan: Plan) -> bool:
    """Kept for everybody: the client hears 250 and Postfix forgets the message."""
    return not plan.copies and plan.reply.code < 400
