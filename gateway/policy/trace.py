"""Why each rule did or did not match, in counts and words, never content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.core.verdict import Step
from gateway.policy.conditions.base import Seen
from gateway.policy.questions import ActiveRule

MOST_RECIPIENTS = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rule's answer for a group of recipients: `seen` for each clause, in order of `When.clauses()`."""

    active: ActiveRule
    seen: tuple[Seen, ...]
    held: bool


def steps(judged: Sequence[tuple[tuple[str, ...], tuple[Judgement, ...]]]) -> Iterator[Step]:
    """A step for each recipient, rule and condition.

    `condition` starts with its list ("all: the recipient is ..."); `held` is the condition's own answer, so that a
    held one below `none` is what kept the rule from matching. Past `MOST_RECIPIENTS` recipients only the first of each
    group that no rule can tell apart is shown.
    """
    everybody = sum(len(recipients) for recipients, _ in judged) <= MOST_RECIPIENTS
    for recipients, judgements in judged:
        lines = [line for judgement in judgements for line in _lines(judgement)]
        for recipient in recipients if everybody else recipients[:1]:
            for rule, condition, seen in lines:
                yield Step(rule, recipient, condition, seen.held, seen.words)


def _lines(judgement: Judgement) -> Iterator[tuple[str, str, Seen]]:
    for clause, seen in zip(judgement.active.clauses, judgement.seen, strict=True):
        yield judgement.active.rule.id, clause, seen
