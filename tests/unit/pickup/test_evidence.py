"""What the portal tells the gateway: written down by the gateway, or not done."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.audit.errors import AuditUnavailable
from gateway.core.errors import SetupError
from gateway.pickup import NewPickup, Pickup, Pickups
from gateway.pickup.evidence import LONGEST, SOCKET, Deed, Hearing, Told, _short
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring

HERE = "192.0.2.1"


@dataclass
class Desk:
    """A gateway that hears, and the events that it wrote."""

    folder: Path
    pickups: Pickups
    pickup: Pickup
    events: list[Mapping[str, object]] = field(default_factory=list)
    fails: bool = False

    def append(self, event: Mapping[str, object]) -> None:
        if self.fails:
            raise AuditUnavailable("the disk is full")
        self.events.append(event)

    def say(self, octets: bytes) -> bytes:
        """What it answers to these bytes."""
        with _short(self.folder) as path, socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(path)
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(10)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / ("a-folder-with-a-long-name-" * 5)
    folder.mkdir()
    engine = open_database(f"sqlite:///{folder}/gatepost.db")
    pickups = Pickups(engine, Blobs(folder / "pickups", Keyring.init(folder / "keyring.json")), b"k", timedelta(days=1))
    kept = pickups.put(NewPickup("ann@x.example", "n@clinic.example", "20260304-a"), b"canary-7")
    built = Desk(folder, pickups, kept.pickup)
    hearing = Hearing(folder, pickups, built)
    hearing.start()
    yield built
    hearing.stop()
    assert not (folder / SOCKET).exists()
    engine.dispose()


def test_every_deed_is_an_event_of_the_gateway(desk: Desk) -> None:
    """With incident and recipient out of its own book, wherever the folder is; the socket is the user's alone."""
    told = Told(desk.folder)
    for deed in Deed:
        told.note(deed, desk.pickup, HERE, "1.2")

    kinds = [str(event["metadata"]["event_code"]) for event in desk.events]  # type: ignore[index]
    assert kinds == [f"pickup-{deed.value}" for deed in Deed]
    assert {event["unmapped"]["recipient"] for event in desk.events} == {"ann@x.example"}  # type: ignore[index]
    assert desk.events[2]["unmapped"]["first"] is True  # type: ignore[index]
    assert (desk.folder / SOCKET).stat().st_mode & 0o777 == 0o600


def test_many_who_speak_at_once_are_all_heard(desk: Desk) -> None:
    """Each one's event is there when they hear so."""
    speakers = [threading.Thread(target=Told(desk.folder).note, args=(Deed.FETCHED, desk.pickup)) for _ in range(24)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join(30)

    assert len(desk.events) == 24


def test_what_is_not_written_down_is_not_said_to_be(desk: Desk) -> None:
    """The disk is full; or the message is none that waits. Afterwards it goes on."""
    told = Told(desk.folder)
    desk.fails = True
    with pytest.raises(AuditUnavailable):
        told.note(Deed.OPENED, desk.pickup, HERE)
    desk.fails = False
    with pytest.raises(AuditUnavailable):
        told.note(Deed.OPENED, Pickup(**{name: getattr(desk.pickup, name) for name in Pickup.__slots__} | {"id": "no"}))
    told.note(Deed.CLOSED, desk.pickup)

    assert len(desk.events) == 1


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b'{"deed":"opened","pickup":"ID"}',
        b'{"deed":"released","pickup":"ID"}\n',
        b'{"deed":"opened","pickup":"ID","client":"a b"}\n',
        b'{"deed":"fetched","pickup":"ID","part":"<script>"}\n',
        b"[" * 4_000 + b"\n",
        b"\xff\xfe\n",
        b'{"deed":"opened","pickup":"ID","x":"' + b"y" * LONGEST + b'"}\n',
    ],
    ids=range(11),
)
def test_what_no_portal_says_is_written_nowhere(desk: Desk, octets: bytes) -> None:
    """Cut, too long, another word, other signs: no answer, no event, and the next one is heard."""
    try:
        answer = desk.say(octets.replace(b"ID", desk.pickup.id.encode()))
    except ConnectionError:
        answer = b""

    assert answer == b""
    assert desk.events == []
    assert desk.say(json.dumps({"deed": "closed", "pickup": desk.pickup.id}).encode() + b"\n") == b"ok\n"


def test_without_a_gateway_nothing_is_done(tmp_path: Path) -> None:
    """Nobody listens, or there is not even a folder: the deed is refused as by an audit log that fails."""
    now = datetime(2026, 3, 4, tzinfo=UTC)
    pickup = Pickup("i", "ann@x.example", "", "", now, now, 1)
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(AuditUnavailable, match="was not reached"):
            Told(folder).note(Deed.OPENED, pickup)


def test_a_socket_that_a_killed_gateway_left_is_taken_over(desk: Desk) -> None:
    """The next gateway listens where it was; one that cannot says so."""
    again = Hearing(desk.folder, desk.pickups, desk)
    again.start()
    Told(desk.folder).note(Deed.CLOSED, desk.pickup)
    again.stop()

    assert len(desk.events) == 1
    with pytest.raises(SetupError, match="cannot be heard"):
        Hearing(desk.folder / "none", desk.pickups, desk).start()
