"""What becomes of each recipient, once the outcomes of the others are looked at too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.actions.settle import Settled, settle
from gateway.core.finding import Finding
from gateway.core.message import Content, Message
from gateway.core.verdict import Action, Disposition, Outcome

SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Fate:
    """One recipient's outcome and what it came to."""

    outcome: Outcome
    settled: Settled

    @property
    def disposition(self) -> Disposition:
        return self.settled.disposition

    @property
    def kind(self) -> str:
        """The word that templates of notices go by."""
        if self.disposition is Disposition.DELIVER:
            if self.settled.protection is not None:
                return "encrypted"
            return "redacted" if self.settled.entities else "delivered"
        return "held" if self.disposition is Disposition.QUARANTINE else "blocked"


def fates_of(
    outcomes: Sequence[Outcome],
    message: Message | None,
    content: Content,
    findings: Sequence[Finding],
    overlapped: Sequence[Finding] = (),
) -> tuple[Fate, ...]:
    """Every outcome settled. Recipients with the same actions share one rendering."""
    known: dict[object, Settled] = {}
    fates = []
    for outcome in outcomes:
        key = (outcome.disposition, outcome.method, tuple(_key(action) for action in outcome.actions))
        if key not in known:
            known[key] = settle(outcome, message, content, findings, overlapped)
        fates.append(Fate(outcome, known[key]))
    return tuple(fates)


def strictest(fates: Sequence[Fate]) -> Disposition:
    """The strictest disposition among them; deliver where there are none."""
    return max((fate.disposition for fate in fates), default=Disposition.DELIVER)


def raised(fates: Sequence[Fate], disposition: Disposition) -> tuple[Fate, ...]:
    """All recipients brought to one disposition; edits go, reasons stay."""
    return tuple(
        Fate(fate.outcome, replace(fate.settled, disposition=disposition, edits=(), entities=())) for fate in fates
    )


def alike(fates: Sequence[Fate]) -> tuple[Fate, ...]:
    """Addresses that differ in the case of letters alone share the strictest of their dispositions.

    Postfix keeps the first of them and drops the others: taken off, it would take those along who stay.
    """
    groups: dict[str, list[Fate]] = {}
    for fate in fates:
        groups.setdefault(fate.outcome.recipient.casefold(), []).append(fate)
    worst = {known: strictest(group) for known, group in groups.items()}
    return tuple(
        fate if fate.disposition is (its := worst[fate.outcome.recipient.casefold()]) else raised([fate], its)[0]
        for fate in fates
    )


def _key(action: Action) -> tuple[str, object]:
    return action.verb.value, _frozen(action.settings)


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _frozen(setting)) for name, setting in value.items()))
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return repr(value)
