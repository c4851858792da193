"""The command line's words around `gateway.desk.review`."""

from typing import TYPE_CHECKING

import typer

from gateway.cli.output import say
from gateway.config import Config

if TYPE_CHECKING:
    from gateway.audit.log import AuditLog
    from gateway.desk.review import Review
    from gateway.quarantine import Item


def review(audit: "AuditLog", operation: str, item: "Item", by: str) -> "Review":
    """One operation ("release", "confirm" or "discard") on one item by one person."""
    from gateway.desk.review import Review

    return Review(audit, operation, item, by, say)


def check_reason(reason: str, config: Config) -> None:
    """A reason stands in clear in the audit log for years: BadParameter where the policy's detectors see a value in it.

    Detectors with faults are left out; FaultyFiles where none is left.
    """
    if not any(map(str.isalnum, reason)):
        return
    from functools import partial

    from gateway.cli.inspecting import exact_key
    from gateway.desk.wording import Wording, WordsRefused

    wording = Wording(config.policy.file.parent / "detectors", config.limits.core(), partial(exact_key, config))
    try:
        wording.check(reason)
    except WordsRefused as refused:
        raise typer.BadParameter(str(refused), param_hint="--reason") from None
