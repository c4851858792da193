"""The table of faults, and what several of them do."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from gateway.quarantine import NewItem, QuarantineStore
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring
from tests.makers.patient import Patient

Plant = Callable[[Patient], None]
FAULTS: dict[str, tuple[str, Plant]] = {}


def fault(check: str) -> Callable[[Plant], Plant]:
    """The fault that the function plants must be found by this check."""

    def note(plant: Plant) -> Plant:
        FAULTS[plant.__name__] = (check, plant)
        return plant

    return note


def store_of(p: Patient) -> tuple[sa.Engine, Keyring]:
    return open_database(f"sqlite:///{p.state}/gatepost.db"), Keyring.load(p.state / "keyring.json")


def hold(p: Patient, created: datetime | None = None) -> None:
    engine, keyring = store_of(p)
    new = NewItem("item-1", "20260101-x", "ada@clinic.example", ("bo@x.example",), "high", "sha256:0", created=created)
    QuarantineStore(engine, Blobs(p.state / "blobs", keyring)).put(new, [b"Subject: x\r\n\r\n"])
    engine.dispose()


def entry_of(p: Patient) -> str:
    return "{ unix:gatepost/milter.sock, default_action=tempfail, protocol=6, content_timeout=300s }"
