"""A signing key, a log on real files, and an event."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events
from gateway.audit.log import AuditLog


@pytest.fixture
def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def event() -> Callable[[int], dict[str, object]]:
    return lambda number: events.viewed(item=f"item-{number}", incident=f"incident-{number}", by="dana")


@pytest.fixture
def written(folder: Path, signing_key: Ed25519PrivateKey, event: Callable[[int], dict[str, object]]) -> Path:
    """A closed log: 24 events, a checkpoint after every 10 lines, several segments."""
    log = AuditLog(folder, signing_key, segment_bytes=5_000, checkpoint_events=10)
    for number in range(24):
        log.append(event(number))
    log.close()
    return folder
