"""The officers' digest and reminders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from gateway.actions import Notices
from gateway.notices.briefing import Standing, digest, reminder, standing
from gateway.notices.samples import held_items
from gateway.quarantine import Item, NewItem, QuarantineStore
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring

NOW = datetime(2026, 11, 25, 7, tzinfo=UTC)
WITHIN = timedelta(days=3)
NOTICES = Notices("g@clinic.example", "Example Clinic", "privacy@clinic.example")
WITH_CONSOLE = replace(NOTICES, console="https://review.clinic.example")


def stands(items: Sequence[Item], days: float = 5) -> Standing:
    return Standing(NOW, tuple(items), 2, lambda item: item.created + timedelta(days=days))


def read(octets: bytes) -> tuple[str, str]:
    message = message_from_bytes(octets, policy=policy.default)
    return str(message["Subject"]), message.get_content()


def test_a_digest_says_what_waits_since_when_and_where_to_look() -> None:
    """Counts by severity, each message with its age, those near their end once more."""
    subject, text = read(digest(WITH_CONSOLE, stands(held_items(NOW)), WITHIN, "o@clinic.example"))

    assert subject == "Mail review: 2 waiting"
    for said in (
        "Came in the last 24 hours:  2",
        "high:                     1",
        "The oldest waits since:     2026-11-22 07:00 UTC (3 days)",
        "20261122-7k3f9q2ma1  high, 3 days",
        "Over within 3 days:",
        "https://review.clinic.example/items",
        "https://review.clinic.example/items/20261122-7k3f9q2ma1",
    ):
        assert said in text


def test_an_empty_digest_is_one_too() -> None:
    """So an officer knows that the digest still comes."""
    subject, text = read(digest(NOTICES, stands(()), WITHIN, "o@clinic.example"))

    assert subject == "Mail review: 0 waiting"
    assert "gatepost quarantine list" in text


def test_a_long_list_is_cut_and_says_by_how_many() -> None:
    """A mail of a thousand lines is read by nobody."""
    item = held_items(NOW)[0]
    many = [replace(item, id=f"item-{number}") for number in range(100)]

    _, text = read(digest(NOTICES, stands(many, days=900), WITHIN, "o@clinic.example"))

    assert text.count("item-") == 40
    assert "and 60 more" in text


def test_a_reminder_comes_only_where_something_ends_soon() -> None:
    """The first to go first."""
    items = held_items(NOW)

    assert reminder(NOTICES, stands(items, days=90), WITHIN, "o@clinic.example") is None
    on_hold = [replace(item, legal_hold=True) for item in items]
    assert reminder(NOTICES, stands(on_hold), WITHIN, "o@clinic.example") is None
    made = reminder(NOTICES, stands(items), WITHIN, "o@clinic.example")
    assert made is not None
    subject, text = read(made)
    assert subject == "Held mail will be destroyed: 1 within 3 days"
    assert "until 2026-11-27" in text


def test_an_address_brings_no_line_of_its_own() -> None:
    """Envelope addresses are what a client sent."""
    evil = replace(held_items(NOW)[0], mail_from="a\r\nBcc: x@x.example\r\n\r\nboo@x.example")

    octets = digest(NOTICES, stands([evil]), WITHIN, "o@clinic.example")

    assert b"\nBcc" not in octets
    assert b"\nboo" not in octets


def test_what_waits_is_read_from_the_store_page_by_page(tmp_path: Path) -> None:
    """The gravest first, then the oldest; what came before the last day does not count as new."""
    engine = open_database(f"sqlite:///{tmp_path}/gatepost.db")
    store = QuarantineStore(engine, Blobs(tmp_path / "blobs", Keyring.init(tmp_path / "keyring.json")))
    for number in range(3):
        severity, created = ("high" if number == 1 else "low"), NOW - timedelta(days=number)
        store.put(
            NewItem(f"item-{number}", f"inc-{number}", "a@x.example", ("b@x.example",), severity, "", created=created),
            [b"x"],
        )
    store.discard("item-2", "dana", "test")

    found = standing(store, NOW, lambda item: item.created)
    engine.dispose()

    assert [item.id for item in found.waiting] == ["item-1", "item-0"]
    assert found.came == 2
