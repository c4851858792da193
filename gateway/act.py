"""Carries a Plan out. The first place on the way of a message that touches the world.

The order is what makes it safe: evidence first, then what outlives us (quarantine, copies, notices), each step
journalled, then the edits of the message that Postfix still holds, then evidence again, then the reply. A failure
anywhere raises a TransactionError: the client gets 451, tries again, and no finished step is done twice.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from gateway.actions.apply import apply_edits
from gateway.arrival import Answer, Arrival, Edits
from gateway.core.envelope import Transaction
from gateway.core.plan import AddHeader, ChangeHeader, Copy, Edit, Forward, Notify, Plan, Quarantine, Splice
from gateway.encrypt import Protected
from gateway.pipeline import Inspection
from gateway.quarantine import NewItem
from gateway.store.journal import Attempt
from gateway.submit import SubmitUncertain


@dataclass(frozen=True, slots=True)
class Proof:
    """How one copy was protected; `keys` are fingerprints."""

    recipients: tuple[str, ...]
    queue_id: str
    method: str
    manner: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done besides editing the original.

    `copies` are (recipients, queue id); `items` quarantine ids; `forwarded` who got a further copy of the original.
    """

    copies: tuple[tuple[tuple[str, ...], str], ...] = ()
    items: tuple[str, ...] = ()
    forwarded: tuple[str, ...] = ()
    notified: tuple[str, ...] = ()
    resumed: bool = False
    protected: tuple["Proof", ...] = ()  # every copy that left protected, the one in place too


class Evidence(Protocol):
    """The audit trail. Both return when the event is durable, or raise AuditUnavailable."""

    def decided(self, transaction: Transaction, inspection: Inspection) -> None: ...

    def acted(self, transaction: Transaction, inspection: Inspection, done: Done) -> None: ...

    def refused(self, transaction: Transaction, reason: str, code: int) -> None: ...


class Journal(Protocol):
    """What was already done for a message whose client may send it again."""

    @property
    def quiet(self) -> bool: ...

    def is_open(self, key: str) -> bool: ...

    def attempt(self, key: str, incident: str) -> AbstractContextManager[Attempt]: ...

    def done(self, attempt: Attempt, step: str, reference: str = "") -> None: ...

    def close(self, attempt: Attempt) -> None: ...


class Keeper(Protocol):
    """Keeps sealed messages; durable on return, idempotent by item id."""

    def put(self, item: NewItem, chunks: Iterable[bytes]) -> str: ...


class Postbox(Protocol):
    """Hands a message to Postfix; all recipients or none.

    `lane` is the TLS lane that it must go by; `token` marks it, so that a witness can tell whether Postfix has it.
    """

    def submit(
        self,
        mail_from: str,
        recipients: Sequence[str],
        chunks: Iterable[bytes],
        *,
        lane: str = "",
        token: str = "",
    ) -> str: ...


class Witness(Protocol):
    """Knows what Postfix has, from its log. Asked only where it `sees`; TransactionError where it cannot tell."""

    @property
    def sees(self) -> bool: ...

    def took(self, token: str, since: float) -> str: ...

    def has(self, queue_id: str) -> bool: ...

    def answered(self, attempt_id: str, queue_id: str) -> None: ...

    def follow(self, incident: str, proofs: Sequence[Proof]) -> None: ...


