"""What is at rest is worth nothing to a thief: a stolen folder opens nothing, and a crash writes no memory."""

import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config import load_config
from gateway.core.errors import GatepostError, SetupError
from gateway.quarantine import QuarantineStore
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring
from tests.makers.faults.cases import CASES, SECRET, case
from tests.makers.faults.sweep import Lab, in_clear

CRASHES = """
import os, signal, sys
from gateway.processes.sandbox import leave_no_core
os.chdir(sys.argv[1])
leave_no_core()
descriptor = os.open("own", os.O_RDWR | os.O_CREAT)
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY))
print(open("/proc/self/limits").read())
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_no_action_leaves_a_value_in_any_file(lab: Lab) -> None:
    """Everything of a gateway's folder, its log too, after each action; what is held is sealed."""
    for each in CASES:
        folder = lab.ready(each)
        lab.serve(folder, each)
        assert (each.name, list(in_clear(folder))) == (each.name, [])


def test_the_search_would_see_a_value(tmp_path: Path) -> None:
    """Silence above means something."""
    (tmp_path / "temporary").write_bytes(b"x" * 5000 + SECRET)

    assert list(in_clear(tmp_path)) == ["temporary shows a value"]


def test_a_stolen_folder_without_the_keyring_opens_nothing(lab: Lab) -> None:
    """All else was copied: no item can be read, with no keyring nor with one of the thief's own."""
    tried = case("quarantine")
    folder = lab.ready(tried)
    lab.serve(folder, tried)
    config = load_config(folder / "gatepost.yaml", {})
    with sqlite3.connect(folder / "state" / "gatepost.db") as database:
        ((item,),) = database.execute("SELECT id FROM quarantine_items").fetchall()
    database.close()
    config.store.keyring.unlink()

    with pytest.raises(SetupError):
        Keyring.load(config.store.keyring)
    engine = open_database(config.store.database)
    try:
        stolen = QuarantineStore(engine, Blobs(config.store.folder / "blobs", Keyring.init(config.store.keyring)))
        with pytest.raises(GatepostError):
            b"".join(stolen.read(item))
    finally:
        engine.dispose()


def test_a_crash_writes_no_memory_to_disk(tmp_path: Path) -> None:
    """A process that holds keys ends by SIGSEGV without a core where its limits would allow one."""
    tmp_path.chmod(0o777)
    before = resource.getrlimit(resource.RLIMIT_CORE)
    if before[1] == 0:
        pytest.skip("nobody may write a core here")
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        done = subprocess.run(
            [sys.executable, "-c", CRASHES, str(tmp_path)], capture_output=True, check=False, text=True
        )
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)

    assert done.returncode == -signal.SIGSEGV, done.stderr
    assert "Max core file size        0                    0" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
