"""The steps of one message over all its tries, so that none is done twice.

A step is noted once it is done. Between Postfix's "queued" and that note lies a moment in which we may be killed: so
what is about to be handed over is noted too, all of it before anything leaves, and the next try asks Postfix's log
for each before it plans anew, however that plan groups the recipients.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.act.ports import Done, Journal, Postbox, Proof, Witness
from gateway.store.journal import Attempt
from gateway.submit import SubmitUncertain

QUARANTINE, COPY, FORWARD, NOTICE, REPORT = "quarantine", "copy", "forward", "notice", "report"
SERVING = frozenset({QUARANTINE, COPY})
ANSWER = "answer:"  # and the queue id: all was done, and Postfix was about to hear it
PLANNED = "planned:"  # and a digest: what a try was about to hand over


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message for Postfix. `octets` makes it when it is needed; `number` tells apart what the same people get."""

    kind: str
    mail_from: str
    recipients: tuple[str, ...]
    octets: Callable[[], bytes]
    lane: str = ""
    proof: Proof | None = None  # without its queue id
    number: int = 0

    @property
    def name(self) -> str:
        return _name(self.kind, self.recipients, self.number)


@dataclass(frozen=True, slots=True)
class Hand:
    """Hands messages over, each with a token that is the same in every try: Postfix's log shows it."""

    postbox: Postbox
    witness: Witness
    key: bytes

    def over(self, parcel: Parcel) -> str:
        """The queue id, also where the reply was lost (RFC 1047). Raises TransactionError, SubmitUncertain."""
        token = self._token(parcel.name)
        try:
            return self.postbox.submit(
                parcel.mail_from, parcel.recipients, [parcel.octets()], lane=parcel.lane, token=token
            )
        except SubmitUncertain:
            if self.witness.sees and (queue_id := self.witness.took(token, time.monotonic())):
                return queue_id
            raise

    def has_gone(self, name: str, before: float) -> str:
        """The queue id under which Postfix has what was handed over before that time; "" where it has not."""
        return self.witness.took(self._token(name), before)

    def _token(self, name: str) -> str:
        return hmac.new(self.key, name.encode(), hashlib.sha256).hexdigest()[:32]


class Steps:
    """Each is one row of the journal, with the recipients it served."""

    def __init__(self, journal: Journal, attempt: Attempt, hand: Hand) -> None:
        self._journal = journal
        self._attempt = attempt
        self._hand = hand
        self._done: dict[str, _Step] = {
            step: _Step.read(step, text)
            for step, text in attempt.done.items()
            if not step.startswith((ANSWER, PLANNED))
        }

    def settle(self) -> None:
        """Note what an earlier try handed over without living to note it. Raises TransactionError: nobody can tell."""
        rows = [text for step, text in self._attempt.done.items() if step.startswith(PLANNED)]
        before = time.monotonic()
        for name, text in [entry for row in rows for entry in json.loads(row)]:
            if name not in self._done and (queue_id := self._hand.has_gone(name, before)):
                self._note(name, _Step.read(name, text).with_queue_id(queue_id))

    def announce(self, parcels: Sequence[Parcel]) -> None:
        """Note what is about to be handed over; durable on return. In vain where no log is there to be asked."""
        left = [(p.name, _Step(p.kind, p.recipients, "", p.proof).text) for p in parcels if p.name not in self._done]
        if left and self._hand.witness.sees:
            text = json.dumps(left)
            self._journal.done(self._attempt, PLANNED + hashlib.sha256(text.encode()).hexdigest()[:32], text)

    def served(self) -> frozenset[str]:
        """Who has the message already, or has it kept for them."""
        return frozenset(who for step in self._done.values() if step.kind in SERVING for who in step.recipients)

    def do(self, kind: str, recipients: Sequence[str], act: Callable[[], str]) -> None:
        """Do a step unless an earlier try did it."""
        name = _name(kind, recipients, 0)
        if name not in self._done:
            self._note(name, _Step(kind, tuple(recipients), act()))

    def post(self, parcel: Parcel) -> None:
        """Hand a message to Postfix unless an earlier try did."""
        if parcel.name not in self._done:
            step = _Step(parcel.kind, parcel.recipients, "", parcel.proof)
            self._note(parcel.name, step.with_queue_id(self._hand.over(parcel)))

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
            notified=tuple(who for step in steps if step.kind in (NOTICE, REPORT) for who in step.recipients),
            resumed=bool(self._attempt.done),
            protected=(*in_place, *(step.proof for step in steps if step.proof)),
        )


def _name(kind: str, recipients: Sequence[str], number: int) -> str:
    digest = hashlib.sha256("\0".join(sorted(recipients)).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{kind}:{number}:{digest[:32]}"


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    recipients: tuple[str, ...]
    reference: str  # queue id or item id
    proof: Proof | None = None

    def with_queue_id(self, queue_id: str) -> "_Step":
        proof = replace(self.proof, queue_id=queue_id) if self.proof else None
        return replace(self, reference=queue_id, proof=proof)

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
