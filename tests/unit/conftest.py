"""What tests of several rooms share: no settings from outside, and a database of each kind, what is synced."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gateway.store.database import open_database
from tests.makers.environment import without_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine that runs the tests."""
    without_settings(monkeypatch)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """On SQLite, and on PostgreSQL."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of files and folders that are synced while the test runs."""
    numbers: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        numbers.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return numbers
