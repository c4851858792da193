"""A keyring, blobs and a database on real files."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pytest
import sqlalchemy as sa

from gateway.store.blobs import Blobs, BlobStore
from gateway.store.database import open_database
from gateway.store.journal import Journal
from gateway.store.keyring import Keyring
from gateway.store.objects import Access, ObjectBlobs
from tests.makers.attempts import Clock
from tests.makers.objects import ObjectServer


@pytest.fixture
def keyring_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "keyring.json"
    Keyring.init(path)
    return path


@pytest.fixture
def keyring(keyring_file: Path) -> Keyring:
    return Keyring.load(keyring_file)


@pytest.fixture
def blobs(tmp_path: Path, keyring: Keyring) -> Blobs:
    """For what is of files alone."""
    return Blobs(tmp_path / "blobs", keyring)


class Place(Protocol):
    """Where sealed blobs lie, and what somebody else can do to them there. Of so many octets one is tried."""

    step: int

    def blobs(self, keyring: Keyring) -> BlobStore: ...

    def sealed(self, item_id: str) -> bytes: ...

    def change(self, item_id: str, octets: bytes) -> None: ...

    def left(self) -> int: ...


@dataclass
class Folder:
    folder: Path
    step: int = 1

    def blobs(self, keyring: Keyring) -> BlobStore:
        return Blobs(self.folder, keyring)

    def sealed(self, item_id: str) -> bytes:
        return self._path(item_id).read_bytes()

    def change(self, item_id: str, octets: bytes) -> None:
        self._path(item_id).write_bytes(octets)

    def left(self) -> int:
        return sum(path.is_file() and path.name != ".lock" for path in self.folder.rglob("*"))

    def _path(self, item_id: str) -> Path:
        return next(self.folder.rglob(f"{item_id}.sealed"))


@dataclass
class Bucket:
    server: ObjectServer
    access: Access
    step: int = 9  # a question over HTTP takes its time, and who opens them is the same

    def blobs(self, keyring: Keyring) -> BlobStore:
        return ObjectBlobs(self.access, keyring)

    def sealed(self, item_id: str) -> bytes:
        answer = self._client.get_object(Bucket=self.access.bucket, Key=self._key(item_id))
        octets: bytes = answer["Body"].read()
        return octets

    def change(self, item_id: str, octets: bytes) -> None:
        self._client.put_object(Bucket=self.access.bucket, Key=self._key(item_id), Body=octets)

    def left(self) -> int:
        answer = self._client.list_object_versions(Bucket=self.access.bucket)
        return len(answer.get("Versions", ()))

    @cached_property
    def _client(self) -> Any:
        return self.server.client()

    def _key(self, item_id: str) -> str:
        there = self._client.list_objects_v2(Bucket=self.access.bucket, Prefix=f"{self.access.prefix}/{item_id}/")
        (only,) = there["Contents"]
        return str(only["Key"])


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Folder(tmp_path / "blobs")
    server: ObjectServer = request.getfixturevalue("object_server")
    return Bucket(server, server.bucket())


@pytest.fixture
def store(place: Place, keyring: Keyring) -> BlobStore:
    """Blobs of each kind."""
    return place.blobs(keyring)


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """For what only SQLite does."""
    engine = open_database(f"sqlite:///{tmp_path}/gatepost.db")
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(engine: sa.Engine, clock: Clock) -> Journal:
    return Journal(engine, gateway="mx1", clock=clock)
