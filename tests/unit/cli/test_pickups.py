"""`gatepost pickups`: what waits at the portal, and taking it back."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.errors import AuditUnavailable
from gateway.audit.log import AuditLog
from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import Config, load_config
from gateway.pickup import NewPickup, PickupUnknown
from gateway.store.keyring import Keyring
from gateway.stored import opened

PORTAL = {"url": "https://m.test", "organization": "Clinic", "sender": "m@clinic.example"}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    settings = {"store": {"folder": "state"}, "portal": PORTAL}
    (tmp_path / "gatepost.yaml").write_text(json.dumps(settings))
    loaded = load_config(tmp_path / "gatepost.yaml", {})
    Keyring.init(loaded.store.keyring)
    return loaded


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", str(folder / "gatepost.yaml")])


def wait(config: Config, *recipients: str) -> dict[str, str]:
    """Have a message wait for each; the links by the ids."""
    with opened(config, {}) as stored:
        assert stored.pickups is not None
        kept = [stored.pickups.put(NewPickup(who, "n@clinic.example", "20260304-a"), b"canary") for who in recipients]
    return {each.pickup.id: each.link for each in kept}


def test_what_waits_is_listed_without_its_links(config: Config, tmp_path: Path) -> None:
    """As a table and as JSON Lines; who looked is in the audit log."""
    links = wait(config, "ann@x.example", "bob@x.example")

    table = call(tmp_path, "pickups", "list").stdout
    rows = [json.loads(line) for line in call(tmp_path, "pickups", "list", "--format", "json").stdout.splitlines()]

    assert {row["pickup"]: row["to"] for row in rows}.keys() == links.keys()
    assert all(row["opened"] is None and row["incident"] == "20260304-a" for row in rows)
    assert "ann@x.example" in table
    assert not any(link in table + str(rows) for link in links.values())
    only = call(tmp_path, "pickups", "list", "--to", "BOB@x.example", "--format", "json").stdout
    assert json.loads(only)["to"] == "bob@x.example"
    assert "pickups-listed" in "".join(path.read_text() for path in config.audit.folder.glob("*.jsonl"))


def test_what_is_taken_back_is_gone_for_good(config: Config, tmp_path: Path) -> None:
    """By the beginning of its id; the other one still waits, and the second time changes nothing."""
    links = wait(config, "ann@x.example", "bob@x.example")
    (first, link), (second, other) = links.items()

    done = call(tmp_path, "pickups", "revoke", first[:12])
    again = call(tmp_path, "pickups", "revoke", first[:12])

    assert (done.exit_code, again.exit_code) == (Exit.OK, Exit.OK)
    with opened(config, {}) as stored:
        assert stored.pickups is not None
        with pytest.raises(PickupUnknown):
            stored.pickups.find(link)
        assert stored.pickups.find(other).id == second
    log = "".join(path.read_text() for path in config.audit.folder.glob("*.jsonl"))
    assert log.count('"operation":"pickup-revoked"') == 1
    everything = call(tmp_path, "pickups", "list", "--state", "all", "--format", "json").stdout
    assert sorted(json.loads(line)["state"] for line in everything.splitlines()) == ["revoked", "waiting"]


def test_taking_back_is_written_down_after_it_is_true(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without evidence the link is dead all the same, and the same command once more writes it and destroys the key."""
    ((first, link),) = wait(config, "ann@x.example").items()
    append = AuditLog.append

    def failing(log: AuditLog, event: Mapping[str, object]) -> None:
        if "pickup-revoked" in str(event):
            raise AuditUnavailable("the disk is full")
        append(log, event)

    with monkeypatch.context() as patched:
        patched.setattr(AuditLog, "append", failing)
        done = call(tmp_path, "pickups", "revoke", first)

    assert done.exit_code == Exit.UNAVAILABLE
    with opened(config, {}) as stored:
        assert stored.pickups is not None
        with pytest.raises(PickupUnknown):
            stored.pickups.find(link)
        assert call(tmp_path, "pickups", "revoke", first).exit_code == Exit.OK
        assert not stored.pickups.is_sealed(first)
    log = "".join(path.read_text() for path in config.audit.folder.glob("*.jsonl"))
    assert log.count('"operation":"pickup-revoked"') == 1


@pytest.mark.parametrize("wanted", ["", "abc", "0" * 64, "%" * 10])
def test_an_id_that_is_none_is_not_found(config: Config, tmp_path: Path, wanted: str) -> None:
    """Nor the empty beginning of all ids."""
    wait(config, "ann@x.example")

    assert call(tmp_path, "pickups", "revoke", wanted).exit_code == Exit.NOT_FOUND


def test_without_a_portal_it_says_so(tmp_path: Path) -> None:
    """With where to read on; the portal itself too."""
    (tmp_path / "gatepost.yaml").write_text("store: {folder: state}\n")
    Keyring.init(tmp_path / "state" / "keyring.json")

    for words in (("pickups", "list"), ("portal",)):
        done = call(tmp_path, *words)
        assert done.exit_code == Exit.USAGE
        assert "portal" in done.stderr


def test_a_backup_brings_what_waits_back(config: Config, tmp_path: Path) -> None:
    """Into an empty place, under the same links."""
    ((_, link),) = wait(config, "ann@x.example").items()
    assert call(tmp_path, "backup", "--with-keyring", str(tmp_path / "backup.tar")).exit_code == 0
    (tmp_path / "state").rename(tmp_path / "lost")

    done = call(tmp_path, "restore", str(tmp_path / "backup.tar"))

    assert done.exit_code == 0, done.output
    with opened(config, {}) as stored:
        assert stored.pickups is not None
        assert b"".join(stored.pickups.read(stored.pickups.find(link))) == b"canary"


def test_rewrapping_includes_what_waits(config: Config, tmp_path: Path) -> None:
    """After a rotation, as held messages."""
    wait(config, "ann@x.example")
    assert call(tmp_path, "keys", "rotate").exit_code == 0

    assert json.loads(call(tmp_path, "keys", "rewrap", "--format", "json").stdout)["rewrapped"] == 1
