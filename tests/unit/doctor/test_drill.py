"""`gatepost backup` and `gatepost restore`: the drill, and what may go wrong with it."""

import io
import os
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.audit.verify import verify
from gateway.backup import staged
from gateway.cli.main import app
from gateway.config import load_config
from gateway.quarantine import NewItem, QuarantineStore, State
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring
from tests.makers.patient import Patient

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")
MESSAGE = b"Subject: held\r\n\r\n" + os.urandom(70_000)


def gatepost(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def quarantine(state: Path) -> QuarantineStore:
    keyring = Keyring.load(state / "keyring.json")
    return QuarantineStore(open_database(f"sqlite:///{state}/gatepost.db"), Blobs(state / "blobs", keyring))


def item(name: str) -> NewItem:
    return NewItem(name, f"20260101-{name}", "ada@clinic.example", ("bo@x.example",), "high", "sha256:0")


@pytest.fixture
def copy(patient: Patient) -> Path:
    """A backup of a gateway that serves and holds one message; the keyring is kept apart, as the page says."""
    quarantine(patient.state).put(item("one"), [MESSAGE])
    archive = patient.folder / "gatepost.tar"
    assert "keep a copy of it elsewhere" in gatepost("backup", archive, "--config", patient.config)
    (patient.state / "keyring.json").rename(patient.folder / "keyring-copy.json")
    return archive


@pytest.fixture
def lost(patient: Patient, copy: Path) -> Path:
    """The machine is gone: store, rules, configuration. What is left is the backup, and the copy of the keyring."""
    shutil.rmtree(patient.state)
    shutil.rmtree(patient.rules)
    patient.config.unlink()
    return copy


def test_the_drill(patient: Patient, lost: Path) -> None:
    """From an empty machine to a healthy one: the doctor is silent, the held message opens, the evidence is whole."""
    gatepost("restore", lost, "--keyring", patient.folder / "keyring-copy.json", "--config", patient.config)

    assert patient.troubles() == []
    assert b"".join(quarantine(patient.state).read("one")) == MESSAGE
    assert (patient.state / "keyring.json").stat().st_mode & 0o777 == 0o600
    log = patient.state / "audit"
    assert verify(log, Keyring.load(patient.state / "keyring.json").audit_key().public_key()).events >= 3
    told = gatepost("audit", "export", "--config", patient.config)
    assert "backup-made" in told
    assert "backup-restored" in told


def test_rules_behind_a_link_are_in_it(patient: Patient) -> None:
    """A pack that is kept elsewhere is read like any other, and is restored as files; a link to itself ends nothing."""
    elsewhere = patient.folder / "checked-out"
    (patient.rules / "packs").rename(elsewhere)
    (patient.rules / "packs").symlink_to(elsewhere)
    there = sorted(path.relative_to(elsewhere) for path in elsewhere.glob("*/*.yaml"))
    (elsewhere / "again").symlink_to(patient.rules)
    archive = patient.folder / "gatepost.tar"
    gatepost("backup", archive, "--with-keyring", "--config", patient.config)
    for folder in (patient.state, patient.rules, elsewhere):
        shutil.rmtree(folder)
    patient.config.unlink()

    gatepost("restore", archive, "--config", patient.config)

    packs = patient.rules / "packs"
    assert there
    assert sorted(path.relative_to(packs) for path in packs.glob("*/*.yaml")) == there
    assert not packs.is_symlink()


def test_the_keyring_stays_out_unless_it_is_asked_for(patient: Patient, copy: Path) -> None:
    """Who has the file alone opens nothing. It is for its owner's eyes all the same."""
    secret = (patient.folder / "keyring-copy.json").read_bytes()
    shutil.copy(patient.folder / "keyring-copy.json", patient.state / "keyring.json")
    assert secret not in copy.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600

    gatepost("backup", patient.folder / "whole.tar", "--with-keyring", "--config", patient.config)
    assert secret in (patient.folder / "whole.tar").read_bytes()
    gatepost("backup", copy, "--config", patient.config, code=2)  # never over an older one


@pytest.mark.parametrize("fault", ["changed", "cut", "empty", "stranger", "link"])
def test_a_damaged_backup_is_refused_and_nothing_put_in_place(patient: Patient, lost: Path, fault: str) -> None:
    """By digest, by its end, by what no backup has: with exit code 3."""
    octets = lost.read_bytes()
    if fault == "changed":
        place = octets.index(b"SQLite format 3") + 4_096
        lost.write_bytes(octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :])
    elif fault in ("cut", "empty"):
        lost.write_bytes(octets[: len(octets) // 2] if fault == "cut" else b"")
    else:
        with tarfile.open(lost, "a") as tar:
            info = tarfile.TarInfo("blobs/../../out" if fault == "stranger" else "blobs/aa/link.sealed")
            info.type = tarfile.REGTYPE if fault == "stranger" else tarfile.SYMTYPE
            info.linkname = "/etc/passwd" if fault == "link" else ""
            tar.addfile(info, io.BytesIO(b""))

    keyring = patient.folder / "keyring-copy.json"
    gatepost("restore", lost, "--keyring", keyring, "--config", patient.config, code=3)

    left = [path for path in patient.state.rglob("*") if path.is_file()] if patient.state.exists() else []
    assert left == []
    assert not (patient.folder.parent / "out").exists()


def test_a_restore_needs_the_right_keyring(patient: Patient, lost: Path) -> None:
    """None, or another one: said before anything is put in place."""
    assert "--keyring" in gatepost("restore", lost, "--config", patient.config, code=2)
    Keyring.init(patient.folder / "other.json")
    told = gatepost("restore", lost, "--keyring", patient.folder / "other.json", "--config", patient.config, code=2)
    assert "another one" in told
    assert not (patient.state / "gatepost.db").exists()


def test_before_the_first_start_there_is_nothing_to_back_up(patient: Patient) -> None:
    (patient.state / "gatepost.db").unlink()

    told = gatepost("backup", patient.folder / "gatepost.tar", "--config", patient.config, code=6)

    assert "start Gatepost once" in told


def test_another_keyring_that_is_there_is_set_aside(patient: Patient, lost: Path) -> None:
    """One that an installation made, or that an older store needs: kept under another name, each time a new one."""
    patient.state.mkdir(mode=0o700)
    Keyring.init(patient.state / "keyring.json")
    was = (patient.state / "keyring.json").read_bytes()
    (patient.state / "keyring.json.replaced-1").write_bytes(b"of an earlier time")

    told = gatepost("restore", lost, "--keyring", patient.folder / "keyring-copy.json", "--config", patient.config)

    assert "keyring.json.replaced-2" in told
    assert (patient.state / "keyring.json.replaced-2").read_bytes() == was
    assert (patient.state / "keyring.json.replaced-1").read_bytes() == b"of an earlier time"
    assert b"".join(quarantine(patient.state).read("one")) == MESSAGE


def test_what_is_there_is_never_overwritten(patient: Patient, copy: Path) -> None:
    """A store in use is refused; configuration and rules that are there stay."""
    shutil.copy(patient.folder / "keyring-copy.json", patient.state / "keyring.json")
    before = patient.config.read_text()

    told = gatepost("restore", copy, "--config", patient.config, code=2)
    assert "sealed items" in told
    assert "a database" in told
    assert patient.config.read_text() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_restores_for_the_owner_of_the_folder(patient: Patient, lost: Path) -> None:
    """The store belongs to Gatepost's user afterwards, every file of it; the rules to root."""
    nobody = 65_534
    patient.state.mkdir(mode=0o700)
    os.chown(patient.state, nobody, nobody)

    gatepost("restore", lost, "--keyring", patient.folder / "keyring-copy.json", "--config", patient.config)

    assert {path.stat().st_uid for path in patient.state.rglob("*")} == {nobody}
    assert {path.stat().st_uid for path in patient.rules.rglob("*")} == {0}


class Traffic:
    """Messages that are held and discarded as fast as they can be."""

    def __init__(self, store: QuarantineStore) -> None:
        self._store = store
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(name,)) for name in ("a", "b")]
        self.count = 0

    def _work(self, name: str) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._store.put(item(f"{name}-{number}"), [MESSAGE[:2_000]])
            if number % 2:
                self._store.discard(f"{name}-{number}", "test", "test")
            self.count += 1

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def _copies(patient: Patient, traffic: Traffic) -> Iterator[tuple[set[str], set[str]]]:
    """Of five moments: items that wait by the database, and the sealed files beside it."""
    for _ in range(5):
        before = traffic.count
        while traffic.count < before + 10:
            pass
        with staged(load_config(patient.config, {})) as moment:
            database = next(piece.path for piece in moment.pieces if piece.name == "gatepost.db")
            aside = patient.folder / "copy.db"
            shutil.copy(database, aside)
            sealed = {piece.path.name.removesuffix(".sealed") for piece in moment.pieces if "blobs/" in piece.name}
        store = QuarantineStore(open_database(f"sqlite:///{aside}"), Blobs(patient.folder / "none", _keyring(patient)))
        yield {held.id for held in store.list() if held.state is State.HELD}, sealed
        aside.unlink()


def _keyring(patient: Patient) -> Keyring:
    return Keyring.load(patient.state / "keyring.json")


def test_a_copy_is_of_one_moment_while_mail_flows(patient: Patient) -> None:
    """Every message that waits by the copied database has its sealed file in the copy; nothing of it stays behind."""
    with Traffic(quarantine(patient.state)) as traffic:
        for waiting, sealed in _copies(patient, traffic):
            assert waiting
            assert waiting <= sealed
    assert list(patient.state.glob(".backup-*")) == []
