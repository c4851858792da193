"""What commands that change something leave in the audit log."""

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateway.config import Config

if TYPE_CHECKING:
    from gateway.audit.log import AuditLog
    from gateway.store.keyring import Keyring


def who() -> str:
    """The person at the terminal: the user who called sudo, if any. What an audit event can know, not a proof."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


@contextmanager
def audit_log(config: Config, keyring: "Keyring") -> "Iterator[AuditLog]":
    """The audit log, opened for adding. Raises SetupError."""
    from gateway.wiring.stored import open_audit

    log = open_audit(config, keyring)
    try:
        yield log
    finally:
        log.close()


def record(config: Config, keyring: "Keyring", event: Mapping[str, object]) -> None:
    """Add one event. Raises SetupError, AuditUnavailable."""
    with audit_log(config, keyring) as log:
        log.append(event)
