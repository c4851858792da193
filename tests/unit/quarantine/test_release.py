"""Releasing: sent once, and known to be sent."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.core.errors import TransactionError
from gateway.core.wishes import NONE, Wishes
from gateway.quarantine import NewItem, QuarantineStore, State, Way
from gateway.quarantine.errors import (
    AlreadyDiscarded,
    AlreadyReleased,
    ItemUnknown,
    ReleaseBusy,
    ReleaseUncertain,
    ReleaseUnrecorded,
    SecondReviewerNeeded,
)
from gateway.quarantine.release import Terms
from gateway.store.blobs import Blobs
from gateway.store.errors import BlobDamaged
from tests.conftest import ON_ONE_MACHINE

ITEM = "item-0001"
LEE, KIM = "lee@partner.example", "kim@insurer.example"


class Postfix:
    """Takes messages, or fails as told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, tuple[str, ...], bytes]] = []
        self.wished: list[Wishes] = []
        self.error: Exception | None = None

    def __call__(
        self, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes = NONE
    ) -> str:
        octets = b"".join(chunks)
        if self.error:
            raise self.error
        self.taken.append((mail_from, tuple(recipients), octets))
        self.wished.append(wishes)
        return f"Q{len(self.taken)}"


def _dying(mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return mail_from


@pytest.fixture
def postfix() -> Postfix:
    return Postfix()


@pytest.fixture
def kept(store: QuarantineStore, new: Callable[[int], NewItem]) -> QuarantineStore:
    store.put(new(1), [b"sealed original"])
    return store


def test_a_release_sends_the_original_once(kept: QuarantineStore, postfix: Postfix) -> None:
    """To all its recipients; the record says who and the queue id; a second release sends nothing."""
    assert kept.release(ITEM, postfix, "robin", reason="checked") == "Q1"

    assert postfix.taken == [("dana@clinic.example", (LEE, KIM), b"sealed original")]
    item = kept.get(ITEM)
    assert (item.state, item.changed_by, item.reason) == (State.RELEASED, "robin", "checked")
    assert {(r.state, r.queue_id) for r in item.recipients} == {(State.RELEASED, "Q1")}
    with pytest.raises(AlreadyReleased):
        kept.release(ITEM, postfix, "robin")
    with pytest.raises(AlreadyReleased):
        kept.release(ITEM, postfix, "robin", force=True)
    assert len(postfix.taken) == 1


def test_what_the_client_wants_to_hear_of_the_delivery_goes_with_each_release(
    store: QuarantineStore, new: Callable[[int], NewItem], postfix: Postfix
) -> None:
    """Kept with the item, and handed on to whom it is released first and last; nothing else in that column does."""
    asked = Wishes(("RET=HDRS", "ENVID=q+2B1"), {LEE: ("NOTIFY=NEVER",), KIM: ("NOTIFY=SUCCESS", "ORCPT=rfc822;K@i")})
    store.put(replace(new(1), wishes=replace(asked, of_mail=(*asked.of_mail, "SIZE=9", "RET=HDRS\r\nDATA"))), [b"x"])

    store.release(ITEM, postfix, "robin", [KIM])
    store.release(ITEM, postfix, "robin")

    assert store.get(ITEM).wishes == asked
    assert postfix.wished == [asked, asked]


def test_a_message_whose_client_wants_to_hear_nothing_is_released_without_wishes(
    kept: QuarantineStore, postfix: Postfix
) -> None:
    """As are those that were held before wishes were kept: their column is empty."""
    kept.release(ITEM, postfix, "robin")

    assert postfix.wished == [NONE]


def test_a_release_to_some_leaves_the_others_waiting(kept: QuarantineStore, postfix: Postfix) -> None:
    """Each recipient is released once; the item is released with the last."""
    kept.release(ITEM, postfix, "robin", [KIM.upper()])
    assert kept.get(ITEM).state is State.HELD
    with pytest.raises(AlreadyReleased):
        kept.release(ITEM, postfix, "robin", [KIM])
    kept.release(ITEM, postfix, "robin")

    assert [recipients for _, recipients, _ in postfix.taken] == [(KIM,), (LEE,)]
    assert kept.get(ITEM).state is State.RELEASED


def test_a_recipient_that_it_was_not_for_is_refused(kept: QuarantineStore, postfix: Postfix) -> None:
    """A release cannot send a message to somebody new."""
    with pytest.raises(ItemUnknown):
        kept.release(ITEM, postfix, "robin", [KIM, "eve@elsewhere.example"])
    with pytest.raises(ItemUnknown):
        kept.release("item-9999", postfix, "robin")

    assert postfix.taken == []
    assert kept.get(ITEM).state is State.HELD


def test_recipients_that_differ_in_case_alone_are_told_apart(
    store: QuarantineStore, new: Callable[[int], NewItem], postfix: Postfix
) -> None:
    """Each may have a key of their own: what is sealed for one must not go to the other, and each gets theirs."""
    loud = LEE.replace("lee", "Lee")
    store.put(replace(new(1), recipients=(loud, LEE)), [b"sealed original"])

    for who in (loud, LEE):
        store.release(ITEM, postfix, "robin", [who])

    assert [recipients for _, recipients, _ in postfix.taken] == [(loud,), (LEE,)]
    assert store.get(ITEM).state is State.RELEASED


def test_a_release_to_recipients_that_differ_in_case_alone_can_be_confirmed(
    store: QuarantineStore, new: Callable[[int], NewItem], postfix: Postfix
) -> None:
    """One that was cut off was for both."""
    store.put(replace(new(1), recipients=(LEE, LEE.replace("lee", "Lee"))), [b"sealed original"])
    postfix.error = RuntimeError("lost")
    with pytest.raises(RuntimeError):
        store.release(ITEM, postfix, "robin")

    store.confirm(ITEM, "robin", "Q7")

    assert store.get(ITEM).state is State.RELEASED


def test_two_people_have_to_release_what_the_policy_says(
    store: QuarantineStore, new: Callable[[int], NewItem], postfix: Postfix
) -> None:
    """The first one's wish is noted; asking twice, or by force, does not make two people."""
    store.put(replace(new(1), reviewers=2), [b"sealed original"])
    for force in (False, True):
        with pytest.raises(SecondReviewerNeeded):
            store.release(ITEM, postfix, "ana", force=force)
    assert (store.get(ITEM).state, store.get(ITEM).agreed) == (State.HELD, ("ana",))
    assert postfix.taken == []

    store.release(ITEM, postfix, "bo")

    assert len(postfix.taken) == 1
    assert store.get(ITEM).state is State.RELEASED


def test_two_people_agree_for_each_recipient_and_way(
    store: QuarantineStore, new: Callable[[int], NewItem], postfix: Postfix
) -> None:
    """Whoever agreed to one recipient has not agreed to another, nor to plain where it was to be encrypted."""
    store.put(replace(new(1), reviewers=2), [b"sealed original"])
    with pytest.raises(SecondReviewerNeeded):
        store.release(ITEM, postfix, "ana", [LEE], terms=Terms(Way.ENCRYPTED))
    with pytest.raises(SecondReviewerNeeded):
        store.release(ITEM, postfix, "bo", [LEE])
    store.release(ITEM, postfix, "bo", [LEE], terms=Terms(Way.ENCRYPTED))

    for who in ("bo", "bo"):
        with pytest.raises(SecondReviewerNeeded):
            store.release(ITEM, postfix, who, [KIM])
    assert [recipients for _, recipients, _ in postfix.taken] == [(LEE,)]

    store.release(ITEM, postfix, "ana")
    assert [recipients for _, recipients, _ in postfix.taken] == [(LEE,), (KIM,)]


def test_a_word_that_was_withdrawn_does_not_count(
    store: QuarantineStore, new: Callable[[int], NewItem], postfix: Postfix
) -> None:
    """That of somebody whose account may decide no more."""
    store.put(replace(new(1), reviewers=2), [b"sealed original"])
    with pytest.raises(SecondReviewerNeeded):
        store.release(ITEM, postfix, "ana")
    with pytest.raises(SecondReviewerNeeded):
        store.release(ITEM, postfix, "bo", terms=Terms(withdrawn=frozenset({"ana"})))

    store.release(ITEM, postfix, "cy", terms=Terms(withdrawn=frozenset({"ana"})))
    assert len(postfix.taken) == 1


def test_a_discarded_item_is_not_released(kept: QuarantineStore, postfix: Postfix) -> None:
    """There is nothing left to send."""
    kept.discard(ITEM, "robin", "x")

    with pytest.raises(AlreadyDiscarded):
        kept.release(ITEM, postfix, "robin")


def test_a_message_that_postfix_refused_is_held_again(kept: QuarantineStore, postfix: Postfix) -> None:
    """A TransactionError of submit means that it was not taken; it can be released later."""
    postfix.error = TransactionError("Postfix says 451")
    with pytest.raises(TransactionError, match="451"):
        kept.release(ITEM, postfix, "robin")
    assert kept.get(ITEM).state is State.HELD
    assert {r.state for r in kept.get(ITEM).recipients} == {State.HELD}

    postfix.error = None
    assert kept.release(ITEM, postfix, "robin") == "Q1"


@ON_ONE_MACHINE
def test_a_changed_blob_is_not_sent(kept: QuarantineStore, postfix: Postfix, tmp_path: Path) -> None:
    """The submitter gets an error in place of the end; the item is held."""
    path = next((tmp_path / "blobs").rglob("*.sealed"))
    octets = bytearray(path.read_bytes())
    octets[-1] ^= 1
    path.write_bytes(octets)

    with pytest.raises(BlobDamaged):
        kept.release(ITEM, postfix, "robin")

    assert postfix.taken == []
    assert kept.get(ITEM).state is State.HELD


def test_an_error_that_says_nothing_leaves_it_uncertain(kept: QuarantineStore, postfix: Postfix) -> None:
    """A bug or a broken connection after the end: nobody knows, so nothing is sent again without force."""
    postfix.error = ConnectionResetError()
    with pytest.raises(ConnectionResetError):
        kept.release(ITEM, postfix, "robin")
    postfix.error = None

    assert kept.get(ITEM).state is State.RELEASING
    assert kept.get(ITEM).release_started is not None
    with pytest.raises(ReleaseUncertain, match="Postfix's log"):
        kept.release(ITEM, postfix, "robin")
    with pytest.raises(ReleaseUncertain):
        kept.discard(ITEM, "robin", "x")
    assert postfix.taken == []
    assert kept.release(ITEM, postfix, "robin", force=True) == "Q1"
    assert kept.get(ITEM).state is State.RELEASED


def test_a_forced_release_that_fails_stays_uncertain(kept: QuarantineStore, postfix: Postfix) -> None:
    """That this try was refused says nothing about the one that was cut off."""
    postfix.error = ConnectionResetError()
    with pytest.raises(ConnectionResetError):
        kept.release(ITEM, postfix, "robin")
    postfix.error = TransactionError("451")
    with pytest.raises(TransactionError):
        kept.release(ITEM, postfix, "robin", force=True)

    assert kept.get(ITEM).state is State.RELEASING


def test_force_covers_all_that_was_cut_off(kept: QuarantineStore, postfix: Postfix) -> None:
    """Forcing one of two uncertain recipients would lose sight of the other."""
    postfix.error = ConnectionResetError()
    with pytest.raises(ConnectionResetError):
        kept.release(ITEM, postfix, "robin")

    with pytest.raises(ReleaseUncertain, match="force it for all"):
        kept.release(ITEM, postfix, "robin", [KIM], force=True)


def test_a_kill_between_sending_and_noting_is_seen_and_confirmed(kept: QuarantineStore, postfix: Postfix) -> None:
    """SIGKILL right after Postfix took it: the item says releasing; confirm notes it and sends nothing."""
    child = os.fork()
    if child == 0:
        kept.release(ITEM, _dying, "robin", [LEE])
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    with pytest.raises(ReleaseUncertain):
        kept.release(ITEM, postfix, "robin")
    kept.confirm(ITEM, "robin", "4F2")

    item = kept.get(ITEM)
    assert [(r.state, r.queue_id) for r in item.recipients] == [(State.RELEASED, "4F2"), (State.HELD, "")]
    assert item.state is State.HELD
    with pytest.raises(AlreadyReleased):
        kept.confirm(ITEM, "robin")
    kept.release(ITEM, postfix, "robin")
    assert [recipients for _, recipients, _ in postfix.taken] == [(KIM,)]


def test_a_sent_message_that_cannot_be_noted_names_its_queue_id(
    kept: QuarantineStore, engine: sa.Engine, postfix: Postfix
) -> None:
    """The database fails after the sending: the caller hears that it was sent, and the item says releasing."""

    def submit(mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes) -> str:
        queue_id = postfix(mail_from, recipients, chunks, wishes=wishes)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE quarantine_labels RENAME TO away")
        return queue_id

    with pytest.raises(ReleaseUnrecorded, match="was sent as Q1") as caught:
        kept.release(ITEM, submit, "robin")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO quarantine_labels")

    assert caught.value.queue_id == "Q1"
    with pytest.raises(ReleaseUncertain):
        kept.release(ITEM, postfix, "robin")


def test_of_many_releases_at_once_one_sends(kept: QuarantineStore, engine: sa.Engine, blobs: Blobs) -> None:
    """Threads of one process and two stores on one database: one message goes out."""
    other = QuarantineStore(engine, blobs)
    postfix, barrier, refused = Postfix(), threading.Barrier(8), []

    def work(number: int) -> None:
        barrier.wait()
        try:
            (kept if number % 2 else other).release(ITEM, postfix, f"robin-{number}")
        except (ReleaseBusy, ReleaseUncertain, AlreadyReleased) as error:
            refused.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(postfix.taken), len(refused)) == (1, 7)
    assert kept.get(ITEM).state is State.RELEASED
