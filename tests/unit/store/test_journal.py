"""Nothing repeats: attempts resumed after failures and crashes, one at a time."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.store.database import writing
from gateway.store.errors import JournalBusy, StoreUnavailable
from gateway.store.journal import Journal
from tests.makers.attempts import KEY, Clock


def test_an_attempt_whose_commit_only_seemed_to_fail_is_counted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk said EIO after all was written: later messages may be retries, and must be looked up."""

    @contextmanager
    def reported_as_failed(engine: sa.Engine, *, alone: bool) -> Iterator[sa.Connection]:
        with writing(engine, alone=alone) as connection:
            yield connection
        raise StoreUnavailable("the disk said EIO")

    with monkeypatch.context() as patched:
        patched.setattr("gateway.store.journal.writing", reported_as_failed)
        with pytest.raises(StoreUnavailable):
            journal.begin(KEY, "incident-1")
    assert not journal.quiet
    assert journal.may_be_open(KEY)

    journal.close(journal.begin(KEY, "incident-2"))
    journal.leave(journal.begin("another-key", "incident-3"))

    assert not journal.quiet


def test_a_close_whose_answer_was_lost_is_none(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection went while the server committed: the client hears 451, and its retry is no new message."""

    @contextmanager
    def lost_at_the_end(engine: sa.Engine, *, alone: bool) -> Iterator[sa.Connection]:
        with writing(engine, alone=alone) as connection:
            yield connection
        raise StoreUnavailable("the connection was lost")

    first = journal.begin(KEY, "incident-1")
    journal.done(first, "copy:abc", "4F1")
    with monkeypatch.context() as patched:
        patched.setattr("gateway.store.journal.writing", lost_at_the_end)
        with pytest.raises(StoreUnavailable):
            journal.close(first)
    journal.leave(first)
    assert not journal.quiet
    assert journal.may_be_open(KEY)
    assert journal.is_open(KEY)

    again = journal.begin(KEY, "incident-2")

    assert (again.incident, dict(again.done)) == ("incident-1", {"copy:abc": "4F1"})
    journal.close(again)
    assert dict(journal.begin(KEY, "incident-3").done) == {}


def test_what_cannot_be_a_retry_is_known_without_a_look(
    journal: Journal, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was closed or never seen is none; where other gateways use the database, or for too many, nobody knows."""
    journal.leave(journal.begin(KEY, "incident-1"))
    journal.close(journal.begin("closed", "incident-2"))
    unknown = engine.dialect.name != "sqlite"

    for each in (journal, Journal(engine, gateway="mx1")):  # after a restart too
        assert each.may_be_open(KEY)
        assert each.may_be_open("closed") is unknown

    monkeypatch.setattr("gateway.store.journal.MANY", 1)
    journal.leave(journal.begin("another", "incident-3"))
    for each in (journal, Journal(engine, gateway="mx1")):
        assert each.may_be_open("closed")


def test_a_retry_resumes_with_the_steps_done(journal: Journal) -> None:
    """After a 451 the same key gets the first incident and what was done, with references."""
    first = journal.begin(KEY, "incident-1")
    journal.done(first, "quarantine", "item-1")
    journal.done(first, "copy:abc", "4F1")
    journal.leave(first)

    again = journal.begin(KEY, "incident-2")

    assert (again.id, again.incident) == (first.id, "incident-1")
    assert dict(again.done) == {"quarantine": "item-1", "copy:abc": "4F1"}


def test_a_closed_attempt_starts_anew(journal: Journal) -> None:
    """The same message sent on purpose twice is handled twice."""
    first = journal.begin(KEY, "incident-1")
    journal.done(first, "copy:abc")
    journal.close(first)

    again = journal.begin(KEY, "incident-2")

    assert (again.incident, dict(again.done)) == ("incident-2", {})


def test_other_keys_do_not_wait(journal: Journal) -> None:
    """Attempts of different messages are independent."""
    assert journal.begin("a", "1").id != journal.begin("b", "2").id


def test_a_second_begin_of_a_live_key_is_busy(journal: Journal) -> None:
    """Two connections with the same message at once: the second is told to come again."""
    attempt = journal.begin(KEY, "incident-1")

    with pytest.raises(JournalBusy):
        journal.begin(KEY, "incident-2")
    journal.close(attempt)


def test_of_many_begins_at_once_one_wins(journal: Journal) -> None:
    """Under threads exactly one attempt is live."""
    barrier, won, lost = threading.Barrier(8), [], []

    def work() -> None:
        barrier.wait()
        try:
            won.append(journal.begin(KEY, "incident"))
        except JournalBusy:
            lost.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 7)


