"""A copy that waits for its recipients in the sealed store, and the notification that takes its place."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.actions import Notices
from gateway.actions.apply import apply_edits
from gateway.core.plan import AddHeader, Copy, Protection
from gateway.core.verdict import Method
from gateway.encrypt import EncryptFailed, GnuPG, Manner, Origin, Protector
from gateway.encrypt.portal import Portal, Waiting
from gateway.keys.material import Key
from gateway.pickup import NewPickup, Pickups
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring

ANN, BOB = "ann@x.example", "bob@x.example"
RAW = (
    b"From: n@clinic.example\r\nTo: ann@x.example\r\nSubject: your canary-7\r\nThread-Topic: your canary-7\r\n"
    b"X-Original-Subject: your canary-7\r\nSummary: canary-7\r\n"
    b"DKIM-Signature: v=1; z=Subject:your=20canary-7;\r\n b=x\r\n"
    b"Content-Type: text/html\r\n\r\n<p>canary-7</p>\r\n"
)
NOTICES = Notices("m@clinic.example", "Example Clinic", "+1 555 0100")
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
    """As the gateway does: an address that ends in the secret."""

    pickups: Pickups

    def keep(self, recipient: str, octets: bytes, origin: Origin) -> Waiting:
        kept = self.pickups.put(NewPickup(recipient, origin.mail_from, origin.incident), octets)
        return Waiting(kept.pickup.id, f"https://portal.clinic.example/m/{kept.link}", kept.pickup.expires)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    opened = open_database(f"sqlite:///{tmp_path}/gatepost.db")
    yield opened
    opened.dispose()


@pytest.fixture
def pickups(tmp_path: Path, engine: sa.Engine) -> Pickups:
    blobs = Blobs(tmp_path / "pickups", Keyring.init(tmp_path / "keyring.json"))
    return Pickups(engine, blobs, b"key", timedelta(days=30), lambda: NOW)


def protector(tmp_path: Path, portal: Portal | None) -> Protector:
    return Protector(NoKeys(), GnuPG(tmp_path / "gnupg"), Manner(30.0), portal)


def test_notification_has_a_link_and_nothing_of_the_message(tmp_path: Path, pickups: Pickups) -> None:
    """Sender, recipients and date stay; subject, body and what repeats them wait in the store, byte for byte."""
    done = protector(tmp_path, Portal(Linked(pickups), NOTICES)).protect(
        RAW, COPY, lambda: None, Origin("n@clinic.example", "20260304-a")
    )
    octets = done.octets()
    assert done.body is not None
    assert apply_edits(RAW, done.edits).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + done.body == octets
    assert b"canary" not in octets
    told = email.message_from_bytes(octets, policy=email.policy.default)
    assert (told["From"], told["To"]) == ("n@clinic.example", ANN)
    assert told["Subject"] == "A protected message is waiting for you"
    text = told.get_content()
    assert "Example Clinic has a message for you" in text
    assert "until 3 April 2026" in text
    (link,) = re.findall(r"https://portal\.clinic\.example/m/([A-Za-z0-9_-]{43})\s", text)
    pickup = pickups.find(link)
    assert (pickup.recipient, pickup.mail_from, pickup.incident) == (ANN, "n@clinic.example", "20260304-a")
    assert (pickup.created, done.keys) == (NOW, (pickup.id,))
    assert b"".join(pickups.read(pickup)) == apply_edits(RAW, COPY.edits)


def test_a_message_without_a_subject_is_announced_by_one(tmp_path: Path, pickups: Pickups) -> None:
    """A mail with a link and no subject looks like what nobody should open."""
    raw = RAW.replace(b"Subject: your canary-7\r\nThread", b"Thread")

    done = protector(tmp_path, Portal(Linked(pickups), NOTICES)).protect(raw, COPY, lambda: None)

    assert email.message_from_bytes(done.octets())["Subject"] == "A protected message is waiting for you"


def test_bcc_is_not_in_what_waits(tmp_path: Path, pickups: Pickups) -> None:
    """Postfix takes the field out of what it sends; what never was in its hands has to lose it here."""
    raw = RAW.replace(b"\nSubject:", b"\nBcc: bob@x.example,\r\n carl@x.example\r\nSubject:")

    protector(tmp_path, Portal(Linked(pickups), NOTICES)).protect(raw, COPY, lambda: None)

    (pickup,) = pickups.list()
    assert b"".join(pickups.read(pickup)) == apply_edits(RAW, COPY.edits)


def test_a_link_is_for_one_recipient(tmp_path: Path, pickups: Pickups) -> None:
    """A copy for two is refused before anything is kept."""
    copy = Copy((ANN, BOB), (), Protection(Method.PORTAL))

    with pytest.raises(EncryptFailed, match="one recipient"):
        protector(tmp_path, Portal(Linked(pickups), NOTICES)).protect(RAW, copy, lambda: None)
    assert list(pickups.list()) == []


def test_without_a_portal_nothing_is_sent(tmp_path: Path) -> None:
    """It counts as unavailable, and who plans with it all the same gets an error."""
    with pytest.raises(EncryptFailed, match="portal is not there"):
        protector(tmp_path, None).protect(RAW, COPY, lambda: None)
