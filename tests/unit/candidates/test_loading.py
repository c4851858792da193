"""gateway.candidates: a stranger's archive is read where it can do no harm."""

import io
import os
import pickle
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.candidates import CandidateRefused, load, load_folder, loading
from gateway.cli.ruleset import rules_of
from gateway.core.detector import DetectorSpec
from gateway.ruleset import load_ruleset

SHIPPED = Path(__file__).parents[3] / "rules"
SMALL = Path(__file__).parents[2] / "wire" / "rules"


def packed(files: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def shipped() -> dict[str, str | bytes]:
    named = [SHIPPED / "policy.yaml", *SHIPPED.glob("packs/*/*.yaml"), *SHIPPED.glob("lists/*.txt")]
    return {str(path.relative_to(SHIPPED)): path.read_bytes() for path in named}


@pytest.fixture(scope="module")
def detectors() -> tuple[DetectorSpec, ...]:
    return rules_of(SHIPPED / "policy.yaml").detectors


def test_the_shipped_rules_come_back_as_they_are(detectors: tuple[DetectorSpec, ...]) -> None:
    """Every condition and action that we ship is of the vocabulary."""
    here = load_ruleset(SHIPPED / "policy.yaml", detectors=detectors)

    there = load(packed(shipped()), detectors)

    assert there.digest == here.digest
    assert [rule.id for rule in there.policy.rules] == [rule.id for rule in here.policy.rules]
    assert there.policy.questions == here.policy.questions


def test_faults_are_told_without_where_they_lay(detectors: tuple[DetectorSpec, ...]) -> None:
    """File, line and remedy, as the administrator would read them."""
    files = shipped() | {"packs/hipaa/nonsense.yaml": "id: nonsense\nthen: &a [*a]\n"}

    with pytest.raises(CandidateRefused, match=r"nonsense\.yaml") as refused:
        load(packed(files), detectors)

    assert "gatepost-candidate-" not in str(refused.value)


def test_it_is_not_read_in_this_process(detectors: tuple[DetectorSpec, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the archive nor a line of its YAML."""
    monkeypatch.setattr(zipfile, "ZipFile", None)
    monkeypatch.setattr("gateway.documents.load.read_octets", None)
    octets = (Path(__file__).parent / "not-there").name.encode()

    with pytest.raises(CandidateRefused, match="no ZIP file"):
        load(octets, detectors)


def test_a_disk_that_is_full_is_no_bad_archive(
    detectors: tuple[DetectorSpec, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator has to look, not whoever brought it."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(CandidateRefused, match=r"No space left on device.*administrator"):
        load(packed(shipped()), detectors)


def test_what_takes_too_long_is_ended(detectors: tuple[DetectorSpec, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """With its process."""
    monkeypatch.setattr(loading, "SECONDS", 0.05)

    with pytest.raises(CandidateRefused, match="took more than"):
        load(packed(shipped()), detectors)

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(
    "files",
    [
        {"../out.yaml": b"x"},
        {"detectors/evil.yaml": b"x"},
        {"policy.yaml": "text"},
        {"policy.yaml": b"x" * (21 << 20)},
        ["policy.yaml"],
    ],
    ids=["a way out", "a detector", "no octets", "too much", "no files"],
)
def test_names_and_sizes_are_looked_at_again(tmp_path: Path, files: object) -> None:
    """Whoever unpacked them may have been taken over."""
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(pickle.UnpicklingError):
        loading._write(folder, files)

    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size] == []


TAKEN_OVER = """
import os, pickle, socket
from gateway.processes.channel import receive, send
channel = socket.socket(fileno={})
receive(channel), receive(channel)
send(channel, pickle.dumps(("files", dict([("policy.yaml", b"x")]))))
receive(channel)
send(channel, pickle.dumps(("rules", os.system)))
receive(channel)
"""


def test_nothing_but_a_policy_comes_out(detectors: tuple[DetectorSpec, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was taken over may send what it likes: nothing that could do anything is built of it."""
    monkeypatch.setattr(loading, "COMMAND", TAKEN_OVER)

    with pytest.raises(CandidateRefused, match="an administrator has to look"):
        load(packed(shipped()), detectors)


def test_how_the_process_ended_is_in_the_log(
    detectors: tuple[DetectorSpec, ...], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever brought the archive learns that it ended, an administrator by what; each of the two times."""
    monkeypatch.setattr(loading, "COMMAND", "import os; os.kill(os.getpid(), 24)  # {}")

    with pytest.raises(CandidateRefused, match="ended"):
        load(packed(shipped()), detectors)

    told = [record for record in caplog.records if record.message == "candidate-reader-ended"]
    assert [record.values for record in told] == [{"status": -24}] * 2  # type: ignore[attr-defined]


def test_a_process_that_ended_by_chance_is_started_once_more(
    detectors: tuple[DetectorSpec, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody killed it, say: that is no fault of the archive."""
    mark = tmp_path / "once"
    once = f"import os; os.path.exists('{mark}') or (os.mkdir('{mark}'), os.kill(os.getpid(), 9)); {loading.COMMAND}"
    monkeypatch.setattr(loading, "COMMAND", once)

    assert load(packed(shipped()), detectors).policy.rules
    assert mark.exists()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A candidate on the server, with a detector of its own."""
    place = tmp_path / "candidates" / "stricter"
    shutil.copytree(SMALL, place)
    (place / "detectors").mkdir()
    shutil.copy(SHIPPED / "detectors" / "us-ssn.yaml", place / "detectors")
    return place


def test_a_folder_comes_back_with_its_own_detectors(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they would be loaded here; and not a line of its YAML is read here."""
    here = load_ruleset(folder / "policy.yaml")
    monkeypatch.setattr("gateway.documents.load.read_octets", None)

    there = load_folder(folder, ())

    assert there.digest == here.digest
    assert there.detectors == here.detectors


def test_a_folder_without_detectors_is_read_with_those_in_force(folder: Path) -> None:
    """They are what they were, not a copy that came back."""
    here = load_ruleset(folder / "policy.yaml")
    shutil.rmtree(folder / "detectors")

    there = load_folder(folder, here.detectors)

    assert there.digest == here.digest
    assert there.detectors is here.detectors


def test_faults_of_a_folder_are_told_without_where_it_lies(folder: Path) -> None:
    """File, line and remedy."""
    (folder / "detectors" / "us-ssn.yaml").write_text("id: us-ssn\nnonsense: 1\n")

    with pytest.raises(CandidateRefused, match=r"us-ssn\.yaml:2") as refused:
        load_folder(folder, ())

    assert str(folder) not in str(refused.value)


def test_no_way_leads_out_of_a_folder(folder: Path) -> None:
    """A link to a file elsewhere is not followed: the process can open nothing there."""
    elsewhere = folder.parents[1] / "elsewhere.yaml"
    (folder / "policy.yaml").rename(elsewhere)
    (folder / "policy.yaml").symlink_to(elsewhere)

    with pytest.raises(CandidateRefused, match=r"policy\.yaml.*(?i:permission)"):
        load_folder(folder, ())


def test_a_bug_of_ours_is_told_by_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, since the process says nothing on its streams; what the exception says stays where it is."""
    bug = "import gateway.candidates.child as c; c._read = lambda work: {}['536-22-1874']; c.main({})"
    monkeypatch.setattr(loading, "COMMAND", bug.replace("{}[", "dict()["))

    with pytest.raises(CandidateRefused, match="ended"):
        load_folder(folder, ())

    told = [record.values for record in caplog.records if record.message == "candidate-reader-bug"]  # type: ignore[attr-defined]
    assert len(told) == 2
    assert told[0]["places"].startswith("KeyError at ")
    assert "536" not in caplog.text
