"""`gatepost restore` where something is already: what an admin reads, and that following it works."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.audit.verify import verify
from gateway.store.keyring import Keyring
from tests.makers.patient import Patient
from tests.unit.doctor.test_drill import gatepost

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")


@pytest.fixture
def whole(patient: Patient) -> Path:
    """A backup with its keyring."""
    archive = patient.folder / "whole.tar"
    gatepost("backup", archive, "--with-keyring", "--config", patient.config)
    return archive


@pytest.fixture
def installed(patient: Patient, whole: Path) -> Path:
    """The backup, and a new machine on which `keys init` was run, as each installation does."""
    shutil.rmtree(patient.state)
    gatepost("keys", "init", "--config", patient.config)
    return whole


def moves(told: str) -> list[list[str]]:
    return [shlex.split(line) for line in told.splitlines() if line.startswith("  mv ")]


def test_a_new_installation_is_told_what_is_there_and_how_to_move_it_aside(patient: Patient, installed: Path) -> None:
    """What is there, why it is left alone, the commands; and with these done the restore works."""
    was = Keyring.load(patient.state / "keyring.json").audit_key().public_key()

    told = gatepost("restore", installed, "--config", patient.config, code=2)

    assert f"{patient.state} is not empty" in told
    assert f"an audit log ({patient.state}/audit), its last event number 2 of " in told
    assert "`gatepost keys init`" in told
    assert moves(told) == [["mv", f"{patient.state}/audit", f"{patient.state}/audit.before-restore-1"]]
    for command in moves(told):
        subprocess.run(command, check=True, timeout=60)
    assert "keyring.json.replaced-1" in gatepost("restore", installed, "--config", patient.config)
    key = Keyring.load(patient.state / "keyring.json").audit_key().public_key()
    assert key != was
    assert verify(patient.state / "audit", key).events > 2
    assert verify(patient.state / "audit.before-restore-1", was).events == 2


def test_all_that_is_there_is_named_with_a_free_name_to_move_it_to(patient: Patient, whole: Path) -> None:
    """A log of writes beside the database too: SQLite would read it into the file that is restored."""
    for ending in ("wal", "shm"):
        (patient.state / f"gatepost.db-{ending}").write_bytes(b"left by a crash")
    (patient.state / "audit.before-restore-1").mkdir()
    (patient.state / "audit" / "head.json").write_bytes(b"damaged")

    told = gatepost("restore", whole, "--config", patient.config, code=2)

    state = patient.state
    assert [Path(to).name for _, _, to in moves(told)] == [
        "audit.before-restore-2",
        "gatepost.db.before-restore-1",
        "gatepost.db-wal.before-restore-1",
        "gatepost.db-shm.before-restore-1",
    ]
    assert all(Path(place).exists() and Path(place).parent == state for _, place, _ in moves(told))


@pytest.mark.parametrize("fault", ["occupied", "damaged"])
def test_a_restore_that_fails_leaves_no_configuration_and_no_rules(patient: Patient, whole: Path, fault: str) -> None:
    """They come first, since the configuration says where all else goes. What was there before stays."""
    shutil.rmtree(patient.rules)
    patient.config.unlink()
    if fault == "damaged":
        shutil.rmtree(patient.state)
        octets = whole.read_bytes()
        place = octets.index(b"SQLite format 3") + 4_096
        whole.write_bytes(octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :])
    before = {path.name for path in patient.folder.iterdir()}

    gatepost("restore", whole, "--config", patient.config, code=2 if fault == "occupied" else 3)

    left = {path.name for path in patient.folder.iterdir()} - {"state"}
    assert left == before - {"state"}
