"""Attempts of another process or gateway: who holds one, for how long, and who takes it up."""

import os
import signal
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.act.lost import give_up_log
from gateway.demo.ports import wait_until
from gateway.store.database import open_database
from gateway.store.errors import JournalBusy
from gateway.store.journal import LEASE, Journal
from tests.makers.attempts import KEY, Clock


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
