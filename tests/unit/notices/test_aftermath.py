"""Senders hear how their messages ended: once, together, and nobody else does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.actions import Notices
from gateway.notices.aftermath import MOST_MAILS, Aftermath, Telling
from gateway.pickup import NewPickup, Pickups, State
from gateway.policy.lists import AddressList, Entry
from gateway.policy.organization import Organization
from gateway.postfix.submit import SubmitFailed, SubmitUncertain
from gateway.quarantine import NewItem, QuarantineStore
from gateway.quarantine.outcomes import Outcomes
from gateway.quarantine.purging import Terms
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring

START = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
ANN, OUTSIDE = "ann@clinic.example", "eve@outside.example"
TO = ("lee@partner.example", "kim@insurer.example")
INSIDE = AddressList("organization", (Entry("clinic.example", "domain"),))
CLINIC = Organization("Example Clinic", ("clinic.example",), inside=INSIDE)


@dataclass
class World:
    """Stores, a clock, Postfix and the audit log."""

    quarantine: QuarantineStore
    pickups: Pickups
    outcomes: Outcomes
    now: datetime = START
    mails: list[tuple[str, tuple[str, ...], EmailMessage]] = field(default_factory=list)
    events: list[Mapping[str, object]] = field(default_factory=list)
    fails: Exception | None = None

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes]) -> str:
        if self.fails:
            raise self.fails
        parsed = message_from_bytes(b"".join(chunks), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append((mail_from, tuple(recipients), parsed))
        return "Q1"

    def append(self, event: Mapping[str, object]) -> None:
        self.events.append(event)

    def round(self, **telling: object) -> int:
        told = replace(Telling(Notices("gate@clinic.example", "Example Clinic", "o@clinic.example"), CLINIC), **telling)  # type: ignore[arg-type]
        return Aftermath(told, self.outcomes, self.pickups, self, self, lambda: self.now).round()

    def hold(self, name: str, mail_from: str = ANN, *, told: bool = True) -> str:
        new = NewItem(name, name, mail_from, TO, "high", "", created=START, sender_told=told)
        return self.quarantine.put(new, [b"canary-7"])

    def release(self, item: str, *only: str) -> None:
        self.quarantine.release(item, lambda *_, **__: "Q", "robin", only or None)

    @property
    def texts(self) -> list[str]:
        return [" ".join(str(mail.get_content()).split()) for _, _, mail in self.mails]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    engine: sa.Engine = open_database(database_url)
    keyring = Keyring.init(tmp_path / "keyring.json")

    def clock() -> datetime:
        return built.now

    quarantine = QuarantineStore(engine, Blobs(tmp_path / "blobs", keyring), clock)
    pickups = Pickups(engine, Blobs(tmp_path / "pickups", keyring), b"key", timedelta(days=30), clock)
    built = World(quarantine, pickups, Outcomes(engine))
    yield built
    engine.dispose()


def test_one_mail_tells_how_all_of_them_ended(world: World) -> None:
    """Released, in part too; discarded; purged undecided. Each once; nothing of the message; no answer can come."""
    world.release(world.hold("item-1"))
    part = world.hold("item-2", ANN.upper())
    world.release(part, TO[0])
    world.quarantine.discard(part, "robin", "for the reviewers alone")
    purging = world.quarantine.purging(Terms(90, {}))
    over = world.hold("item-3")
    world.hold("item-4")
    world.now += timedelta(days=91)
    purging.claim(world.quarantine.get(over))

    assert (world.round(), world.round()) == (1, 0)

    ((mail_from, recipients, mail),) = world.mails
    assert (mail_from, recipients, mail["Auto-Submitted"]) == ("", (ANN,), "auto-generated")
    (said,) = world.texts
    assert f"incident item-1 released and sent to {TO[0]}, {TO[1]}" in said
    assert f"incident item-2 released and sent to {TO[0]} will not be sent to {TO[1]}" in said
    assert f"incident item-3 nobody decided in time, will not be sent to {TO[0]}, {TO[1]}" in said
    assert "item-4" not in said
    assert "canary" not in said
    assert "reviewers" not in said
    (event,) = world.events
    assert event["unmapped"] == {"to": ANN, "about": ["item-1", "item-2", "item-3"], "queue_id": "Q1"}


@pytest.mark.parametrize(
    ("mail_from", "told"), [(OUTSIDE, True), ("", True), (ANN, False), (f"{ANN}@outside.example", True)]
)
def test_nobody_hears_who_must_not(world: World, mail_from: str, told: bool) -> None:
    """Not somebody outside, not a bounce's null sender, and not who never heard that it was held."""
    world.release(world.hold("item-1", mail_from, told=told))

    assert world.round() == 0
    assert world.mails == []


def test_who_was_told_in_a_reviewers_words_hears_nothing_more(world: World) -> None:
    """The message was returned to its sender."""
    world.quarantine.discard(world.hold("item-1"), "robin", "returned to its sender: by the laboratory's own portal")

    assert world.round() == 0
    assert world.outcomes.due() == ()


def test_what_postfix_did_not_take_is_told_the_next_time(world: World) -> None:
    """One that it perhaps took is not told twice."""
    world.release(world.hold("item-1"))
    world.fails = SubmitFailed("away")
    with pytest.raises(SubmitFailed):
        world.round()
    world.fails = None
    assert world.round() == 1

    world.release(world.hold("item-2"))
    world.fails = SubmitUncertain("who knows")
    with pytest.raises(SubmitUncertain):
        world.round()
    world.fails = None
    assert world.round() == 0


def test_a_round_is_bounded(world: World) -> None:
    """The rest comes with the next one."""
    for number in range(MOST_MAILS + 3):
        world.quarantine.discard(world.hold(f"item-{number}", f"a{number}@clinic.example"), "robin", "r")

    assert [world.round() for _ in range(3)] == [MOST_MAILS, 3, 0]


def test_switched_off_nothing_is_told(world: World) -> None:
    """Neither the end of a held message nor what nobody reads; switched on again it is."""
    world.release(world.hold("item-1"))
    world.pickups.put(NewPickup("pat@home.example", ANN, "inc-1"), b"x")
    world.now += timedelta(days=8)

    assert world.round(outcome=False, unread=None) == 0
    assert world.round() == 2


def test_a_sender_hears_of_what_nobody_reads_at_the_portal(world: World) -> None:
    """After a week, and when it is destroyed unread; not of what was opened, nor somebody outside."""
    for recipient, sender in (("pat@home.example", ANN), ("quin@home.example", ANN), ("zoe@home.example", OUTSIDE)):
        world.pickups.put(NewPickup(recipient, sender, f"inc-{recipient[:3]}"), b"canary-7")
    world.pickups.open(next(each.id for each in world.pickups.list() if each.recipient.startswith("quin")))
    world.now += timedelta(days=7)
    assert world.round() == 0
    world.now += timedelta(minutes=1)
    assert (world.round(), world.round()) == (1, 0)
    world.now += timedelta(days=30)
    for pickup in world.pickups.due():
        world.pickups.end(pickup, State.EXPIRED, "retention")
    assert (world.round(), world.round()) == (1, 0)

    first, second = world.texts
    assert "to pat@home.example, incident inc-pat it waits until 2026-04-03" in first
    assert "to pat@home.example, incident inc-pat its time was over, it is destroyed" in second
    assert not any(who in first + second for who in ("quin", "zoe", "canary"))
    assert {recipients for _, recipients, _ in world.mails} == {(ANN,)}
