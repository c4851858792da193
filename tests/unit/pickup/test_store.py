"""What waits at the portal: sealed, for one recipient, for a time, under a link that nobody can make."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.pickup import NewPickup, Pickups, PickupUnknown, State
from gateway.store.blobs import Blobs
from gateway.store.database import open_database, writing
from gateway.store.errors import BlobDamaged, StoreUnavailable
from gateway.store.keyring import Keyring
from gateway.store.schema import pickups as table
from tests.conftest import ON_ONE_MACHINE

ANN, BOB = NewPickup("ann@x.example", "n@clinic.example", "20260304-a"), NewPickup("bob@x.example")
RAW = b"Subject: canary-7\r\n\r\ncanary-7\r\n"
DAYS = timedelta(days=30)


@dataclass
class Shelf:
    """A store with a clock that a test moves."""

    folder: Path
    engine: sa.Engine
    now: datetime = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    keyring: Keyring = field(init=False)
    store: Pickups = field(init=False)

    def __post_init__(self) -> None:
        self.keyring = Keyring.init(self.folder / "keyring.json")
        self.store = self.with_key(b"key")

    def with_key(self, key: bytes) -> Pickups:
        return Pickups(self.engine, Blobs(self.folder / "pickups", self.keyring), key, DAYS, lambda: self.now)

    def files(self) -> list[Path]:
        return list((self.folder / "pickups").rglob("*.sealed"))


@pytest.fixture
def shelf(tmp_path: Path, database_url: str) -> Iterator[Shelf]:
    engine = open_database(database_url)
    yield Shelf(tmp_path, engine)
    engine.dispose()


def test_same_message_for_the_same_recipient_waits_once(shelf: Shelf) -> None:
    """A retry keeps nothing twice; another recipient, or other words, have an item of their own."""
    first = shelf.store.put(ANN, RAW)
    shelf.now += timedelta(days=1)

    again = shelf.store.put(NewPickup(ANN.recipient, "n@clinic.example", "20260305-b"), RAW)

    assert (again.pickup, again.link) == (replace(first.pickup, expires=shelf.now + DAYS), first.link)
    assert len(list(shelf.store.list())) == len(shelf.files()) == 1
    others = [shelf.store.put(BOB, RAW), shelf.store.put(ANN, RAW + b"x"), shelf.with_key(b"other").put(ANN, RAW)]
    assert len({first.link, *(kept.link for kept in others)}) == 4
    assert len({first.pickup.id, *(kept.pickup.id for kept in others)}) == 4


@ON_ONE_MACHINE
def test_a_link_opens_one_message_and_its_id_opens_nothing(shelf: Shelf) -> None:
    """Ids stand in the audit log; the link is in the mail alone, and the database has a digest of it."""
    kept = shelf.store.put(ANN, RAW)

    assert shelf.store.find(kept.link) == kept.pickup
    assert b"".join(shelf.store.read(kept.pickup)) == RAW
    assert kept.link not in (shelf.folder / "gatepost.db").read_bytes().decode("latin-1")
    with pytest.raises(PickupUnknown):
        shelf.store.find(kept.pickup.id)


def test_what_waits_is_sealed_and_a_change_is_noticed(shelf: Shelf) -> None:
    """No word of it on disk, its recipient neither; one bit and it does not open."""
    kept = shelf.store.put(ANN, b"canary-7 " * 30_000)
    (file,) = shelf.files()
    octets = bytearray(file.read_bytes())
    assert b"canary" not in octets
    assert b"ann@" not in octets
    octets[-20] ^= 1
    file.write_bytes(octets)

    with pytest.raises(BlobDamaged):
        b"".join(shelf.store.read(kept.pickup))


def test_who_writes_to_the_database_makes_no_other_recipient_of_it(shelf: Shelf) -> None:
    """The code would go to the address in the row: it has to be the one in the seal."""
    kept = shelf.store.put(ANN, RAW)
    with writing(shelf.engine) as connection:
        connection.execute(sa.update(table).values(recipient="eve@x.example"))

    with pytest.raises(BlobDamaged, match="somebody else"):
        shelf.store.read(shelf.store.find(kept.link))


@pytest.mark.parametrize("link", ["A" * 43, "../../etc/passwd", "", "é", "A" * 10_000])
def test_nobody_learns_from_a_link_that_is_none(shelf: Shelf, link: str) -> None:
    """The same words whatever was tried."""
    with pytest.raises(PickupUnknown, match=r"^there is no such message$"):
        shelf.store.find(link)


def test_expired_revoked_and_unknown_are_one_and_the_same(shelf: Shelf) -> None:
    """Not a word more for one than for the other, and what expired does not wait for the upkeep."""
    expired = shelf.store.put(ANN, RAW)
    shelf.now += DAYS
    revoked = shelf.store.put(BOB, RAW)
    assert shelf.store.end(revoked.pickup, State.REVOKED, "olga")

    said = set()
    for link in (expired.link, revoked.link, "A" * 43):
        with pytest.raises(PickupUnknown) as refused:
            shelf.store.find(link)
        said.add(str(refused.value))
    assert len(said) == 1
    assert [pickup.id for pickup in shelf.store.due()] == [expired.pickup.id]


def test_what_ended_is_destroyed_and_known_for_a_time(shelf: Shelf) -> None:
    """Once; who ended it and when is listed, until that is forgotten too."""
    kept = shelf.store.put(ANN, RAW)
    assert shelf.store.open(kept.pickup.id)
    assert not shelf.store.open(kept.pickup.id)

    assert shelf.store.end(kept.pickup, State.REVOKED, "olga")
    assert not shelf.store.end(kept.pickup, State.EXPIRED, "retention")
    assert shelf.store.destroy(kept.pickup.id)
    assert not shelf.store.destroy(kept.pickup.id)

    assert shelf.files() == []
    (known,) = shelf.store.list()
    assert (known.state, known.ended, known.ended_by, known.opened) == (State.REVOKED, shelf.now, "olga", shelf.now)
    assert shelf.store.counts() == (0, 0)
    assert shelf.store.forget(shelf.now) == 0
    assert shelf.store.forget(shelf.now + timedelta(seconds=1)) == 1
    assert list(shelf.store.list()) == []


def test_a_message_that_comes_again_after_its_end_waits_anew(shelf: Shelf) -> None:
    """Somebody sends it once more: a new time, and the same link."""
    first = shelf.store.put(ANN, RAW)
    shelf.store.end(first.pickup, State.REVOKED, "olga")
    shelf.now += timedelta(days=2)

    again = shelf.store.put(ANN, RAW)

    assert again.link == first.link
    assert shelf.store.find(again.link).created == shelf.now


def test_a_message_that_comes_again_has_its_whole_time(shelf: Shelf) -> None:
    """However late: its mail tells the recipient of all those days. Fewer days by configuration take none back."""
    shelf.store.put(ANN, RAW)
    shelf.now += DAYS - timedelta(hours=1)

    again = shelf.store.put(ANN, RAW)

    shelf.now += DAYS - timedelta(seconds=1)
    assert b"".join(shelf.store.read(shelf.store.find(again.link))) == RAW
    assert list(shelf.store.due()) == []
    blobs = Blobs(shelf.folder / "pickups", shelf.keyring)
    shorter = Pickups(shelf.engine, blobs, b"key", timedelta(0), lambda: shelf.now)
    assert shorter.put(ANN, RAW).pickup.expires == again.pickup.expires


def test_an_end_that_comes_late_spares_what_was_sealed_anew(shelf: Shelf) -> None:
    """The upkeep listed the old one, and the same message came again before its turn."""
    shelf.store.put(ANN, RAW)
    shelf.now += DAYS
    (old,) = shelf.store.due()
    again = shelf.store.put(ANN, RAW)

    assert not shelf.store.end(old, State.EXPIRED, "retention")
    assert not shelf.store.destroy(old.id)

    assert b"".join(shelf.store.read(shelf.store.find(again.link))) == RAW


def test_what_is_destroyed_while_it_is_sealed_anew_is_not_said_to_wait(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blob, then the other's removal, then the row: deferred, no row, and the next try waits."""
    old = shelf.store.put(ANN, RAW).pickup
    assert shelf.store.end(old, State.REVOKED, "olga")
    stored = Blobs.put

    def put(blobs: Blobs, item_id: str, chunks: Iterable[bytes]) -> int:
        size = stored(blobs, item_id, chunks)
        assert shelf.store.destroy(old.id)
        return size

    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "put", put)
        with pytest.raises(StoreUnavailable):
            shelf.store.put(ANN, RAW)

    assert shelf.store.counts() == (0, 0)
    assert b"".join(shelf.store.read(shelf.store.put(ANN, RAW).pickup)) == RAW


