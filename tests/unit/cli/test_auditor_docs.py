"""What docs/audit-proof.md, reports.md, notices.md and webhooks.md tell people to type, typed."""

import json
import os
import re
import shlex
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.config import load_config
from gateway.core.verdict import Disposition
from gateway.demo.sink import Sink
from gateway.store.keyring import Keyring
from gateway.webhooks.signing import headers_of, new_secret, read_secrets
from tests.makers.ledger import Ledger
from tests.makers.rules import small_rules

DOCS = Path("docs").absolute()
PAGES = ("audit-proof", "reports", "notices", "webhooks")


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of a page that are marked so; "" for those without a mark."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", (DOCS / f"{page}.md").read_text(), re.DOTALL | re.MULTILINE)
    return [inside for marked, inside in fences if marked == kind]


@dataclass
class Terminal:
    """Runs lines as a shell would, commands of ours in this process; every one has to end with 0."""

    folder: Path
    config: Path
    said: list[str] = field(default_factory=list)

    def type(self, block: str) -> None:
        for line in filter(None, (line.strip() for line in block.splitlines())):
            self._line(line)

    def _line(self, line: str) -> None:
        if line.startswith("cd "):
            self.folder /= line[3:]
        elif "gatepost " in line and not line.startswith(("sudo", "#")):
            typed, _, command = line.rpartition(" | ")
            command, _, into = command.partition(" > ")
            self._ours(command, self._shell(typed) if typed else "", into)
        else:
            self.said.append(self._shell(line))

    def _ours(self, command: str, typed: str, into: str) -> None:
        words = shlex.split(command)[1:]
        where = [] if words[:2] == ["webhooks", "secret"] else ["--config", str(self.config)]
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(app, [*words, *where], input=typed)
        finally:
            os.chdir(before)
        assert result.exit_code == 0, f"{command}: {result.output}"
        if into:
            (self.folder / into).write_text(result.stdout)
        self.said.append(result.stdout)

    def _shell(self, line: str) -> str:
        done = subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A gateway with one held and released message of 5 October 2026, and somebody to mail to."""
    small_rules(tmp_path / "rules")
    with Sink() as sink:
        settings: dict[str, Any] = {
            "policy": {"file": "rules/policy.yaml"},
            "store": {"folder": "state"},
            "postfix": {"submit-port": sink.port},
        }
        (tmp_path / "gatepost.yaml").write_text(json.dumps(settings))
        keyring = Keyring.init(tmp_path / "state" / "keyring.json")
        ledger = Ledger(tmp_path / "state" / "audit", key=keyring.audit_key())
        incident = ledger.message(outcome=Disposition.QUARANTINE, rule="hipaa-phi", entities={"US_SSN": "f1"})
        ledger.review("release", incident)
        ledger.log.close()
        (tmp_path / "work").mkdir()
        yield Terminal(tmp_path / "work", tmp_path / "gatepost.yaml")


def test_what_auditors_are_told_to_type_proves_the_export(terminal: Terminal) -> None:
    """An export of a period and of an incident, the short check, and the timeline."""
    ask, check, tell = blocks("audit-proof", "sh")
    start = terminal.folder
    terminal.type(ask)
    terminal.type(check)

    assert terminal.said[-1].startswith("PROVED: ")
    assert (start / "evidence-2026-q4.zip").exists()
    terminal.folder = start
    terminal.type(tell)
    assert "Released to Postfix" in terminal.said[-2]
    assert (start / "incident.html").read_text().startswith("<!doctype html>")


def test_the_digest_of_a_report_is_that_of_the_export_of_its_period(terminal: Terminal) -> None:
    """As reports.md says, with sha256sum; the other reports are made by the lines that stand there."""
    make, compare, individual = blocks("reports", "sh")
    terminal.type(make)
    terminal.type(compare)

    digest = terminal.said[-1].split()[0]
    assert f"<code>{digest}</code>" in (terminal.folder / "october.html").read_text()
    assert digest == sha256((terminal.folder / "october" / "events.jsonl").read_bytes()).hexdigest()
    assert (terminal.folder / "quarterly.pdf").read_bytes().startswith(b"%PDF-1.7")
    terminal.type(individual)
    assert (terminal.folder / "disclosures.pdf").exists()


def test_notices_are_tried_as_their_page_says(terminal: Terminal) -> None:
    """With the page's own text for it."""
    by_hand, own = blocks("notices", "sh")
    text = next(block for block in blocks("notices", "") if block.startswith("Subject: "))
    (terminal.folder / "sender-held.txt").write_text(text)
    terminal.type(by_hand)
    terminal.type(own)

    assert any("Ihre Nachricht" in said or "Vorgang: 2026" in said for said in terminal.said)


def test_the_receivers_check_of_the_page_takes_ours_and_nothing_else(tmp_path: Path) -> None:
    """The snippet, run: a right signature passes; another body, an old timestamp, another secret do not."""
    [snippet] = blocks("webhooks", "python")
    there: dict[str, Any] = {}
    exec(snippet, there)
    secret, file = new_secret(), tmp_path / "secret"
    file.write_text(secret)
    file.chmod(stat.S_IRUSR)
    [key] = read_secrets(file)
    now = int(time.time())

    assert there["is_ours"](secret, headers_of("a", now, b"{}", (key, b"k" * 24)), b"{}")
    assert not there["is_ours"](secret, headers_of("a", now, b"{}", (key,)), b"[]")
    assert not there["is_ours"](secret, headers_of("a", now - 301, b"{}", (key,)), b"{}")
    assert not there["is_ours"](secret, headers_of("a", now, b"{}", (b"k" * 24,)), b"{}")


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_of_the_pages_are_settings(page: str, tmp_path: Path) -> None:
    """Each snippet of gatepost.yaml loads by itself."""
    for block in blocks(page, "yaml"):
        (tmp_path / "gatepost.yaml").write_text(block)
        load_config(tmp_path / "gatepost.yaml", {})
