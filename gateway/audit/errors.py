"""How the audit log fails."""

from gateway.core.errors import GatepostError, SetupError, TransactionError


class AuditUnavailable(TransactionError):
    """The event is not durable. No audit, no mail: the client gets 451."""


class AuditUnusable(SetupError):
    """The log could not be opened: no access, signed by another key, not as it was signed."""


class ChainBroken(GatepostError):
    """The log is not what was written.

    `line` counts from 1 in `file`, 0 for a file as a whole; `seq` is what was due there.
    """

    def __init__(self, file: str, line: int, seq: int, why: str) -> None:
        self.file, self.line, self.seq, self.why = file, line, seq, why
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: event {seq}: {why}")
