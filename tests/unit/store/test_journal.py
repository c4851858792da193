"""Nothing repeats: attempts resumed after failures and crashes, one at a time."""

import gc
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.act.lost import give_up_log
from gateway.demo.ports import wait_until
from gateway.store.database import open_database, writing
from gateway.store.errors import JournalBusy, StoreUnavailable
from gateway.store.journal import LEASE, Journal

KEY = "key-of-the-message"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(engine: sa.Engine, clock: Clock) -> Journal:
    return Journal(engine, gateway="mx1", clock=clock)


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


def test_another_process_of_the_same_gateway_resumes_at_once(engine: sa.Engine, clock: Clock, journal: Journal) -> None:
    """After a restart nobody waits for a lease: one name is one serve process at a time."""
    held = journal.begin(KEY, "incident-1")

    restarted = Journal(engine, gateway="mx1", clock=clock)

    assert restarted.begin(KEY, "incident-2").id == held.id


def test_another_gateway_waits_for_the_lease(engine: sa.Engine, clock: Clock, journal: Journal) -> None:
    """While the lease runs it is busy; each step renews it; after it the attempt is taken over."""
    attempt = journal.begin(KEY, "incident-1")
    other = Journal(engine, gateway="mx2", clock=clock)
    clock.now += LEASE - timedelta(seconds=1)
    journal.done(attempt, "quarantine", "item-1")
    clock.now += LEASE - timedelta(seconds=1)
    with pytest.raises(JournalBusy):
        other.begin(KEY, "incident-2")

    clock.now += timedelta(seconds=1)
    taken = other.begin(KEY, "incident-2")

    assert (taken.incident, dict(taken.done)) == ("incident-1", {"quarantine": "item-1"})
    with pytest.raises(JournalBusy):
        journal.done(attempt, "copy:abc")


def test_another_gateway_resumes_at_once_what_was_left(engine: sa.Engine, clock: Clock, journal: Journal) -> None:
    """leave ends the lease."""
    journal.leave(journal.begin(KEY, "incident-1"))

    assert Journal(engine, gateway="mx2", clock=clock).begin(KEY, "incident-2").incident == "incident-1"


def test_what_is_noted_survives_a_kill(database_url: str) -> None:
    """A step is on disk when done returns: SIGKILL right after it, and the next process knows."""
    url = database_url
    open_database(url).dispose()
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        journal = Journal(open_database(url), gateway="mx1")
        attempt = journal.begin(KEY, "incident-1")
        journal.done(attempt, "copy:abc", "4F1")
        os.write(told, b"!")
        signal.pause()
    assert os.read(ready, 1) == b"!"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ready)
    os.close(told)

    engine = open_database(url)
    assert dict(Journal(engine, gateway="mx1").begin(KEY, "incident-2").done) == {"copy:abc": "4F1"}
    engine.dispose()


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


def test_on_a_shared_database_every_message_is_looked_up(engine: sa.Engine, clock: Clock) -> None:
    """Another gateway may have left open what comes here again; on SQLite there is no other."""
    journal = Journal(engine, gateway="mx1", clock=clock)
    Journal(engine, gateway="mx2", clock=clock).begin(KEY, "incident-1")

    assert journal.quiet is (engine.dialect.name == "sqlite")
    assert journal.is_open(KEY)


def test_leases_go_by_the_clock_of_the_database(engine: sa.Engine) -> None:
    """A gateway whose own clock is wrong neither takes what is another's nor loses what is its own."""
    journal = Journal(engine, gateway="mx1", lease=timedelta(seconds=3))
    attempt = journal.begin(KEY, "incident-1")
    other = Journal(engine, gateway="mx2", lease=timedelta(seconds=3))
    with pytest.raises(JournalBusy):
        other.begin(KEY, "incident-2")

    wait_until(lambda: _begins(other), 20, "the lease ends", every=0.2)

    with pytest.raises(JournalBusy, match="took the attempt over"):
        journal.hold(attempt)


def _begins(journal: Journal) -> bool:
    try:
        journal.begin(KEY, "incident-2")
    except JournalBusy:
        return False
    return True


def test_before_a_copy_leaves_the_lease_is_made_long_enough(engine: sa.Engine, clock: Clock) -> None:
    """Renewed where a good part of it is gone, left as it is where it was renewed just now."""
    journal = Journal(engine, gateway="mx1", clock=clock, lease=timedelta(seconds=100))
    other = Journal(engine, gateway="mx2", clock=clock)
    attempt = journal.begin(KEY, "incident-1")
    clock.now += timedelta(seconds=90)
    journal.hold(attempt)
    journal._renewed[attempt] -= 90
    journal.hold(attempt)
    clock.now += timedelta(seconds=20)

    with pytest.raises(JournalBusy):
        other.begin(KEY, "incident-2")


def test_what_stopped_halfway_is_found_by_its_steps(engine: sa.Engine, journal: Journal, clock: Clock) -> None:
    """Open attempts with such a step, of whatever gateway, but for those at work here."""
    for key, step in (("a", "planned:p1:00"), ("b", "planned:p2:00"), ("c", "copy:00")):
        left = journal.begin(key, f"of {key}")
        journal.done(left, step)
        journal.leave(left)
    busy = journal.begin("d", "of d")
    journal.done(busy, "planned:p1:00")

    assert journal.left_open("planned:p1:") == [("a", "of a")]
    assert sorted(Journal(engine, gateway="mx2", clock=clock).left_open("planned:p1:")) == [
        ("a", "of a"),
        ("d", "of d"),
    ]


def test_what_another_gateway_is_at_is_not_closed_under_its_hands(engine: sa.Engine, clock: Clock) -> None:
    """Its next step would fail after it was done, and the message would begin anew; later it is closed all the same."""
    first, second = (Journal(engine, gateway=name, clock=clock) for name in ("mx1", "mx2"))
    attempt = first.begin(KEY, "incident-1")
    first.leave(attempt)
    taken = second.begin(KEY, "incident-2")

    first.settle(attempt.id)
    second.done(taken, "copy:abc", "4F1")
    second.leave(taken)
    first.settle(attempt.id)

    assert not first.is_open(KEY)


def test_giving_up_a_log_leaves_alone_what_a_gateway_is_at_work_on(engine: sa.Engine, clock: Clock) -> None:
    """The command runs beside the gateway of its machine, and under another name than that one."""
    serving = Journal(engine, gateway="mx1", clock=clock)
    attempt = serving.begin(KEY, "incident-1")
    serving.done(attempt, "planned:p1:00", "[]")
    command = Journal(engine, gateway="mx1/go-on-without", clock=clock)

    assert give_up_log(command, "p1") == 0
    serving.hold(attempt)
    serving.leave(attempt)
    assert give_up_log(command, "p1") == 1
