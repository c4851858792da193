"""Senders hear what became of messages that were held, and which ones nobody has read at the portal.

One mail for each sender in a round, however many messages it is about; a round comes each hour. Only to senders of the
organization itself, from the null reverse-path, marked as automatic and by the listener without a filter: nobody
outside is written to, nothing answers, and no notice becomes a message that is held.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol, TypeVar

from gateway.actions import Notices
from gateway.actions.notices import compose_plain, is_plausible
from gateway.audit import review_events
from gateway.core.errors import TransactionError
from gateway.pickup import Pickup, Pickups
from gateway.pickup import State as Waiting
from gateway.policy.organization import Organization
from gateway.quarantine import Item, State
from gateway.quarantine.outcomes import MOST, Outcomes
from gateway.quarantine.purging import REASON as PURGED_UNDECIDED

MOST_MAILS = 200  # of a round
SHOWN = 40  # messages one by one in a mail
SHOWN_RECIPIENTS = 5
RETURNED = "returned to its sender"  # that sender has heard of it, in a reviewer's own words
T = TypeVar("T", Item, Pickup)


class Postbox(Protocol):
    """Hands a message to Postfix on the listener that has no filter."""

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes]) -> str: ...


class Log(Protocol):
    """Where events go; `append` returns when the event is durable, or raises AuditUnavailable."""

    def append(self, event: Mapping[str, object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told, and in whose name. `unread` None: nothing is said of what nobody reads."""

    notices: Notices
    organization: Organization
    outcome: bool = True
    unread: timedelta | None = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """A round raises StoreUnavailable, AuditUnavailable, and what Postfix said of the first that it did not take."""

    telling: Telling
    outcomes: Outcomes
    pickups: Pickups | None
    postbox: Postbox
    audit: Log
    now: Callable[[], datetime]

    def round(self) -> int:
        """How many mails were sent."""
        return self._outcomes() + self._unread()

    def _outcomes(self) -> int:
        if not self.telling.outcome:
            return 0
        due = self.outcomes.due()
        known = [item.id for item in due if item.reason.startswith(RETURNED) or not self._may_hear(item)]
        if known:
            self.outcomes.claim(known)
        left = _by_sender(item for item in due if item.id not in set(known))
        return self._mail("sender-outcome", left, _outcome, self.outcomes.claim, self.outcomes.give_back)

    def _unread(self) -> int:
        pickups, after = self.pickups, self.telling.unread
        if pickups is None or after is None:
            return 0
        due = [each for each in pickups.unread(self.now() - after, MOST) if self._may_hear(each)]
        kept = {pickup.id: pickup for pickup in due}

        def claim(ids: Sequence[str]) -> None:
            pickups.tell([kept[each] for each in ids])

        def give_back(ids: Sequence[str]) -> None:
            pickups.tell([kept[each] for each in ids], back=True)

        return self._mail("sender-unread", _by_sender(due), _not_read, claim, give_back)

    def _may_hear(self, about: Item | Pickup) -> bool:
        sender = about.mail_from
        inside = is_plausible(sender) and self.telling.organization.inside.covers(sender)
        return inside and bool(self.telling.notices.sender)

    def _mail(
        self,
        name: str,
        by_sender: Mapping[str, Sequence[T]],
        line: Callable[[T], str],
        claim: Callable[[Sequence[str]], None],
        give_back: Callable[[Sequence[str]], None],
    ) -> int:
        sent = 0
        for sender, about in list(by_sender.items())[:MOST_MAILS]:
            ids = [each.id for each in about]
            claim(ids)
            try:
                queue_id = self.postbox.submit("", [sender], [self._letter(name, sender, about, line)])
            except TransactionError:  # it was surely not sent; SubmitUncertain is none
                give_back(ids)
                raise
            what = name.removeprefix("sender-")
            self.audit.append(review_events.sender_told(what, to=sender, about=ids, queue_id=queue_id))
            sent += 1
        return sent

    def _letter(self, name: str, sender: str, about: Sequence[T], line: Callable[[T], str]) -> bytes:
        lines = [line(each) for each in about[:SHOWN]]
        lines += [f"  - and {len(about) - SHOWN:,} more"] if len(about) > SHOWN else []
        values = {"count": f"{len(about):,}", "items": "\n".join(lines)}
        mark = sha256("\n".join(each.id for each in about).encode()).hexdigest()[:32]
        return compose_plain(self.telling.notices, name, values, self.now(), mark, sender)


def _by_sender(about: Iterable[T]) -> dict[str, list[T]]:
    """Addresses are one whatever their letters."""
    groups: dict[str, list[T]] = {}
    names: dict[str, str] = {}
    for each in about:
        groups.setdefault(names.setdefault(each.mail_from.lower(), each.mail_from), []).append(each)
    return groups


def _outcome(item: Item) -> str:
    lines = [f"  - Sent {item.created:%Y-%m-%d %H:%M} UTC, incident {item.incident}"]
    undecided = item.reason == PURGED_UNDECIDED
    gone = "nobody decided in time, will not be sent to" if undecided else "will not be sent to"
    for state, words in ((State.RELEASED, "released and sent to"), (State.DISCARDED, gone)):
        lines += _whom(words, [r.address for r in item.recipients if r.state is state])
    return "\n".join(lines)


def _not_read(pickup: Pickup) -> str:
    told = f"  - Sent {pickup.created:%Y-%m-%d %H:%M} UTC to {_plain(pickup.recipient)}, incident {pickup.incident}"
    if pickup.state is Waiting.EXPIRED:
        return f"{told}\n    its time was over, it is destroyed"
    return f"{told}\n    it waits until {pickup.expires:%Y-%m-%d}"


def _whom(words: str, addresses: Sequence[str]) -> list[str]:
    shown = ", ".join(map(_plain, addresses[:SHOWN_RECIPIENTS]))
    more = f" and {len(addresses) - SHOWN_RECIPIENTS} more" if len(addresses) > SHOWN_RECIPIENTS else ""
    return [f"    {words} {shown}{more}"] if addresses else []


def _plain(address: str) -> str:
    """On one line, without what could control anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in address)[:200]
