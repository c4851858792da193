"""Exit codes and docs/cli.md: what is written there is what the program does."""

import errno
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gateway.audit.errors import AuditUnavailable, ChainBroken
from gateway.cli import main
from gateway.cli.exits import Exit, exit_of
from gateway.core.errors import Fault, FaultyFiles, SetupError, TransactionError
from gateway.quarantine.errors import AlreadyDiscarded, AlreadyReleased, ItemUnknown, ReleaseUncertain
from gateway.store.errors import BlobDamaged, StoreUnavailable

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "cli.md").read_text()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SetupError("x"), Exit.USAGE),
        (FaultyFiles([Fault("f", 1, 1, "s", "p", "r")]), Exit.USAGE),
        (ChainBroken("f", 1, 1, "x"), Exit.BROKEN),
        (BlobDamaged("x"), Exit.BROKEN),
        (ItemUnknown("x"), Exit.NOT_FOUND),
        (AlreadyReleased("x"), Exit.REFUSED),
        (AlreadyDiscarded("x"), Exit.REFUSED),
        (ReleaseUncertain("x"), Exit.REFUSED),
        (StoreUnavailable("x"), Exit.UNAVAILABLE),
        (AuditUnavailable("x"), Exit.UNAVAILABLE),
        (TransactionError("x"), Exit.UNAVAILABLE),
    ],
)
def test_every_named_failure_has_its_code(error: Exception, code: Exit) -> None:
    """A wrong configuration, damaged evidence, an unknown item and a store that is away are told apart."""
    assert exit_of(error) is code


def test_the_page_lists_every_code_with_its_meaning() -> None:
    """The table in docs/cli.md is the enum."""
    rows = re.findall(r"^\| (\d+) \| ([a-z-]+) \| (.+) \|$", PAGE, re.MULTILINE)

    assert rows == [(str(int(code)), code.name.lower().replace("_", "-"), code.meaning) for code in Exit]


def test_the_page_lists_every_command() -> None:
    """No command is missing in docs/cli.md and none is there that does not exist."""
    listed = {
        tuple(re.findall(r"[a-z-]+", words))
        for words in re.findall(r"^\| `gatepost ((?:[a-z][a-z-]* ?)+)", PAGE, re.MULTILINE)
    }

    assert listed == set(_commands(typer.main.get_command(main.app)))


def _commands(group: Any) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        below = _commands(command) if hasattr(command, "commands") else [()]
        found += [(name, *words) for words in below]
    return found


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (TransactionError("the store is away"), Exit.UNAVAILABLE, "the store is away\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), Exit.UNAVAILABLE, "/x: No space left on device\n"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, ""),
    ],
)
def test_failures_become_plain_words_and_a_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: Exit, text: str
) -> None:
    """On standard error, without a traceback."""

    def fails() -> None:
        raise error

    monkeypatch.setattr("gateway.cli.version.number", fails)
    result = CliRunner().invoke(main.app, ["version"])

    assert result.exit_code == code
    assert result.stderr == text


def test_an_unforeseen_exception_does_not_show_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text may hold content of a message; the type and the place are enough to find the bug."""

    def fails() -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("gateway.cli.version.number", fails)
    monkeypatch.setattr("sys.argv", ["gatepost", "version"])
    with pytest.raises(SystemExit) as caught:
        main.run()

    assert caught.value.code == Exit.BUG
    error = capsys.readouterr().err
    assert error.startswith("gatepost: a bug of ours: RuntimeError at test_exits.py:")
    assert "canary" not in error


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    """`gatepost … | head -1` ends quietly."""
    command = f"{sys.executable} -c 'from gateway.cli.main import run; run()' config reference | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, cwd=ROOT, check=False, timeout=60)

    assert done.stdout == b"# Configuration\n"
    assert done.stderr == b""


def test_completion_is_offered() -> None:
    """For the shells that Typer knows."""
    assert "--install-completion" in CliRunner().invoke(main.app, ["--help"]).stdout
