"""An export is checked without Gatepost, by the very commands of its page."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events
from gateway.audit.chain import checkpoint_in, line_of
from gateway.audit.errors import ChainBroken
from gateway.audit.export import Exported, Question, export
from gateway.audit.handed.pages import commands
from gateway.audit.log import AuditLog
from gateway.audit.verify import verify

MakeEvent = Callable[[int], dict[str, object]]
Export = Callable[..., Exported]
START, STEP = 1_800_000_000_000, 1_000


@pytest.fixture
def log(folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent) -> Path:
    """A log with a second from line to line, a checkpoint after every 10, several segments; the head after the last."""
    ticks = iter(range(START, START + 1_000 * STEP, STEP))
    log = AuditLog(folder, signing_key, segment_bytes=4_000, checkpoint_events=10, clock=lambda: next(ticks))
    for number in range(24):
        log.append(event(number))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def exported(log: Path, out: Path, signing_key: Ed25519PrivateKey) -> Export:
    def run(question: Question, *, to: Path = out, signing: bool = True) -> Exported:
        key = signing_key if signing else None
        return export(log, to, question, signing_key.public_key(), words="What was asked.", signing_key=key)

    return run


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def verdict(folder: Path) -> str:
    """What the script says; it runs with nothing but the interpreter, from another folder."""
    script = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    done = subprocess.run(script, cwd="/", capture_output=True, text=True, check=False)
    assert done.stderr.startswith("NOT PROVED: ") if done.returncode else done.stdout.startswith("PROVED: ")
    return done.stdout + done.stderr


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    "question",
    [
        Question(incident="incident-4"),
        Question(incident="incident-23"),  # behind the last checkpoint: up to the head
        Question(code="viewed"),
        Question(),
        Question(since=START + 5 * STEP, until=START + 15 * STEP),
        Question(since=START + 5 * STEP),
        Question(since=START - 10, until=START - 5),
        Question(since=START + 900 * STEP),
    ],
    ids=["incident", "last", "code", "all", "period", "since", "before", "after"],
)
def test_the_commands_of_the_page_prove_the_export(exported: Export, out: Path, question: Question) -> None:
    """Word for word, in one shell as the page has them; the page in HTML has the same."""
    done = exported(question)

    readme = (out / "README.txt").read_text()
    asked = commands(readme)
    assert len(asked) == 10
    result = run("set -e\n" + "\n".join(asked), out)
    assert result.returncode == 0, result.stderr
    digest = result.stdout.split()[0]
    assert f"Public key: SHA-256 {digest}." in readme
    assert f"PROVED: {done.events} events" in result.stdout
    by_hand = result.stdout.splitlines()[-3:]
    assert by_hand[0] == by_hand[1] or done.lines < 2
    assert by_hand[2] == "Signature Verified Successfully"
    page = (out / "README.html").read_text()
    assert all(command.split("|")[0].split('"')[0].strip() in page for command in asked)


def test_events_are_the_lines_of_the_log(exported: Export, log: Path, out: Path) -> None:
    """Byte for byte, and only those of the period; the proof has the line before and goes on to a signature."""
    done = exported(Question(since=START + 5 * STEP, until=START + 8 * STEP))

    written = [line for file in sorted(log.glob("audit-*.jsonl")) for line in lines(file)]
    assert lines(out / "events.jsonl") == [
        line for line in written if 5 <= (json.loads(line)["time"] - START) / STEP < 8
    ]
    proof = lines(out / "proof.jsonl")
    assert json.loads(proof[0])["time"] < START + 5 * STEP
    assert checkpoint_in(json.loads(proof[-1])) is not None
    assert (done.events, done.checkpoints) == (len(lines(out / "events.jsonl")), 1)


def flip(folder: Path, name: str, number: int) -> None:
    """Change one byte of one line."""
    changed = lines(folder / name)
    changed[number] = changed[number].replace(b'"dana"', b'"dona"')
    assert changed != lines(folder / name)
    (folder / name).write_bytes(b"".join(changed))


def drop(folder: Path, name: str, *numbers: int) -> None:
    kept = [line for number, line in enumerate(lines(folder / name)) if number not in numbers]
    (folder / name).write_bytes(b"".join(kept))


def swap(folder: Path, name: str, first: int, second: int) -> None:
    swapped = lines(folder / name)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    (folder / name).write_bytes(b"".join(swapped))


def twice(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() * 2)


def other_end(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes().replace(b'"seq":2', b'"seq":3'))


BOTH = ("proof.jsonl", "events.jsonl")


@pytest.mark.parametrize(
    ("harm", "files", "numbers", "said"),
    [
        (flip, BOTH[:1], (3,), "not in its place"),
        (flip, BOTH[1:], (3,), "not in its place"),
        (flip, BOTH, (3,), "changed"),
        (drop, BOTH[1:], (3,), "not in its place"),
        (drop, BOTH[:1], (3,), "lines are missing"),
        (drop, BOTH, (3,), "lines are missing"),
        (drop, BOTH, (0, 1, 2), "were exported"),
        (drop, BOTH, tuple(range(12, 40)), "lines are missing"),
        (swap, BOTH[1:], (3, 4), "not in its place"),
        (swap, BOTH, (3, 4), "lines are missing"),
        (twice, BOTH[1:], (), "not in the proof"),
        (other_end, ("head.json",), (), "head.json is not signed"),
    ],
)
def test_what_was_changed_left_out_or_swapped_is_found(
    exported: Export, out: Path, harm: Callable[..., None], files: Sequence[str], numbers: Sequence[int], said: str
) -> None:
    """By the script alone, and by the digests too."""
    exported(Question())
    assert verdict(out).startswith("PROVED")

    for name in files:
        harm(out, name, *numbers)

    assert said in verdict(out)
    assert run("sha256sum --check --strict SHA256SUMS", out).returncode != 0


def test_a_clock_that_was_set_back_hides_nothing_of_a_period(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, out: Path
) -> None:
    """An hour too fast until somebody noticed: events of the period stand behind a signature of later."""
    now = START
    log = AuditLog(folder, signing_key, checkpoint_events=3, clock=lambda: now)
    for hour in (0, 1, 1, 1, 0, 0, 2, 2, 2):
        now = START + hour * 3_600_000
        log.append(event(hour))
    question = Question(since=START, until=START + 3_600_000)
    export(folder, out, question, signing_key.public_key(), signing_key=signing_key)

    events = [json.loads(line) for line in lines(out / "events.jsonl")]
    assert [event["metadata"].get("correlation_uid") for event in events].count("incident-0") == 3
    assert {event["time"] for event in events} == {START}
    assert "PROVED: " in verdict(out)


def test_a_run_left_out_with_its_events_is_found_by_the_signature(exported: Export, out: Path) -> None:
    """Whoever also adapts question.json and the digests would need the key."""
    exported(Question(code="viewed"))
    drop(out, "proof.jsonl", *range(11))
    drop(out, "events.jsonl", *range(10))
    question = json.loads((out / "question.json").read_text())
    (out / "question.json").write_text(json.dumps({**question, "events": len(lines(out / "events.jsonl"))}))
    (out / "SHA256SUMS").write_text(run("sha256sum $(ls | grep -v SHA256SUMS)", out).stdout)

    assert run("sha256sum --check --strict SHA256SUMS", out).returncode == 0
    signature = next(line for line in commands((out / "README.txt").read_text()) if "SHA256SUMS.sig" in line)
    assert run(signature, out).returncode != 0


def test_the_same_done_to_a_whole_period_is_found_by_the_log_itself(exported: Export, out: Path) -> None:
    """A period is one run with its neighbours, so a missing end shows without any signature of the export."""
    exported(Question(since=START + 5 * STEP, until=START + 22 * STEP), signing=False)
    question = json.loads((out / "question.json").read_text())

    for cut in (range(4), range(10, 40)):
        copy = out.with_name(f"cut-{cut.start}")
        shutil.copytree(out, copy)
        drop(copy, "proof.jsonl", *cut)
        kept = set(lines(copy / "proof.jsonl"))
        events = [line for line in lines(copy / "events.jsonl") if line in kept]
        (copy / "events.jsonl").write_bytes(b"".join(events))
        (copy / "question.json").write_text(json.dumps({**question, "events": len(events)}))
        assert "missing" in verdict(copy)


def test_a_checkpoint_does_not_vouch_for_its_own_time(exported: Export, out: Path) -> None:
    """It signs its number and the line before: set behind the period it would make the rest of that look proved."""
    question = Question(since=START + 5 * STEP, until=START + 18 * STEP)
    exported(question, signing=False)
    proof = lines(out / "proof.jsonl")
    cut = next(number for number, line in enumerate(proof) if checkpoint_in(json.loads(line)))
    proof[cut] = line_of({**json.loads(proof[cut]), "time": question.until})
    (out / "proof.jsonl").write_bytes(b"".join(proof[: cut + 1]))
    events = [line for line in lines(out / "events.jsonl") if line in proof[:cut]]
    (out / "events.jsonl").write_bytes(b"".join(events))
    asked = json.loads((out / "question.json").read_text())
    (out / "question.json").write_text(json.dumps({**asked, "events": len(events)}))

    assert "the end of the period is missing" in verdict(out)


def test_a_checkpoint_that_was_asked_for_is_proved_by_the_next_signature(exported: Export, out: Path) -> None:
    """What else stands in its line is not in its own signature."""
    assert exported(Question(code="checkpoint"), signing=False).events == 2
    assert verdict(out).startswith("PROVED: 2 events")

    first = lines(out / "events.jsonl")[0]
    for name in BOTH:
        octets = (out / name).read_bytes()
        (out / name).write_bytes(octets.replace(first, first.replace(b'"version":"1.4.0"', b'"version":"9.4.0"')))
    assert "was changed" in verdict(out)


def test_a_period_without_any_line_is_not_proved(exported: Export, out: Path) -> None:
    """Also where nothing happened in it the log has a line before it, or begins with one behind it."""
    exported(Question(since=START + 5 * STEP, until=START + 18 * STEP), signing=False)
    for name in BOTH:
        (out / name).write_bytes(b"")
    asked = json.loads((out / "question.json").read_text())
    (out / "question.json").write_text(json.dumps({**asked, "events": 0}))

    assert "lines of it are missing" in verdict(out)


def test_a_period_that_goes_on_behind_the_end_of_the_log_is_told(exported: Export, out: Path) -> None:
    """An older signed head proves as much as there was then, and no more."""
    exported(Question(since=START + 5 * STEP, until=START + 900 * STEP))

    head = json.loads((out / "head.json").read_text())
    written = datetime.fromtimestamp(head["time"] // 1000, UTC)
    assert f"; the log ended then, at {written:%Y-%m-%d %H:%M:%S} UTC" in verdict(out)


def test_an_export_without_the_keyring_says_that_its_digests_are_not_signed(exported: Export, out: Path) -> None:
    """What it proves by the log's own signatures is the same."""
    exported(Question(incident="incident-4"), signing=False)

    assert not (out / "SHA256SUMS.sig").exists()
    assert "The digests are not signed" in (out / "README.txt").read_text()
    assert verdict(out).startswith("PROVED: 1 events")


