"""Accounts on a real database with a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from gateway.people import Gatehouse, Roster, SecurityKeys, Sessions, Tokens, passwords
from gateway.store.keyring import Keyring


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 4, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **parts: float) -> None:
        self.time += timedelta(**parts)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of less work: what is tested is not their strength."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def roster(engine: sa.Engine, clock: Clock) -> Roster:
    return Roster(engine, clock)


@pytest.fixture
def gatehouse(engine: sa.Engine, clock: Clock, tmp_path: Path) -> Gatehouse:
    return Gatehouse(engine, Keyring.init(tmp_path / "keyring.json"), clock)


@pytest.fixture
def keys(engine: sa.Engine, clock: Clock) -> SecurityKeys:
    return SecurityKeys(engine, clock)


@pytest.fixture
def sessions(engine: sa.Engine, clock: Clock) -> Sessions:
    return Sessions(engine, clock)


@pytest.fixture
def tokens(engine: sa.Engine, clock: Clock) -> Tokens:
    return Tokens(engine, clock)
