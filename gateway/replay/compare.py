"""What two rule sets made of one message, and what many such records come to. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.core.envelope import Envelope
from gateway.parse.addressed import addressed
from gateway.workers.comparing import Kept, Naming, Told, envelope_of

MOST_EXAMPLES = 25


@dataclass(frozen=True, slots=True)
class Side:
    """What one rule set did for one recipient."""

    disposition: str
    actions: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """One recipient under both."""

    recipient: str
    old: Side
    new: Side

    @property
    def changed(self) -> bool:
        return (self.old.disposition, self.old.actions) != (self.new.disposition, self.new.actions)


@dataclass(frozen=True, slots=True)
class Record:
    """One message under both. `spoke`: rules that matched, watched ones too; `masked`: a few of the values found."""

    key: str
    path: str
    index: int
    fates: tuple[Fate, ...]
    old_spoke: tuple[str, ...] = ()
    new_spoke: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    failed: bool = False

    @property
    def changed(self) -> bool:
        return any(fate.changed for fate in self.fates)


@dataclass
class Comparison:
    """Counts over all records. `of_rule`: messages that a rule matched under old, new, old alone, new alone."""

    messages: int = 0
    recipients: int = 0
    failed: int = 0
    changed: int = 0  # messages
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)  # recipients, by old and new disposition
    of_rule: dict[str, list[int]] = field(default_factory=dict)
    examples: list[Record] = field(default_factory=list)


def key_of(kept: Kept, naming: Naming) -> str:
    """The same for the same message under the same envelope, whatever file it lies in.

    Of an envelope that the message itself tells nothing is added: that is read where the message is.
    """
    key = sha256(kept.raw).hexdigest()
    if kept.envelope is None or _people(kept.envelope) == _people(envelope_of(addressed(kept.raw), naming)):
        return key
    people = "\0".join(_people(kept.envelope)).encode("utf-8", "surrogateescape")
    return f"{key}-{sha256(people).hexdigest()}"


def _people(envelope: Envelope) -> tuple[str, ...]:
    return envelope.mail_from, *sorted(recipient.address for recipient in envelope.recipients)


def record_of(key: str, path: str, index: int, told: Told) -> Record:
    """What a worker told of one message, with where it lies."""
    fates, old, new, masked, failed = told
    made = tuple([Fate(who, Side(*before), Side(*after)) for who, before, after in fates])
    return Record(key, path, index, made, old, new, masked, failed)


def compare(records: Iterable[Record]) -> Comparison:
    """All of them, in any order; examples are the first of each kind of change, then more."""
    total = Comparison()
    kinds: set[tuple[object, ...]] = set()
    more: list[Record] = []
    for record in records:
        total.messages += 1
        total.recipients += len(record.fates)
        total.failed += record.failed
        total.changed += record.changed
        total.moves.update((fate.old.disposition, fate.new.disposition) for fate in record.fates)
        _count_rules(total, record)
        if record.changed and len(total.examples) + len(more) < 4 * MOST_EXAMPLES:
            kind = tuple((fate.old, fate.new) for fate in record.fates if fate.changed)
            (more if kind in kinds else total.examples).append(record)
            kinds.add(kind)
    total.examples = [*total.examples, *more][:MOST_EXAMPLES]
    return total


def _count_rules(total: Comparison, record: Record) -> None:
    for rule in {*record.old_spoke, *record.new_spoke}:
        old, new = rule in record.old_spoke, rule in record.new_spoke
        counts = total.of_rule.setdefault(rule, [0, 0, 0, 0])
        for place, counted in enumerate((old, new, old and not new, new and not old)):
            counts[place] += counted
