"""Which part of the lock runs: all that a gateway imports, and nothing of what only tests and builds need."""

from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from package.locked import LockUnreadable, canonical, declared, main, read, running

RUNS = running(read())


def test_what_runs_needs_nothing_that_is_left_out() -> None:
    """By the libraries' own metadata, not by the comments of the lock."""
    names = {entry.name for entry in RUNS}
    for name in names:
        for line in metadata.requires(name) or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                assert canonical(wanted.name) in names, f"{name} needs {wanted.name}"


def test_nothing_of_tests_and_builds_runs() -> None:
    """A mail server has no use for a test runner."""
    names = {entry.name for entry in RUNS}

    assert set(declared()) <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "pip-tools", "hatchling", "mkdocs"}


def test_every_library_has_version_and_digests() -> None:
    """So that a build takes the very files that were tested."""
    for entry in RUNS:
        assert entry.version
        assert all(kind == "sha256" and len(digest) == 64 for kind, digest in entry.hashes)
        assert entry.text.startswith(f"{entry.name}=={entry.version}")


def test_debians_python_can_have_every_library() -> None:
    """Debian 12 has Python 3.11.2; whoever locks with a later one would not notice what that one may not have."""
    wanted = {name: metadata.metadata(name).json.get("requires_python", "") for name in read()}

    assert {name: text for name, text in wanted.items() if "3.11.2" not in SpecifierSet(str(text))} == {}


@pytest.mark.parametrize("text", ["", "# nothing\n", "requests\n    # via x\n", "requests==1.0\n    # via x\n"])
def test_a_lock_without_digests_is_refused(tmp_path: Path, text: str) -> None:
    """Rather than a package of whatever there is."""
    (tmp_path / "lock").write_text(text)
    with pytest.raises(LockUnreadable):
        read(tmp_path / "lock")


def test_what_is_not_in_the_lock_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """By name, with what to do."""
    assert main(["no-such-library"]) == 2
    assert "no-such-library" in capsys.readouterr().err


def test_what_a_mail_server_gets_is_what_runs_and_what_installs_it(capsys: pytest.CaptureFixture[str]) -> None:
    """`make install` takes this part; each library once, with its digests."""
    assert main(["run", "hatchling", "editables"]) == 0
    printed = capsys.readouterr().out

    names = [line.split("==")[0] for line in printed.splitlines() if line and line[0].isalnum()]
    assert len(names) == len(set(names))
    assert {entry.name for entry in RUNS} | {"hatchling", "editables"} <= set(names)
    assert "pytest" not in names
