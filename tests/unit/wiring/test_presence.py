"""gateway.wiring.presence: what others are told of the end of the audit log."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events
from gateway.audit.log import AuditLog
from gateway.audit.reading import has_event
from gateway.store.database import open_database
from gateway.store.members import Members
from gateway.wiring.presence import Presence, audit_head

KEY = Ed25519PrivateKey.generate()
STOPPED = events.gateway_stopped(signal="SIGTERM")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/gatepost.db")
    yield engine
    engine.dispose()


def serves(engine: sa.Engine, folder: Path, *, adding: int) -> None:
    """A gateway that starts, adds so many events and stops."""
    log = AuditLog(folder, KEY, segment_bytes=2_000)
    head = partial(audit_head, folder, KEY.public_key())
    presence = Presence(Members(engine), "mx1/a", str, head, lambda known: has_event(folder, known.seq, known.hash))
    presence.start("host", "1")
    for _ in range(adding):
        log.append(STOPPED)
    presence.stop()


@pytest.mark.parametrize("adding", [0, 1, 2, 9])
def test_a_log_that_was_put_back_and_has_grown_again_does_not_hide_it(
    engine: sa.Engine, tmp_path: Path, adding: int
) -> None:
    """The end that was known stays known, however long the new log is: verifying finds it out."""
    folder, members = tmp_path / "audit", Members(engine)
    serves(engine, folder, adding=3)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    serves(engine, folder, adding=2)
    known = members.audit_of("mx1/a")
    assert known is not None

    for path in folder.iterdir():
        path.unlink()
    for path, octets in before.items():
        path.write_bytes(octets)
    serves(engine, folder, adding=adding)

    assert members.audit_of("mx1/a") == known
    assert not has_event(folder, known.seq, known.hash)


def test_a_log_that_grows_over_several_segments_is_told(engine: sa.Engine, tmp_path: Path) -> None:
    """The end of the time before is in an earlier one."""
    folder, members = tmp_path / "audit", Members(engine)
    ends = []
    for _ in range(3):
        serves(engine, folder, adding=7)
        ends.append(members.audit_of("mx1/a"))

    assert [end.seq for end in ends if end is not None] == sorted({end.seq for end in ends if end is not None})
    assert None not in ends
    assert ends[-1] == audit_head(folder, KEY.public_key())
    assert len(list(folder.glob("audit-*.jsonl"))) > 2
