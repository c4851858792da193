"""gateway.wiring.upkeep and `gatepost maintain`: what is due is done, once, and one failure stops nothing else."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.audit.verify import verify
from gateway.cli.main import app
from gateway.config import load_config
from gateway.pickup import NewPickup
from gateway.store.database import open_database, writing
from gateway.store.keyring import Keyring
from gateway.store.schema import attempts, pickups
from gateway.wiring.stored import now, opened, upkeep_of
from gateway.wiring.upkeep import TASKS, Task, Upkeep, alone, run


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    file = tmp_path / "gatepost.yaml"
    file.write_text("store: {folder: state}\npostfix: {submit-port: 1}\n")
    Keyring.init(tmp_path / "state" / "keyring.json")
    return file


def maintain(config_file: Path, *tasks: str) -> dict[str, dict[str, int]]:
    done = CliRunner().invoke(app, ["maintain", *tasks, "--config", str(config_file), "--format", "json"])
    assert done.exit_code == 0, done.output
    told: dict[str, dict[str, int]] = json.loads(done.stdout)
    return told


def test_what_is_due_is_done_and_the_second_time_nothing_is(config_file: Path) -> None:
    """An old try is forgotten, the half of a sealed file removed and noted; then there is nothing left to do."""
    config = load_config(config_file, {})
    with opened(config, {}) as stored, writing(stored.engine) as connection:
        old = now() - timedelta(days=15)
        row = {"id": "a", "key": "k", "incident": "i", "begun": old, "gateway": "g", "lease_until": old}
        connection.execute(sa.insert(attempts).values(**row))
    stray = config.store.folder / "blobs" / "ab" / ".tmp-left"
    stray.parent.mkdir(parents=True)
    stray.touch()
    os.utime(stray, (time.time() - 7_200,) * 2)

    first, second = maintain(config_file), maintain(config_file)

    assert (first["journal"], first["store"]) == ({"forgotten": 1}, {"orphans": 1, "missing": 0})
    assert (second["journal"], second["store"]) == ({"forgotten": 0}, {"orphans": 0, "missing": 0})
    assert list(first) == [task.name for task in TASKS]
    assert verify(config.audit.folder).unsigned_tail == 0


def test_one_task_can_be_asked_for(config_file: Path) -> None:
    """By its name; one that does not exist is refused with those that do."""
    assert list(maintain(config_file, "checkpoint")) == ["checkpoint"]
    told = CliRunner().invoke(app, ["maintain", "no-such", "--config", str(config_file)])
    assert told.exit_code == 2
    assert "checkpoint" in told.output


def test_a_task_that_fails_keeps_no_other_from_its_work(config_file: Path) -> None:
    """Its failure is told with its name."""

    def fail(_: Upkeep) -> dict[str, int]:
        raise OSError("the disk is away")

    tasks = [Task("broken", "", fail), *TASKS]
    config = load_config(config_file, {})
    with opened(config, {}) as stored:
        done = list(run(upkeep_of(config, stored), tasks))

    assert [one.task for one in done if one.failure is not None] == ["broken"]
    assert len(done) == len(tasks)


def test_two_at_once_do_nothing_twice(config_file: Path) -> None:
    """Whoever comes second goes, without an error."""
    config = load_config(config_file, {})
    engine = open_database(config.store.database)
    with alone(config.store.folder, engine) as ours, alone(config.store.folder, engine) as theirs:
        assert (ours, theirs) == (True, False)
        done = CliRunner().invoke(app, ["maintain", "--config", str(config_file)])
        assert done.exit_code == 0
        assert "nothing to do" in done.output


def test_what_waited_for_too_long_is_destroyed_with_evidence(config_file: Path) -> None:
    """At the portal: the event first, then the key; it stays listed, and the second time nothing is due."""
    on = "portal: {url: 'https://m.test', organization: Clinic, sender: m@clinic.example, days: 1}\n"
    config_file.write_text(config_file.read_text() + on)
    config = load_config(config_file, {})
    with opened(config, {}) as stored:
        assert stored.pickups is not None
        for who in ("ann@x.example", "bob@x.example"):
            stored.pickups.put(NewPickup(who, "n@clinic.example", "20260304-a"), b"Subject: x\r\n\r\nx\r\n")
        with writing(stored.engine) as connection:
            old = now() - timedelta(days=1)
            connection.execute(sa.update(pickups).where(pickups.c.recipient == "ann@x.example").values(expires=old))

    first, second = maintain(config_file, "pickups"), maintain(config_file, "pickups")

    assert first["pickups"] == {"expired": 1, "orphans": 0, "forgotten": 0}
    assert second["pickups"] == {"expired": 0, "orphans": 0, "forgotten": 0}
    with opened(config, {}) as stored:
        assert stored.pickups is not None
        assert {(p.recipient, p.state.value) for p in stored.pickups.list()} == {
            ("ann@x.example", "expired"),
            ("bob@x.example", "waiting"),
        }
    assert len(list((config.store.folder / "pickups").rglob("*.sealed"))) == 1
    said = "".join(path.read_text() for path in config.audit.folder.glob("*.jsonl"))
    assert said.count('"pickup-expired"') >= 1
    assert "20260304-a" in said
