"""A copy that waits for its recipients in the sealed store, and the notification that takes its place."""

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.actions.apply import apply_edits
from gateway.core.plan import AddHeader, Copy, Protection
from gateway.core.verdict import Method
from gateway.encrypt import EncryptFailed, GnuPG, Manner, Protector
from gateway.encrypt.portal import Portal
from gateway.keys.material import Key
from gateway.pickup import Pickups, PickupUnknown
from gateway.store.blobs import Blobs
from gateway.store.errors import BlobDamaged
from gateway.store.keyring import Keyring

ANN, BOB = "ann@x.example", "bob@x.example"
RAW = (
    b"From: n@clinic.example\r\nTo: ann@x.example\r\nSubject: your canary-7\r\nThread-Topic: your canary-7\r\n"
    b"Content-Type: text/html\r\n\r\n<p>canary-7</p>\r\n"
)
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
COPY = Copy((ANN,), (AddHeader("X-A", "1"),), Protection(Method.PORTAL))


class NoKeys:
    """Nobody has any."""

    def certificate(self, address: str) -> Key | None:
        return None

    def openpgp(self, address: str) -> Key | None:
        return None

    def signer(self) -> None:
        return None

    def signing_key(self) -> None:
        return None


@dataclass
class Linked:
    """As the portal will: an address that ends in the id."""

    pickups: Pickups

    def keep(self, recipients: Sequence[str], octets: bytes) -> str:
        return f"https://portal.clinic.example/m/{self.pickups.put(recipients, octets).id}"


@pytest.fixture
def pickups(tmp_path: Path) -> Pickups:
    return Pickups(Blobs(tmp_path / "pickups", Keyring.init(tmp_path / "keyring.json")), b"key", lambda: NOW)


def protector(tmp_path: Path, portal: Portal | None) -> Protector:
    return Protector(NoKeys(), GnuPG(tmp_path / "gnupg"), Manner(30.0), portal)


def test_notification_has_a_link_and_nothing_of_the_message(tmp_path: Path, pickups: Pickups) -> None:
    """Sender, recipients and date stay; subject, body and what repeats them wait in the store, byte for byte."""
    done = protector(tmp_path, Portal(Linked(pickups), "Example Clinic")).protect(RAW, COPY, lambda: None)
    octets = done.octets()
    assert done.body is not None
    assert apply_edits(RAW, done.edits).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + done.body == octets
    assert b"canary" not in octets
    told = email.message_from_bytes(octets, policy=email.policy.default)
    assert (told["From"], told["To"]) == ("n@clinic.example", ANN)
    assert told["Subject"] == "A protected message is waiting for you"
    text = told.get_content()
    assert "Example Clinic has a message for you" in text
    (pickup_id,) = re.findall(r"https://portal\.clinic\.example/m/([0-9a-f]{64})\s", text)
    pickup, chunks = pickups.open(pickup_id)
    assert (pickup.recipients, pickup.created) == ((ANN,), NOW)
    assert b"".join(chunks) == apply_edits(RAW, COPY.edits)


def test_without_a_portal_nothing_is_sent(tmp_path: Path) -> None:
    """As today: it counts as unavailable, and who plans with it all the same gets an error."""
    with pytest.raises(EncryptFailed, match="portal is not there"):
        protector(tmp_path, None).protect(RAW, COPY, lambda: None)


def test_same_message_for_the_same_people_waits_once(pickups: Pickups) -> None:
    """A retry keeps nothing twice; other people, or other words, have an item of their own."""
    first = pickups.put([ANN, BOB], RAW)

    assert pickups.put([BOB, ANN], RAW).id == first.id
    assert len({first.id, pickups.put([ANN], RAW).id, pickups.put([ANN, BOB], RAW + b"x").id}) == 3
    assert pickups.put([ANN], b"x").id != Pickups(pickups._blobs, b"other").put([ANN], b"x").id


def test_what_waits_is_sealed_and_a_change_is_noticed(tmp_path: Path, pickups: Pickups) -> None:
    """No word of it on disk, its recipients neither; one bit and it does not open."""
    pickup = pickups.put([ANN], b"canary-7 " * 30_000)
    (file,) = (path for path in (tmp_path / "pickups").rglob("*.sealed"))
    octets = bytearray(file.read_bytes())
    assert b"canary" not in octets
    assert b"ann@" not in octets
    octets[-20] ^= 1
    file.write_bytes(octets)

    with pytest.raises(BlobDamaged):
        b"".join(pickups.open(pickup.id)[1])


@pytest.mark.parametrize("pickup_id", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_nobody_learns_from_an_id_that_is_none(pickups: Pickups, pickup_id: str) -> None:
    """The same words whatever was tried."""
    with pytest.raises(PickupUnknown, match=r"^there is no such message$"):
        pickups.open(pickup_id)
    assert not pickups.discard(pickup_id)


def test_what_was_fetched_or_forgotten_is_destroyed(pickups: Pickups) -> None:
    """By hand, and by age."""
    one, other = pickups.put([ANN], b"one"), pickups.put([ANN], b"two")
    assert pickups.discard(one.id)
    assert pickups.sweep(timedelta(days=1)) == 0
    assert pickups.sweep(timedelta(seconds=-1)) == 1

    for pickup in (one, other):
        with pytest.raises(PickupUnknown):
            pickups.open(pickup.id)
