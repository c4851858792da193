"""The plan of a message that an earlier try did something for."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.core.envelope import Transaction
from gateway.core.plan import Notify, Plan, Quarantine, Reply
from gateway.pipeline import Inspection

# The report about these recipients, and what the client hears instead of a refusal; None where nobody can be told.
Report = Callable[[Transaction, Sequence[str]], tuple[Notify | None, Reply] | None]


def under_incident(inspection: Inspection, now: str, first: str) -> Inspection:
    """The same plan, told under the incident that the first try of this message was given."""
    plan = inspection.plan
    effects = tuple(
        replace(effect, octets=effect.octets.replace(now.encode(), first.encode()))
        if isinstance(effect, Notify)
        else effect
        for effect in plan.effects
    )
    reply = replace(plan.reply, text=plan.reply.text.replace(now, first))
    return replace(inspection, plan=replace(plan, effects=effects, reply=reply))


def without(plan: Plan, served: frozenset[str]) -> Plan:
    """The plan for those who were not served by an earlier try, however that one grouped them."""
    if not served:
        return plan

    def left(recipients: Sequence[str]) -> tuple[str, ...]:
        return tuple(recipient for recipient in recipients if recipient not in served)

    copies = tuple(replace(copy, recipients=left(copy.recipients)) for copy in plan.copies)
    effects = tuple(
        replace(effect, recipients=left(effect.recipients)) if isinstance(effect, Quarantine) else effect
        for effect in plan.effects
    )
    return replace(
        plan,
        copies=tuple(copy for copy in copies if copy.recipients),
        effects=tuple(e for e in effects if not isinstance(e, Quarantine) or e.recipients),
    )


def not_refused_for_all(plan: Plan, transaction: Transaction, served: frozenset[str], report: Report) -> Plan:
    """A refusal would tell the sender that nobody has the message, while an earlier try served some: a report about
    the others takes its place."""
    if not served or plan.reply.code < 500:
        return plan
    left = [r.address for r in transaction.envelope.recipients if r.address not in served]
    told = report(transaction, left)
    if told is None:
        return plan
    note, reply = told
    return replace(plan, effects=(*plan.effects, *([note] if note and left else [])), reply=reply)
