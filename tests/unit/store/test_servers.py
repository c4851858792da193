"""Databases on servers that are away, slow, restarted at the worst moment, or say that something is wrong."""

import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from gateway.store import postgresql
from gateway.store.database import insert_if_absent, open_database, reading, writing
from gateway.store.errors import JournalBusy, StoreUnavailable, StoreUnusable
from gateway.store.journal import Journal
from gateway.store.schema import common
from tests.makers.between import Between
from tests.makers.postgres import Postgres

KEY = "key-of-the-message"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _row(name: str) -> dict[str, object]:
    return {"name": name, "value": "x", "at": NOW}


@pytest.fixture
def between(postgres: Postgres) -> Iterator[Between]:
    with Between(postgres.port) as between:
        yield between


@pytest.fixture
def engine(postgres: Postgres, between: Between) -> Iterator[sa.Engine]:
    """PostgreSQL, with somebody in between."""
    with postgres.database(between.port) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(postgresql, "DEADLINE_SECONDS", 1.0)
    monkeypatch.setattr(postgresql, "PING_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "TICK_SECONDS", 0.1)


def test_a_server_set_to_confirm_what_it_has_not_written_confirms_nothing_of_ours_so(postgres: Postgres) -> None:
    """What Postfix is told to be safe is on disk; whoever really wants it otherwise says so in the URL."""
    with postgres.database() as url:
        engine = open_database(url)
        name = sa.make_url(url).database
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                f'ALTER DATABASE "{name}" SET synchronous_commit = off'
            )
        engine.dispose()
        for asked, kept in (("", "on"), ("?options=-c%20synchronous_commit%3Dremote_apply", "remote_apply")):
            engine = open_database(f"{url}{asked}")
            with reading(engine) as connection:
                assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == kept
            engine.dispose()


def test_a_database_that_is_away_is_unavailable_and_comes_back(engine: sa.Engine, between: Between) -> None:
    """A restart costs what was under way, and nothing after it."""
    between.away = True
    between.drop_all()
    with pytest.raises(StoreUnavailable), writing(engine) as connection:
        connection.execute(sa.insert(common).values(_row("a")))
    between.away = False

    with writing(engine) as connection:
        assert insert_if_absent(connection, common, _row("a"))


def test_connections_that_a_restart_closed_cost_nobody_a_failure(engine: sa.Engine, between: Between) -> None:
    """All of the pool are dead; the first who wants one finds out, and gets a new one."""
    with reading(engine), reading(engine), reading(engine):
        pass
    between.drop_all()
    time.sleep(postgresql.FRESH_SECONDS)

    for _ in range(4):
        with reading(engine) as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(common)).scalar_one() == 0


@pytest.mark.usefixtures("hurried")
def test_a_database_that_does_not_answer_holds_nobody_for_ever(engine: sa.Engine, between: Between) -> None:
    """What is sent vanishes: after the deadline whoever waits is told."""

    def cut_off_in_the_middle() -> None:
        with writing(engine) as connection:
            connection.execute(sa.insert(common).values(_row("a")))
            between.hangs = True
            connection.execute(sa.insert(common).values(_row("b")))

    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        cut_off_in_the_middle()

    assert time.monotonic() - started < 5
    between.hangs = False
    between.drop_all()
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(common)).scalar_one() == 0


