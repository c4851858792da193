"""A keyring that is lost, and a store that cannot be opened: no command makes it worse."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from gateway.cli.exits import Exit
from gateway.config import load_config
from gateway.quarantine import NewItem
from gateway.wiring.stored import opened

Call = Callable[..., Result]


@pytest.fixture
def state(settings: Path, call: Call, tmp_path: Path) -> Path:
    """A store with an item and an audit log."""
    assert call("keys", "init").exit_code == 0
    with opened(load_config(settings, {}), {}) as stored:
        stored.quarantine.put(NewItem("i-1", "inc", "n@clinic.example", ("a@x.test",), "high", "sha256:aa"), [b"x"])
    return tmp_path / "state"


COMMANDS = [
    ("keys", "init"),
    ("keys", "rotate"),
    ("keys", "list"),
    ("keys", "rewrap"),
    ("quarantine", "list"),
    ("quarantine", "release", "i-1"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_lost_keyring_is_to_be_restored_not_made_anew(call: Call, state: Path, words: tuple[str, ...]) -> None:
    """Every command says so, `keys init` too, and none writes a keyring."""
    (state / "keyring.json").unlink()

    result = call(*words)

    assert result.exit_code == Exit.USAGE
    assert "restore the keyring from your copy" in result.stderr
    assert "sealed items, an audit log and a database" in result.stderr
    assert not (state / "keyring.json").exists()


def test_a_keyring_that_is_restored_opens_everything_again(call: Call, state: Path, tmp_path: Path) -> None:
    """Nothing was changed meanwhile."""
    (state / "keyring.json").rename(tmp_path / "copy")
    call("keys", "init")
    call("quarantine", "list")
    (tmp_path / "copy").rename(state / "keyring.json")

    assert call("quarantine", "show", "i-1", "--message").stdout_bytes == b"x"


@pytest.mark.parametrize("left", ["blobs", "audit", "gatepost.db"])
def test_each_thing_alone_is_enough_to_refuse(call: Call, state: Path, tmp_path: Path, left: str) -> None:
    """Whichever of them survived."""
    (state / left).rename(tmp_path / "kept")
    state.rename(tmp_path / "old")
    state.mkdir()
    (tmp_path / "kept").rename(state / left)

    assert call("keys", "init").exit_code == Exit.USAGE
    assert not (state / "keyring.json").exists()


def test_an_empty_store_without_a_keyring_asks_for_init(call: Call, tmp_path: Path) -> None:
    """Folders alone are nothing that needs a key."""
    (tmp_path / "state" / "blobs").mkdir(parents=True)
    (tmp_path / "state" / "audit").mkdir()

    assert "make one with `gatepost keys init`" in call("keys", "list").stderr
    assert call("keys", "init").exit_code == 0


def test_a_damaged_database_is_unavailable(call: Call, state: Path) -> None:
    """With the path, and the code that docs/cli.md gives."""
    for file in state.glob("gatepost.db-*"):
        file.unlink()
    (state / "gatepost.db").write_bytes(b"no database" * 1000)

    result = call("quarantine", "list")

    assert result.exit_code == Exit.UNAVAILABLE
    assert f"{state / 'gatepost.db'}: the database cannot be opened" in result.stderr


def test_an_audit_folder_that_cannot_be_used_is_unavailable(call: Call, state: Path) -> None:
    """A file stands where the folder should be."""
    (state / "audit").rename(state / "audit.old")
    (state / "audit").touch()

    result = call("quarantine", "list")

    assert result.exit_code == Exit.UNAVAILABLE
    assert "the audit log cannot be used" in result.stderr
