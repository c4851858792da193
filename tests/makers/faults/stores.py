"""What a gateway finds when it starts: a folder for each kind of past, made once and copied for each point."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from gateway.audit import events
from gateway.audit.log import AuditLog
from gateway.config import Config, load_config
from gateway.demo.pki import Authority, Wish
from gateway.keys import KeyBook
from gateway.keys.records import DomainLane, Lane, Source
from gateway.store.blobs import Blobs
from gateway.store.journal import Journal
from gateway.store.keyring import Keyring
from gateway.wiring.protection import intake_of
from gateway.wiring.stored import now, opened
from tests.makers.fanout import ANN
from tests.makers.faults.cases import Case
from tests.makers.faults.front import config_text


class Stores:
    """`hold` has a gateway in a folder keep a message; the id of its item."""

    def __init__(self, folder: Path, port: int, mail_log: Path, hold: Callable[[Path], str]) -> None:
        self._folder = folder
        self._port = port
        self._mail_log = mail_log
        self._hold = hold
        self._templates: dict[str, Path] = {}
        self.item = ""  # of the templates that hold one

    def copy(self, template: str, name: str, case: Case | None = None) -> Path:
        """A gateway's folder with that past, configured as the case needs it."""
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template(template), folder)
        large = case is not None and case.large
        log = self._mail_log if case is None or case.log else None
        text = config_text(folder / "state", self._port, spool_above=1_000 if large else 1 << 20, log=log)
        (folder / "gatepost.yaml").write_text(text)
        return folder

    def template(self, name: str) -> Path:
        """That past itself: not to be changed."""
        if name not in self._templates:
            folder = self._folder / f"template-{name}"
            (folder / "state").mkdir(parents=True, mode=0o700)
            (folder / "state").chmod(0o700)
            self._makers()[name](folder)
            self._templates[name] = folder
        return self._templates[name]

    def _makers(self) -> dict[str, Callable[[Path], None]]:
        return {
            "empty": self._make_empty,
            "plain": self._make_plain,
            "full-segment": self._make_full_segment,
            "held": self._make_held,
            "litter": self._make_litter,
        }

    def _configured(self, folder: Path) -> Config:
        file = folder / "gatepost.yaml"
        file.write_text(config_text(folder / "state", self._port, spool_above=1 << 20, log=self._mail_log))
        return load_config(file, {})

    def _make_empty(self, folder: Path) -> None:
        Keyring.init(self._configured(folder).store.keyring)

    def _make_plain(self, folder: Path) -> None:
        config = self._configured(folder)
        Keyring.init(config.store.keyring)
        authority = Authority()
        (folder / "state" / "anchors.pem").write_text(authority.pem)
        with opened(config, {}) as stored:
            book = KeyBook(stored.engine, now)
            intake = intake_of(config, book, lambda what, key: None)
            intake.take(authority.issue(Wish([ANN])).pem.encode(), Source.MANUAL)
            book.put_lane(DomainLane("tls.example", Lane.SECURE, Source.MANUAL))

    def _make_full_segment(self, folder: Path) -> None:
        shutil.copytree(self.template("plain"), folder, dirs_exist_ok=True)
        config = self._configured(folder)
        log = AuditLog(config.audit.folder, Keyring.load(config.store.keyring).audit_key(), checkpoint_events=10_000)
        segment = config.audit.folder / "audit-000001.jsonl"
        while segment.stat().st_size < 64_700:
            log.append(events.gateway_stopped(signal="SIGTERM"))
        log.close()

    def _make_held(self, folder: Path) -> None:
        shutil.copytree(self.template("plain"), folder, dirs_exist_ok=True)
        self._configured(folder)
        self.item = self._hold(folder)

    def _make_litter(self, folder: Path) -> None:
        """What crashes and years leave: a blob without a row, temporary files, old attempts."""
        shutil.copytree(self.template("held"), folder, dirs_exist_ok=True)
        config = self._configured(folder)
        with opened(config, {}) as stored:
            blobs = Blobs(folder / "state" / "blobs", stored.keyring)
            old = now() - timedelta(days=30)
            for number in range(3):
                blobs.put(f"orphan-{number}", [b"x" * 100])
                path = blobs._path(f"orphan-{number}")
                os.utime(path, (old.timestamp(), old.timestamp()))
                temporary = path.with_name(f".tmp-{number}")
                temporary.write_bytes(b"x")
                os.utime(temporary, (old.timestamp(), old.timestamp()))
            journal = Journal(stored.engine, clock=lambda: old)
            for number in range(3):
                attempt = journal.begin(f"key-{number}", "incident")
                journal.done(attempt, "step", "x")
                journal.leave(attempt)
