"""The desk when something fails: what a recipient was refused by a failure of ours costs no code."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.audit.errors import AuditUnavailable
from gateway.pickup import NewPickup, Pickups
from gateway.pickup.codes import TWICE, Codes
from gateway.pickup.desk import CodeRefused, PickupDesk
from gateway.pickup.evidence import Written
from gateway.pickup.sessions import Sessions, Times
from gateway.postfix.submit import SubmitFailed, SubmitUncertain
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring

HERE = "192.0.2.1"


@dataclass
class World:
    """Postfix and the audit log, each of which a test lets fail; and a clock that it moves."""

    now: datetime = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    mails: list[bytes] = field(default_factory=list)
    events: list[Mapping[str, object]] = field(default_factory=list)
    postfix_fails: Exception | None = None
    audit_fails: bool = False

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes]) -> str:
        if self.postfix_fails:
            raise self.postfix_fails
        self.mails.append(b"".join(chunks))
        return "4F1"

    def append(self, event: Mapping[str, object]) -> None:
        if self.audit_fails:
            raise AuditUnavailable("the disk is full")
        self.events.append(event)

    def code(self) -> str:
        found = re.search(rb"^(\d{4}) (\d{4})\s*$", self.mails[-1], re.MULTILINE)
        assert found
        return (found[1] + found[2]).decode()


@dataclass
class Room:
    desk: PickupDesk
    world: World
    link: str

    def ask(self, browser: str = "firefox") -> bool:
        return self.desk.send_code(self.link, browser, HERE)

    def open(self, code: str, browser: str = "firefox") -> str:
        return self.desk.open(self.link, browser, code, HERE)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    engine, world = open_database(f"sqlite:///{tmp_path}/gatepost.db"), World()

    def clock() -> datetime:
        return world.now

    blobs = Blobs(tmp_path / "pickups", Keyring.init(tmp_path / "keyring.json"))
    pickups = Pickups(engine, blobs, b"key", timedelta(days=30), clock)
    sessions = Sessions(engine, Times(), clock)
    codes = Codes(engine, b"key", sessions, clock)
    notices = Notices("m@clinic.example", "Example Clinic", "+1 555 0100")
    link = pickups.put(NewPickup("ann@x.example"), b"canary-7").link
    yield Room(PickupDesk(pickups, codes, sessions, world, notices, Written(world), clock), world, link)
    engine.dispose()


def test_a_double_click_mails_one_code_and_it_opens(room: Room) -> None:
    """One mail, one event."""
    assert room.ask()
    assert not room.ask()

    assert len(room.world.mails) == len(room.world.events) == 1
    assert room.desk.known(room.link, room.open(room.world.code())).recipient == "ann@x.example"


def test_no_two_mails_with_codes_have_one_message_id(room: Room) -> None:
    """Of one moment, for one message: a mail server that drops duplicates drops neither."""
    room.ask("firefox")
    room.ask("phone")

    first, second = (message_from_bytes(octets)["Message-ID"] for octets in room.world.mails)
    assert first != second


@pytest.mark.parametrize("cause", [SubmitFailed("refused"), None])
def test_codes_that_were_never_mailed_do_not_count(room: Room, cause: Exception | None) -> None:
    """Postfix refused it, or there was no evidence: as often as you like, and then one comes."""
    room.world.postfix_fails, room.world.audit_fails = cause, cause is None
    for _ in range(15):
        with pytest.raises((SubmitFailed, AuditUnavailable)):
            room.ask()
    room.world.postfix_fails, room.world.audit_fails = None, False

    assert room.ask()
    assert room.open(room.world.code())


def test_a_code_that_may_have_been_mailed_counts(room: Room) -> None:
    """The connection was lost after the last dot: three of these, and it rests."""
    room.world.postfix_fails = SubmitUncertain("lost")
    for _ in range(3):
        with pytest.raises(SubmitUncertain):
            room.ask()
        room.world.now += TWICE
    room.world.postfix_fails = None

    assert not room.ask()
    assert room.world.mails == []


def test_a_code_is_good_again_after_a_failure_of_ours(room: Room) -> None:
    """The message was not shown without evidence; the same code shows it later, and that was the first time."""
    room.ask()
    code = room.world.code()
    room.world.audit_fails = True
    with pytest.raises(AuditUnavailable):
        room.open(code)
    room.world.audit_fails = False
    room.world.now += TWICE

    assert room.desk.known(room.link, room.open(code)).recipient == "ann@x.example"
    assert "'first': True" in str(room.world.events[-1])
    room.world.now += TWICE
    with pytest.raises(CodeRefused):
        room.open(code)
