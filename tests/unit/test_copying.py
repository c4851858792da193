"""`gatepost store copy`: all that is kept goes from a folder to servers, and the old store stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import Config, load_config
from gateway.people import Role, Roster
from gateway.pickup import NewPickup
from gateway.quarantine import NewItem, State
from gateway.store.database import reading
from gateway.store.durable import locked
from gateway.store.keyring import Keyring
from gateway.store.schema import metadata
from gateway.wiring.opening import database_of
from gateway.wiring.stored import opened
from tests.makers.objects import ObjectServer
from tests.makers.postgres import Postgres

MESSAGE = [b"Subject: x\r\n\r\n", b"body\r\n" * 20_000]


def _configured(file: Path, settings: dict[str, dict[str, object]]) -> Config:
    file.write_text(json.dumps(settings))
    return load_config(file, {})


@pytest.fixture
def here(tmp_path: Path) -> Config:
    """A folder with a held and a discarded message, a person and an attempt that was left open."""
    config = _configured(tmp_path / "here.yaml", {"store": {"folder": f"{tmp_path}/state"}})
    Keyring.init(config.store.keyring)
    with opened(config, {}) as stored:
        for name in ("held", "gone"):
            to = ("bo@partner.example",)
            stored.quarantine.put(NewItem(name, name, "ada@clinic.example", to, "high", "sha256:0"), MESSAGE)
        stored.quarantine.discard("gone", "dana", "a test")
        Roster(stored.engine).add("dana", Role.ADMIN)
        attempt = stored.journal.begin("key", "incident")
        stored.journal.done(attempt, "copy:1", "4F1")
        stored.journal.leave(attempt)
    return config


@pytest.fixture
def there(tmp_path: Path, postgres: Postgres, object_server: ObjectServer) -> Iterator[Config]:
    """Empty servers, for the same folder."""
    with postgres.database() as url:
        objects = object_server.settings(object_server.bucket(), tmp_path)
        store = {**objects["store"], "folder": f"{tmp_path}/state", "database": url}
        yield _configured(tmp_path / "there.yaml", {**objects, "store": store})


def _copy(folder: Path) -> tuple[int, str]:
    done = CliRunner().invoke(
        app, ["store", "copy", f"{folder}/there.yaml", "--config", f"{folder}/here.yaml", "--format", "json"]
    )
    return done.exit_code, done.output


def test_all_that_is_kept_is_in_the_new_store(here: Config, there: Config, tmp_path: Path) -> None:
    """Row by row, and each sealed message; what was begun is resumed there."""
    code, output = _copy(tmp_path)

    assert (code, '"messages": 1' in output) == (0, True)
    with opened(there, {}) as stored:
        assert b"".join(stored.quarantine.read("held")) == b"".join(MESSAGE)
        assert stored.quarantine.get("gone").state is State.DISCARDED
        assert dict(stored.journal.begin("key", "later").done) == {"copy:1": "4F1"}
        assert [person.name for person in Roster(stored.engine).list()] == ["dana"]
    with opened(here, {}) as stored:
        assert b"".join(stored.quarantine.read("held")) == b"".join(MESSAGE)
    assert "store-copied" in "".join(path.read_text() for path in here.audit.folder.glob("*.jsonl"))


def _portal_on(file: Path) -> Config:
    portal: dict[str, object] = {"url": "https://m.test", "organization": "Clinic", "sender": "m@clinic.example"}
    return _configured(file, {**json.loads(file.read_text()), "portal": portal})


def test_what_waits_at_the_portal_goes_along_though_it_is_switched_off(
    here: Config, there: Config, tmp_path: Path
) -> None:
    """Here and there: it is still to be destroyed in time, and its keys rewrapped."""
    with opened(_portal_on(tmp_path / "here.yaml"), {}) as stored:
        assert stored.pickups is not None
        kept = stored.pickups.put(NewPickup("ann@x.example"), b"canary-7")
    (tmp_path / "here.yaml").write_text(json.dumps({"store": {"folder": f"{tmp_path}/state"}}))

    code, output = _copy(tmp_path)

    assert (code, '"messages": 2' in output) == (0, True)
    with opened(there, {}) as stored:
        assert stored.pickups is not None
        assert b"".join(stored.pickups.read(stored.pickups.find(kept.link))) == b"canary-7"


def test_what_waits_at_the_portal_needs_a_place_there(here: Config, there: Config, tmp_path: Path) -> None:
    """A bucket without a prefix has none: nothing is copied, not even a row."""
    with opened(_portal_on(tmp_path / "here.yaml"), {}) as stored:
        assert stored.pickups is not None
        stored.pickups.put(NewPickup("ann@x.example"), b"canary-7")
    settings = json.loads((tmp_path / "there.yaml").read_text())
    settings["store"]["blobs"] = settings["store"]["blobs"].rpartition("/")[0]
    _configured(tmp_path / "there.yaml", settings)

    code, output = _copy(tmp_path)

    assert code == Exit.USAGE
    assert "prefix" in output
    engine = database_of(there)
    with reading(engine) as connection:
        assert connection.execute(sa.select(metadata.tables["pickups"])).all() == []
    engine.dispose()


def test_what_is_not_empty_is_left_alone(here: Config, there: Config, tmp_path: Path) -> None:
    """A second copy would mix two stores."""
    assert _copy(tmp_path)[0] == 0
    code, output = _copy(tmp_path)

    assert code == Exit.USAGE
    assert "is not empty" in output


def test_nothing_is_copied_while_a_gateway_serves(here: Config, there: Config, tmp_path: Path) -> None:
    """It would change what was copied already."""
    with locked(here.store.folder / "serve.lock"):
        code, output = _copy(tmp_path)

    assert code == Exit.USAGE
    assert "stop it" in output
    engine = database_of(there)
    with reading(engine) as connection:
        rows = [connection.execute(sa.select(table)).all() for table in metadata.sorted_tables]
    engine.dispose()
    assert not any(rows)
