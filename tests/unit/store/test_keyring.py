"""The keyring's file and what its keys do."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import SetupError
from gateway.store.errors import BlobDamaged
from gateway.store.keyring import Keyring, wrapped_by

DATA_KEY = bytes(range(32))


def test_a_new_keyring_has_one_active_key_and_is_private(keyring_file: Path) -> None:
    """init makes a file of mode 0600 with one active key."""
    keys = Keyring.load(keyring_file).list()

    assert [key.state for key in keys] == ["active"]
    assert keyring_file.stat().st_mode & 0o777 == 0o600


def test_init_never_overwrites(keyring_file: Path) -> None:
    """A keyring that is there stays as it is, since losing it loses all that it sealed."""
    before = keyring_file.read_bytes()

    with pytest.raises(SetupError, match="there is a keyring already"):
        Keyring.init(keyring_file)

    assert keyring_file.read_bytes() == before


def test_init_does_not_follow_a_dangling_link(tmp_path: Path) -> None:
    """A link to nowhere is not an absent file."""
    link = tmp_path / "keyring.json"
    link.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SetupError, match="there is a keyring already"):
        Keyring.init(link)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700, 0o644])
def test_a_keyring_that_others_could_read_is_refused(keyring_file: Path, mode: int) -> None:
    """Any bit for group, others or execution is refused, with the remedy."""
    keyring_file.chmod(mode)

    with pytest.raises(SetupError, match="chmod 600"):
        Keyring.load(keyring_file)


def test_a_read_only_keyring_is_fine(keyring_file: Path) -> None:
    """Mode 0400 is as good as 0600."""
    keyring_file.chmod(0o400)

    assert Keyring.load(keyring_file).current_id


def test_a_systemd_credential_may_be_readable_by_its_group(keyring_file: Path) -> None:
    """systemd lays credentials out as 0440 with an ACL; elsewhere that is refused."""
    keyring_file.chmod(0o440)

    assert Keyring.load(keyring_file, credentials=keyring_file.parent.parent).current_id
    with pytest.raises(SetupError):
        Keyring.load(keyring_file)


def test_a_keyring_of_another_user_is_refused(keyring_file: Path) -> None:
    """Whoever owns the file could change its mode back."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(keyring_file, 12_345, 12_345)

    with pytest.raises(SetupError, match="another user"):
        Keyring.load(keyring_file)


def test_an_absent_keyring_names_the_remedy(tmp_path: Path) -> None:
    """The message says which command makes one."""
    with pytest.raises(SetupError, match="gatepost keys init"):
        Keyring.load(tmp_path / "keyring.json")


def _set(name: str, value: object) -> Callable[[dict[str, object]], None]:
    return lambda document: document.update({name: value})


def _set_key(name: str, value: object) -> Callable[[dict[str, object]], None]:
    def change(document: dict[str, object]) -> None:
        keys = document["keys"]
        assert isinstance(keys, list)
        keys[0][name] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("version", 2),
        _set("root", "AAAA"),
        _set("root", "?"),
        _set("audit", None),
        _set("keys", []),
        _set("keys", {}),
        _set("keys", [7]),
        _set_key("state", "retired"),
        _set_key("state", "lost"),
        _set_key("id", "../../x"),
        _set_key("created", "2026-01-01T00:00:00"),
        _set_key("created", "yesterday"),
        _set_key("key", "QUJD"),
        lambda document: document.pop("root"),
        lambda document: document["keys"].append(document["keys"][0]),
    ],
)
def test_a_damaged_keyring_is_refused_without_showing_it(
    keyring_file: Path, change: Callable[[dict[str, object]], None]
) -> None:
    """Whatever is wrong in the file is a SetupError whose text has nothing of the keys."""
    document = json.loads(keyring_file.read_bytes())
    secret = document["root"]
    change(document)
    keyring_file.write_text(json.dumps(document))

    with pytest.raises(SetupError, match="damaged") as caught:
        Keyring.load(keyring_file)

    assert secret not in str(caught.value)


