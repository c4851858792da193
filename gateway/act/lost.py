"""A Postfix that is gone with its log: nobody can tell any more what it had."""

from collections.abc import Sequence
from contextlib import suppress

from gateway.act.ports import Journal, Proof
from gateway.act.steps import PLANNED, Hand, Steps, step_at
from gateway.core.errors import TransactionError
from gateway.store.errors import JournalBusy


class _Lost:
    """In the place of its witness, and of the way to it."""

    sees = True

    def __init__(self, name: str) -> None:
        self.name = name

    def took(self, token: str, since: float) -> str:
        """Nobody knows: as if it had not."""
        return ""

    def has(self, queue_id: str) -> bool:
        return False

    def answered(self, attempt_id: str, queue_id: str) -> None:
        """It answers no more."""

    def follow(self, incident: str, proofs: Sequence[Proof]) -> None:
        """It tells no more."""

    def submit(self, *_: object, **__: object) -> str:
        raise TransactionError("this Postfix is gone")


def give_up_log(journal: Journal, postfix: str) -> int:
    """Take what this Postfix was about to get, and nobody noted, for not sent. How many messages that are.

    Those that another gateway works on are left alone. Raises StoreUnavailable.
    """
    lost, count = _Lost(postfix), 0
    for key, incident in journal.left_open(step_at(PLANNED, postfix)):
        with suppress(JournalBusy), journal.attempt(key, incident) as attempt:
            Steps(journal, attempt, Hand(lost, lost, b"")).look()
            count += 1
    return count
