"""Accounts on a real database with a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from gateway.people import Gatehouse, PersonState, Role, Roster, SecurityKeys, Sessions, Tokens, passwords
from gateway.store.keyring import Keyring
from tests.makers.enrolled import PASSWORD, Enrolled


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


@pytest.fixture
def enrolled(roster: Roster, gatehouse: Gatehouse, clock: Clock) -> Enrolled:
    """Somebody with an own password and a telephone: person, the code of now, recovery codes."""
    person, first = roster.add("Robin", Role.OFFICER, display="Robin Officer", address="Robin@clinic.example")
    assert gatehouse.sign_in("robin", first, "").state is PersonState.NEW
    secret = gatehouse.begin_enrolment(person)

    def code() -> str:
        return TOTP(secret, 6, SHA1(), 30).generate(int(clock().timestamp())).decode()

    codes = gatehouse.enrol(person, PASSWORD, code())
    clock.advance(minutes=1)
    return roster.get("robin"), code, codes