class Protector(Protocol):
    """Protects a copy as its plan says. Raises TransactionError."""

    def protect(self, raw: bytes, copy: Copy, progress: Callable[[], None]) -> Protected: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Carries plans out; safe for many threads.

    `journal_key` makes retries recognisable without storing who wrote what.
    """

    evidence: Evidence
    journal: Journal
    keeper: Keeper
    postbox: Postbox
    protector: Protector
    witness: Witness
    journal_key: bytes
    new_item: Callable[[Transaction, Inspection, Quarantine], NewItem]

    def carry_out(self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits) -> Answer:
        """Everything the plan says is durable on return. Raises TransactionError: nothing may be answered but 451."""
        plan = inspection.plan
        self.evidence.decided(transaction, inspection)
        if plan.effects or len(plan.copies) > 1 or _is_protected(plan) or self._was_begun(arrival):
            key = self._key(arrival)
            self._settle_earlier(key, transaction.incident)
            with self.journal.attempt(key, transaction.incident) as attempt:
                plan = self._step_by_step(attempt, arrival, transaction, inspection, edits)
        elif plan.copies:
            _edit_in_place(arrival, plan.copies[0].recipients, plan.copies[0].edits, edits)
        return Answer(plan.reply, discard=_nobody_gets_it(plan))

    def _was_begun(self, arrival: Arrival) -> bool:
        """An earlier try of this message did something; rare, so that the bytes are seldom hashed for it."""
        return not self.journal.quiet and self.journal.is_open(self._key(arrival))

    def _step_by_step(
        self, attempt: Attempt, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits
    ) -> Plan:
        earlier = time.monotonic() if attempt.incident != transaction.incident else None
        hand = _Hand(self.postbox, self.witness, self._token_key(attempt), earlier)
        steps = _Steps(self.journal, attempt, hand)
        if attempt.incident != transaction.incident:
            inspection = _under_incident(inspection, transaction.incident, attempt.incident)
            transaction = replace(transaction, incident=attempt.incident)
        plan = _without(inspection.plan, steps.served())
        # all of them before anything leaves: a key that has gone stops the whole message while nobody has it
        copies = [(copy, self._protected(arrival, copy, edits)) for copy in plan.copies]
        for effect in plan.effects:
            edits.progress()
            if isinstance(effect, Quarantine):
                item = self.new_item(transaction, inspection, effect)
                steps.do(QUARANTINE, effect.recipients, partial(self.keeper.put, item, arrival.spool.chunks()))
            elif isinstance(effect, Forward):
                # Without a return path: a report about this copy must not tell the sender of it
                steps.post(FORWARD, Parcel("", (effect.recipient,), arrival.spool.octets))
        for copy, protected in copies[1:]:
            edits.progress()
            parcel = Parcel(arrival.envelope.mail_from, copy.recipients, protected.octets, protected.lane)
            steps.post(COPY, parcel, proof=_proof(copy, protected))
        for number, note in enumerate(effect for effect in plan.effects if isinstance(effect, Notify)):
            edits.progress()
            steps.post(NOTICE, Parcel("", (note.recipient,), partial(bytes, note.octets)), number)
        in_place: tuple[Proof, ...] = ()
        if copies:
            copy, protected = copies[0]
            _edit_in_place(arrival, copy.recipients, protected.edits, edits, protected.body)
            proof = _proof(copy, protected)
            in_place = (replace(proof, queue_id=transaction.queue_id),) if proof else ()
        # Postfix may have given up meanwhile, and told its client to come again: this raises, the attempt stays open
        edits.progress()
        done = steps.summary(in_place)
        self.evidence.acted(transaction, inspection, done)
        if self.witness.sees:
            # Whether Postfix got the answer, and has the message, is seen in its log: until then a retry is a retry
            self.witness.follow(transaction.incident, done.protected)
            self.journal.done(attempt, f"{ANSWER}{transaction.queue_id}", transaction.queue_id)
            self.witness.answered(attempt.id, transaction.queue_id)
            edits.progress()
        else:
            edits.progress()
            self.journal.close(attempt)
        return plan

    def _settle_earlier(self, key: str, incident: str) -> None:
        """An earlier try that Postfix has taken is over: the same message again is a new one."""
        if not self.witness.sees or self.journal.quiet or not self.journal.is_open(key):
            return
        with self.journal.attempt(key, incident) as earlier:
            answered = [queue_id for step, queue_id in earlier.done.items() if step.startswith(ANSWER)]
            if any(self.witness.has(queue_id) for queue_id in answered):
                self.journal.close(earlier)

    def _token_key(self, attempt: Attempt) -> bytes:
        return hmac.new(self.journal_key, b"token\0" + attempt.id.encode(), hashlib.sha256).digest()

    def _protected(self, arrival: Arrival, copy: Copy, edits: Edits) -> Protected:
        if copy.protection is None:
            return Protected(copy.edits, lambda: apply_edits(arrival.spool.octets(), copy.edits))
        edits.progress()
        return self.protector.protect(arrival.spool.octets(), copy, edits.progress)

    def _key(self, arrival: Arrival) -> str:
        """The same for every try of a message: envelope and bytes, nothing that a try found out."""
        digest = hmac.new(self.journal_key, digestmod=hashlib.sha256)
        recipients = sorted(recipient.address for recipient in arrival.envelope.recipients)
        for word in (arrival.envelope.mail_from, *recipients):
            digest.update(word.encode("utf-8", "surrogateescape") + b"\0")
        for chunk in arrival.spool.chunks():
            digest.update(chunk)
        return digest.hexdigest()


QUARANTINE, COPY, FORWARD, NOTICE = "quarantine", "copy", "forward", "notice"
SERVING = frozenset({QUARANTINE, COPY})
ANSWER = "answer:"  # and the queue id: all was done, and Postfix was about to hear it


class _Steps:
    """The steps of one message over all its tries. Each is one row of the journal, with the recipients it served."""

    def __init__(self, journal: Journal, attempt: Attempt, hand: "_Hand") -> None:
        self._journal = journal
        self._attempt = attempt
        self._hand = hand
        done = ((step, text) for step, text in attempt.done.items() if not step.startswith(ANSWER))
        self._done: dict[str, _Step] = {step: _Step.read(step, text) for step, text in done}

    def served(self) -> frozenset[str]:
        """Who has the message already, or has it kept for them."""
        return frozenset(who for step in self._done.values() if step.kind in SERVING for who in step.recipients)

    def do(self, kind: str, recipients: Sequence[str], act: Callable[[], str]) -> None:
        """Do a step unless an earlier try did it."""
        name = _name(kind, recipients, 0)
        if name not in self._done:
            self._note(name, _Step(kind, tuple(recipients), act()))

    def post(self, kind: str, parcel: "Parcel", number: int = 0, proof: Proof | None = None) -> None:
        """Hand a message to Postfix unless an earlier try did. `number` tells apart what is sent to the same people."""
        name = _name(kind, parcel.recipients, number)
        if name not in self._done:
            queue_id = self._hand.over(parcel, name)
            known = replace(proof, queue_id=queue_id) if proof else None
            self._note(name, _Step(kind, parcel.recipients, queue_id, known))

    def _note(self, name: str, step: "_Step") -> None:
        self._journal.done(self._attempt, name, step.text)
        self._done[name] = step

    def summary(self, in_place: tuple[Proof, ...]) -> Done:
        """What all tries together did."""
        steps = self._done.values()
        return Done(
            copies=tuple((step.recipients, step.reference) for step in steps if step.kind == COPY),
            items=tuple(step.reference for step in steps if step.kind == QUARANTINE),
            forwarded=tuple(who for step in steps if step.kind == FORWARD for who in step.recipients),
            notified=tuple(who for step in steps if step.kind == NOTICE for who in step.recipients),
            resumed=bool(self._attempt.done),
            protected=(*in_place, *(step.proof for step in steps if step.proof)),
        )


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message for Postfix. `octets` makes it when it is needed."""

    mail_from: str
    recipients: tuple[str, ...]
    octets: Callable[[], bytes]
    lane: str = ""


