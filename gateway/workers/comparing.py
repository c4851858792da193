"""What two rule sets make of one stored message: read once, decided for both, and told in few words.

It is done where the message is read, in a worker, so that nothing has to travel but what becomes of each recipient, the
rules that spoke and, where something differs, a few masked values. What both rule sets ask is asked once; what no rule
of either can be moved by is not looked for, as in live mail.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from gateway.actions.plan import what_becomes
from gateway.core.detector import DetectorSpec
from gateway.core.envelope import EPOCH, Envelope, Recipient, Session, Transaction
from gateway.core.finding import Depth, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.verdict import Action, Verdict
from gateway.parse import parse
from gateway.parse.addressed import Addressed, addressed_by
from gateway.pipeline import Glances, Reading, Sparing, read, read_again
from gateway.policy import Answers, Policy, decide_by, open_rules, together
from gateway.policy.demand import Demand, demand_of
from gateway.ruleset import RuleSet

SAMPLES = 3  # masked values of one message
OUTSIDE = "someone@outside.example"  # who receives a message that names nobody
_UNWANTED = "EMAIL_ADDRESS"  # every message has some

PlainSide = tuple[str, tuple[str, ...], tuple[str, ...]]  # disposition, actions, rules
PlainFate = tuple[str, PlainSide, PlainSide]  # recipient, under the old rules, under the new
# fates; rules that spoke, old and new; masked values of a message that changed; whether a detector failed
Told = tuple[tuple[PlainFate, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]
_PASSED: PlainSide = ("deliver", (), ())


@dataclass(frozen=True, slots=True)
class Naming:
    """Whose a stored message is where nobody says it but its header.

    `sender`: where From names nobody; `to`, `mail_from`: instead of what the header says; `received`: where it has no
    Date.
    """

    sender: str
    to: tuple[str, ...] = ()
    mail_from: str | None = None
    received: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class Comparing:
    """What a worker compares its own rule set with."""

    beside: RuleSet
    naming: Naming


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that lies somewhere. `envelope` and `received`: where they are known."""

    name: str  # in our own log, where something fails
    raw: bytes = field(repr=False)
    envelope: Envelope | None = None
    received: datetime | None = None


def dumps_batch(batch: Sequence[Kept]) -> bytes:
    """Some messages as they travel to a worker."""
    told = [(kept.name, kept.raw, kept.envelope, kept.received) for kept in batch]
    return pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def loads_batch(frame: bytes, raw: bytes | None = None) -> list[Kept]:
    """What the front process, which trusts itself, sent; `raw`: of the only one, that came beside it."""
    batch = [Kept(*each) for each in pickle.loads(frame)]  # noqa: S301 - see above
    return batch if raw is None else [replace(kept, raw=raw) for kept in batch]


def transaction_of(kept: Kept, said: Addressed, naming: Naming) -> Transaction:
    """The message under the envelope that it had, as far as anybody knows."""
    received = kept.received or said.day or naming.received
    return Transaction(Session(), kept.envelope or envelope_of(said, naming), kept.raw, "", kept.name, received)


def envelope_of(said: Addressed, naming: Naming) -> Envelope:
    """As the header says, or as was asked for."""
    sender = (said.sender or naming.sender) if naming.mail_from is None else naming.mail_from
    people = naming.to or said.recipients or (OUTSIDE,)
    return Envelope(sender, tuple([Recipient(address) for address in people]))


def same_detectors(one: RuleSet, other: RuleSet) -> bool:
    """Whether they find the same: wherever files lie, models and lists in them are known by their digests."""
    return _placeless(one) == _placeless(other) and one.anywhere == other.anywhere


def _placeless(ruleset: RuleSet) -> list[DetectorSpec]:
    return [replace(spec, file="", line=0) for spec in ruleset.detectors]


def demands(one: RuleSet, other: RuleSet) -> tuple[Demand | None, Demand | None]:
    """What each of two rule sets wants to know first: together where their detectors are the same."""
    own, others = one.demand, other.demand
    if not same_detectors(one, other):
        return own, others
    if own is None or others is None:
        return None, None
    return (
        demand_of(one.policy, one.detectors, others.first),
        demand_of(other.policy, one.detectors, own.first),
    )


