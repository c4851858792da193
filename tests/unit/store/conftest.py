"""A keyring, blobs and a database on real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring


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
    return Blobs(tmp_path / "blobs", keyring)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/gatepost.db")
    yield engine
    engine.dispose()
