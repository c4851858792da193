"""Retention: the data key goes for ever, what is known of an item stays, and a legal hold outlives it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.audit.errors import AuditUnavailable
from gateway.quarantine import Casefile, NewItem, QuarantineStore, State, Terms
from gateway.quarantine.errors import AlreadyDiscarded, OnHold
from gateway.store.blobs import Blobs
from gateway.wiring.upkeep import purge
from tests.conftest import ON_ONE_MACHINE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TERMS = Terms(90, {"hipaa": 365, "pci": 30})
Make = Callable[[int], NewItem]


class Log:
    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []

    def append(self, event: dict[str, object]) -> None:
        self.events.append(event)


@pytest.fixture
def kept(engine: sa.Engine, blobs: Blobs) -> QuarantineStore:
    return QuarantineStore(engine, blobs, lambda: NOW)


def put(store: QuarantineStore, new: NewItem, days: int, areas: tuple[str, ...]) -> str:
    return store.put(replace(new, created=NOW - timedelta(days=days), areas=areas), [b"sealed ", b"message"])


def purged(store: QuarantineStore) -> list[str]:
    return list(purge(store.purging(TERMS), Log(), "retention"))  # type: ignore[arg-type]


def test_the_longest_term_of_its_areas_counts(kept: QuarantineStore, new: Make) -> None:
    """An area without a term of its own has the usual one."""
    due = [put(kept, new(1), 31, ("pci",)), put(kept, new(2), 91, ("other",)), put(kept, new(3), 366, ("hipaa", "pci"))]
    for number, (days, areas) in enumerate([(29, ("pci",)), (89, ()), (300, ("hipaa", "pci"))]):
        put(kept, new(10 + number), days, areas)

    assert sorted(purged(kept)) == sorted(due)
    assert purged(kept) == []


@ON_ONE_MACHINE
def test_a_purged_message_is_gone_and_leaves_a_tombstone(
    kept: QuarantineStore, new: Make, tmp_path: Path, engine: sa.Engine
) -> None:
    """The row says since when, with the digest of what was destroyed; the event says the same; nobody can send it."""
    item = put(kept, new(1), 100, ())
    (file,) = (tmp_path / "blobs").rglob("*.sealed")
    digest, log = hashlib.sha256(file.read_bytes()).hexdigest(), Log()

    assert list(purge(kept.purging(TERMS), log, "retention")) == [item]  # type: ignore[arg-type]

    known = kept.get(item)
    assert (known.state, known.purged, known.tombstone) == (State.DISCARDED, NOW, digest)
    assert {r.state for r in known.recipients} == {State.DISCARDED}
    assert known.findings
    assert not file.exists()
    (event,) = log.events
    assert event["unmapped"]["tombstone"] == digest  # type: ignore[index]
    for attempt in (lambda: kept.read(item), lambda: kept.release(item, lambda *_, **__: "Q1", "robin", force=True)):
        with pytest.raises(AlreadyDiscarded):
            attempt()


@ON_ONE_MACHINE
def test_the_key_is_overwritten_before_the_file_goes(kept: QuarantineStore, new: Make, tmp_path: Path) -> None:
    """Whoever kept a link to the file has the ciphertext, and no key to it."""
    item = put(kept, new(1), 100, ())
    (file,) = (tmp_path / "blobs").rglob("*.sealed")
    (tmp_path / "link").hardlink_to(file)
    whole = file.read_bytes()

    assert purged(kept) == [item]

    left = (tmp_path / "link").read_bytes()
    assert len(left) == len(whole)
    assert left[: min(len(left), 200)] == bytes(min(len(left), 200))


def test_a_released_message_is_purged_too_and_stays_released(kept: QuarantineStore, new: Make) -> None:
    """What became of it is not forgotten."""
    item = put(kept, new(1), 100, ())
    kept.release(item, lambda *_, **__: "Q1", "robin")

    assert purged(kept) == [item]
    assert (kept.get(item).state, kept.get(item).purged) == (State.RELEASED, NOW)


def test_a_hold_that_comes_while_the_purge_runs_wins(kept: QuarantineStore, new: Make, engine: sa.Engine) -> None:
    """Between looking and claiming: the claim looks again."""
    item = put(kept, new(1), 100, ())
    purging = kept.purging(TERMS)
    (due,) = purging.due()
    Casefile(engine).set_hold(item, on=True)

    assert purging.claim(due) is None
    assert b"".join(kept.read(item)) == b"sealed message"
    with pytest.raises(OnHold):
        kept.discard(item, "robin", "tidy up")


def test_a_hold_is_not_lifted_where_that_cannot_be_written_down(
    kept: QuarantineStore, new: Make, engine: sa.Engine
) -> None:
    """Else the next purge would destroy what the law wants kept, and nothing would say who let it."""
    item, casefile = put(kept, new(1), 100, ()), Casefile(engine)
    casefile.set_hold(item, on=True)

    def away() -> None:
        raise AuditUnavailable("no space left")

    with pytest.raises(AuditUnavailable):
        casefile.set_hold(item, on=False, tell=away)

    assert kept.get(item).legal_hold


@pytest.mark.parametrize(
    "add",
    [
        lambda casefile, item, tell: casefile.assign(item, "rita", tell=tell),
        lambda casefile, item, tell: casefile.comment(item, "rita", "asked the ward", tell=tell),
        lambda casefile, item, tell: casefile.mark(item, "rule", "phi", "", "rita", is_true=False, tell=tell),
    ],
    ids=["assign", "comment", "mark"],
)
def test_nothing_is_added_to_an_item_where_that_cannot_be_written_down(
    kept: QuarantineStore, new: Make, engine: sa.Engine, add: Callable[[Casefile, str, Callable[[], None]], None]
) -> None:
    """A mark counts in how right a rule is said to be; a comment is somebody's word."""
    item, casefile = put(kept, new(1), 100, ()), Casefile(engine)

    def away() -> None:
        raise AuditUnavailable("no space left")

    def state() -> object:
        return kept.get(item), casefile.comments(item), casefile.marks(item)

    before = state()
    with pytest.raises(AuditUnavailable):
        add(casefile, item, away)
    assert state() == before

    add(casefile, item, lambda: None)
    assert state() != before


@ON_ONE_MACHINE
def test_what_a_crash_leaves_of_a_purge_the_sweep_destroys(kept: QuarantineStore, new: Make, tmp_path: Path) -> None:
    """Claimed, noted, and then the power went: the sealed file is an orphan, not an item that misses its file."""
    item = put(kept, new(1), 100, ())
    purging = kept.purging(TERMS)
    (due,) = purging.due()
    purging.claim(due)

    swept = kept.sweep_orphans(timedelta(0))

    assert (swept.orphans, swept.missing) == (1, ())
    assert not list((tmp_path / "blobs").rglob("*.sealed"))
    assert kept.get(item).purged == NOW


def test_a_hold_that_comes_too_late_is_refused(kept: QuarantineStore, new: Make, engine: sa.Engine) -> None:
    """Nobody is told that a message is safe which was destroyed a moment before."""
    old, thrown = put(kept, new(1), 100, ()), put(kept, new(2), 1, ())
    assert purged(kept) == [old]
    kept.discard(thrown, "robin", "x")

    for item in (old, thrown):
        with pytest.raises(AlreadyDiscarded):
            Casefile(engine).set_hold(item, on=True)
        assert not kept.get(item).legal_hold