def test_an_attempt_that_nobody_holds_is_free(journal: Journal) -> None:
    """A thread that died without a word keeps no key busy."""
    attempt = journal.begin(KEY, "incident-1")
    del attempt
    gc.collect()

    assert journal.begin(KEY, "incident-2").incident == "incident-1"


def test_the_block_form_leaves_at_its_end(journal: Journal) -> None:
    """An exception in the block keeps the attempt open and gives the claim up."""

    def failing() -> None:
        with journal.attempt(KEY, "incident-1") as attempt:
            journal.done(attempt, "quarantine", "item-1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()

    with journal.attempt(KEY, "incident-2") as again:
        assert "quarantine" in again.done
        journal.close(again)
    with journal.attempt(KEY, "incident-3") as anew:
        assert anew.incident == "incident-3"


def test_a_step_noted_twice_stays_once(journal: Journal) -> None:
    """The first reference stays."""
    attempt = journal.begin(KEY, "incident-1")
    journal.done(attempt, "copy:abc", "4F1")
    journal.done(attempt, "copy:abc", "4F2")
    journal.leave(attempt)

    assert journal.begin(KEY, "x").done["copy:abc"] == "4F1"


def test_a_step_after_the_claim_was_given_up_is_refused(journal: Journal) -> None:
    """A late thread cannot write into an attempt that is not its own any more."""
    attempt = journal.begin(KEY, "incident-1")
    journal.leave(attempt)
    with pytest.raises(JournalBusy):
        journal.done(attempt, "copy:abc")

    second = journal.begin(KEY, "incident-2")
    with pytest.raises(JournalBusy):
        journal.close(attempt)
    journal.close(second)
    journal.leave(second)


def test_pruning_spares_what_is_young_or_at_work(engine: sa.Engine, clock: Clock, journal: Journal) -> None:
    """Old attempts go with their steps, open ones too; live ones stay."""
    journal.leave(journal.begin("left", "1"))
    closed = journal.begin("closed", "2")
    journal.done(closed, "quarantine")
    journal.close(closed)
    live = journal.begin("live", "3")
    clock.now += timedelta(days=8)
    journal.leave(journal.begin("young", "4"))

    assert journal.open_count() == 3
    assert journal.prune(clock.now - timedelta(days=7)) == 2
    assert journal.open_count() == 2
    journal.close(live)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM journal_steps").scalar_one() == 0


def test_an_attempt_that_begins_while_others_are_pruned_is_counted(
    clock: Clock, sqlite_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not there when the rest was counted; its retry must be looked up all the same."""
    journal = Journal(sqlite_engine, gateway="mx1", clock=clock)
    counted = journal.open_count

    def with_one_more_behind() -> int:
        count = counted()
        journal.leave(journal.begin(KEY, "incident-1"))
        return count

    with monkeypatch.context() as patched:
        patched.setattr(journal, "open_count", with_one_more_behind)
        journal.prune(clock.now)
    assert not journal.quiet
    assert journal.may_be_open(KEY)
    journal.close(journal.begin(KEY, "incident-2"))
    journal.prune(clock.now)

    assert journal.quiet


def test_a_begin_that_cannot_be_written_holds_nothing(
    engine: sa.Engine, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """StoreUnavailable, and the key is free for the retry."""
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE journal_attempts RENAME TO away")
    with pytest.raises(StoreUnavailable):
        journal.begin(KEY, "incident-1")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO journal_attempts")

    assert journal.begin(KEY, "incident-2").incident == "incident-2"


def test_leaving_never_raises(engine: sa.Engine, journal: Journal) -> None:
    """It is called while another error is on its way."""
    attempt = journal.begin(KEY, "incident-1")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE journal_attempts RENAME TO away")

    journal.leave(attempt)
