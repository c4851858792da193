"""logrotate at the log: nothing is written over it, what is wrong is named, and the files can be put back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import rotated
from gateway.audit.errors import AuditUnavailable, AuditUnusable, ChainBroken
from gateway.audit.log import AuditLog
from gateway.audit.verify import verify

MakeEvent = Callable[[int], dict[str, object]]


def moved(folder: Path, pattern: str) -> list[Path]:
    """As logrotate does by default: each file gets another name."""
    found = [path for path in folder.glob(pattern) if path.stat().st_size]
    return [path.rename(f"{path}.1") for path in found]


def emptied(folder: Path, pattern: str) -> list[Path]:
    """As logrotate does with `copytruncate`, or `create`: an empty file is left."""
    new = moved(folder, pattern)
    for path in new:
        path.with_suffix("").touch()
    return new


def put_back(files: list[Path]) -> None:
    for file in files:
        file.rename(file.with_suffix(""))


WAYS = pytest.mark.parametrize("way", [moved, emptied])
WHAT = pytest.mark.parametrize("pattern", ["*.jsonl", "*"])


@WAYS
@WHAT
def test_a_rotated_log_is_named_and_whole_again_when_its_files_are_back(
    written: Path, signing_key: Ed25519PrivateKey, way: Callable[[Path, str], list[Path]], pattern: str
) -> None:
    """By verification, and by whoever would begin to write: no new log takes its place."""
    key = signing_key.public_key()
    before = verify(written, key)
    files = way(written, pattern)

    with pytest.raises(ChainBroken, match=r"there is audit-000001\.jsonl\.1.*logrotate.*Put the files back"):
        verify(written, key)
    with pytest.raises(AuditUnusable, match=r"there is audit-000001\.jsonl\.1.*logrotate"):
        AuditLog.open(written, signing_key)

    put_back(files)
    assert verify(written, key) == before
    AuditLog.open(written, signing_key).close()


@WAYS
@WHAT
def test_a_gateway_that_runs_writes_nothing_until_the_files_are_back(
    folder: Path,
    signing_key: Ed25519PrivateKey,
    event: MakeEvent,
    way: Callable[[Path, str], list[Path]],
    pattern: str,
) -> None:
    """No audit, no mail; and then it goes on by itself, in one chain."""
    log = AuditLog.open(folder, signing_key)
    log.append(event(1))
    files = way(folder, pattern)

    with pytest.raises(AuditUnavailable):
        log.append(event(2))
    with pytest.raises(AuditUnavailable):
        log.append(event(2))

    put_back(files)
    log.append(event(3))
    log.close()
    assert verify(folder, signing_key.public_key()).events >= 2


@pytest.mark.parametrize(
    ("name", "is_other"),
    [
        ("audit-000001.jsonl.1", True),
        ("audit-000001.jsonl.2.gz", True),
        ("audit-000001.jsonl-20261127", True),
        ("head.json.1", True),
        ("audit-000001.jsonl", False),
        ("audit-000001.jsonl.torn-512", False),
        (".audit-000002.jsonl.new", False),
        ("audit.lock", False),
    ],
)
def test_only_files_that_no_part_of_gatepost_writes_count(tmp_path: Path, name: str, is_other: bool) -> None:
    """What a crash leaves of a line is the log's own."""
    (tmp_path / name).touch()

    assert rotated.rotated(tmp_path) == ((name,) if is_other else ())