def test_what_a_crash_left_is_swept_and_what_waits_stays(shelf: Shelf) -> None:
    """A blob without a row, and one whose row ended; a young one may still get its row."""
    kept, lost, over = shelf.store.put(ANN, RAW), shelf.store.put(BOB, RAW), shelf.store.put(BOB, RAW + b"x")
    with writing(shelf.engine) as connection:
        connection.execute(sa.delete(table).where(table.c.id == lost.pickup.id))
        connection.execute(sa.update(table).where(table.c.id == over.pickup.id).values(state="expired"))

    assert shelf.store.sweep_orphans() == 0
    assert shelf.store.sweep_orphans(timedelta(seconds=-1)) == 2
    assert b"".join(shelf.store.read(kept.pickup)) == RAW


def test_a_store_that_cannot_be_written_keeps_no_row(shelf: Shelf) -> None:
    """Nothing half: the notification is not even made."""
    (shelf.folder / "pickups").rename(shelf.folder / "elsewhere")
    (shelf.folder / "pickups").write_text("no folder")

    with pytest.raises(StoreUnavailable):
        shelf.store.put(ANN, RAW)
    assert list(shelf.store.list()) == []


def test_rotated_keys_open_it_and_rewrapping_needs_the_old_ones_no_more(shelf: Shelf) -> None:
    """As for held messages."""
    kept = shelf.store.put(ANN, RAW)
    shelf.keyring = Keyring.rotate(shelf.folder / "keyring.json")
    store = shelf.with_key(b"key")

    assert list(store.rewrap()) == [True]
    assert list(store.rewrap()) == [False]
    assert b"".join(store.read(kept.pickup)) == RAW
