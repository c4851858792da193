"""Codes by mail: good once, for a while, for one browser, and never too many of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.pickup import NewPickup, Pickup, Pickups, State, events
from gateway.pickup.codes import DIGITS, TRIES, TWICE, Codes, TooManyCodes
from gateway.pickup.sessions import Sessions, Times
from gateway.report.timeline import timeline
from gateway.store.blobs import Blobs
from gateway.store.database import open_database, writing
from gateway.store.keyring import Keyring

MINUTE = timedelta(minutes=1)


@dataclass
class Counter:
    """One database, with a clock that a test moves."""

    pickups: Pickups
    codes: Codes
    sessions: Sessions
    engine: sa.Engine
    now: datetime

    def pickup(self, recipient: str = "ann@x.example", text: bytes = b"x") -> Pickup:
        return self.pickups.put(NewPickup(recipient), text).pickup

    def code(self, pickup: Pickup, browser: str = "firefox") -> str:
        code = self.codes.new(pickup, browser)
        assert code is not None
        return code

    def mails(self, pickup: Pickup, browser: str) -> bool:
        try:
            return self.codes.new(pickup, browser) is not None
        except TooManyCodes:
            return False

    def session(self, pickup: Pickup, secret: str) -> str:
        with writing(self.engine) as connection:
            self.sessions.begin(connection, pickup, secret)
        return secret


@pytest.fixture
def counter(tmp_path: Path, database_url: str) -> Iterator[Counter]:
    engine = open_database(database_url)
    blobs = Blobs(tmp_path / "pickups", Keyring.init(tmp_path / "keyring.json"))

    def clock() -> datetime:
        return built.now

    sessions = Sessions(engine, Times(), clock)
    built = Counter(
        Pickups(engine, blobs, b"key", timedelta(days=30), clock),
        Codes(engine, b"key", sessions, clock),
        sessions,
        engine,
        datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
    )
    yield built
    engine.dispose()


def other(code: str) -> str:
    """A code of the same form that is another one."""
    return f"{(int(code) + 1) % 10**DIGITS:0{DIGITS}d}"


def test_a_code_opens_once(counter: Counter) -> None:
    """After the seconds of a double click it is as wrong as any other."""
    pickup = counter.pickup()
    code = counter.code(pickup)

    assert len(code) == DIGITS
    assert code.isdecimal()
    assert not counter.codes.spend(pickup, "firefox", other(code))
    assert counter.codes.spend(pickup, "firefox", code)
    counter.now += TWICE
    assert not counter.codes.spend(pickup, "firefox", code)


def test_a_double_click_on_open_lands_where_the_first_did(counter: Counter) -> None:
    """In the same session, for that browser alone; once that is ended the code opens nothing more."""
    pickup = counter.pickup()
    code = counter.code(pickup)
    secret = counter.codes.spend(pickup, "firefox", code)
    counter.now += TWICE - timedelta(seconds=1)

    assert counter.codes.spend(pickup, "firefox", code) == secret
    assert counter.sessions.holds(secret, pickup)
    assert not counter.codes.spend(pickup, "firefox", other(code))
    for browser in ("stranger", "chrome", ""):
        assert not counter.codes.spend(pickup, browser, code)
    counter.sessions.end(secret)
    assert not counter.codes.spend(pickup, "firefox", code)


def test_guessing_at_a_used_code_is_bounded_too(counter: Counter) -> None:
    """Five wrong ones, and the right one leads nowhere."""
    pickup = counter.pickup()
    code = counter.code(pickup)
    assert counter.codes.spend(pickup, "firefox", code)
    for _ in range(TRIES):
        assert not counter.codes.spend(pickup, "firefox", other(code))

    assert not counter.codes.spend(pickup, "firefox", code)


def test_a_double_click_on_the_button_mails_one_code(counter: Counter) -> None:
    """Which stays good; after some seconds, from another browser, or once it is used, it is another wish."""
    pickup = counter.pickup()
    code = counter.code(pickup)
    counter.now += TWICE - timedelta(seconds=1)

    assert counter.codes.new(pickup, "firefox") is None
    assert counter.codes.new(pickup, "phone") is not None
    assert counter.codes.spend(pickup, "firefox", code)
    assert counter.codes.new(pickup, "firefox") is not None


def test_a_code_that_came_to_nothing_does_not_count(counter: Counter) -> None:
    """Not mailed: as if it had never been made. Spent for nothing: good once more, and its session is over."""
    pickup = counter.pickup()
    for _ in range(5):
        lost = counter.code(pickup)
        counter.codes.take_back(pickup, "firefox", lost)
        assert not counter.codes.spend(pickup, "firefox", lost)

    code = counter.code(pickup)
    secret = counter.codes.spend(pickup, "firefox", code)
    counter.codes.give_back(pickup, "firefox", code)
    assert not counter.sessions.holds(secret, pickup)
    counter.now += TWICE
    assert counter.sessions.holds(counter.codes.spend(pickup, "firefox", code), pickup)


def test_a_code_is_good_for_ten_minutes(counter: Counter) -> None:
    """To the second."""
    pickup = counter.pickup()
    early, late = counter.code(pickup), ""
    counter.now += 10 * MINUTE - timedelta(seconds=1)
    assert counter.codes.spend(pickup, "firefox", early)
    late = counter.code(pickup)
    counter.now += 10 * MINUTE

    assert not counter.codes.spend(pickup, "firefox", late)


def test_a_code_is_dead_after_a_few_wrong_ones(counter: Counter) -> None:
    """Then the right one is wrong too; another browser's tries do not count against it."""
    pickup = counter.pickup()
    code = counter.code(pickup)
    for _ in range(20):
        assert not counter.codes.spend(pickup, "stranger", other(code))
        assert not counter.codes.spend(pickup, "", code)
    for _ in range(TRIES):
        assert not counter.codes.spend(pickup, "firefox", other(code))

    assert not counter.codes.spend(pickup, "firefox", code)


