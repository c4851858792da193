"""`gatepost pickups`: what waits at the portal, and taking it back."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.errors import AuditUnavailable, AuditUnusable
from gateway.audit.log import AuditLog
from gateway.audit.verify import verify
from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import Config, load_config
from gateway.core.errors import SetupError
from gateway.lobby import lobby
from gateway.pickup import NewPickup, Pickups, PickupUnknown
from gateway.pickup.desk import CodeRefused
from gateway.quarantine import NewItem
from gateway.store.blobs import Blobs
from gateway.store.errors import BlobDamaged, StoreUnusable
from gateway.store.keyring import Keyring
from gateway.wiring.opening import pickups_at_portal
from gateway.wiring.stored import opened

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


def test_an_installation_of_before_gets_keys_for_its_portal(config: Config, tmp_path: Path) -> None:
    """`config check` advises it, `keys portal` does it: what waited under the whole keyring opens with the portal's.

    Held messages and the seal of the audit log do not.
    """
    keyring = Keyring.load(config.store.keyring)
    blobs = Blobs(config.store.folder / "pickups", keyring)  # as older versions sealed it
    with opened(config, {}) as stored:
        before = Pickups(stored.engine, blobs, b"k", config.portal.holds)
        link = before.put(NewPickup("ann@x.example"), b"old").link
        stored.quarantine.put(NewItem("i-1", "i-1", "", ("a@x.test",), "low", ""), [b"held"])
    assert "advice: portal.keyring: the portal has no keys of its own" in call(tmp_path, "config", "check").stderr

    made = json.loads(call(tmp_path, "keys", "portal", "--format", "json").stdout)

    assert (made["written"], made["rewrapped"]) == (True, 1)
    assert config.portal.keyring.stat().st_mode & 0o777 == 0o600
    assert call(tmp_path, "config", "check").stderr == ""
    portal = Keyring.load(config.portal.keyring)
    with opened(config, {}) as stored:
        waiting = pickups_at_portal(config, stored.engine, portal)
        assert b"".join(waiting.read(waiting.find(link))) == b"old"
    with pytest.raises(BlobDamaged):
        b"".join(Blobs(config.store.folder / "blobs", portal).read("i-1"))
    with pytest.raises(AuditUnusable, match="another key"):
        AuditLog(config.audit.folder, portal.audit_key())
    again = json.loads(call(tmp_path, "keys", "portal", "--format", "json").stdout)
    assert (again["written"], again["rewrapped"]) == (False, 0)


def test_a_rotation_renews_the_keys_of_the_portal(config: Config, tmp_path: Path) -> None:
    """What is sealed from then on opens there."""
    call(tmp_path, "keys", "portal")
    call(tmp_path, "keys", "rotate")
    (link,) = wait(config, "ann@x.example").values()

    with opened(config, {}) as stored:
        waiting = pickups_at_portal(config, stored.engine, Keyring.load(config.portal.keyring))
        assert b"".join(waiting.read(waiting.find(link))) == b"canary"


def test_a_portal_without_any_keys_says_what_to_do(config: Config) -> None:
    """The unit hides the keyring of the gateway: it is started again, until the gateway has written its keys."""
    config.store.keyring.unlink()

    with pytest.raises(StoreUnusable, match="gatepost keys portal"), lobby(config, {}):
        pass


def test_a_portal_of_another_gateway_is_refused(config: Config, tmp_path: Path) -> None:
    """Its keys open nothing here."""
    wait(config, "ann@x.example")
    Keyring.init(tmp_path / "other.json").for_portal().keep(config.portal.keyring)

    with pytest.raises(SetupError, match="another keyring than the portal's"), lobby(config, {}):
        pass


def test_a_portal_on_a_machine_of_its_own_writes_an_audit_log_of_its_own(config: Config, tmp_path: Path) -> None:
    """Signed with its own key; there is no gateway, and no keyring but its own."""
    (link,) = wait(config, "ann@x.example").values()
    call(tmp_path, "keys", "portal")
    config.store.keyring.unlink()
    alone = config.model_copy(
        update={
            "audit": config.audit.model_copy(update={"folder": tmp_path / "audit"}),
            "portal": config.portal.model_copy(update={"evidence": "own"}),
        }
    )

    with lobby(alone, {}) as wired, pytest.raises(CodeRefused):
        wired.desk.open(link, "firefox", "12345678", "192.0.2.1")

    key = Keyring.load(config.portal.keyring).audit_key().public_key()
    assert verify(tmp_path / "audit", key).events >= 1
    assert "pickup-code-refused" in "".join(path.read_text() for path in (tmp_path / "audit").glob("*.jsonl"))
