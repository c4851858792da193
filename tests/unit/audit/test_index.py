"""The index beside the log: says where events are and how many, and can be thrown away."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import events, review_events
from gateway.audit.errors import AuditUnavailable
from gateway.audit.index import AuditIndex, Wanted
from gateway.audit.log import AuditLog
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.verdict import Disposition, Outcome, RuleHit, Verdict

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
Logs = Callable[[], AuditLog]


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> int:
        return int(self.time.timestamp() * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path, clock: Clock) -> AuditLog:
    return AuditLog(
        tmp_path / "audit", Ed25519PrivateKey.generate(), clock=clock, segment_bytes=4_000, checkpoint_seconds=1e9
    )


@pytest.fixture
def index(tmp_path: Path) -> AuditIndex:
    return AuditIndex(tmp_path / "audit", tmp_path / "index.db")


def decided(number: int, disposition: Disposition, status: str = "enforce") -> dict[str, object]:
    to = f"lee{number}@partner.example"
    transaction = Transaction(
        Session(auth_authen="dana"), Envelope("dana@clinic.example", (Recipient(to),)), b"", "4F1", f"incident-{number}"
    )
    hit = RuleHit("hipaa-phi", "hipaa", "PHI", "high", status, (to,), (), disposition=disposition)
    outcome = Outcome(to, disposition if status == "enforce" else Disposition.DELIVER, (), ("hipaa-phi",))
    return events.message_decided(transaction, Verdict(outcome.disposition, "sha256:00", (outcome,), (hit,)))


def test_events_are_found_over_all_segments(log: AuditLog, index: AuditIndex, tmp_path: Path) -> None:
    """Newest first, by kind, person, incident and item; what is shown is the line of the log."""
    for number in range(12):
        log.append(decided(number, Disposition.QUARANTINE))
    log.append(review_events.opened(item="incident-3", incident="incident-3", by="robin"))

    assert len(list((tmp_path / "audit").glob("audit-*.jsonl"))) > 1
    found = index.find(Wanted(limit=100))
    assert [entry.seq for entry in found] == list(range(13, 0, -1))
    assert [entry.kind for entry in index.incident("incident-3")] == ["message-decided", "item-opened"]
    assert [entry.who for entry in index.find(Wanted(who="robin"))] == ["robin"]
    assert [entry.incident for entry in index.find(Wanted(item="incident-3"))] == ["incident-3"]
    assert [entry.seq for entry in index.find(Wanted(before=3))] == [2, 1]
    assert found[0].event["metadata"]["event_code"] == "item-opened"


def test_what_comes_later_is_taken_in(log: AuditLog, index: AuditIndex) -> None:
    """Without reading again what was read; counts are not counted twice."""
    log.append(decided(1, Disposition.QUARANTINE))
    assert len(index.find(Wanted())) == 1
    log.append(decided(2, Disposition.BLOCK))
    index.find(Wanted())

    counts = {(tally.what, tally.name): tally.count for tally in index.tallies(START.date())}
    assert counts[("message", "quarantine")] == 1
    assert counts[("message", "block")] == 1
    assert counts[("rule", "hipaa-phi")] == 2
    assert counts[("partner", "partner.example")] == 2


def test_counts_go_by_the_day(log: AuditLog, index: AuditIndex, clock: Clock) -> None:
    """A rule that only watches is told apart, with what it would have done."""
    log.append(decided(1, Disposition.QUARANTINE))
    clock.time += timedelta(days=2)
    log.append(decided(2, Disposition.QUARANTINE, "monitor"))

    (later,) = [t for t in index.tallies(START.date() + timedelta(days=1)) if t.what == "would"]
    assert (later.day, later.name, later.count) == (date(2026, 3, 6), "hipaa-phi quarantine", 1)
    days = {tally.day for tally in index.tallies(START.date(), START.date())}
    assert days == {START.date()}


def test_it_can_be_thrown_away_and_is_made_anew(log: AuditLog, index: AuditIndex, tmp_path: Path) -> None:
    """Nothing is in it that the log has not; a log that was put in another's place is read from its beginning."""
    log.append(decided(1, Disposition.QUARANTINE))
    before = index.find(Wanted())
    for file in tmp_path.glob("index.db*"):
        file.unlink()
    assert index.find(Wanted()) == before

    for file in (tmp_path / "audit").iterdir():
        file.unlink()
    other = AuditLog(tmp_path / "audit", Ed25519PrivateKey.generate())
    other.append(decided(7, Disposition.BLOCK))
    assert [entry.incident for entry in index.find(Wanted())] == ["incident-7"]


def test_a_line_that_is_not_where_it_was_is_told(log: AuditLog, index: AuditIndex, tmp_path: Path) -> None:
    """Somebody changed the log since: the page says so, and shows nothing as if it were evidence."""
    for number in range(3):
        log.append(decided(number, Disposition.QUARANTINE))
    index.find(Wanted())
    (file,) = (tmp_path / "audit").glob("audit-*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join((lines[0], lines[2], lines[1])))

    with pytest.raises(AuditUnavailable, match="verify the log"):
        index.find(Wanted())


def test_half_a_line_waits_for_the_rest(log: AuditLog, index: AuditIndex, tmp_path: Path) -> None:
    """Another process is writing it at this moment."""
    log.append(decided(1, Disposition.QUARANTINE))
    (file,) = (tmp_path / "audit").glob("audit-*.jsonl")
    line = json.loads(file.read_bytes()) | {"seq": 2}
    octets = json.dumps(line).encode() + b"\n"
    with file.open("ab") as more:
        more.write(octets[:50])
        more.flush()
        assert len(index.find(Wanted())) == 1
        more.write(octets[50:])

    assert len(index.find(Wanted())) == 2
