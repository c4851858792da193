"""What waits in Postfix's queue. Read by file names alone, never by their content."""

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning

MANY, FLOOD = 500, 5_000
HELD = 1


def _files(folder: Path) -> int:
    """How many there are, up to FLOOD; 0 where we may not look."""
    count = 0
    for _, _, names in os.walk(folder):
        count += len(names)
        if count >= FLOOD:
            break
    return count


def growing(machine: Machine) -> Iterator[Found]:
    """Messages that Postfix has taken and not delivered."""
    for survey, _ in machine.surveyed():
        waiting = sum(_files(survey.queue / name) for name in ("incoming", "active", "deferred"))
        place = f"{survey.queue}"
        if waiting >= MANY:
            many = f"{waiting:,}" if waiting < FLOOD else f"{FLOOD:,} or more"
            reason = f"{many} messages wait in Postfix's queue"
            remedy = "postqueue -p tells why; docs/runbook/GatepostPostfixQueue.md what to do"
            yield critical(place, reason, remedy) if waiting >= FLOOD else warning(place, reason, remedy)


def on_hold(machine: Machine) -> Iterator[Found]:
    """Gatepost holds nothing in Postfix's queue: whoever put it there should know."""
    for survey, _ in machine.surveyed():
        if (held := _files(survey.queue / "hold")) >= HELD:
            reason = f"{held:,} messages are on hold in Postfix's queue, which nobody delivers; not by Gatepost"
            yield warning(f"{survey.queue}/hold", reason, "postqueue -p; then postsuper -H or -d for each")