def test_a_zip_file_holds_the_same_and_is_the_same_each_time(exported: Export, out: Path, tmp_path: Path) -> None:
    """In a folder of its own inside, readable by its owner alone; nothing half-written stays beside it."""
    archive, again = out.with_suffix(".zip"), tmp_path / "again" / "out.zip"
    again.parent.mkdir()
    exported(Question(incident="incident-4"), to=archive)
    exported(Question(incident="incident-4"), to=again)

    assert archive.read_bytes() == again.read_bytes()
    assert archive.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "unpacked")
    assert verdict(tmp_path / "unpacked" / "out").startswith("PROVED")
    assert not list(tmp_path.glob(".export-*"))


def test_a_log_of_another_key_is_not_exported(log: Path, out: Path) -> None:
    """Nothing is written that would look like a proof."""
    with pytest.raises(ChainBroken):
        export(log, out, Question(), Ed25519PrivateKey.generate().public_key())

    assert not out.exists()


def test_a_log_of_before_and_what_comes_behind_it_are_one_proof(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints stood beside the fields of the event: such a log is verified, gone on with and exported."""

    def of_before(signature: str) -> dict[str, object]:
        made = events.checkpoint_event(signature)
        unmapped = made.pop("unmapped")
        assert isinstance(unmapped, dict)
        return {**made, **unmapped}

    ticks = iter(range(START, START + 1_000 * STEP, STEP))
    for number in range(24):
        with monkeypatch.context() as patch:
            if number < 12:
                patch.setattr("gateway.audit.log.checkpoint_event", of_before)
            log = AuditLog(folder, signing_key, segment_bytes=4_000, checkpoint_events=5, clock=lambda: next(ticks))
            log.append(event(number))
    log.close()

    told = [json.loads(line) for file in sorted(folder.glob("audit-*.jsonl")) for line in lines(file)]
    assert {"checkpoint" in each for each in told if checkpoint_in(each)} == {True, False}
    assert verify(folder, signing_key.public_key()).checkpoints == sum(1 for each in told if checkpoint_in(each))
    for number in (3, 20):
        out, asked = tmp_path / f"out-{number}", Question(incident=f"incident-{number}")
        export(folder, out, asked, signing_key.public_key(), words="What was asked.", signing_key=signing_key)
        assert verdict(out).startswith("PROVED: 1 events")
