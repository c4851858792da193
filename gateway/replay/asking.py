"""Has workers tell of stored mail, several messages at a time; whatever becomes of a worker, each gets its answer."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from gateway.core.finding import DetectorFailure, FailureKind
from gateway.core.verdict import Verdict
from gateway.parse.addressed import addressed
from gateway.pipeline import conclude
from gateway.workers.comparing import Kept, Told, spoke, transaction_of, verbs
from gateway.workers.nursery import Setup
from gateway.workers.pool import WorkersUnavailable


class Compares(Protocol):
    """Workers that judge by two rule sets."""

    @property
    def setup(self) -> Setup: ...

    def compare(self, batch: Sequence[Kept]) -> tuple[Told | FailureKind, ...] | DetectorFailure: ...


def ask(workers: Compares, batch: Sequence[Kept]) -> Iterator[Told | None]:
    """What is told of each, in order; None: no worker could take it.

    Where a worker does not come to the end of a batch, each of its messages is asked for alone: one of them is to
    blame, and the others shall not suffer for it.
    """
    try:
        answer = workers.compare(batch)
    except WorkersUnavailable:
        if len(batch) == 1:
            yield None
            return
        answer = DetectorFailure("inspection", FailureKind.CRASH)
    if not isinstance(answer, DetectorFailure):
        for kept, told in zip(batch, answer, strict=True):
            yield _after(told, workers.setup, kept) if isinstance(told, FailureKind) else told
    elif len(batch) == 1:
        yield _after(answer.kind, workers.setup, batch[0])
    else:
        for kept in batch:
            yield from ask(workers, (kept,))


def _after(kind: FailureKind, setup: Setup, kept: Kept) -> Told:
    """What both rule sets make of a message whose inspection did not finish."""
    assert setup.comparing is not None
    transaction = transaction_of(kept, addressed(kept.raw), setup.comparing.naming)
    failure = DetectorFailure("inspection", kind)
    old, new = (
        conclude(transaction, ruleset.policy, setup.notices, failure, len(kept.raw)).verdict
        for ruleset in (setup.ruleset, setup.comparing.beside)
    )
    before, after = _sides(old), _sides(new)
    fates = tuple((who, side, after[who]) for who, side in before.items())
    return fates, spoke(old), spoke(new), (), True


def _sides(verdict: Verdict) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return {one.recipient: (one.disposition.word, verbs(one.actions), one.rules) for one in verdict.outcomes}
