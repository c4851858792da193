"""When a message is over, by its events.

A decision stands before anything is done. Only what outlives the gateway (a copy kept, encrypted or handed over) has
an event of its own after it, `message-acted`; a message that Postfix just delivers or refuses has its decision alone.
"""

from gateway.audit.reading import Event, at


def waits_for_acts(decided: Event) -> bool:
    """Whether this decision is carried out only when `message-acted` says so: something is held or encrypted."""
    outcomes = at(decided, "unmapped", "outcomes")
    return isinstance(outcomes, list) and any(
        at(outcome, "disposition") == "quarantine" or bool(at(outcome, "method")) for outcome in outcomes
    )
