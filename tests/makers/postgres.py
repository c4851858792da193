"""PostgreSQL with a folder, a port and data of its own. As root it runs as Debian's user postgres: it refuses root."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from gateway.demo.guard import Guard
from gateway.demo.lasting import Lasting
from gateway.demo.ports import LOOPBACK, PortHold, answers, wait_until
from gateway.store import database
from gateway.store.database import open_database
from gateway.store.schema import metadata

USER, PASSWORD = "gatepost", "correct-horse"
HEAD = database.SCHEMA
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=80", "autovacuum=off")


class Postgres(Lasting):
    """What it holds outlives a kill of its processes, not of the machine."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="gp-pg-", dir="/tmp"))
        self._programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self._as: dict[str, Any] = {"start_new_session": True}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._hold = PortHold()
        self.port = self._hold.port
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self._empty: list[str] = []

    def start(self) -> None:
        """Start, with the data that it had, and wait until it answers."""
        if not (self._folder / "data").exists():
            (self._folder / "password").write_text(PASSWORD)
            self._run("initdb", "--no-sync", "-A", "scram-sha-256", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8")
        settings = (*QUICK, f"port={self.port}", f"listen_addresses={LOOPBACK}", "unix_socket_directories=")
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        command += [word for setting in settings for word in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as
            )
        self._guard = Guard(self._process.pid)
        wait_until(self._is_up, 30, "PostgreSQL answers")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: every connection ends at once; SIGQUIT: as in a crash."""
        process, self._process = self._process, None
        if process is None:
            return
        if self._guard is not None:
            self._guard.dismiss()
        process.send_signal(number)
        process.wait(30)

    def close(self) -> None:
        self.stop()
        self._hold.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Every process stands still, as on a machine that hangs: connections stay, and nobody answers."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)
        stopped = [pid for pid in self._backends() if _signal(pid, signal.SIGSTOP)]
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)
            for pid in stopped:
                _signal(pid, signal.SIGCONT)

    def _backends(self) -> list[int]:
        """Each is the leader of a session of its own."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    @contextmanager
    def database(self, port: int | None = None) -> Iterator[str]:
        """The URL of an empty database with today's schema. `port`: of whoever stands in between."""
        name = self._empty.pop() if self._empty else self._made()
        try:
            yield self.url(name, port)
        finally:
            if self._emptied(name):
                self._empty.append(name)
            else:
                self.administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _made(self) -> str:
        name = f"gp_{secrets.token_hex(6)}"
        self.administer(f"CREATE DATABASE {name}")
        open_database(self.url(name)).dispose()
        return name

    def _emptied(self, name: str) -> bool:
        """Quicker than a new one; False where the test has left something behind that is not a row."""
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        delete = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
        try:
            with psycopg.connect(self.url(name), autocommit=True, options="-c lock_timeout=500") as connection:
                version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                there = {row[0] for row in connection.execute(tables)}
                connection.execute(delete)
        except psycopg.Error:
            return False
        return version == (HEAD,) and there == {*metadata.tables, "alembic_version"}

    def url(self, name: str, port: int | None = None) -> str:
        return f"postgresql://{USER}:{PASSWORD}@{LOOPBACK}:{port or self.port}/{name}"

    def administer(self, statement: str) -> list[tuple[Any, ...]]:
        """Of no database of a test."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute(statement)
            return list(found) if found.description else []

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self._folder / "log").read_text()[-2000:])
        if not answers(self.port):
            return False
        try:
            self.administer("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *words]
        command += ["--pwfile", str(self._folder / "password")]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, check=False, **self._as)
        assert done.returncode == 0, done.stderr.decode()


def _signal(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
