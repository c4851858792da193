"""Which stores a configuration means, and what it may not show to others."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.audit import events
from gateway.audit.chain import HEAD
from gateway.cli.main import app
from gateway.config import Config, load_config
from gateway.core.errors import FaultyFiles, SetupError
from gateway.store.keyring import Keyring
from gateway.store.members import Members
from gateway.wiring.opening import access_of, database_of, identity_of, postfix_of, secret_in
from gateway.wiring.presence import audit_head
from gateway.wiring.stored import open_audit, opened
from tests.makers.postgres import Postgres

Configured = Callable[..., Config]


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    def write(**sections: str) -> Config:
        file = tmp_path / "gatepost.yaml"
        lines = [f"{name}: {text}" for name, text in sections.items()]
        file.write_text("\n".join(lines) + "\n")
        return load_config(file, {})

    return write


def _secret(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "secret"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_password_comes_from_a_file_of_its_own(configured: Configured, tmp_path: Path, url: str) -> None:
    """Not from the configuration, which others may read."""
    file = _secret(tmp_path, "correct-horse\n")
    bare = url.replace(":correct-horse", "")
    config = configured(store=f"{{folder: {tmp_path}/state, database: '{bare}', database-password-file: {file}}}")

    engine = database_of(config)

    assert Members(engine).list() == ()
    engine.dispose()


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_that_others_could_read_is_refused(
    configured: Configured, tmp_path: Path, url: str, mode: int
) -> None:
    """With the remedy, and without the secret."""
    file = _secret(tmp_path, "correct-horse", mode)
    config = configured(store=f"{{folder: {tmp_path}/state, database: '{url}', database-password-file: {file}}}")

    with pytest.raises(SetupError, match="chmod 600") as caught:
        database_of(config)

    assert "correct-horse" not in str(caught.value)


def test_an_object_store_is_named_by_bucket_and_prefix(configured: Configured, tmp_path: Path) -> None:
    """With the account from a file."""
    file = _secret(tmp_path, "[default]\naws_access_key_id = AK\naws_secret_access_key = SK%x\n")
    config = configured(store="{blobs: s3://held/a/b/}", objects=f"{{credentials-file: {file}}}")

    access = access_of(config)

    assert (access.bucket, access.prefix, access.key, access.secret) == ("held", "a/b", "AK", "SK%x")
    assert "SK%x" not in repr(access)


@pytest.mark.parametrize("text", ["", "[default]\naws_access_key_id = AK\n", "AK SK", "[default\n"])
def test_a_file_without_an_account_is_refused(configured: Configured, tmp_path: Path, text: str) -> None:
    """It says which lines there must be, not which there are."""
    config = configured(store="{blobs: s3://held}", objects=f"{{credentials-file: {_secret(tmp_path, text)}}}")

    with pytest.raises(SetupError, match="aws_secret_access_key"):
        access_of(config)


@pytest.mark.parametrize(
    "place", ["held", "s3://", "s3://a", "s3://Held/x", "s3://held//x", "file:///x", "s3://held/a b"]
)
def test_a_place_that_is_no_bucket_is_a_fault_of_the_configuration(configured: Configured, place: str) -> None:
    """At its line."""
    with pytest.raises(FaultyFiles, match="s3://BUCKET"):
        configured(store=f"{{blobs: '{place}'}}")


def test_a_gateway_is_known_by_its_folder(configured: Configured, tmp_path: Path, url: str) -> None:
    """The same after a restart, another one in another folder, whatever its name; on SQLite there is one alone."""
    own = database_of(configured(store=f"{{folder: {tmp_path}/a}}"))
    shared = [
        configured(store=f"{{folder: {tmp_path}/{name}, database: '{url}', gateway: mx1}}") for name in ("a", "a", "b")
    ]
    engine = database_of(shared[0])

    first, again, other = (identity_of(config, engine, make=True) for config in shared)

    assert first == again != other
    assert first.startswith("mx1/")
    assert identity_of(shared[0], own) == "mx1"
    assert first == identity_of(shared[0], engine)
    assert (postfix_of(shared[0], own), postfix_of(shared[0], engine) != "") == ("", True)
    engine.dispose()
    own.dispose()


def test_a_second_gateway_with_a_keyring_of_its_own_does_not_start(
    configured: Configured, tmp_path: Path, url: str
) -> None:
    """What it sealed nobody else could open."""
    for name in ("a", "b"):
        Keyring.init(tmp_path / name / "keyring.json")
    with opened(configured(store=f"{{folder: {tmp_path}/a, database: '{url}'}}"), {}):
        pass

    with (
        pytest.raises(SetupError, match="another keyring"),
        opened(configured(store=f"{{folder: {tmp_path}/b, database: '{url}'}}"), {}),
    ):
        pass


def test_an_audit_log_put_back_to_an_older_state_is_found_out(configured: Configured, tmp_path: Path, url: str) -> None:
    """Its older signed head fits; the database knows that it had come further."""
    config = configured(store=f"{{folder: {tmp_path}/state, database: '{url}', gateway: mx1}}")
    keyring = Keyring.init(config.store.keyring)
    log = open_audit(config, keyring)
    log.append(events.gateway_stopped(signal="SIGTERM"))
    before = {path: path.read_bytes() for path in config.audit.folder.iterdir()}
    log.append(events.gateway_stopped(signal="SIGTERM"))
    engine = database_of(config)
    members, mine = Members(engine), identity_of(config, engine, make=True)
    members.join(mine, "host", "1")
    members.tell(mine, "", audit_head(config.audit.folder, keyring.audit_key().public_key()))
    engine.dispose()
    verify = ["audit", "verify", "--config", str(tmp_path / "gatepost.yaml")]
    assert CliRunner().invoke(app, verify).exit_code == 0

    for path, octets in before.items():
        path.write_bytes(octets)

    assert (config.audit.folder / HEAD).exists()
    assert CliRunner().invoke(app, verify).exit_code == 3


def test_gateways_are_listed_and_forgotten(configured: Configured, tmp_path: Path, url: str) -> None:
    """By the command, without a keyring."""
    config = configured(store=f"{{folder: {tmp_path}/state, database: '{url}'}}")
    engine = database_of(config)
    Members(engine).join("mx1/aa", "mail.clinic.example", "1")
    engine.dispose()
    place = ["--config", str(tmp_path / "gatepost.yaml")]

    shown = CliRunner().invoke(app, ["gateways", "list", "--format", "json", *place])
    assert '"gateway":"mx1/aa"' in shown.output.replace(" ", "")
    assert '"serving"' in shown.output
    assert CliRunner().invoke(app, ["gateways", "forget", "mx1/aa", *place]).exit_code == 0
    assert CliRunner().invoke(app, ["gateways", "forget", "mx1/aa", *place]).exit_code == 4


def test_a_lost_postfix_is_given_up_by_a_command(configured: Configured, tmp_path: Path, url: str) -> None:
    """Of the messages that it may have; where there are none that is said too."""
    config = configured(store=f"{{folder: {tmp_path}/state, database: '{url}'}}")
    Keyring.init(config.store.keyring)
    with opened(config, {}) as stored:
        attempt = stored.journal.begin("key", "incident")
        stored.journal.done(attempt, "planned:mx9:00", '[["copy:0:1", "[\\"\\", [], \\"bo@partner.example\\"]"]]')
        stored.journal.leave(attempt)
    words = ["gateways", "go-on-without", "mx9", "--format", "json", "--config", str(tmp_path / "gatepost.yaml")]

    assert '"messages": 1' in CliRunner().invoke(app, words).output
    with opened(config, {}) as stored:
        assert "looked:mx9:00" in stored.journal.begin("key", "later").done


def test_a_credential_of_systemd_may_have_the_mode_that_its_acl_shows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Wherever a secret is read: the group bits are those of the service's own user there."""
    file = _secret(tmp_path, "correct-horse\n", 0o440)
    with pytest.raises(SetupError, match="chmod 600"):
        secret_in(file)
    monkeypatch.setattr("gateway.wiring.opening.CREDENTIALS", tmp_path)

    assert secret_in(file) == "correct-horse\n"


def test_a_way_through_the_credentials_of_systemd_is_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others can read is refused wherever the path says that it lies."""
    credentials, elsewhere = tmp_path / "credentials", tmp_path / "open"
    credentials.mkdir()
    monkeypatch.setattr("gateway.wiring.opening.CREDENTIALS", credentials)
    for file in (elsewhere, credentials / "password"):
        file.write_text("correct-horse")
        file.chmod(0o440)

    with pytest.raises(SetupError, match="0440"):
        secret_in(credentials / ".." / "open")

    assert secret_in(credentials / "password") == "correct-horse"
