"""A store with an authority, and what intake told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.demo.pki import Authority
from gateway.keys import Directory, KeyBook, OwnKeys
from gateway.keys.intake import Checks, Intake
from gateway.keys.records import RecipientKey
from gateway.keys.revocation import Revocation
from gateway.store.database import open_database
from gateway.store.keyring import Keyring


@dataclass
class Office:
    """Everything of this room, wired."""

    engine: sa.Engine
    folder: Path
    authority: Authority = field(default_factory=Authority)
    told: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    policy: str = "when-reachable"

    def __post_init__(self) -> None:
        self.anchors = self.folder / "anchors.pem"
        self.anchors.write_text(self.authority.pem)
        self.keyring = Keyring.init(self.folder / "keyring.json")
        self.book = KeyBook(self.engine, lambda: datetime.now(UTC))
        self.own = OwnKeys(self.engine, self.keyring)
        self.directory = Directory(self.book, self.own, lambda: dict.fromkeys(("encrypt", "secure", "dane-only"), ""))

    @property
    def intake(self) -> Intake:
        revocation = Revocation(self.policy, self.fetch)  # type: ignore[arg-type]
        return Intake(self.book, Checks(self.anchors, revocation), self.tell)

    def tell(self, what: str, key: RecipientKey) -> None:
        self.told.append((what, key.address))

    def fetch(self, address: str, octets: bytes) -> bytes:
        if address not in self.answers:
            raise OSError("nobody there")
        return self.answers[address]


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    engine = open_database(database_url)
    yield Office(engine, tmp_path)
    engine.dispose()
