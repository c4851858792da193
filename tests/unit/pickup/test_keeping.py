"""Keeping a copy at the portal: what waits is written down before anybody hears of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.audit.errors import AuditUnavailable
from gateway.encrypt import Origin
from gateway.pickup import Pickups
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring
from gateway.wiring.protection import Keeping

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


@dataclass
class Paper:
    """An audit log that fails as often as a test wants."""

    failures: int = 0
    written: list[Mapping[str, object]] = field(default_factory=list)

    def append(self, event: Mapping[str, object]) -> None:
        if self.failures:
            self.failures -= 1
            raise AuditUnavailable("the disk is full")
        self.written.append(event)


def test_what_could_not_be_written_down_is_with_the_next_try(tmp_path: Path, database_url: str) -> None:
    """Sealed already, and still no link without its event, which names the message under way."""
    engine, paper = open_database(database_url), Paper(failures=1)
    blobs = Blobs(tmp_path / "pickups", Keyring.init(tmp_path / "keyring.json"))
    pickups = Pickups(engine, blobs, b"key", timedelta(days=30), lambda: NOW)
    keeping = Keeping(pickups, "https://portal.test", paper.append)
    with pytest.raises(AuditUnavailable):
        keeping.keep("ann@x.example", b"canary-7", Origin("n@clinic.example", "20260304-a"))

    waiting = keeping.keep("ann@x.example", b"canary-7", Origin("n@clinic.example", "20260304-b"))

    (event,) = paper.written
    engine.dispose()
    assert (waiting.id, "20260304-b" in str(event)) == (str(event["unmapped"]["pickup"]), True)  # type: ignore[index]
    assert "pickup-waiting" in str(event)
