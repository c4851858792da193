"""`gatepost keys`: a private keyring, and items under the newest key."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from gateway.cli.exits import Exit
from gateway.demo.pki import Authority, Wish
from gateway.wiring.stored import Stored
from tests.makers.called import MESSAGE, Call, codes, data

pytestmark = pytest.mark.usefixtures("at_terminal")


def test_keys_init_makes_a_private_keyring_and_says_so_in_the_audit_log(call: Call, tmp_path: Path) -> None:
    """Mode 0600, an event with who did it, and no second time."""
    first = call("keys", "init", "--format", "json")

    file = tmp_path / "state" / "keyring.json"
    assert data(first)["keyring"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert codes(call)[0] == "keys-initialised"
    assert '"name":"pat"' in call("audit", "export").stdout
    again = call("keys", "init")
    assert again.exit_code == Exit.USAGE
    assert "there is a keyring already" in again.stderr


def test_keys_rotate_retires_the_old_key(call: Call) -> None:
    """The new one is active, both are listed, the audit log knows."""
    call("keys", "init")
    rotated = data(call("keys", "rotate", "--format", "json"))

    listed = [json.loads(line) for line in call("keys", "list", "--format", "json").stdout.splitlines()]
    assert [(key["key"], key["state"]) for key in listed] == [
        (rotated["retired"], "retired"),
        (rotated["key"], "active"),
    ]
    assert "keys-rotated" in codes(call)


def test_keys_rewrap_seals_items_under_the_new_key(call: Call, held: str) -> None:
    """Each item once; the message still opens."""
    call("keys", "rotate")

    assert data(call("keys", "rewrap", "--format", "json"))["rewrapped"] == 1
    assert data(call("keys", "rewrap", "--format", "json"))["rewrapped"] == 0
    assert call("quarantine", "show", held, "--message").stdout_bytes == MESSAGE


def test_no_keyring_is_a_setup_error(call: Call) -> None:
    """With the path and exit code 2."""
    result = call("keys", "list")

    assert result.exit_code == Exit.USAGE
    assert "keyring.json" in result.stderr


def test_what_is_no_key_is_told_with_its_file(call: Call, stored: Stored, tmp_path: Path) -> None:
    """And so is a file for a password that has none."""
    file, password = tmp_path / "own.pem", tmp_path / "password"
    file.write_text("-----BEGIN NOTHING-----\n")
    password.touch()

    no_key = call("keys", "own", "import", str(file))
    no_password = call("keys", "own", "import", str(file), "--password-file", str(password))

    assert (no_key.exit_code, no_password.exit_code) == (Exit.USAGE, Exit.USAGE)
    assert f"{file}: there is no certificate in PEM in the file" in no_key.stderr
    assert f"{password}: its first line is empty" in no_password.stderr


def test_what_openssl_makes_of_a_pkcs12_file_is_taken(call: Call, stored: Stored, tmp_path: Path) -> None:
    """How most authorities hand out certificates: words stand before each part, and it was taken for OpenPGP."""
    person = Authority().issue(Wish(["office@clinic.example"]))
    (tmp_path / "own.key").write_text(person.key_pem)
    (tmp_path / "own.crt").write_text(person.pem)
    for command in (
        "pkcs12 -export -in own.crt -inkey own.key -out own.p12 -passout pass:made-up -name office",
        "pkcs12 -in own.p12 -nodes -passin pass:made-up -out own.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "own.pem").read_text().startswith("Bag Attributes")

    taken = call("keys", "own", "import", str(tmp_path / "own.pem"))

    assert taken.exit_code == 0, taken.stderr
    assert data(call("keys", "own", "list", "--format", "json"))["state"] == "active"
