"""A quarantine on real files with a clock that the test moves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.quarantine import FoundEntity, NewItem, QuarantineStore
from gateway.store.blobs import Blobs, BlobStore
from gateway.store.keyring import Keyring
from gateway.store.objects import ObjectBlobs
from tests.makers.objects import ObjectServer

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def blobs(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> BlobStore:
    """A folder beside SQLite, a bucket beside PostgreSQL."""
    keyring = Keyring.init(tmp_path / "keyring.json")
    if database_url.startswith("sqlite"):
        return Blobs(tmp_path / "blobs", keyring)
    server: ObjectServer = request.getfixturevalue("object_server")
    return ObjectBlobs(server.bucket(), keyring)


@pytest.fixture
def store(engine: sa.Engine, blobs: BlobStore) -> QuarantineStore:
    seconds = iter(range(1_000_000))
    return QuarantineStore(engine, blobs, lambda: START + timedelta(seconds=next(seconds)))


@pytest.fixture
def new() -> Callable[[int], NewItem]:
    def make(number: int) -> NewItem:
        return NewItem(
            id=f"item-{number:04d}",
            incident=f"incident-{number}",
            mail_from="dana@clinic.example",
            recipients=("lee@partner.example", "kim@insurer.example"),
            severity="high",
            policy_digest="sha256:00",
            rules=("hipaa-phi-external",),
            areas=("hipaa",),
            findings=(FoundEntity("US_SSN", 2, ("***-**-6789",)),),
            message_id_hash="f00d",
        )

    return make