@pytest.mark.parametrize("octets", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_no_keyring_is_refused(keyring_file: Path, octets: bytes) -> None:
    """Anything else in the file is a SetupError too."""
    keyring_file.write_bytes(octets)

    with pytest.raises(SetupError, match="damaged"):
        Keyring.load(keyring_file)


def test_rotation_keeps_the_old_key_for_reading(keyring_file: Path) -> None:
    """What was wrapped before a rotation still opens, and new wraps use the new key."""
    old = Keyring.load(keyring_file)
    wrapped = old.wrap(DATA_KEY, b"item")

    new = Keyring.rotate(keyring_file)

    assert new.unwrap(wrapped, b"item") == DATA_KEY
    assert wrapped_by(new.wrap(DATA_KEY, b"item")) == new.current_id != old.current_id
    assert [key.state for key in Keyring.load(keyring_file).list()] == ["retired", "active"]


@pytest.mark.parametrize("later", [Keyring.rotate, Keyring.tidy])
def test_half_a_keyring_of_a_killed_rotation_goes(keyring_file: Path, later: Callable[[Path], object]) -> None:
    """It holds keys. What another file's writer has beside it stays."""
    killed_at_its_last_step(keyring_file)
    other = keyring_file.with_name(".tmp-other.json-00")
    other.touch()

    later(keyring_file)

    assert list(keyring_file.parent.glob(".tmp-*")) == [other]
    assert Keyring.load(keyring_file).list()


def killed_at_its_last_step(keyring_file: Path) -> None:
    """A process that dies in the place of the rename that would have been its last step."""
    child = os.fork()
    if not child:
        Path.replace = lambda *_: os._exit(9)  # type: ignore[method-assign]
        Keyring.rotate(keyring_file)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert any(keyring_file.parent.glob(".tmp-*"))


def test_derived_keys_survive_rotation_and_differ_by_purpose(keyring_file: Path) -> None:
    """Fingerprints stay comparable over rotations; one purpose says nothing about another."""
    before = Keyring.load(keyring_file).derive("fingerprint")

    after = Keyring.rotate(keyring_file)

    assert after.derive("fingerprint") == before
    assert after.derive("journal") != before
    assert len(before) == 32


def test_the_audit_key_survives_rotation(keyring_file: Path) -> None:
    """The audit log is signed by one key for its whole life."""
    before = Keyring.load(keyring_file).audit_public_pem()

    assert Keyring.rotate(keyring_file).audit_public_pem() == before


def test_every_changed_byte_of_a_wrapped_key_is_refused(keyring: Keyring) -> None:
    """Version, key id, nonce, sealed key and tag are all authenticated."""
    wrapped = keyring.wrap(DATA_KEY, b"item")

    for position in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[position] ^= 0x01
        with pytest.raises(BlobDamaged):
            keyring.unwrap(bytes(changed), b"item")


def test_every_cut_of_a_wrapped_key_is_refused(keyring: Keyring) -> None:
    """No length but the whole one opens."""
    wrapped = keyring.wrap(DATA_KEY, b"item")

    for length in range(len(wrapped)):
        with pytest.raises(BlobDamaged):
            keyring.unwrap(wrapped[:length], b"item")


def test_a_wrapped_key_is_bound_to_its_item(keyring: Keyring) -> None:
    """The same bytes do not open for another item."""
    with pytest.raises(BlobDamaged):
        keyring.unwrap(keyring.wrap(DATA_KEY, b"item"), b"other")


def test_a_key_of_another_keyring_is_named(keyring: Keyring, tmp_path: Path) -> None:
    """The text says which key is missing."""
    wrapped = Keyring.init(tmp_path / "other.json").wrap(DATA_KEY, b"item")

    with pytest.raises(BlobDamaged, match=wrapped_by(wrapped)):
        keyring.unwrap(wrapped, b"item")


def test_nothing_secret_is_in_a_repr(keyring: Keyring) -> None:
    """A repr in a traceback or a log gives no key away."""
    shown = repr(keyring) + repr(keyring.list())

    assert "material" not in shown
    assert keyring.derive("x").hex() not in shown


def test_a_rotation_that_cannot_be_written_leaves_the_old_file(
    keyring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs nothing but the rotation."""
    before = keyring_file.read_bytes()

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SetupError, match="No space left"):
        Keyring.rotate(keyring_file)

    assert keyring_file.read_bytes() == before
    assert sorted(path.name for path in keyring_file.parent.iterdir()) == [".keyring.json.lock", "keyring.json"]


def test_keys_of_the_portal_are_always_the_same_and_not_the_gateways(keyring_file: Path, tmp_path: Path) -> None:
    """One for each key of the keyring, after a rotation too; the file has none of the secrets that they are made of."""
    first = Keyring.load(keyring_file).for_portal()
    wrapped = first.wrap(DATA_KEY, b"aad")
    Keyring.rotate(keyring_file)
    whole = Keyring.load(keyring_file)
    file = tmp_path / "portal-keyring.json"

    assert whole.for_portal().keep(file)
    assert not whole.for_portal().keep(file)

    portal = Keyring.load(file)
    assert portal.unwrap(wrapped, b"aad") == DATA_KEY
    assert [key.state for key in portal.list()] == ["retired", "active"]
    assert portal.derive("identity") == first.derive("identity") != whole.derive("identity")
    secrets = json.loads(keyring_file.read_bytes())
    told = file.read_text()
    assert not any(key["key"] in told for key in secrets["keys"])
    assert not any(secrets[name] in told for name in ("root", "audit"))


def test_the_portal_opens_nothing_that_the_gateway_sealed(keyring: Keyring) -> None:
    """The gateway opens what both sealed, and seals for the portal with the portal's keys."""
    portal = keyring.for_portal()
    both = portal.opening_too(keyring)

    with pytest.raises(BlobDamaged, match="not in the keyring"):
        portal.unwrap(keyring.wrap(DATA_KEY, b"aad"), b"aad")
    assert both.unwrap(keyring.wrap(DATA_KEY, b"aad"), b"aad") == DATA_KEY
    assert portal.unwrap(both.wrap(DATA_KEY, b"aad"), b"aad") == DATA_KEY
