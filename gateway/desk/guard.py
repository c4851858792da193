"""Asking for a right; a refusal is an event. And what somebody does is noted with the token that did it, if any."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.audit import people_events
from gateway.audit.ocsf import EventClass, by_token, client
from gateway.desk.rights import MEANING, Act, Caller, ConfirmationNeeded, Forbidden


class Log(Protocol):
    """Where events go; `append` returns when the event is durable, or raises AuditUnavailable."""

    def append(self, event: Mapping[str, object]) -> None: ...


@dataclass(frozen=True, slots=True)
class LogOf:
    """The log, for what one caller does."""

    audit: Log
    caller: Caller

    def append(self, event: Mapping[str, object]) -> None:
        seen = {**event, **client(self.caller.client)} if event["class_uid"] == EventClass.API_ACTIVITY else event
        self.audit.append(by_token(seen, self.caller.token) if self.caller.token else seen)


class Guard:
    """Stands before every use case."""

    def __init__(self, audit: Log) -> None:
        self._audit = audit

    def log(self, caller: Caller) -> LogOf:
        """Where to note what this caller does."""
        return LogOf(self._audit, caller)

    def note(self, caller: Caller, event: Mapping[str, object]) -> None:
        """Returns when the event is durable; raises AuditUnavailable."""
        self.log(caller).append(event)

    def demand(self, caller: Caller, act: Act, item: str = "") -> None:
        """Raises Forbidden, and it is noted who asked for what."""
        if not caller.may(act):
            self.note(caller, people_events.access_denied(by=caller.name, act=act.value, item=item))
            raise Forbidden(f"your role ({caller.role.value}) does not allow you to {MEANING[act]}")

    def demand_confirmed(self, caller: Caller, act: Act, item: str = "") -> None:
        """The right, and a fresh proof that it is this person. Raises Forbidden, ConfirmationNeeded.

        A token was made by its owner with such a proof, and stands for it as long as it holds.
        """
        self.demand(caller, act, item)
        if not caller.is_program:
            self.demand_proof(caller)

    def demand_proof(self, caller: Caller) -> None:
        """A fresh proof alone, for what everybody may do with the own account. Raises ConfirmationNeeded."""
        if not caller.confirmed:
            raise ConfirmationNeeded("prove once more who you are")
