"""The notifications of a plan: notices that rules ask for, and the delivery report for refused recipients."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.actions.audience import OFFICER, SENDER, address_of, asked_for, has_return_path
from gateway.actions.dsn import compose_report, wants_report
from gateway.actions.fates import Fate
from gateway.actions.notices import Notices, Story, compose
from gateway.actions.replies import ReplyKey, reply
from gateway.actions.words import entity_words, obstacle_words, unread_words
from gateway.core.envelope import Transaction
from gateway.core.finding import Finding
from gateway.core.message import Content
from gateway.core.plan import Notify, Reply
from gateway.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that notices may tell from."""

    verdict: Verdict
    transaction: Transaction
    content: Content
    findings: Sequence[Finding]
    notices: Notices


def notifications(fates: Sequence[Fate], known: Circumstances, *, reported: bool) -> list[Notify]:
    """One notice for each addressee and kind of fate, in the order asked for. `reported`: the sender gets a report."""
    wanted: dict[tuple[str, str], list[Fate]] = {}
    for fate in fates:
        for who in sorted(asked_for(fate.outcome) | _at_once(fate, known)):
            wanted.setdefault((who, fate.kind), []).append(fate)
    notes: list[Notify] = []
    for (who, kind), told in wanted.items():
        address = address_of(who, known.transaction, known.notices)
        if not address or (reported and who == SENDER and kind == "blocked"):
            continue
        template = f"{SENDER if who == SENDER else 'officer'}-{kind}"
        story = _story(told, known)
        notes.append(Notify(address, compose(known.notices, template, story, known.transaction, address)))
    return list(dict.fromkeys(notes))


def _at_once(fate: Fate, known: Circumstances) -> frozenset[str]:
    """The officer, where a message is held by a rule so grave that the digest would come too late."""
    grave = known.notices.at_once
    held = (hit for hit in known.verdict.hits if hit.rule in fate.outcome.rules and hit.status == "enforce")
    return frozenset({OFFICER}) if fate.kind == "held" and any(hit.severity in grave for hit in held) else frozenset()


def report(blocked: Sequence[Fate], known: Circumstances) -> list[Notify]:
    """The delivery report about recipients who were refused while others were not; none where nobody wants it."""
    refused = {fate.outcome.recipient: fate for fate in blocked}
    envelope = known.transaction.envelope
    wanted = {recipient.address: recipient for recipient in envelope.recipients if wants_report(recipient)}
    recipients = [wanted[address] for address in refused if address in wanted]
    if not recipients:
        return []
    story = _story([refused[recipient.address] for recipient in recipients], known)
    return [Notify(envelope.mail_from, compose_report(known.notices, story, known.transaction, recipients))]


def late_report(
    notices: Notices, transaction: Transaction, addresses: Sequence[str]
) -> tuple[Notify | None, Reply] | None:
    """What the sender hears of recipients who are refused after others were served by an earlier try, and the reply.

    None where no report can be sent. Rules are not named: they may be others than those of the earlier try.
    """
    if not has_return_path(transaction):
        return None
    accepted = reply(ReplyKey.ACCEPTED, transaction.incident)
    known = {recipient.address: recipient for recipient in transaction.envelope.recipients}
    wanted = [known[address] for address in addresses if wants_report(known[address])]
    if not wanted:
        return None, accepted
    story = Story(tuple(recipient.address for recipient in wanted))
    octets = compose_report(notices, story, transaction, wanted)
    return Notify(transaction.envelope.mail_from, octets, late=True), accepted


def _story(told: Sequence[Fate], known: Circumstances) -> Story:
    rules = {rule for fate in told for rule in fate.outcome.rules}
    hits = [hit for hit in known.verdict.hits if hit.rule in rules and hit.status == "enforce"]
    titles = (hit.title or hit.rule for hit in hits)
    redacted = {entity: None for fate in told for entity in fate.settled.entities}
    counted = {entity: None for hit in hits for entity in hit.entities}
    return Story(
        recipients=tuple(dict.fromkeys(fate.outcome.recipient for fate in told)),
        titles=tuple(dict.fromkeys(titles)),
        data=tuple(dict.fromkeys(map(entity_words, redacted or counted))),
        obstacles=obstacle_words(obstacle for fate in told for obstacle in fate.settled.obstacles),
        unread=unread_words(known.content),
    )
