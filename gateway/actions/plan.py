"""Verdict to plan: who gets which copy, what is kept, who is told, and what Postfix hears. Nothing happens here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.actions.audience import has_return_path
from gateway.actions.copies import copies_of, named_in, telling_in
from gateway.actions.fates import SPLIT, Fate, alike, fates_of, raised, strictest
from gateway.actions.notices import Notices
from gateway.actions.replies import ReplyKey, reply
from gateway.actions.telling import Circumstances, notifications, report
from gateway.core.envelope import Transaction
from gateway.core.finding import Finding
from gateway.core.message import Content, Message
from gateway.core.plan import Effect, Forward, Hindrance, Plan, Quarantine
from gateway.core.verdict import Disposition, Verb, Verdict

SEVERITIES = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class _Outside:
    """What of the header matters around ciphertext: whom it names, and which fields tell what is inside."""

    named: frozenset[str] = frozenset()
    telling: tuple[str, ...] = ()


def plan(
    verdict: Verdict,
    transaction: Transaction,
    message: Message | None,
    content: Content,
    findings: Sequence[Finding],
    notices: Notices,
    *,
    mixed_recipients: str,
    overlapped: Sequence[Finding] = (),
) -> Plan:
    """What is to be done for every recipient of the envelope. Pure and total.

    `overlapped`: what gave way to findings at their places.
    `message` None: the inspection failed; nothing can be rewritten, and what needs it is quarantined.
    `mixed_recipients` "strictest": a quarantine or block of one recipient holds for all; "split": each has their own,
    and the sender gets a delivery report for those blocked. Where no report can be sent, "split" refuses the whole
    message, so that somebody knows. `Plan.disposition` is the strictest one that any recipient came to.
    A recipient without an outcome is our own failure: defer.
    """
    if _must_defer(verdict, transaction):
        return Plan(Disposition.DEFER, (), (), reply(ReplyKey.DEFERRED, transaction.incident))
    fates = what_becomes(
        verdict, transaction, message, content, findings, mixed_recipients=mixed_recipients, overlapped=overlapped
    )
    protected = any(fate.settled.protection is not None for fate in fates)
    outside = _Outside()
    if protected:
        outside = _Outside(named_in(message), telling_in(message, content, verdict, findings))
    return _plan_of(fates, Circumstances(verdict, transaction, content, findings, notices), outside)


def what_becomes(
    verdict: Verdict,
    transaction: Transaction,
    message: Message | None,
    content: Content,
    findings: Sequence[Finding],
    *,
    mixed_recipients: str,
    overlapped: Sequence[Finding] = (),
) -> tuple[Fate, ...]:
    """Of each recipient, before anything is made of it: the part of `plan` that comparing policies needs."""
    fates = fates_of(verdict.outcomes, message, content, findings, overlapped)
    return _together(fates, transaction, is_split=mixed_recipients == SPLIT)


def _must_defer(verdict: Verdict, transaction: Transaction) -> bool:
    decided = {outcome.recipient for outcome in verdict.outcomes}
    dispositions = {verdict.disposition, *(outcome.disposition for outcome in verdict.outcomes)}
    missing = any(recipient.address not in decided for recipient in transaction.envelope.recipients)
    return missing or Disposition.DEFER in dispositions


def _together(fates: tuple[Fate, ...], transaction: Transaction, *, is_split: bool) -> tuple[Fate, ...]:
    """The fates once the recipients of one message are looked at as a whole."""
    worst = strictest(fates)
    untold = worst is Disposition.BLOCK and not has_return_path(transaction)
    if worst is Disposition.DELIVER:
        return fates
    return alike(fates) if is_split and not untold else raised(fates, worst)


def _plan_of(fates: tuple[Fate, ...], known: Circumstances, outside: _Outside) -> Plan:
    delivered, held, blocked = (
        tuple(fate for fate in fates if fate.disposition is disposition)
        for disposition in (Disposition.DELIVER, Disposition.QUARANTINE, Disposition.BLOCK)
    )
    reported = blocked if len(blocked) < len(fates) else ()
    effects: list[Effect] = [_quarantine(held, known.verdict)] if held else []
    effects += [Forward(address) for address in _further(fates)]
    effects += report(reported, known)
    effects += notifications(fates, known, reported=bool(reported))
    if blocked and not reported:
        key = ReplyKey.BLOCKED
    else:
        key = ReplyKey.HELD if held and not delivered else ReplyKey.ACCEPTED
    copies = copies_of(delivered, known.transaction, outside.named, outside.telling)
    answer = reply(key, known.transaction.incident)
    return Plan(strictest(fates), copies, tuple(effects), answer, tuple(_hindrances(fates)))


def _hindrances(fates: Sequence[Fate]) -> Iterator[Hindrance]:
    for fate in fates:
        who, settled = fate.outcome.recipient, fate.settled
        told = {left.obstacle for left in settled.left}
        yield from (Hindrance(who, left.obstacle, left.entity, left.part_path) for left in settled.left)
        yield from (Hindrance(who, obstacle) for obstacle in settled.obstacles if obstacle not in told)


def _further(fates: Sequence[Fate]) -> tuple[str, ...]:
    """Who gets a further copy, whatever becomes of the message itself; each once."""
    asked = (action for fate in fates for action in fate.outcome.actions if action.verb is Verb.COPY_TO)
    return tuple(dict.fromkeys(str(action.settings["address"]) for action in asked))


def _reviewers(held: Sequence[Fate]) -> int:
    """As many as the strictest of the rules asks for."""
    asked = (action.settings.get("reviewers", 1) for fate in held for action in fate.outcome.actions)
    return max((number for number in asked if isinstance(number, int)), default=1)


def _quarantine(held: Sequence[Fate], verdict: Verdict) -> Quarantine:
    """One effect for all who are held: their rules, the areas of these, and the highest severity."""
    rules = tuple(dict.fromkeys(rule for fate in held for rule in fate.outcome.rules))
    hits = [hit for hit in verdict.hits if hit.rule in rules and hit.status == "enforce"]
    severity = max((hit.severity for hit in hits), key=_rank, default="")
    return Quarantine(
        recipients=tuple(dict.fromkeys(fate.outcome.recipient for fate in held)),
        rules=rules,
        areas=tuple(dict.fromkeys(hit.area for hit in hits)),
        severity=severity,
        reviewers=_reviewers(held),
    )


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1
