"""Copies of the rule sets that were in force, each under its digest: so that years later one can see what changed."""

import difflib
import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
KEPT = ("policy.yaml", "packs/**/*.yaml", "packs/**/*.yml", "lists/*.txt", "detectors/*.yaml")
MOST_FILE = 16 << 20  # a list may be long
MOST_ALL = 64 << 20
MOST_SETS = 500
MOST_LINES = 2_000  # of one file's changes that are shown
AROUND = 3  # lines


@dataclass(frozen=True, slots=True)
class FileChange:
    """`lines` with their sign: " ", "-", "+", or "@" where something is left out."""

    name: str
    lines: tuple[tuple[str, str], ...]


class RuleArchive:
    """In a folder of our own, mode 0700: lists have addresses in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, policy_file: Path, digest: str) -> None:
        """The files of this rule set as they stand now; once. Raises OSError, ValueError."""
        place = self._place(digest)
        if place is None:
            raise ValueError("not the digest of a rule set")
        if place.exists():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        packed = io.BytesIO()
        left = MOST_ALL
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files(policy_file):
                octets = path.read_bytes()[:MOST_FILE]
                left -= len(octets)
                if left < 0:
                    raise ValueError("the rule set is larger than is kept")
                name = "policy.yaml" if path == policy_file else str(path.relative_to(policy_file.parent))
                archive.writestr(name, octets)
        scratch = place.with_suffix(".new")
        with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(packed.getvalue())
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(place)
        self._prune()

    def has(self, digest: str) -> bool:
        place = self._place(digest)
        return place is not None and place.is_file()

    def files(self, digest: str) -> Mapping[str, str] | None:
        """The texts by name; None where this rule set is not kept, or its copy cannot be read."""
        place = self._place(digest)
        if place is None:
            return None
        try:
            with zipfile.ZipFile(place) as archive:
                return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
        except (OSError, zipfile.BadZipFile):
            return None

    def _place(self, digest: str) -> Path | None:
        found = DIGEST.fullmatch(digest)
        return self._folder / f"{found[1]}.zip" if found else None

    def _prune(self) -> None:
        kept = sorted(self._folder.glob("*.zip"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-MOST_SETS]:
            path.unlink(missing_ok=True)


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[FileChange, ...]:
    """The files that are not the same, with what changed in them."""
    names = sorted({*old, *new})
    return tuple(
        FileChange(name, tuple(_lines(old.get(name, ""), new.get(name, ""))))
        for name in names
        if old.get(name) != new.get(name)
    )


def _lines(old: str, new: str) -> Iterator[tuple[str, str]]:
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), n=AROUND, lineterm="")
    for number, line in enumerate(found):
        if number >= MOST_LINES:
            yield "@", "more is left out"
            return
        if number > 1:  # the first two name files
            yield line[0], line[1:] if line[0] != "@" else line.strip("@ ")


def _files(policy_file: Path) -> Iterator[Path]:
    yield policy_file
    for pattern in KEPT[1:]:
        yield from sorted(path for path in policy_file.parent.glob(pattern) if path.is_file())