@pytest.mark.usefixtures("hurried")
def test_a_kept_connection_that_does_not_answer_is_found_out(
    engine: sa.Engine, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a network that went away while nobody spoke, and is back when the connection is given up."""
    with reading(engine):
        pass
    cut = postgresql._cut

    def back_again(descriptor: int) -> None:
        between.hangs = False
        cut(descriptor)

    monkeypatch.setattr(postgresql, "_cut", back_again)
    between.hangs = True
    time.sleep(postgresql.FRESH_SECONDS)

    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(common)).scalar_one() == 0


def test_an_attempt_whose_commit_was_lost_on_the_way_is_resumed(engine: sa.Engine, between: Between) -> None:
    """The server made it, and the answer never came: 451 for the client, and its retry finds what there is, once."""
    journal = Journal(engine, gateway="mx1")
    between.cut_after = b"COMMIT\0"
    with pytest.raises(StoreUnavailable):
        journal.begin(KEY, "incident-1")
    assert between.cuts == 1

    attempt = journal.begin(KEY, "incident-2")
    assert (attempt.incident, journal.open_count()) == ("incident-1", 1)
    between.cut_after = b"COMMIT\0"
    with pytest.raises(StoreUnavailable):
        journal.done(attempt, "copy:abc", "4F1")
    journal.leave(attempt)

    assert dict(journal.begin(KEY, "incident-3").done) == {"copy:abc": "4F1"}


@pytest.mark.parametrize("away", [False, True], ids=["back at once", "back later"])
def test_a_close_that_was_lost_on_the_way_is_none(engine: sa.Engine, between: Between, *, away: bool) -> None:
    """The client hears 451 and comes again: whoever has a copy gets no second one. Another gateway knows it, too, as
    soon as the database answers."""
    journal = Journal(engine, gateway="mx1")
    attempt = journal.begin(KEY, "incident-1")
    journal.done(attempt, "copy:abc", "4F1")
    between.cut_after = b"COMMIT\0"
    with pytest.raises(StoreUnavailable):
        journal.close(attempt)
    between.away = away
    journal.leave(attempt)
    between.away = False
    assert journal.is_open(KEY)

    again = (journal if away else Journal(engine, gateway="mx2")).begin(KEY, "incident-2")

    assert (again.incident, dict(again.done)) == ("incident-1", {"copy:abc": "4F1"})


def test_what_another_gateway_began_anew_is_not_opened_beside_it(engine: sa.Engine, between: Between) -> None:
    """Where nobody could say in time that it was not over."""
    journal, other = Journal(engine, gateway="mx1"), Journal(engine, gateway="mx2")
    attempt = journal.begin(KEY, "incident-1")
    between.cut_after = b"COMMIT\0"
    with pytest.raises(StoreUnavailable):
        journal.close(attempt)
    between.away = True
    journal.leave(attempt)
    between.away = False
    held = other.begin(KEY, "incident-2")

    with pytest.raises(JournalBusy):
        journal.begin(KEY, "incident-3")
    other.close(held)
    assert other.open_count() == 0


def test_a_crash_of_the_server_loses_no_step(postgres: Postgres) -> None:
    """SIGQUIT, as a crash: what was noted is there after it."""
    with postgres.database() as url:
        engine = open_database(url)
        journal = Journal(engine, gateway="mx1")
        attempt = journal.begin(KEY, "incident-1")
        journal.done(attempt, "copy:abc", "4F1")
        postgres.stop(signal.SIGQUIT)
        with pytest.raises(StoreUnavailable):
            journal.done(attempt, "copy:def", "4F2")
        postgres.start()
        journal.done(attempt, "copy:def", "4F2")
        journal.leave(attempt)

        assert dict(Journal(engine, gateway="mx1").begin(KEY, "x").done) == {"copy:abc": "4F1", "copy:def": "4F2"}
        engine.dispose()


def test_whoever_waits_for_a_lock_waits_no_longer_than_may_be(engine: sa.Engine) -> None:
    """Somebody has the row and does not let go: the server ends the wait."""
    with writing(engine) as connection:
        connection.execute(sa.insert(common).values(_row("a")))
    change = sa.update(common).values(value="y")

    def wait_for_it() -> None:
        with writing(engine, alone=False) as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 100")
            connection.execute(change)

    with engine.connect() as other, other.begin():
        other.execute(change)
        with pytest.raises(StoreUnavailable, match="55P03"):
            wait_for_it()


def test_writers_take_turns_over_all_gateways(engine: sa.Engine) -> None:
    """What one has read is still so when it writes: of two who each keep one of two, one is too late."""
    for name in ("a", "b"):
        with writing(engine) as connection:
            connection.execute(sa.insert(common).values(_row(name)))
    barrier = threading.Barrier(2)

    def take_one_but_never_the_last(name: str) -> None:
        barrier.wait()
        with writing(engine) as connection:
            left = connection.execute(sa.select(sa.func.count()).select_from(common)).scalar_one()
            time.sleep(0.05)
            if left > 1:
                connection.execute(sa.delete(common).where(common.c.name == name))

    threads = [threading.Thread(target=take_one_but_never_the_last, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(common)).scalar_one() == 1


def test_two_gateways_begin_the_same_message_and_one_wins(engine: sa.Engine) -> None:
    """A client that opened a connection to each."""
    journals = [Journal(engine, gateway=name) for name in ("mx1", "mx2")]
    barrier, won, lost = threading.Barrier(2), [], []

    def begin(journal: Journal) -> None:
        barrier.wait()
        try:
            won.append(journal.begin(KEY, "incident"))
        except JournalBusy:
            lost.append(1)

    threads = [threading.Thread(target=begin, args=(journal,)) for journal in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 1)


def test_a_reader_sees_one_moment(engine: sa.Engine) -> None:
    """Two questions of one reading have the same answer, whoever writes in between."""
    count = sa.select(sa.func.count()).select_from(common)
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 0
        with writing(engine) as other:
            other.execute(sa.insert(common).values(_row("a")))
        assert connection.execute(count).scalar_one() == 0


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("postgresql://db.clinic.example/gp", True),
        ("postgresql://192.0.2.7/gp", True),
        ("postgresql://127.0.0.1,db.clinic.example/gp", True),
        ("postgresql://127.0.0.1/gp", False),
        ("postgresql://[::1]/gp", False),
        ("postgresql://localhost/gp", False),
        ("postgresql:///gp", False),
        ("postgresql:///gp?host=/run/postgresql", False),
        ("postgresql:///gp?host=db.clinic.example", True),
        ("postgresql:///gp?host=/run/postgresql,db.clinic.example", True),
        ("postgresql:///gp?hostaddr=192.0.2.7", True),
        ("postgresql:///gp?service=clinic", True),
    ],
)
def test_over_a_network_tls_is_demanded_unless_something_else_is_asked_for(url: str, remote: bool) -> None:
    """libpq's own default would go on in plain text."""
    parsed = sa.make_url(url)

    assert postgresql.is_remote(parsed) is remote
    assert (postgresql._settings(parsed, read_only=False).get("sslmode") == "verify-full") is remote
    asked = parsed.update_query_dict({"sslmode": "require"})
    assert postgresql._settings(asked, read_only=False)["sslmode"] == "require"


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_what_libpq_takes_from_the_environment_is_over_a_network_too(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A URL without a server goes where these say; one with a server of this machine does not."""
    monkeypatch.setenv(name, "192.0.2.7")

    assert postgresql.is_remote(sa.make_url("postgresql:///gp"))
    assert name == "PGSERVICE" or not postgresql.is_remote(sa.make_url("postgresql://127.0.0.1/gp"))


def test_a_server_without_the_database_is_unusable_at_start(postgres: Postgres) -> None:
    """With the kind of error, and without the password of the URL."""
    with pytest.raises(StoreUnusable) as caught:
        open_database(postgres.url("nosuch"))

    assert "correct-horse" not in str(caught.value)
