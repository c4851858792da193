"""gatepost.yaml: every fault with its place, the environment on top, paths, secrets hidden, and the reference page."""

import dataclasses
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.config import (
    Config,
    configuration_file,
    effective,
    keyring_file,
    load_config,
    premises,
    reference,
    shipped,
)
from gateway.config.reference import without_password
from gateway.core.errors import FaultyFiles, SetupError
from gateway.core.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


def load(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "gatepost.yaml"
    file.write_text(text)
    return load_config(file, environ)


def faults_of(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(FaultyFiles) as caught:
        load(folder, text, **environ)
    return [str(fault).replace(str(folder) + os.sep, "") for fault in caught.value.faults]


def test_defaults_are_a_complete_configuration() -> None:
    """Without a file and without variables every setting has its documented default."""
    config = Config()

    assert config.milter.socket == "unix:/run/gatepost/milter.sock"
    assert config.store.database == "sqlite:////var/lib/gatepost/gatepost.db"
    assert config.workers.count == len(os.sched_getaffinity(0))


def test_limits_agree_with_the_inspection() -> None:
    """The section `limits` has exactly the fields and defaults of core.Limits."""
    assert Config().limits.core() == Limits()
    assert set(Config().limits.model_dump()) == {field.name for field in dataclasses.fields(Limits)}


def test_all_faults_are_reported_at_once_with_their_places(tmp_path: Path) -> None:
    """A misspelt key, a wrong type, a value out of range and a misspelt section come together, with line and column."""
    text = "milter:\n  sokcet: x\nworker: {}\nworkers:\n  count: many\n  memory-mib: 1\nlog:\n  level: loud\n"

    assert faults_of(tmp_path, text) == [
        "gatepost.yaml:2:3: milter.sokcet: no such setting: did you mean socket?",
        "gatepost.yaml:3:1: worker: no such setting: did you mean workers?",
        "gatepost.yaml:5:10: workers.count: must be a whole number: at least 1 and at most 512 processes",
        "gatepost.yaml:6:15: workers.memory-mib: must be at least 128: at least 128 and at most 65,536 MiB",
        "gatepost.yaml:8:10: log.level: must be 'debug', 'info', 'warning' or 'error': write one of them",
    ]


def test_snake_case_keys_are_refused_with_the_right_name(tmp_path: Path) -> None:
    """One spelling for a key: a file with socket_mode is told about socket-mode."""
    [fault] = faults_of(tmp_path, "milter:\n  socket_mode: '0600'\n")

    assert fault == "gatepost.yaml:2:3: milter.socket_mode: no such setting: did you mean socket-mode?"


def test_true_is_not_a_number(tmp_path: Path) -> None:
    """A boolean where a number belongs is a fault, not the number 1."""
    [fault] = faults_of(tmp_path, "workers:\n  count: true\n")

    assert "must be a number, not true or false" in fault


@pytest.mark.parametrize("text", ["[1, 2]", "just text", "milter: 3", "milter: [socket]"])
def test_a_file_of_the_wrong_shape_is_one_plain_fault(tmp_path: Path, text: str) -> None:
    """Lists and bare words where sections belong are refused with the place."""
    [fault] = faults_of(tmp_path, text)

    assert "section" in fault


def test_broken_yaml_and_missing_files_are_faults(tmp_path: Path) -> None:
    """YAML that cannot be read and a file that is not there end in FaultyFiles like every other fault."""
    assert faults_of(tmp_path, "milter: {socket: 'x\n")
    with pytest.raises(FaultyFiles, match="cannot be read"):
        load_config(tmp_path / "none.yaml", {})


def test_a_section_with_everything_commented_out_has_its_defaults(tmp_path: Path) -> None:
    """`milter:` alone is null in YAML and means the defaults."""
    assert load(tmp_path, "milter:\n  # socket: unix:/x\nlog:\n").milter == Config().milter


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    """GATEPOST_<SECTION>_<SETTING> replaces what the file says, with the type of the setting."""
    config = load(
        tmp_path,
        "workers:\n  count: 3\n",
        GATEPOST_WORKERS_COUNT="7",
        GATEPOST_AUDIT_SYSLOG_REQUIRED="true",
        GATEPOST_MILTER_SOCKET_MODE="0600",
    )

    assert config.workers.count == 7
    assert config.audit.syslog_required is True
    assert config.milter.socket_mode == "0600"


def test_faults_of_the_environment_name_the_variable(tmp_path: Path) -> None:
    """A bad or misspelt variable is reported by its name, along with the faults of the file."""
    faults = faults_of(tmp_path, "x: 1", GATEPOST_STATUS_PORT="high", GATEPOST_STATUS_PROT="1")

    assert faults[0].startswith("gatepost.yaml:1:1: x: no such setting")
    assert faults[1].startswith("environment: GATEPOST_STATUS_PORT: must be a whole number")
    assert faults[2] == "environment: GATEPOST_STATUS_PROT: no such setting: did you mean GATEPOST_STATUS_PORT?"


def test_which_file_counts(tmp_path: Path) -> None:
    """The file asked for wins over GATEPOST_CONFIG."""
    environ = {"GATEPOST_CONFIG": "/b.yaml"}

    assert configuration_file(Path("/a.yaml"), environ) == Path("/a.yaml")
    assert configuration_file(None, environ) == Path("/b.yaml")


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """Folders, the policy and a unix socket are found beside the file, wherever the program was started."""
    config = load(tmp_path, "policy: {file: p.yaml}\nstore: {folder: state}\n")

    assert config.policy.file == tmp_path / "p.yaml"
    assert config.store.folder == tmp_path / "state"


def test_store_folder_moves_what_is_not_set_itself(tmp_path: Path) -> None:
    """Database, keyring, audit log and spool follow store.folder; an explicit setting stays."""
    config = load(tmp_path, "store: {folder: state}\naudit: {folder: /srv/audit}\n")

    assert config.store.database == f"sqlite:///{tmp_path}/state/gatepost.db"
    assert config.store.keyring == tmp_path / "state/keyring.json"
    assert config.milter.spool_folder == tmp_path / "state/spool"
    assert config.audit.folder == Path("/srv/audit")


def test_an_unquoted_socket_mode_means_its_octal_digits(tmp_path: Path) -> None:
    """0660 without quotes is read as the mode that was meant."""
    assert load(tmp_path, "milter: {socket-mode: 0640}").milter.socket_mode == "0640"


@pytest.mark.parametrize(
    "socket", ["/run/x.sock", "unix:milter.sock", "inet:8891", "inet:0@localhost", "unix:", "unix:/" + "x" * 107]
)
def test_milter_socket_is_checked(tmp_path: Path, socket: str) -> None:
    """What libmilter could not listen on is refused at load."""
    assert faults_of(tmp_path, f"milter: {{socket: '{socket}'}}")


@pytest.mark.parametrize("address", ["udp:localhost", "syslog", "unix:dev/log", "tcp:h:99999"])
def test_syslog_address_is_checked(tmp_path: Path, address: str) -> None:
    """An address without a port, or of an unknown kind, is refused."""
    assert faults_of(tmp_path, f"audit: {{syslog: '{address}'}}")


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://Messages.Clinic.example", "https://messages.clinic.example"),
        ("https://messages.clinic.example:443/", "https://messages.clinic.example"),
        ("HTTPS://messages.clinic.example:8443", "https://messages.clinic.example:8443"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://127.0.0.1:9827", "http://127.0.0.1:9827"),
        ("", ""),
    ],
)
def test_a_site_is_named_as_browsers_name_it(tmp_path: Path, url: str, site: str) -> None:
    """Small letters, no port that goes without saying: what they send in Host and Origin is compared with it."""
    people = {"organization": "Clinic", "sender": "m@clinic.example"} if url else {}
    config = load(tmp_path, json.dumps({"portal": {"url": url, **people}, "console": {"url": url}}))

    assert (config.portal.url, config.console.url) == (site, site)


@pytest.mark.parametrize("url", ["https://a.example:0", "https://a.example:x", "https://me@a.example", "https://a/#b"])
def test_what_is_no_site_is_refused(tmp_path: Path, url: str) -> None:
    """For the console as for the portal."""
    for section in ("portal", "console"):
        assert any("without a path" in fault for fault in faults_of(tmp_path, json.dumps({section: {"url": url}})))


def test_a_bad_database_url_does_not_show_its_password(tmp_path: Path) -> None:
    """A fault about a URL never repeats the URL."""
    [fault] = faults_of(tmp_path, "store: {database: 'mysql://u:pass-word@db.test/x'}")

    assert "pass-word" not in fault


def test_configuration_is_frozen() -> None:
    """Nothing can change a setting after the load."""
    with pytest.raises(ValidationError):
        Config().workers.count = 3


def test_effective_values_are_plain_and_hide_passwords(tmp_path: Path) -> None:
    """What `config show` prints can be written as JSON and has no password in it."""
    shown = effective(load(tmp_path, "store: {database: 'postgresql://gate:pass-word@db.test/gatepost'}"))

    assert json.loads(json.dumps(shown))["store"]["database"] == "postgresql://gate:***@db.test/gatepost"
    assert shown["milter"]["socket-mode"] == "0660"


def test_effective_values_load_as_a_file(tmp_path: Path) -> None:
    """The output of `config show` is a valid gatepost.yaml with the same meaning."""
    assert load(tmp_path, json.dumps(effective(Config()))) == Config()


def test_passwords_in_the_query_of_a_url_are_hidden() -> None:
    """PostgreSQL takes a password as a parameter too."""
    assert without_password("postgresql:///x?host=/run&password=abc") == "postgresql:///x?host=/run&password=***"
    assert without_password("sqlite:////var/lib/x.db") == "sqlite:////var/lib/x.db"


@given(st.text(alphabet="abcdef0123456789", min_size=8))
def test_no_password_survives_hiding(secret: str) -> None:
    """Whatever the password, the shown URL does not have it."""
    assert f"Z{secret}Z" not in without_password(f"postgresql+psycopg://gate:Z{secret}Z@db.test:5432/x?sslmode=require")


def test_keyring_comes_from_the_systemd_credential_when_handed_over(tmp_path: Path) -> None:
    """The credential wins where systemd provides it; outside of the unit the file counts."""
    config = load(tmp_path, "store: {keyring-credential: keys}")
    (tmp_path / "keys").touch()

    assert keyring_file(config, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == tmp_path / "keys"
    assert keyring_file(config, {}) == config.store.keyring
    with pytest.raises(SetupError, match="LoadCredential"):
        keyring_file(config, {"CREDENTIALS_DIRECTORY": str(tmp_path / "other")})


def test_shipped_finds_the_folder_of_the_checkout() -> None:
    """In a checkout the rules beside the package are used."""
    assert shipped("tests") == ROOT / "tests"
    assert shipped("no-such-folder").parts[-3:] == ("share", "gatepost", "no-such-folder")


def test_reference_page_is_in_step_with_the_schema() -> None:
    """docs/configuration.md is what the schema generates; `gatepost config reference` writes it anew."""
    assert (ROOT / "docs" / "configuration.md").read_text() == reference()


def test_reference_documents_every_setting() -> None:
    """Each setting has a description, and its environment variable is listed."""
    page = reference()

    for name, section in effective(Config()).items():
        for key in section:
            assert f"GATEPOST_{name}_{key}".upper().replace("-", "_") in page
            assert f"`{key}`" in page


def test_premises_of_a_folder_that_is_there_or_can_be_made(tmp_path: Path) -> None:
    """A private folder, or one that does not exist yet in a folder that can be written: no fault."""
    config = load(tmp_path, "store: {folder: state}")
    assert premises(config, None) == []

    (tmp_path / "state").mkdir(mode=0o700)
    assert premises(config, None) == []


def test_premises_tell_what_is_missing_or_open_to_others(tmp_path: Path) -> None:
    """With file and line of the setting where it is written, and a remedy."""
    text = "policy: {file: none.yaml}\nstore: {folder: state}\naudit: {folder: flat/audit}\n"
    config = load(tmp_path, text)
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(0o750)
    (tmp_path / "flat").touch()
    file = tmp_path / "written.yaml"
    file.write_text(text)

    shown = [str(fault).replace(f"{tmp_path}/", "") for fault in premises(config, file)]

    assert shown == [
        "written.yaml:1:16: policy.file: none.yaml: there is no such file, or it may not be read: write its path",
        "written.yaml:2:17: store.folder: state: has mode 0750, so that others may look into it: chmod 700 state",
        "written.yaml:3:17: audit.folder: flat/audit: flat is not a folder: name a folder",
    ]


@pytest.mark.parametrize(
    ("milter", "told"),
    [
        ("socket-group: postfix", []),
        ("socket-group: no-such-group", ["there is no group no-such-group on this machine"]),
        ("socket-group: daemon", ["the user postfix is not in the group daemon: Postfix cannot reach the milter"]),
        ("{socket-group: daemon, socket-mode: '0666'}", []),
        ("{socket-group: daemon, socket: 'inet:8891@127.0.0.1'}", []),
        ("{}", []),
    ],
)
def test_premises_tell_of_a_group_that_keeps_postfix_from_the_socket(
    tmp_path: Path, milter: str, told: list[str]
) -> None:
    """It does not exist, or Postfix's user is not in it, unless everybody may speak to the socket, or it is none."""
    config = load(tmp_path, f"store: {{folder: state}}\nmilter: {milter if milter[0] == '{' else '{' + milter + '}'}\n")

    found = premises(config, None)

    assert [fault.problem for fault in found] == told
    assert all(fault.subject == "milter.socket-group" for fault in found)


def test_premises_without_a_postfix_here_ask_for_no_user_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postfix may be on another machine, or have another name."""

    def nobody(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr("pwd.getpwnam", nobody)

    assert premises(load(tmp_path, "store: {folder: state}\nmilter: {socket-group: daemon}\n"), None) == []
