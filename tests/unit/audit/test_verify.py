"""Verification names the first broken line of a log that was edited, swapped, dropped, put in or cut."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import digest
from gateway.audit.errors import ChainBroken
from gateway.audit.log import AuditLog
from gateway.audit.verify import Expected, verify

MakeEvent = Callable[[int], dict[str, object]]


def _all(folder: Path) -> list[tuple[Path, int]]:
    """Every line as (file, index)."""
    files = sorted(folder.glob("audit-*.jsonl"))
    return [(file, index) for file in files for index in range(len(file.read_bytes().splitlines()))]


def _lines(folder: Path) -> list[bytes]:
    """Every line."""
    return [line for file in sorted(folder.glob("audit-*.jsonl")) for line in file.read_bytes().splitlines(True)]


def _rewrite(file: Path, change: Callable[[list[bytes]], None]) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    change(lines)
    file.write_bytes(b"".join(lines))


def _broken(folder: Path) -> tuple[str, int]:
    with pytest.raises(ChainBroken) as caught:
        verify(folder)
    return caught.value.file, caught.value.line


def test_a_whole_log_is_verified(written: Path, signing_key: Ed25519PrivateKey) -> None:
    """Counts, the end, and nothing unsigned after close."""
    found = verify(written, signing_key.public_key())

    assert found.events == found.last_seq == len(_all(written))
    assert found.checkpoints == 3
    assert found.unsigned_tail == 0
    assert found.segments == len(list(written.glob("audit-*.jsonl")))


def test_an_empty_log_is_verified(folder: Path, signing_key: Ed25519PrivateKey) -> None:
    """Nothing written yet is nothing broken."""
    AuditLog(folder, signing_key)

    assert verify(folder).events == 0


def _flip_value(line: bytes) -> bytes:
    return line.replace(b'"version":"', b'"version":"9', 1)


def _flip_prev(line: bytes) -> bytes:
    at = line.index(b'"prev":"') + 8
    return line[:at] + (b"1" if line[at : at + 1] == b"0" else b"0") + line[at + 1 :]


def _flip_seq(line: bytes) -> bytes:
    return line.replace(b'"seq":', b'"seq":9', 1)


def _break_json(line: bytes) -> bytes:
    return line[:-3] + b"\n"


def _space(line: bytes) -> bytes:
    return line.replace(b",", b", ", 1)


@pytest.mark.parametrize("change", [_flip_value, _flip_prev, _flip_seq, _break_json, _space])
def test_every_edited_line_is_named(written: Path, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """Whatever is changed in whichever line, first and last of a file and checkpoints too: that line is named."""
    for file, index in _all(written):
        copy = tmp_path / "copy"
        shutil.copytree(written, copy)

        def edit(lines: list[bytes], index: int = index) -> None:
            lines[index] = change(lines[index])

        _rewrite(copy / file.name, edit)
        assert _broken(copy) == (file.name, index + 1)
        shutil.rmtree(copy)


def test_every_dropped_line_is_named(written: Path, tmp_path: Path) -> None:
    """The place where it is missing is named: the line that stands there now."""
    lines = _all(written)
    for (file, index), following in zip(lines, [*lines[1:], None], strict=True):
        copy = tmp_path / "copy"
        shutil.copytree(written, copy)

        def drop(octets: list[bytes], index: int = index) -> None:
            del octets[index]

        _rewrite(copy / file.name, drop)
        here = following is None or following[0] == file
        expected = (file.name, index + 1) if here else (following[0].name, 1) if following else None
        assert _broken(copy) == expected
        shutil.rmtree(copy)


def test_every_pair_of_swapped_lines_is_named(written: Path, tmp_path: Path) -> None:
    """The first of the two is named."""
    for file, index in _all(written):
        if (file, index + 1) not in _all(written):
            continue
        copy = tmp_path / "copy"
        shutil.copytree(written, copy)

        def swap(lines: list[bytes], index: int = index) -> None:
            lines[index], lines[index + 1] = lines[index + 1], lines[index]

        _rewrite(copy / file.name, swap)
        assert _broken(copy) == (file.name, index + 1)
        shutil.rmtree(copy)


def test_a_line_put_in_is_named(written: Path) -> None:
    """A forged line that fits what is before it is told from the real one behind it."""
    file = written / "audit-000001.jsonl"

    def put_in(lines: list[bytes]) -> None:
        forged = json.loads(lines[2])
        forged["unmapped"]["item"] = "forged"
        lines.insert(2, json.dumps(forged, sort_keys=True, separators=(",", ":")).encode() + b"\n")

    _rewrite(file, put_in)

    assert _broken(written) == (file.name, 3)


def test_a_repeated_line_is_named(written: Path) -> None:
    """The second of two equal lines is the one too many."""
    file = written / "audit-000001.jsonl"
    _rewrite(file, lambda lines: lines.insert(2, lines[1]))

    assert _broken(written) in {(file.name, 2), (file.name, 3)}


def test_every_cut_is_found(written: Path, tmp_path: Path) -> None:
    """At a line border, in a line, a whole segment, all of it: the head says how long it was."""
    files = sorted(written.glob("audit-*.jsonl"))
    last = files[-1].read_bytes()
    borders = [n + 1 for n, octet in enumerate(last) if octet == 10][:-1]
    for length in [0, 1, *borders, len(last) - 1]:
        copy = tmp_path / "copy"
        shutil.copytree(written, copy)
        (copy / files[-1].name).write_bytes(last[:length])
        with pytest.raises(ChainBroken):
            verify(copy)
        shutil.rmtree(copy)
    files[-1].unlink()
    with pytest.raises(ChainBroken, match="cut"):
        verify(written)
    for file in files[:-1]:
        file.unlink()
    with pytest.raises(ChainBroken, match="cut"):
        verify(written)


def test_a_dropped_first_or_middle_segment_is_found(written: Path) -> None:
    """Its successor does not fit."""
    files = sorted(written.glob("audit-*.jsonl"))
    kept = files[1].read_bytes()
    files[1].unlink()
    assert _broken(written) == (files[2].name, 1)
    files[1].write_bytes(kept)
    files[0].unlink()
    assert _broken(written) == (files[1].name, 1)


def test_a_chain_made_anew_without_the_key_is_found(written: Path) -> None:
    """Hashes can be computed by anybody; the checkpoint after the change cannot be signed."""
    file = written / "audit-000001.jsonl"
    prev, seq, forged = "0" * 64, 0, []
    for path in sorted(written.glob("audit-*.jsonl")):
        for line in path.read_bytes().splitlines():
            event = json.loads(line)
            seq += 1
            event |= {"prev": prev, "seq": seq, "severity_id": 1}
            if seq == 2:
                event["unmapped"]["item"] = "forged"
            octets = json.dumps(event, sort_keys=True, separators=(",", ":")).encode() + b"\n"
            prev = digest(octets)
            forged.append(octets)
        if path != file:
            path.unlink()
    file.write_bytes(b"".join(forged))

    with pytest.raises(ChainBroken, match="checkpoint") as caught:
        verify(written)
    assert caught.value.line == 11


def test_a_chain_made_anew_without_its_checkpoints_is_found(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Where no checkpoint is in the way, the signed head is."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    file = folder / "audit-000001.jsonl"
    file.write_bytes(file.read_bytes().replace(b"item-1", b"item-2"))

    assert _broken(folder) == (file.name, 1)


def test_a_wrong_key_is_found(written: Path) -> None:
    """With the key of somebody else nothing verifies."""
    with pytest.raises(ChainBroken):
        verify(written, Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("octets", [None, b"", b"{}", b"\0" * 512, b"[" * 600])
def test_a_missing_or_wrong_head_is_found(written: Path, octets: bytes | None) -> None:
    """Without it nobody could tell how long the log was."""
    head = written / "head.json"
    if octets is None:
        head.unlink()
    else:
        head.write_bytes(octets)

    assert _broken(written) == ("head.json", 0)


def test_every_changed_byte_of_the_head_is_found(written: Path) -> None:
    """All its fields are signed; only the padding is free."""
    head = written / "head.json"
    octets = head.read_bytes()
    for position in range(0, len(octets.rstrip()), 3):
        head.write_bytes(octets[:position] + bytes([octets[position] ^ 1]) + octets[position + 1 :])
        with pytest.raises(ChainBroken):
            verify(written)


def test_an_end_known_from_elsewhere_is_asked_for_too(written: Path) -> None:
    """It must be reached, and be the same line; a log that went on since is fine."""
    found = verify(written)

    assert verify(written, expected=Expected(3, digest(_lines(written)[2]))).last_seq == found.last_seq
    with pytest.raises(ChainBroken, match="cut"):
        verify(written, expected=Expected(found.last_seq + 1, found.last_hash))
    with pytest.raises(ChainBroken, match="not the one"):
        verify(written, expected=Expected(3, found.last_hash))


def test_an_end_known_from_elsewhere_does_not_replace_the_head(written: Path) -> None:
    """What came behind it could be cut off, and the head removed; of one file alone, that was copied, it is enough."""
    lines, files = _lines(written), sorted(written.glob("audit-*.jsonl"))
    expected = Expected(3, digest(lines[2]))
    (written / "head.json").unlink()
    assert verify(files[0], expected=expected).events == len(files[0].read_bytes().splitlines())
    for file in files[1:]:
        file.unlink()

    with pytest.raises(ChainBroken, match="head"):
        verify(written, expected=expected)


def test_an_old_state_with_its_old_head_is_found_by_a_known_end(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent, tmp_path: Path
) -> None:
    """The one thing that the folder alone cannot tell."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    shutil.copytree(folder, tmp_path / "old")
    log.append(event(2))
    known = verify(folder)

    assert verify(tmp_path / "old").events == 1
    with pytest.raises(ChainBroken, match="cut"):
        verify(tmp_path / "old", expected=Expected(known.last_seq, known.last_hash))


