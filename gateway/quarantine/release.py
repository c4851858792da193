"""Releasing: the one place where a kept message goes out.

    held ──claim──► releasing ──submit ok──► released        (or held again: other recipients wait, or submit failed)

The claim, with an id of its own, is durable before anything is sent, so a message is never sent twice silently:
- `submit` raises TransactionError: Postfix did not take the message. The item is held again. (A submitter that lost the
  connection after the final dot does not know; it must raise something else. RFC 1047 tells that story.)
- anything else, or a crash: perhaps it was sent. The item stays "releasing" and says since when. Nothing is sent until
  somebody looked into Postfix's log and says `force` (send, perhaps again) or `confirm` (it was sent).
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from gateway.core.errors import TransactionError
from gateway.core.wishes import Wishes
from gateway.quarantine.errors import (
    AlreadyDiscarded,
    AlreadyReleased,
    ItemUnknown,
    ReleaseBusy,
    ReleaseUncertain,
    ReleaseUnrecorded,
    SecondReviewerNeeded,
)
from gateway.quarantine.items import Item, Recipient, State, Way
from gateway.quarantine.rows import add_agreement, agreements, load_item, set_recipients
from gateway.store.clock import Clock
from gateway.store.database import writing
from gateway.store.errors import StoreUnavailable
from gateway.store.schema import items

LONGEST_NAME = 128


class Submit(Protocol):
    """Hands a message to Postfix; its queue id. `wishes`: what the client wanted to hear of the delivery."""

    def __call__(
        self, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], /, *, wishes: Wishes
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one item to these recipients."""

    id: str
    item: Item
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement is about, and `withdrawn`: people whose word counts no more."""

    way: Way = Way.AS_IT_CAME
    withdrawn: frozenset[str] = frozenset()


AS_IT_CAME = Terms()


class Releases:
    """Claims, and what becomes of them. Every method is one transaction; all raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def agree(self, item_id: str, recipients: Sequence[str] | None, by: str, terms: Terms, *, force: bool) -> None:
        """Note that somebody wants an item released that more than one has to agree to; `force` is no way around it.

        What counts is who agreed to each of these recipients, in this way. Raises SecondReviewerNeeded while somebody
        else has to: the note is durable, also then. A QuarantineError where there is nothing to agree to.
        """
        by = by[:LONGEST_NAME]
        with writing(self._engine) as connection:
            item = load_item(connection, item_id)
            if item is None or item.reviewers <= 1:
                return
            wanted = set(releasable(item, recipients, force=force))
            places = [place for place, each in enumerate(item.recipients) if each.address in wanted]
            add_agreement(connection, item_id, by, places, terms.way)
            known = agreements(connection, item_id, terms.way)
        if any(len(known.get(place, set()) - terms.withdrawn) < item.reviewers for place in places):
            raise SecondReviewerNeeded(
                f"item {item_id} needs {item.reviewers} people: your agreement is noted, somebody else has to agree too"
            )

    def claim(self, item_id: str, recipients: Sequence[str] | None, by: str, *, force: bool) -> Claim:
        """Of several callers one gets it. Raises a QuarantineError that says why not."""
        now, claim_id = self._clock(), secrets.token_hex(16)
        with writing(self._engine) as connection:
            item = load_item(connection, item_id)
            if item is None:
                raise ItemUnknown(f"there is no item {item_id}")
            addresses = releasable(item, recipients, force=force)
            before = connection.execute(sa.select(items.c.release_id).where(items.c.id == item_id)).scalar_one()
            values = {"state": State.RELEASING.value, "release_id": claim_id, "release_started": now}
            taken = connection.execute(
                sa.update(items)
                .where(items.c.id == item_id, items.c.state == item.state.value, _unclaimed_since(before))
                .values(values | {"changed_at": now, "changed_by": by})
            )
            if taken.rowcount != 1:
                raise ReleaseBusy(f"item {item_id} is being released by somebody else")
            set_recipients(connection, item_id, addresses, {"state": State.RELEASING.value})
        return Claim(claim_id, item, addresses)

    def succeed(self, claim: Claim, queue_id: str, by: str, reason: str) -> None:
        """Postfix took it."""
        try:
            self._settle(claim, State.RELEASED, queue_id, by, reason)
        except (StoreUnavailable, ReleaseBusy) as error:
            raise ReleaseUnrecorded(
                f"item {claim.item.id} was sent as {queue_id}, but that could not be written down: {error}", queue_id
            ) from None

    def fail(self, claim: Claim) -> None:
        """Postfix did not take it: held again. An earlier release that was cut off stays as uncertain as it was."""
        if claim.item.state is State.RELEASING:
            return
        self._settle(claim, State.HELD, "", claim.item.changed_by, claim.item.reason)

    def _settle(self, claim: Claim, state: State, queue_id: str, by: str, reason: str) -> None:
        now = self._clock()
        with writing(self._engine) as connection:
            values: dict[str, object] = {"state": state.value, "changed_at": now, "changed_by": by}
            set_recipients(connection, claim.item.id, claim.addresses, values | {"queue_id": queue_id})
            item = load_item(connection, claim.item.id)
            assert item is not None
            rest = any(recipient.state is State.HELD for recipient in item.recipients)
            values |= {"state": (State.HELD if rest else state).value, "reason": reason}
            settled = connection.execute(
                sa.update(items)
                .where(items.c.id == claim.item.id, items.c.release_id == claim.id)
                .values(values | {"release_id": None, "release_started": None})
            )
            if settled.rowcount != 1:
                raise ReleaseBusy(f"item {claim.item.id} was released by somebody else meanwhile")

    def send(self, claim: Claim, submit: Submit, read: Callable[[str], Iterator[bytes]]) -> str:
        """Hand it over; a TransactionError means that it was not taken, and the claim is given back."""
        try:
            item = claim.item
            return submit(item.mail_from, claim.addresses, read(item.id), wishes=item.wishes)
        except TransactionError:
            with suppress(StoreUnavailable, ReleaseBusy):
                self.fail(claim)
            raise


