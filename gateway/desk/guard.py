"""Asking for a right; a refusal is an event."""

from collections.abc import Mapping
from typing import Protocol

from gateway.audit import people_events
from gateway.desk.rights import MEANING, Act, Caller, ConfirmationNeeded, Forbidden


class Log(Protocol):
    """Where events go; `append` returns when the event is durable, or raises AuditUnavailable."""

    def append(self, event: Mapping[str, object]) -> None: ...


class Guard:
    """Stands before every use case."""

    def __init__(self, audit: Log) -> None:
        self._audit = audit

    def demand(self, caller: Caller, act: Act, item: str = "") -> None:
        """Raises Forbidden, and it is noted who asked for what."""
        if not caller.may(act):
            self._audit.append(people_events.access_denied(by=caller.name, act=act.value, item=item))
            raise Forbidden(f"your role ({caller.role.value}) does not allow you to {MEANING[act]}")

    def demand_confirmed(self, caller: Caller, act: Act, item: str = "") -> None:
        """The right, and a fresh proof that it is this person. Raises Forbidden, ConfirmationNeeded."""
        self.demand(caller, act, item)
        if caller.scopes is None and not caller.confirmed:
            raise ConfirmationNeeded("prove once more who you are")