def test_a_missing_public_key_is_found_unless_given(written: Path, signing_key: Ed25519PrivateKey) -> None:
    """The one from the keyring will do."""
    (written / "audit-key.pub.pem").unlink()

    assert _broken(written) == ("audit-key.pub.pem", 0)
    assert verify(written, signing_key.public_key()).events


def test_one_segment_alone_is_checked_from_its_first_line(written: Path) -> None:
    """For looking at a single file: inner links and signatures; the last one also by the head."""
    files = sorted(written.glob("audit-*.jsonl"))

    assert verify(files[1]).events == len(files[1].read_bytes().splitlines())
    _rewrite(files[-1], lambda lines: lines.__delitem__(-1))
    with pytest.raises(ChainBroken):
        verify(files[-1])


def test_an_end_that_a_segment_cannot_show_is_not_taken_for_shown(written: Path) -> None:
    """It lies before the file: a hash that is in no log at all would pass."""
    files = sorted(written.glob("audit-*.jsonl"))

    with pytest.raises(ChainBroken, match="earlier file"):
        verify(files[1], expected=Expected(1, "f" * 64))


def test_events_after_the_last_signature_are_counted(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """An old head leaves a tail that is chained but not signed."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    old = (folder / "head.json").read_bytes()
    log.append(event(2))
    log.append(event(3))
    (folder / "head.json").write_bytes(old)

    found = verify(folder)
    assert (found.unsigned_tail, found.recovered) == (2, 0)
    assert ["not signed (2 events)" in doubt for doubt in found.doubts] == [True]


def test_events_that_once_stood_unsigned_are_counted_for_ever(
    folder: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """Who kept an old signed head can put other events behind it; the log goes on, signs them, and says how many."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    old = (folder / "head.json").read_bytes()
    log.append(event(2))
    file = folder / "audit-000001.jsonl"
    file.write_bytes(file.read_bytes().replace(b"item-2", b"item-7"))
    (folder / "head.json").write_bytes(old)

    log = AuditLog(folder, signing_key)
    log.append(event(3))
    log.close()

    found = verify(folder, signing_key.public_key())
    assert (found.unsigned_tail, found.recovered) == (0, 1)
    assert ["not signed (1 event, log-recovered)" in doubt for doubt in found.doubts] == [True]


def test_progress_ends_with_all_bytes(written: Path) -> None:
    """For a progress bar."""
    seen: list[tuple[int, int]] = []
    verify(written, progress=lambda done, total: seen.append((done, total)))

    total = sum(file.stat().st_size for file in written.glob("audit-*.jsonl"))
    assert seen[-1] == (total, total)


def test_verifying_writes_nothing(written: Path) -> None:
    """Evidence stays as it is; a folder without a lock file, as in a copy, gets none."""
    (written / "audit.lock").unlink()
    before = {path.name: path.read_bytes() for path in written.iterdir()}

    verify(written)

    assert {path.name: path.read_bytes() for path in written.iterdir()} == before