def releasable(item: Item, recipients: Sequence[str] | None, *, force: bool) -> tuple[str, ...]:
    """Those of the wanted recipients (None: all) that wait. Raises a QuarantineError where it cannot be done."""
    if item.state is State.DISCARDED:
        raise AlreadyDiscarded(f"item {item.id} was discarded")
    if item.purged:
        raise AlreadyDiscarded(f"item {item.id} was purged: its time was over")
    if item.state is State.RELEASING and not force:
        since = item.release_started.isoformat(timespec="seconds") if item.release_started else "an unknown time"
        raise ReleaseUncertain(
            f"item {item.id} has been in release since {since}: if nobody is at it, look in Postfix's log whether it"
            " was sent, then force the release or confirm it"
        )
    wanted = item.recipients if recipients is None else named(item, recipients)
    waiting = (State.HELD, State.RELEASING) if force else (State.HELD,)
    cut_off = {recipient for recipient in item.recipients if recipient.state is State.RELEASING}
    if not cut_off <= set(wanted):
        raise ReleaseUncertain(f"item {item.id}: a release was cut off: force it for all, or confirm it first")
    addresses = tuple(dict.fromkeys(recipient.address for recipient in wanted if recipient.state in waiting))
    if not addresses:
        raise AlreadyReleased(f"item {item.id} was released before")
    return addresses


def named(item: Item, addresses: Sequence[str]) -> tuple[Recipient, ...]:
    """Its recipients of these addresses: to the letter, else without regard to case. Raises ItemUnknown.

    Two may differ in case alone, and have keys of their own.
    """
    exact = {recipient.address: recipient for recipient in item.recipients}
    alike = {recipient.address.lower(): recipient for recipient in item.recipients}
    found = tuple(exact.get(address) or alike.get(address.lower()) for address in addresses)
    if None in found:
        raise ItemUnknown(f"item {item.id} was not for all of these recipients")
    return tuple(filter(None, found))


def _unclaimed_since(release_id: str | None) -> sa.ColumnElement[bool]:
    """That nobody else claimed it since it was looked at."""
    return items.c.release_id.is_(None) if release_id is None else items.c.release_id == release_id
