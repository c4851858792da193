"""The two roots of every error.

Nothing raises because of what a message contains: that is a fact (`Opaque`, `Ambiguity`, `DetectorFailure`).
"""

from dataclasses import dataclass


class GatepostError(Exception):
    """Root of both. Its text is for people and never carries content of a message."""


class SetupError(GatepostError):
    """Found before any mail is touched: exit code 2, or a running gateway keeps its old policy."""


class TransactionError(GatepostError):
    """Our own failure for one message (store, audit, keys, workers): the client gets 451 and tries again."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in a file that a person wrote.

    `line` and `column` count from 1; 0 means the file as a whole. `subject` is the rule, detector or setting.
    """

    file: str
    line: int
    column: int
    subject: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """`file:line:column: subject: what is wrong: how to mend it`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.subject, self.problem, self.remedy) if part)


class FaultyFiles(SetupError):
    """Files that cannot be used; every fault of every file at once."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