def test_a_code_is_for_one_browser_and_one_message(counter: Counter) -> None:
    """Whoever has it and did not ask for it has nothing."""
    pickup, second = counter.pickup(), counter.pickup(text=b"second")
    code = counter.code(pickup)

    assert not counter.codes.spend(pickup, "other", code)
    assert not counter.codes.spend(second, "firefox", code)
    assert counter.codes.spend(pickup, "firefox", code)


def test_a_new_code_takes_the_place_of_the_old_one(counter: Counter) -> None:
    """In the same browser; what another browser asked for stays good."""
    pickup = counter.pickup()
    first, theirs = counter.code(pickup), counter.code(pickup, "phone")
    counter.now += TWICE
    second = counter.code(pickup)

    assert not counter.codes.spend(pickup, "firefox", first)
    assert counter.codes.spend(pickup, "firefox", second)
    assert counter.codes.spend(pickup, "phone", theirs)


def test_nobody_can_fill_a_mailbox(counter: Counter) -> None:
    """Three in ten minutes for a message, six for an address over all of its messages, whoever asks; then it rests."""
    pickups = [counter.pickup("Ann@x.example" if number else "ann@X.example", b"%d" % number) for number in range(4)]
    given = [[counter.mails(pickup, f"browser {number}") for number in range(4)] for pickup in pickups]

    assert given == [[True, True, True, False], [True, True, True, False], [False] * 4, [False] * 4]
    assert counter.codes.new(counter.pickup("bob@x.example"), "b") is not None
    counter.now += 10 * MINUTE
    assert counter.codes.new(pickups[0], "b") is not None


def test_no_code_stands_in_the_database(counter: Counter) -> None:
    """A digest under a key of ours: who reads it cannot try all codes out."""
    pickup = counter.pickup()
    code = counter.code(pickup)

    with counter.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM pickup_codes")).all()
    assert code not in str(rows)
    assert "firefox" not in str(rows)
    stranger = Codes(counter.engine, b"other", counter.sessions, lambda: counter.now)
    assert not stranger.spend(pickup, "firefox", code)


def test_a_session_is_for_one_message_and_ends(counter: Counter) -> None:
    """By idleness, by age, by its owner; another message needs another code."""
    pickup, second = counter.pickup(), counter.pickup(text=b"second")
    one, two = counter.session(pickup, "one"), counter.session(pickup, "two")
    assert counter.sessions.holds(one, pickup)
    assert not counter.sessions.holds(one, second)
    assert not counter.sessions.holds("", pickup)
    assert counter.sessions.end(two)
    assert not counter.sessions.holds(two, pickup)
    assert not counter.sessions.end(two)
    for _ in range(4):
        counter.now += 14 * MINUTE
        assert counter.sessions.holds(one, pickup)
    counter.now += 5 * MINUTE
    assert not counter.sessions.holds(one, pickup)

    three = counter.session(pickup, "three")
    counter.now += 16 * MINUTE
    assert not counter.sessions.holds(three, pickup)


def test_the_timeline_of_an_incident_tells_what_became_of_it() -> None:
    """Each event of the portal in plain words; a link or code is in none."""
    when = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    pickup = Pickup("ab" * 32, "ann@x.example", "n@clinic.example", "20260304-a", when, when, 1)
    made = [
        events.waiting(pickup),
        events.code_sent(pickup, "192.0.2.1"),
        events.code_refused(pickup, "192.0.2.1"),
        events.opened(pickup, "192.0.2.1", first=True),
        events.fetched(pickup, "1.2"),
        events.closed(pickup, "192.0.2.1"),
        events.ended(pickup, State.EXPIRED, "retention"),
        events.ended(pickup, State.REVOKED, "olga"),
    ]

    moments = timeline([{**event, "time": 0, "seq": number} for number, event in enumerate(made)])

    assert all("ann@x.example" in dict(moment.details).values() for moment in moments)
    assert not any(moment.what.startswith("pickup-") for moment in moments)
    assert moments[3].what == "Opened at the portal, with a code"
