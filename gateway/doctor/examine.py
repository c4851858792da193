"""Asks every check."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

from gateway.core.errors import GatepostError
from gateway.doctor.machine import Machine
from gateway.doctor.table import CHECKS
from gateway.doctor.trouble import Check, Found, Trouble, warning
from gateway.store.owner import as_owner

_NOT_LOOKED_AT = "could not be looked at: "


def examine(machine: Machine, checks: Sequence[Check] = CHECKS) -> list[Trouble]:
    """Every trouble, in the order of the checks. Nothing raises: what could not be looked at is a trouble too."""
    troubles = [Trouble(check.id, found) for check in checks for found in _asked(check, machine)]
    there = {trouble.check for trouble in troubles}
    return _once([trouble for trouble in troubles if trouble.found.follows not in there])


def _once(troubles: Sequence[Trouble]) -> list[Trouble]:
    """Where one check names what kept others from looking, these say so and do not say it again."""
    causes = {trouble.found.reason: trouble.check for trouble in troubles}
    told = []
    for trouble in troubles:
        cause = causes.get(trouble.found.reason.removeprefix(_NOT_LOOKED_AT))
        if cause is not None and cause != trouble.check:
            reason, remedy = f"{_NOT_LOOKED_AT}see {cause}", f"mend what {cause} says"
            trouble = replace(trouble, found=replace(trouble.found, reason=reason, remedy=remedy))
        told.append(trouble)
    return told


def _asked(check: Check, machine: Machine) -> list[Found]:
    folder = machine.config.store.folder
    try:
        with as_owner(folder) if check.as_owner and folder.is_dir() else nullcontext():
            return list(check.look(machine))
    except (GatepostError, OSError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        reason = f"{_NOT_LOOKED_AT}{words or type(error).__name__}"
        return [warning(check.id, reason, "run gatepost doctor as root, or mend what it says")]