@dataclass(frozen=True, slots=True)
class _Hand:
    """Hands messages over so that none goes twice, also where the reply was lost (RFC 1047) or we were killed.

    A message carries a token that is the same in every try. Before an earlier try's step is done once more, and where a
    connection was lost after the last dot, the witness is asked whether Postfix has it.
    """

    postbox: Postbox
    witness: Witness
    key: bytes
    earlier: float | None  # there was an earlier try, all of it before this time of the monotonic clock

    def over(self, parcel: Parcel, name: str) -> str:
        """The queue id. Raises TransactionError, SubmitUncertain."""
        token = hmac.new(self.key, name.encode(), hashlib.sha256).hexdigest()[:32]
        if self.earlier is not None and (queue_id := self._taken(token, self.earlier)):
            return queue_id
        try:
            return self.postbox.submit(
                parcel.mail_from, parcel.recipients, [parcel.octets()], lane=parcel.lane, token=token
            )
        except SubmitUncertain:
            if queue_id := self._taken(token, time.monotonic()):
                return queue_id
            raise

    def _taken(self, token: str, since: float) -> str:
        return self.witness.took(token, since) if self.witness.sees else ""


def _name(kind: str, recipients: Sequence[str], number: int) -> str:
    digest = hashlib.sha256("\0".join(sorted(recipients)).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{kind}:{number}:{digest[:32]}"


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    recipients: tuple[str, ...]
    reference: str  # queue id or item id
    proof: Proof | None = None

    @property
    def text(self) -> str:
        """As the journal keeps it."""
        proof = [self.proof.method, self.proof.manner, *self.proof.keys] if self.proof else []
        return json.dumps([self.reference, proof, *self.recipients])

    @classmethod
    def read(cls, name: str, text: str) -> "_Step":
        """What the journal kept."""
        reference, proof, *recipients = json.loads(text)
        known = Proof(tuple(recipients), reference, proof[0], proof[1], tuple(proof[2:])) if proof else None
        return cls(name.partition(":")[0], tuple(recipients), reference, known)


def _without(plan: Plan, served: frozenset[str]) -> Plan:
    """The plan for those who were not served by an earlier try, however that one grouped them."""
    if not served:
        return plan

    def left(recipients: Sequence[str]) -> tuple[str, ...]:
        return tuple(recipient for recipient in recipients if recipient not in served)

    copies = tuple(replace(copy, recipients=left(copy.recipients)) for copy in plan.copies)
    effects = tuple(
        replace(effect, recipients=left(effect.recipients)) if isinstance(effect, Quarantine) else effect
        for effect in plan.effects
    )
    return replace(
        plan,
        copies=tuple(copy for copy in copies if copy.recipients),
        effects=tuple(e for e in effects if not isinstance(e, Quarantine) or e.recipients),
    )


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


def _is_protected(plan: Plan) -> bool:
    return any(copy.protection is not None for copy in plan.copies)


def _proof(copy: Copy, protected: Protected) -> Proof | None:
    """Without its queue id; None for a copy that leaves as it is."""
    protection = copy.protection
    if protection is None:
        return None
    return Proof(copy.recipients, "", protection.method.value, protection.manner, protected.keys)


def _edit_in_place(
    arrival: Arrival, recipients: Sequence[str], changes: Sequence[Edit], edits: Edits, body: bytes | None = None
) -> None:
    """Headers and recipients first, then one contiguous body: Postfix refuses to mix them.

    `body` takes the place of the whole one.
    """
    for edit in changes:
        if isinstance(edit, AddHeader):
            edits.add_header(edit.name, edit.value)
        elif isinstance(edit, ChangeHeader):
            edits.change_header(edit.name, edit.index, edit.value)
    staying = set(recipients)
    for recipient in arrival.envelope.recipients:
        if recipient.address not in staying:
            edits.remove_recipient(recipient.address)
    splices = [edit for edit in changes if isinstance(edit, Splice)]
    if body is not None:
        edits.replace_body([body])
    elif splices:
        edits.replace_body(_spliced(arrival, splices))


def _spliced(arrival: Arrival, splices: Sequence[Splice]) -> Iterator[bytes]:
    at = arrival.header_size
    for splice in splices:
        yield from arrival.spool.chunks(at, splice.start)
        if splice.octets:
            yield splice.octets
        at = splice.end
    yield from arrival.spool.chunks(at)
