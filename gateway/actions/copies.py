"""Who shares a copy: the fewest, one for equal edits, method and manner.

Ciphertext tells for whom it is (key ids, RFC 5652 section 6.2, RFC 9580 section 5.1). So whoever is not named in the
header, a Bcc recipient, has a copy of their own where the message itself is encrypted. So has everybody whose message
waits at the portal: a link is for one person.
"""

from collections.abc import Sequence
from dataclasses import replace
from email.utils import getaddresses

from gateway.actions.fates import Fate
from gateway.actions.headers import CORRESPONDENTS, ON_THE_WAY
from gateway.actions.standing import standing_again
from gateway.core.envelope import Transaction
from gateway.core.finding import Finding
from gateway.core.message import Content, Message, Place
from gateway.core.plan import Copy, Edit, Protection
from gateway.core.verdict import Method, Verb, Verdict
from gateway.domains import domain_of

HEAD = frozenset({Place.SUBJECT, Place.HEADER})
NAMING = frozenset({"to", "cc", "resent-to", "resent-cc"})


def copies_of(
    delivered: Sequence[Fate], transaction: Transaction, named: frozenset[str], telling: tuple[str, ...] = ()
) -> tuple[Copy, ...]:
    """The one with the most recipients is first; of equals, the one that came first.

    `named` as of `named_in`, `telling` as of `telling_in`.
    """
    groups: dict[tuple[tuple[Edit, ...], Protection | None, str], list[str]] = {}
    for fate in delivered:
        who = fate.outcome.recipient
        protection = _for_recipient(fate.settled.protection, who, transaction, named)
        if protection is not None and protection.encrypts:
            protection = replace(protection, telling=telling)
        apart = who if protection is not None and _is_alone(protection) else ""
        groups.setdefault((fate.settled.edits, protection, apart), []).append(who)
    copies = [
        Copy(tuple(dict.fromkeys(recipients)), edits, protection)
        for (edits, protection, _), recipients in groups.items()
    ]
    return tuple(sorted(copies, key=lambda copy: -len(copy.recipients)))


def named_in(message: Message | None) -> frozenset[str]:
    """The addresses of To and Cc, in the form in which they are compared; nobody where nothing could be read."""
    if message is None:
        return frozenset()
    values = [header.value for header in message.root.headers if header.name.lower() in NAMING]
    return frozenset(_form(address) for value in values for _, address in getaddresses([value]) if address)


def telling_in(
    message: Message | None, content: Content, verdict: Verdict, findings: Sequence[Finding]
) -> tuple[str, ...]:
    """The fields of the message's own header that hold what rules in force want encrypted, where it is more than who
    writes to whom. A value is one without its label, too: what is found in the body stands in no field outside."""
    if message is None:
        return ()
    asking = (
        hit for hit in verdict.hits if hit.status == "enforce" and any(a.verb is Verb.ENCRYPT for a in hit.actions)
    )
    wanted = {entity for hit in asking for entity in hit.entities}
    found = [finding for finding in findings if finding.entity in wanted]
    found += [again.here for again in standing_again(content.segments, found)]
    there = ((f.entity, content.segments[f.segment]) for f in found if f.place in HEAD)
    fields = {
        (entity, (s.header or Place.SUBJECT).lower()) for entity, s in there if s.part_path == message.root.part_path
    }
    return tuple(sorted({name for entity, name in fields if entity not in CORRESPONDENTS or name not in ON_THE_WAY}))


def _is_alone(protection: Protection) -> bool:
    return protection.hidden or protection.method is Method.PORTAL


def _for_recipient(
    protection: Protection | None, recipient: str, transaction: Transaction, named: frozenset[str]
) -> Protection | None:
    if protection is None:
        return None
    manner = _manner(protection.method, recipient, transaction)
    return replace(protection, manner=manner, hidden=protection.encrypts and _form(recipient) not in named)


def _manner(method: Method, recipient: str, transaction: Transaction) -> str:
    ways = transaction.means.get(recipient, ())
    return next((means.manner for means in ways if means.method is method), "")


def _form(address: str) -> str:
    """Too much is equal rather than too little: who is named twice in different letters is no secret."""
    return f"{address.rpartition('@')[0].lower()}@{domain_of(address)}"
