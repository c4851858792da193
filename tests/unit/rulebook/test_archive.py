"""Copies of rule sets: under their digest, private, and what changed between two of them."""

import stat
from pathlib import Path

import pytest

from gateway.rulebook.archive import RuleArchive, differences

OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def rule_set(folder: Path, status: str) -> Path:
    (folder / "packs" / "web").mkdir(parents=True, exist_ok=True)
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "policy.yaml").write_text("packs: [web]\n")
    (folder / "packs" / "web" / "number.yaml").write_text(f"id: number\nstatus: {status}\nowner: us\n")
    (folder / "lists" / "partners.txt").write_text("insurer.example\n")
    (folder / "notes.txt").write_text("no rule")
    return folder / "policy.yaml"


def test_what_was_in_force_can_be_compared(tmp_path: Path) -> None:
    """File by file, line by line; what is the same is left out."""
    archive = RuleArchive(tmp_path / "kept")
    archive.keep(rule_set(tmp_path / "rules", "monitor"), OLD)
    archive.keep(rule_set(tmp_path / "rules", "enforce"), NEW)
    old, new = archive.files(OLD), archive.files(NEW)
    assert old is not None
    assert new is not None
    assert sorted(new) == ["lists/partners.txt", "packs/web/number.yaml", "policy.yaml"]

    (change,) = differences(old, new)

    assert change.name == "packs/web/number.yaml"
    assert [line for line in change.lines if line[0] in "+-"] == [("-", "status: monitor"), ("+", "status: enforce")]


def test_a_copy_is_private_and_stays_as_it_was(tmp_path: Path) -> None:
    """Lists have addresses in them; and a digest means one rule set for ever."""
    archive = RuleArchive(tmp_path / "kept")
    archive.keep(rule_set(tmp_path / "rules", "monitor"), OLD)
    archive.keep(rule_set(tmp_path / "rules", "enforce"), OLD)

    (file,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "status: monitor" in (archive.files(OLD) or {})["packs/web/number.yaml"]


@pytest.mark.parametrize("digest", ["", "x", "sha256:", f"sha256:{'A' * 64}", f"sha256:../{'a' * 61}", f"{OLD}/.."])
def test_a_name_that_is_no_digest_leads_nowhere(tmp_path: Path, digest: str) -> None:
    """Neither out of the folder nor to a file in it."""
    archive = RuleArchive(tmp_path)

    assert archive.files(digest) is None
    assert not archive.has(digest)
    with pytest.raises(ValueError, match="digest"):
        archive.keep(tmp_path / "policy.yaml", digest)


def test_a_damaged_copy_is_as_none(tmp_path: Path) -> None:
    """The page says that it is not kept, instead of failing."""
    (tmp_path / f"{'a' * 64}.zip").write_bytes(b"PK damaged")

    assert RuleArchive(tmp_path).files(OLD) is None
