"""Detectors that were loaded before are taken from the shelf, until a file of theirs changes."""

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from gateway import documents
from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.detect import load, shelved
from gateway.detect.load import load_detectors

FOLDER = Path(__file__).parents[3] / "rules" / "detectors"
GOOD = """\
id: badge
entity: BADGE_NUMBER
title: Number of a badge
groups: [staff, badges]
patterns:
  - {name: dashed, regex: '\\bB-(?P<value>\\d{4})\\b', alone: low, with-context: high, case-sensitive: true}
context: {words: [badge], list: words.txt, before: 30}
samples: {match: ['badge B-1234'], no-match: ['B-12']}
"""
CARE = "id: care\nentity: CARE\ntitle: Care\ngroups: [health]\nclassifier: weights.txt\nnetwork: care.npz\n"
MODEL = "id: people\nentity: PERSON\ntitle: People\ngroups: [person]\nengine: names\nmodel: toy\nlabels: [PERSON]\n"


class Shelf(dict[str, bytes]):
    """A shelf in memory."""

    def put(self, key: str, octets: bytes) -> None:
        self[key] = octets


Loaded = Callable[[], tuple[tuple[DetectorSpec, ...], list[str], bool]]


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Loads a folder of two detectors: what there is, what is wrong, and whether any file was read as YAML."""
    shelf, read = Shelf(), list[Path]()
    plain = documents.load_document

    def counted(path: Path, faults: list[Fault], subject: str) -> object:
        read.append(path)
        return plain(path, faults, subject=subject)

    monkeypatch.setattr(load, "load_document", counted)
    (tmp_path / "badge.yaml").write_text(GOOD)
    (tmp_path / "words.txt").write_text("number\ncard\n")
    (tmp_path / "people.yaml").write_text(MODEL)
    (tmp_path / "care.yaml").write_text(CARE)
    (tmp_path / "weights.txt").write_text("-100\n200 fever\n")
    teach(tmp_path / "care.npz", b"1")
    (tmp_path / "toy" / "model").mkdir(parents=True)
    seal(tmp_path / "toy", b"weights")

    def once() -> tuple[tuple[DetectorSpec, ...], list[str], bool]:
        read.clear()
        faults: list[Fault] = []
        specs = load_detectors(tmp_path, faults, shelf)
        return specs, [str(fault) for fault in faults], bool(read)

    return once


def teach(network: Path, table: bytes) -> None:
    """A file that looks like a network; nobody reads mail with it."""
    with zipfile.ZipFile(network, "w") as file:
        for name in ("words", "table", "scale", "w0", "w", "b"):
            file.writestr(f"{name}.npy", table)


def seal(toy: Path, weights: bytes) -> None:
    """A model of these bytes, with its card."""
    (toy / "model" / "weights").write_bytes(weights)
    digest = sha256(weights).hexdigest()
    (toy / "SHA256SUMS").write_text(f"{digest}  model/weights\n")


def test_the_second_time_they_come_from_the_shelf_and_are_the_same(loaded: Loaded) -> None:
    """Field by field, and in what digests are made of."""
    first, faults, read = loaded()
    assert (faults, read) == ([], True)

    again, faults, read = loaded()

    assert (faults, read) == ([], False)
    assert again == first
    assert [spec.octets for spec in again] == [spec.octets for spec in first]


def test_those_that_are_shipped_come_back_the_same(shipped: tuple[DetectorSpec, ...]) -> None:
    """Each of them, from what it says of itself."""
    for spec in shipped:
        read = DetectorSpec.read(spec.octets, file=spec.file, line=spec.line, lists=spec.lists)
        assert read == spec
        assert replace(read, line=read.line + 1).octets == spec.octets  # written anew, not remembered


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "badge.yaml").write_text(GOOD.replace("before: 30", "before: 31")),
        lambda folder: (folder / "words.txt").write_text("number\n"),
        lambda folder: seal(folder / "toy", b"others"),
        lambda folder: teach(folder / "care.npz", b"2"),
        lambda folder: (folder / "people.yaml").unlink(),
        lambda folder: shutil.copy(folder / "badge.yaml", folder / "badge2.yaml"),
    ],
    ids=["detector", "list", "model", "network", "one less", "one more"],
)
def test_what_has_changed_is_loaded_again(loaded: Loaded, tmp_path: Path, change: Callable[[Path], object]) -> None:
    """A detector, a list that one names, a model; and files that come and go."""
    before, _, _ = loaded()
    change(tmp_path)

    specs, faults, read = loaded()

    assert read
    assert specs != before or faults


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "words.txt").unlink(), "cannot be read"),
        (lambda folder: (folder / "toy" / "model" / "weights").write_bytes(b"other"), "is refused"),
        (lambda folder: (folder / "care.npz").write_bytes(b"other"), "is refused"),
    ],
    ids=["list", "model", "network"],
)
def test_what_is_missing_or_damaged_since_is_a_fault_every_time(
    loaded: Loaded, tmp_path: Path, change: Callable[[Path], object], said: str
) -> None:
    """The shelf has it as it was, and does not hide it."""
    loaded()
    change(tmp_path)

    for _ in range(2):
        _, faults, read = loaded()
        assert read
        assert said in faults[0]


def test_what_has_a_fault_is_never_kept(loaded: Loaded, tmp_path: Path) -> None:
    """A sample that fails, and a setting that is unknown."""
    for text in (GOOD.replace("'B-12'", "'badge B-1234'"), f"{GOOD}colour: red\n"):
        (tmp_path / "badge.yaml").write_text(text)
        for _ in range(2):
            _, faults, read = loaded()
            assert read
            assert faults


def test_under_other_code_all_is_loaded_again(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may read a file otherwise."""
    loaded()
    monkeypatch.setattr(shelved, "made_of", lambda: "other")

    assert loaded()[2]