class Trial:
    """Two rule sets, made ready for one another. For one process."""

    def __init__(
        self, old: RuleSet, comparing: Comparing, engine: Glances, other: Glances | None, limits: Limits
    ) -> None:
        """`engine`: of the old rule set; `other`: of the new one, None where their detectors are the same."""
        self._old, self._new = together(old.policy, comparing.beside.policy)
        self._naming = comparing.naming
        self._limits = limits
        self._engine, self._other = engine, other
        first, second = demands(old, comparing.beside)
        sides = ((self._old, first), (self._new, second))
        self._sparing = _sparing(engine, sides if other is None else sides[:1])
        self._other_sparing = None if other is None else _sparing(other, sides[1:])

    def tell(self, kept: Kept, cpu: Callable[[], float]) -> Told:
        """What becomes of its recipients. `cpu`: seconds that this process worked, as of `pipeline.inspect`."""
        message = parse(kept.raw, self._limits)
        transaction = transaction_of(kept, addressed_by(message.root.header), self._naming)
        old = read(transaction, self._engine, self._limits, message=message, cpu=cpu, sparing=self._sparing)
        new = old
        if self._other is not None:
            new = read_again(old, self._other, self._limits, self._other_sparing)
            if _is_short(old) is not _is_short(new):  # what one rule set wants to see, both are shown
                old = read_again(old, self._engine, self._limits) if _is_short(old) else old
                new = read_again(new, self._other, self._limits) if _is_short(new) else new
        return self._told(transaction, old, new)

    def _told(self, transaction: Transaction, old: Reading, new: Reading) -> Told:
        if _is_short(old):  # no rule of either can match
            everybody = dict.fromkeys([recipient.address for recipient in transaction.envelope.recipients])
            return tuple([(who, _PASSED, _PASSED) for who in everybody]), (), (), (), False
        answers = _answers(self._old, old)
        others = answers if new is old else _answers(self._new, new)
        rules, other_rules = open_rules(self._old, answers), open_rules(self._new, others)
        verdict = decide_by(self._old, rules, answers)
        if new is old and list(map(id, rules)) == list(map(id, other_rules)):
            other = verdict
        else:
            other = decide_by(self._new, other_rules, others)
        before = _sides(self._old, verdict, transaction, old)
        is_same = new is old and other.outcomes == verdict.outcomes
        if is_same and self._old.mixed_recipients == self._new.mixed_recipients:
            after = before
        else:
            after = _sides(self._new, other, transaction, new)
        fates = tuple([(who, side, after[who]) for who, side in before.items()])
        changed = any(one[:2] != two[:2] for _, one, two in fates)
        masked = tuple(_masked(new.detection.findings, old.detection.findings)) if changed else ()
        failed = bool(old.detection.failures or new.detection.failures)
        return fates, spoke(verdict), spoke(other), masked, failed


def _sparing(engine: Glances, sides: Sequence[tuple[Policy, Demand | None]]) -> Sparing | None:
    known = [(policy, demand) for policy, demand in sides if demand is not None]
    return Sparing(engine, tuple(known), enough=False) if len(known) == len(sides) else None


def _is_short(reading: Reading) -> bool:
    return reading.detection.depth is Depth.FIRST


def _answers(policy: Policy, reading: Reading) -> Answers:
    return reading.answers or Answers(policy.questions, reading.facts)


def _sides(policy: Policy, verdict: Verdict, transaction: Transaction, reading: Reading) -> dict[str, PlainSide]:
    """By recipient, as planning has it: stricter than the verdict where an action cannot be carried out."""
    detection = reading.detection
    fates = what_becomes(
        verdict,
        transaction,
        reading.message,
        reading.content,
        detection.findings,
        mixed_recipients=policy.mixed_recipients,
        overlapped=detection.overlapped,
    )
    return {
        fate.outcome.recipient: (fate.disposition.word, verbs(fate.outcome.actions), fate.outcome.rules)
        for fate in fates
    }


def verbs(actions: Sequence[Action]) -> tuple[str, ...]:
    """What they do, each once."""
    return tuple(dict.fromkeys([action.verb.value for action in actions]))


def spoke(verdict: Verdict) -> tuple[str, ...]:
    """The rules that matched, watched ones too."""
    return tuple([hit.rule for hit in verdict.hits])


def _masked(*several: Sequence[Finding]) -> Iterator[str]:
    """A few of the values found, as they may be shown."""
    known = dict.fromkeys(f"{f.entity} {f.masked}" for found in several for f in found if f.entity != _UNWANTED)
    return islice(known, SAMPLES)


def told_of(number: int, plain: object) -> tuple[Told | FailureKind, ...]:
    """What a worker says of so many messages. Raises UnpicklingError for what none says that nobody took over."""
    if not isinstance(plain, tuple) or len(plain) != number:
        raise pickle.UnpicklingError("not an answer")
    return tuple([FailureKind(one) if isinstance(one, FailureKind) else _told_of(one) for one in plain])


def _told_of(plain: Any) -> Told:
    match plain:
        case (tuple(fates), tuple(old), tuple(new), tuple(masked), bool(failed)):
            if all(map(_is_fate, fates)) and all(isinstance(word, str) for word in (*old, *new, *masked)):
                return fates, old, new, masked, failed
    raise pickle.UnpicklingError("not an answer")


def _is_fate(plain: Any) -> bool:
    match plain:
        case (str(), (str(), tuple(actions), tuple(rules)), (str(), tuple(others), tuple(other_rules))):
            return all(isinstance(word, str) for word in (*actions, *rules, *others, *other_rules))
    return False
