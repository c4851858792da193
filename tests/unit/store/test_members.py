"""What gateways of one database have to agree on, and who of them does what is common."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.core.errors import SetupError
from gateway.store.database import is_shared
from gateway.store.keyring import Keyring
from gateway.store.members import Head, Members, bind_keyring, first_to, note_upkeep, upkeep_due, upkeep_turn


def test_another_keyring_than_the_first_is_refused(engine: sa.Engine, keyring: Keyring, tmp_path: Path) -> None:
    """Nothing that one seals would open for the other. A rotated one is the same."""
    bind_keyring(engine, keyring)
    bind_keyring(engine, keyring)

    with pytest.raises(SetupError, match="another keyring"):
        bind_keyring(engine, Keyring.init(tmp_path / "other.json"))


def test_a_rotated_keyring_is_the_same(engine: sa.Engine, keyring: Keyring, keyring_file: Path) -> None:
    """Its root never changes."""
    bind_keyring(engine, keyring)
    bind_keyring(engine, Keyring.rotate(keyring_file))


def test_upkeep_is_the_turn_of_one_gateway(engine: sa.Engine) -> None:
    """The second is told no, and gets it when the first is done. On SQLite a lock of the folder decides."""
    with upkeep_turn(engine) as first, upkeep_turn(engine) as second:
        assert (first, second) == (True, not is_shared(engine))
    with upkeep_turn(engine) as again:
        assert again


def test_upkeep_is_due_an_hour_after_whoever_did_it(engine: sa.Engine) -> None:
    """Not once an hour for each gateway."""
    assert upkeep_due(engine, timedelta(minutes=50))
    note_upkeep(engine, "mx1")
    note_upkeep(engine, "mx2")

    assert not upkeep_due(engine, timedelta(minutes=50))
    assert upkeep_due(engine, timedelta(0))


def test_what_is_mailed_once_a_day_is_mailed_by_one(engine: sa.Engine) -> None:
    """Whoever comes first; the next day somebody does it again."""
    assert first_to(engine, "notice:digest", "mx1", timedelta(hours=12))
    assert not first_to(engine, "notice:digest", "mx2", timedelta(hours=12))
    assert first_to(engine, "notice:remind", "mx2", timedelta(hours=12))

    assert first_to(engine, "notice:digest", "mx2", timedelta(0))


def test_the_longest_end_of_an_audit_log_is_what_counts(engine: sa.Engine) -> None:
    """One that was put back to an older state does not make the others forget."""
    members = Members(engine)
    members.join("mx1/a", "host", "1")
    assert members.audit_of("mx1/a") is None

    members.tell("mx1/a", "sha256:0", Head(9, "ff"))
    members.tell("mx1/a", "sha256:0", Head(4, "ee"), stops=True)
    members.join("mx1/a", "host", "2")

    (member,) = members.list()
    assert (member.name, member.audit, member.version, member.stopped) == ("mx1", Head(9, "ff"), "2", None)
    assert members.forget("mx1/a") is True
    assert members.forget("mx1/a") is False
