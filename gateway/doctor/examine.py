"""Asks every check."""

from collections.abc import Sequence
from contextlib import nullcontext

from gateway.core.errors import GatepostError
from gateway.doctor.machine import Machine
from gateway.doctor.table import CHECKS
from gateway.doctor.trouble import Check, Found, Trouble, warning
from gateway.store.owner import as_owner


def examine(machine: Machine, checks: Sequence[Check] = CHECKS) -> list[Trouble]:
    """Every trouble, in the order of the checks. Nothing raises: what could not be looked at is a trouble too."""
    return [Trouble(check.id, found) for check in checks for found in _asked(check, machine)]


def _asked(check: Check, machine: Machine) -> list[Found]:
    folder = machine.config.store.folder
    try:
        with as_owner(folder) if check.as_owner and folder.is_dir() else nullcontext():
            return list(check.look(machine))
    except (GatepostError, OSError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        reason = f"could not be looked at: {words or type(error).__name__}"
        return [warning(check.id, reason, "run gatepost doctor as root, or mend what it says")]
