"""Held messages: finding them, seeing why, and deciding."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from gateway.actions.notices import Notices, Story, compose, is_plausible
from gateway.actions.words import entity_words
from gateway.audit import events, review_events
from gateway.core.envelope import Envelope, Session, Transaction
from gateway.core.errors import GatepostError
from gateway.desk.agreeing import OwnMail, check_counts, is_own, may_decide, withdrawn
from gateway.desk.guard import Guard, Log
from gateway.desk.reading import Reader, Revealed, Why, Whys, revealed, why
from gateway.desk.review import Review, Say, Uncertain
from gateway.desk.rights import Act, Caller, PersonNeeded
from gateway.desk.sending import Sending, Sent, Wish
from gateway.desk.wording import Wording
from gateway.people import Roster
from gateway.pipeline import Inspection
from gateway.postfix.submit import SubmitFailed
from gateway.quarantine import Casefile, Comment, Item, Mark, QuarantineStore, Query, State, Way
from gateway.quarantine.errors import AlreadyDiscarded, OnHold, QuarantineError
from gateway.quarantine.purging import Terms
from gateway.quarantine.release import Terms as AgreedTo
from gateway.quarantine.release import named
from gateway.store.clock import Clock
from gateway.store.errors import BlobDamaged

MOST_BULK = 100
COUNTS_HOLD = timedelta(seconds=5)  # how many there are in each state costs as much as the rest of a page of the list


class NothingToDo(GatepostError):
    """An act without an object: nobody to release to, no sender to return to."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, and the question for the next one (None: it was the last)."""

    items: tuple[Item, ...]
    following: Query | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """What is known of an item. `ends`: when its time is over."""

    item: Item
    comments: tuple[Comment, ...]
    marks: Mapping[tuple[str, str, str], Mark]
    ends: datetime
    own: bool  # the mail of whoever looks

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(r.address for r in self.item.recipients if r.state is State.HELD)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one item of several. `why`: in plain words, where it was not done."""

    item: str
    ok: bool
    text: str


class ItemDesk:
    """Every method that takes a caller raises Forbidden, ItemUnknown, StoreUnavailable, AuditUnavailable."""

    def __init__(
        self,
        quarantine: QuarantineStore,
        casefile: Casefile,
        roster: Roster,
        audit: Log,
        sending: Sending,
        reader: Callable[[], Reader],
        wording: Wording,
        notices: Callable[[], Notices],
        terms: Terms,
        clock: Clock,
        say: Say,
    ) -> None:
        self._quarantine = quarantine
        self._casefile = casefile
        self._roster = roster
        self._sending = sending
        self._reader = reader
        self._wording = wording
        self._notices = notices
        self._terms = terms
        self._clock = clock
        self._say = say
        self._guard = Guard(audit)
        self._whys = Whys()
        self._counted: tuple[datetime, Mapping[State, int]] | None = None

    # --- finding -----------------------------------------------------------------------------------------------------

    def find(self, caller: Caller, query: Query, asked: Mapping[str, str]) -> Page:
        """A page of items. A search is an event, with the filters that were `asked` for."""
        self._guard.demand(caller, Act.LIST_ITEMS)
        found = self._quarantine.list(replace(query, limit=query.limit + 1))
        page = found[: query.limit]
        if asked:
            told = self._wording.told(asked)
            self._guard.note(caller, review_events.searched_items(by=caller.name, filters=told, found=len(page)))
        return Page(page, query.following(page[-1]) if len(found) > query.limit else None)

    def states(self, caller: Caller) -> Mapping[State, int]:
        """How many there are in each; of mail that came a moment ago perhaps before it came."""
        self._guard.demand(caller, Act.LIST_ITEMS)
        known, now = self._counted, self._clock()
        if known is None or now - known[0] > COUNTS_HOLD:
            self._counted = known = (now, self._quarantine.states())
        return known[1]

    def state(self, caller: Caller, item_id: str) -> Item:
        """For the help desk: who, when, and what became of it. Not why. Looking is an event."""
        self._guard.demand(caller, Act.LIST_ITEMS, item_id)
        item = self._quarantine.get(item_id)
        self._guard.note(caller, review_events.opened(item=item.id, incident=item.incident, by=caller.name))
        return item

    def open(self, caller: Caller, item_id: str) -> CaseView:
        """All that is known without the message. Looking is an event."""
        self._guard.demand(caller, Act.SEE_ITEM, item_id)
        item = self._quarantine.get(item_id)
        self._guard.note(caller, review_events.opened(item=item.id, incident=item.incident, by=caller.name))
        marks = {(mark.kind, mark.name, mark.place): mark for mark in self._casefile.marks(item_id)}
        comments = self._casefile.comments(item_id)
        return CaseView(item, comments, marks, self._terms.ends(item), is_own(item, caller))

    def why(self, caller: Caller, item: Item) -> Why | None:
        """The trace of today's rules with masked values; None where there is no message any more.

        Raises WorkersUnavailable, BlobDamaged.
        """
        self._guard.demand(caller, Act.SEE_ITEM, item.id)
        reader = self._reader()
        if item.state is State.DISCARDED or item.purged:
            self._whys.forget(item.id)
            return None
        with suppress(AlreadyDiscarded):
            return self._whys.of(item.id, reader.policy, lambda: why(self._inspect(reader, item, self._raw(item))))
        return None

    # --- the message itself ------------------------------------------------------------------------------------------

    def unseal(self, caller: Caller, item_id: str, reason: str) -> Item:
        """Ask to see a message, with a reason. Whoever calls may then `read` it for a while."""
        self._guard.demand_confirmed(caller, Act.REVEAL, item_id)
        reason = self._wording.check(reason)
        item = self._quarantine.get(item_id)
        _refuse_gone(item)
        self._guard.note(
            caller, review_events.revealed(item=item.id, incident=item.incident, by=caller.name, reason=reason)
        )
        return item

    def read(self, caller: Caller, item_id: str, what: str) -> Revealed:
        """The message in clear; `what` ("text", "html") is looked at is an event. Only after `unseal`."""
        self._guard.demand(caller, Act.REVEAL, item_id)
        item = self._quarantine.get(item_id)
        raw = self._raw(item)
        self._guard.note(caller, review_events.read(what, item=item.id, incident=item.incident, by=caller.name))
        return revealed(self._inspect(self._reader(), item, raw))

    def download(self, caller: Caller, item_id: str) -> Iterator[bytes]:
        """The message as it came."""
        self._guard.demand_confirmed(caller, Act.DOWNLOAD, item_id)
        item = self._quarantine.get(item_id)
        chunks = self._quarantine.read(item_id)
        self._guard.note(caller, review_events.read("downloaded", item=item.id, incident=item.incident, by=caller.name))
        return chunks

    # --- deciding ----------------------------------------------------------------------------------------------------

    def release(
        self,
        caller: Caller,
        item_id: str,
        recipients: Sequence[str] | None,
        reason: str,
        *,
        way: Way = Way.AS_IT_CAME,
        force: bool = False,
    ) -> tuple[Sent, ...]:
        """Hand it to Postfix for these recipients (None: all that wait), as it came, encrypted or redacted.

        Raises what `QuarantineStore.release` raises, among it SecondReviewerNeeded: the agreement is noted. Uncertain.
        Unreachable: somebody has no means of protection; NotRedactable: something of it cannot be taken out. Nothing
        was sent to anybody then.
        """
        self._guard.demand_confirmed(caller, Act.RELEASE, item_id)
        reason = self._wording.check(reason)
        item = self._not_own(caller, item_id)
        self._check_counts(caller, item)
        wanted = _wanted(item, recipients)
        only = None if recipients is None else wanted
        copies = self._sending.copies(item, wanted, only, way, lambda: self._raw(item))
        wish = Wish(caller.name, reason, AgreedTo(way, self._withdrawn(item)), force)
        log = self._guard.log(caller)
        with self._counted_anew():
            return self._sending.send_all(log, item, copies, wish, self._say)

    def confirm_sent(self, caller: Caller, item_id: str, queue_id: str) -> None:
        """A release that was cut off did send the message: note it, send nothing."""
        self._guard.demand_confirmed(caller, Act.RELEASE, item_id)
        item = self._not_own(caller, item_id)
        recipients = [r.address for r in item.recipients if r.state is State.RELEASING]
        reason = "confirmed: the release had been cut off"
        review = Review(self._guard.log(caller), "confirm", item, caller.name, self._say)
        with self._counted_anew(), review(recipients=recipients, reason=reason):
            self._quarantine.confirm(item_id, caller.name, queue_id)
        event = events.released(
            item=item_id,
            incident=item.incident,
            by=caller.name,
            recipients=recipients,
            queue_id=queue_id,
            reason=reason,
        )
        review.done(event, "it was confirmed")

    def discard(self, caller: Caller, item_id: str, reason: str) -> None:
        """Destroy it for all who still wait."""
        self._guard.demand_confirmed(caller, Act.DISCARD, item_id)
        reason = self._wording.check(reason)
        self._discard(caller, self._not_own(caller, item_id), reason)

    def send_back(self, caller: Caller, item_id: str, note: str) -> str:
        """Tell the sender, in the reviewer's words, that it will not go out; then destroy it. The notice's queue id.

        The notice goes first: where Postfix does not take it nothing is destroyed.
        """
        self._guard.demand_confirmed(caller, Act.DISCARD, item_id)
        note = self._wording.check(note, "note")
        item = self._not_own(caller, item_id)
        notices = self._notices()
        if not is_plausible(item.mail_from) or not notices.sender:
            raise NothingToDo("there is no sender who could be told: discard it instead")
        waiting = tuple(r.address for r in item.recipients if r.state is State.HELD)
        if item.state is not State.HELD or not waiting:
            raise AlreadyDiscarded(f"item {item_id} is {item.state.value}: there is nothing to return")
        if item.legal_hold:
            raise OnHold(f"item {item_id} is under legal hold: an officer has to lift that first")
        data = tuple(dict.fromkeys(entity_words(found.entity) for found in item.findings))
        letter = Transaction(
            Session(), Envelope(item.mail_from, ()), b"", incident=item.incident, received=item.created
        )
        octets = compose(notices, "sender-returned", Story(waiting, data=data, note=note), letter, item.mail_from)
        queue_id = self._sending.submitter.submit("", [item.mail_from], [octets])
        self._guard.note(
            caller,
            review_events.returned(
                item=item.id, incident=item.incident, by=caller.name, queue_id=queue_id, reason=note
            ),
        )
        self._discard(caller, item, f"returned to its sender: {note}")
        return queue_id

    def bulk(self, caller: Caller, act: str, item_ids: Sequence[str], reason: str, to: str = "") -> tuple[Done, ...]:
        """The same act for several items: each by itself, and each tells how it went."""
        acts: dict[str, tuple[Callable[[str], object], str]] = {
            "release": (lambda each: self.release(caller, each, None, reason), "released"),
            "discard": (lambda each: self.discard(caller, each, reason), "discarded"),
            "assign": (lambda each: self.assign(caller, each, to), "assigned"),
        }
        do, word = acts[act]
        done: list[Done] = []
        for item_id in tuple(dict.fromkeys(item_ids))[:MOST_BULK]:
            try:
                do(item_id)
                done.append(Done(item_id, ok=True, text=word))
            except (QuarantineError, NothingToDo, OwnMail, PersonNeeded, SubmitFailed, Uncertain, BlobDamaged) as error:
                done.append(Done(item_id, ok=False, text=str(error)))
        return tuple(done)

    # --- around it ---------------------------------------------------------------------------------------------------

    def assign(self, caller: Caller, item_id: str, to: str) -> None:
        """To somebody who may decide, or to nobody ("")."""
        self._guard.demand(caller, Act.WORK, item_id)
        if to and to not in self.assignees():
            raise NothingToDo(f"{to} has no account that may decide about messages")
        item = self._quarantine.get(item_id)
        event = review_events.assigned(item=item_id, incident=item.incident, by=caller.name, to=to)
        self._casefile.assign(item_id, to, tell=partial(self._guard.note, caller, event))

    def assignees(self) -> tuple[str, ...]:
        """Who may decide."""
        return tuple(person.name for person in self._roster.list() if may_decide(person))

    def comment(self, caller: Caller, item_id: str, text: str) -> None:
        self._guard.demand(caller, Act.WORK, item_id)
        text = self._wording.check(text, "comment")
        item = self._quarantine.get(item_id)
        event = review_events.commented(item=item_id, incident=item.incident, by=caller.name)
        self._casefile.comment(item_id, caller.name, text, tell=partial(self._guard.note, caller, event))

    def mark(self, caller: Caller, item_id: str, kind: str, name: str, place: str, *, is_true: bool) -> None:
        """A rule was right about the item, or a finding is what it is said to be; or not."""
        self._guard.demand(caller, Act.WORK, item_id)
        item = self._quarantine.get(item_id)
        known = item.rules if kind == "rule" else tuple(found.entity for found in item.findings)
        if name not in known:
            raise NothingToDo("this item has no such rule or finding")
        event = review_events.marked(
            item=item_id, incident=item.incident, by=caller.name, kind=kind, name=name, is_true=is_true
        )
        told = partial(self._guard.note, caller, event)
        self._casefile.mark(item_id, kind, name, place, caller.name, is_true=is_true, tell=told)

    def hold(self, caller: Caller, item_id: str, reason: str, *, on: bool) -> None:
        """A legal hold: until it is lifted the item can be neither purged nor discarded."""
        self._guard.demand_confirmed(caller, Act.HOLD, item_id)
        reason = self._wording.check(reason)
        item = self._quarantine.get(item_id) if on else self._not_own(caller, item_id)
        if on:
            _refuse_gone(item)
        event = review_events.hold(item=item_id, incident=item.incident, by=caller.name, on=on, reason=reason)
        self._casefile.set_hold(item_id, on=on, tell=partial(self._guard.note, caller, event))

    def _discard(self, caller: Caller, item: Item, reason: str) -> None:
        waiting = [r.address for r in item.recipients if r.state is State.HELD]
        review = Review(self._guard.log(caller), "discard", item, caller.name, self._say)
        with self._counted_anew(), review(recipients=waiting, reason=reason):
            self._quarantine.discard(item.id, caller.name, reason)
        event = events.discarded(item=item.id, incident=item.incident, by=caller.name, reason=reason)
        review.done(event, "it was discarded")

    @contextmanager
    def _counted_anew(self) -> Iterator[None]:
        """After what changes a state, however it ends."""
        try:
            yield
        finally:
            self._counted = None

    def _withdrawn(self, item: Item) -> frozenset[str]:
        return withdrawn(self._roster.list(), item, self._clock()) if item.reviewers > 1 else frozenset()

    def _check_counts(self, caller: Caller, item: Item) -> None:
        """Where several have to agree: a program is nobody. Raises PersonNeeded."""
        if item.reviewers <= 1:
            return
        if caller.is_program:
            raise PersonNeeded(f"{item.reviewers} people have to agree to this one, and a program is none")
        check_counts(self._roster.get(caller.name), item, self._clock())

    def _not_own(self, caller: Caller, item_id: str) -> Item:
        item = self._quarantine.get(item_id)
        if is_own(item, caller):
            raise OwnMail("this is mail of your own address: somebody else decides about it")
        return item

    def _raw(self, item: Item) -> bytes:
        return b"".join(self._quarantine.read(item.id))

    def _inspect(self, reader: Reader, item: Item, raw: bytes) -> Inspection:
        recipients = [recipient.address for recipient in item.recipients]
        return reader.inspect(raw, item.mail_from, recipients, item.incident, item.created)


def _wanted(item: Item, recipients: Sequence[str] | None) -> list[str]:
    """Those who may get it and have it not yet; all that were asked for where nobody is left, for the store to refuse.

    Raises NothingToDo, ItemUnknown.
    """
    chosen = item.recipients if recipients is None else named(item, recipients)
    left = [r.address for r in chosen if not _is_done(r.state)]
    if not chosen or not (left or recipients):
        raise NothingToDo("choose at least one recipient")
    return left or [r.address for r in chosen]


def _is_done(state: State) -> bool:
    return state in (State.RELEASED, State.DISCARDED)


def _refuse_gone(item: Item) -> None:
    if item.state is State.DISCARDED or item.purged:
        raise AlreadyDiscarded(f"item {item.id} is gone: its message was destroyed")
