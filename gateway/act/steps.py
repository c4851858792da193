"""The steps of one message over all its tries, so that none is done twice.

A step is noted once it is done. Between Postfix's "queued" and that note lies a moment in which we may be killed: so
what is about to be handed over is noted too, all of it before anything leaves, and the next try asks Postfix's log
for each before it plans anew, however that plan groups the recipients. Where several gateways hand over to several
Postfixes, one's log says nothing about another: only whoever follows the right log goes on, or says what it has seen.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.act.ports import Done, Journal, Postbox, Proof, Witness
from gateway.core.errors import TransactionError
from gateway.core.wishes import NONE, Wishes
from gateway.postfix.submit import SubmitUncertain
from gateway.store.journal import Attempt

QUARANTINE, COPY, FORWARD, NOTICE, REPORT = "quarantine", "copy", "forward", "notice", "report"
SERVING = frozenset({QUARANTINE, COPY})
# Behind these come the Postfix's name, where there are several, and
ANSWER = "answer:"  # the queue id: all was done, and Postfix was about to hear it
PLANNED = "planned:"  # a digest: what a try was about to hand over
LOOKED = "looked:"  # the digest of such a plan: what Postfix has of it is noted


class Elsewhere(TransactionError):
    """Another Postfix may have some of the message: the gateway that follows its log has to look."""


def step_at(kind: str, postfix: str, rest: str = "") -> str:
    """The name of a step that one Postfix's log knows of; without `rest` what such names begin with."""
    return f"{kind}{postfix}:{rest}" if postfix else f"{kind}{rest}"


def of_postfix(step: str, postfix: str) -> bool:
    """Whether the step belongs to this Postfix. One without a name does: there was one alone."""
    _, _, rest = step.partition(":")
    name, named, _ = rest.rpartition(":")
    return not named or name == postfix


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
    wishes: Wishes = NONE

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
                parcel.mail_from,
                parcel.recipients,
                [parcel.octets()],
                lane=parcel.lane,
                token=token,
                wishes=parcel.wishes,
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
            if not step.startswith((ANSWER, PLANNED, LOOKED))
        }

    def settle(self) -> None:
        """Note what an earlier try handed over without living to note it. Raises TransactionError: nobody can tell."""
        before = time.monotonic()
        for step, entries in self._planned():
            if not self._can_tell(step):
                raise Elsewhere("another Postfix may have it: the gateway beside that one has to look into its log")
            self._look(entries, before)

    def look(self) -> None:
        """For a try that stopped: note what our Postfix has of it, and that there is no more, so that others may go on.

        Raises TransactionError: nobody can tell.
        """
        before = time.monotonic()
        for step, entries in self._planned():
            if of_postfix(step, self._hand.witness.name):
                self._look(entries, before)
                self._journal.done(self._attempt, LOOKED + step.removeprefix(PLANNED))

    def _can_tell(self, step: str) -> bool:
        witness = self._hand.witness
        return of_postfix(step, witness.name) and (witness.sees or not witness.name)

    def _planned(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """What earlier tries were about to hand over and did not note, nobody having looked."""
        for step, row in self._attempt.done.items():
            if step.startswith(PLANNED) and LOOKED + step.removeprefix(PLANNED) not in self._attempt.done:
                left = [(name, text) for name, text in json.loads(row) if name not in self._done]
                if left:
                    yield step, left

    def _look(self, entries: Sequence[tuple[str, str]], before: float) -> None:
        for name, text in entries:
            if name not in self._done and (queue_id := self._hand.has_gone(name, before)):
                self._note(name, _Step.read(name, text).with_queue_id(queue_id))

    def announce(self, parcels: Sequence[Parcel]) -> None:
        """Note what is about to be handed over; durable on return. In vain where no log is there to be asked."""
        left = [(p.name, _Step(p.kind, p.recipients, "", p.proof).text) for p in parcels if p.name not in self._done]
        if left and self._hand.witness.sees:
            text = json.dumps(left)
            digest = hashlib.sha256(text.encode()).hexdigest()[:32]
            # a plan that was looked for in vain and comes again is another one
            number = sum(1 for step in self._attempt.done if step.startswith(LOOKED))
            name = f"{digest}-{number}" if number else digest
            self._journal.done(self._attempt, step_at(PLANNED, self._hand.witness.name, name), text)

    def served(self) -> frozenset[str]:
        """Who has the message already, or has it kept for them."""
        return frozenset(who for step in self._done.values() if step.kind in SERVING for who in step.recipients)

    def do(self, kind: str, recipients: Sequence[str], act: Callable[[], str]) -> None:
        """Do a step unless an earlier try did it."""
        name = _name(kind, recipients, 0)
        if name not in self._done:
            self._journal.hold(self._attempt)
            self._note(name, _Step(kind, tuple(recipients), act()))

    def post(self, parcel: Parcel) -> None:
        """Hand a message to Postfix unless an earlier try did."""
        if parcel.name not in self._done:
            self._journal.hold(self._attempt)
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
