"""Keeping, listing, discarding, sweeping."""

import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Place, Span
from gateway.quarantine import NewItem, QuarantineStore, Query, State, summarise
from gateway.quarantine.errors import AlreadyDiscarded, AlreadyReleased, ItemUnknown
from gateway.store.blobs import Blobs
from gateway.store.errors import BlobDamaged, StoreUnavailable
from gateway.store.keyring import Keyring
from tests.conftest import ON_ONE_MACHINE

MakeItem = Callable[[int], NewItem]
MESSAGE = [b"Subject: CANARY-99\r\n\r\n", b"body\r\n" * 20_000]


def _age(folder: Path) -> None:
    old = time.time() - 7_200
    for path in (folder / "blobs").rglob("*.sealed"):
        os.utime(path, (old, old))


def test_an_item_keeps_all_that_was_said_of_it(store: QuarantineStore, new: MakeItem) -> None:
    """The row, its recipients, labels and masked findings, and the sealed message byte for byte."""
    assert store.put(new(1), MESSAGE) == "item-0001"

    item = store.get("item-0001")
    assert item.state is State.HELD
    assert [(r.address, r.state) for r in item.recipients] == [
        ("lee@partner.example", State.HELD),
        ("kim@insurer.example", State.HELD),
    ]
    assert (item.rules, item.areas, item.findings) == (new(1).rules, new(1).areas, new(1).findings)
    assert item.size == sum(map(len, MESSAGE))
    assert item.created.tzinfo is not None
    assert b"".join(store.read("item-0001")) == b"".join(MESSAGE)


def test_the_same_id_again_is_the_same_item(store: QuarantineStore, new: MakeItem) -> None:
    """A resumed attempt puts again: nothing changes, the source is not even read."""
    store.put(new(1), MESSAGE)

    def unread() -> Iterator[bytes]:
        yield from [pytest.fail("read")]

    assert store.put(dataclasses.replace(new(1), mail_from="other@clinic.example"), unread()) == "item-0001"
    assert store.get("item-0001").mail_from == "dana@clinic.example"


def test_the_same_id_at_once_is_one_item(store: QuarantineStore, new: MakeItem) -> None:
    """Eight threads, one row, a blob that opens."""
    threads = [threading.Thread(target=store.put, args=(new(1), MESSAGE)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.list()) == 1
    assert b"".join(store.read("item-0001")) == b"".join(MESSAGE)


@ON_ONE_MACHINE
def test_an_item_without_a_row_does_not_exist(
    store: QuarantineStore, new: MakeItem, engine: sa.Engine, tmp_path: Path, blobs: Blobs
) -> None:
    """If the row cannot be written the caller hears it, a retry mends it, and a sweep removes what is left."""
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE quarantine_labels RENAME TO away")
    with pytest.raises(StoreUnavailable):
        store.put(new(1), MESSAGE)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO quarantine_labels")

    assert store.list() == ()
    with pytest.raises(ItemUnknown):
        store.get("item-0001")
    assert store.sweep_orphans().orphans == 0
    _age(tmp_path)
    assert store.sweep_orphans().orphans == 1
    assert list(blobs.ids()) == []
    store.put(new(1), MESSAGE)
    assert store.get("item-0001").state is State.HELD


@ON_ONE_MACHINE
def test_a_kill_between_blob_and_row_leaves_only_an_orphan(
    store: QuarantineStore, new: MakeItem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL at that very point: no item, and the retry of the client makes it whole."""
    child = os.fork()
    if child == 0:
        import gateway.quarantine.store as module

        monkeypatch.setattr(module, "insert_item", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        store.put(new(1), MESSAGE)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    assert store.list() == ()
    assert len(list((tmp_path / "blobs").rglob("*.sealed"))) == 1
    store.put(new(1), MESSAGE)
    assert b"".join(store.read("item-0001")) == b"".join(MESSAGE)
    _age(tmp_path)
    assert store.sweep_orphans() == store.sweep_orphans(timedelta(0))
    assert store.get("item-0001").state is State.HELD


def test_a_vanished_blob_is_reported(store: QuarantineStore, new: MakeItem, blobs: Blobs) -> None:
    """A row without a blob comes of tampering alone; it is named, and reading it says so."""
    store.put(new(1), MESSAGE)
    store.put(new(2), MESSAGE)
    blobs.delete("item-0002")

    assert store.sweep_orphans().missing == ("item-0002",)
    with pytest.raises(BlobDamaged):
        store.read("item-0002")


@ON_ONE_MACHINE
def test_discarding_destroys_the_message_and_keeps_the_record(
    store: QuarantineStore, new: MakeItem, tmp_path: Path
) -> None:
    """Who, when, why stay; the sealed message is gone; it cannot be discarded or read again."""
    store.put(new(1), MESSAGE)
    store.discard("item-0001", "robin", "a duplicate")

    item = store.get("item-0001")
    assert (item.state, item.changed_by, item.reason) == (State.DISCARDED, "robin", "a duplicate")
    assert {r.state for r in item.recipients} == {State.DISCARDED}
    assert list((tmp_path / "blobs").rglob("*.sealed")) == []
    with pytest.raises(AlreadyDiscarded):
        store.discard("item-0001", "robin", "again")
    with pytest.raises(AlreadyDiscarded):
        store.read("item-0001")
    assert store.sweep_orphans().missing == ()


@ON_ONE_MACHINE
def test_a_discarded_blob_that_stayed_is_swept(
    store: QuarantineStore, new: MakeItem, blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between row and blob when discarding: the sweep finishes it."""
    store.put(new(1), MESSAGE)
    with monkeypatch.context() as patch:
        patch.setattr(blobs, "delete", lambda _: False)
        store.discard("item-0001", "robin", "crash")
    _age(tmp_path)

    assert store.sweep_orphans().orphans == 1


def test_a_released_item_cannot_be_discarded(store: QuarantineStore, new: MakeItem) -> None:
    """It is out; the record says so for ever."""
    store.put(new(1), MESSAGE)
    store.release("item-0001", lambda *_, **__: "4F1", "robin")

    with pytest.raises(AlreadyReleased):
        store.discard("item-0001", "robin", "too late")


def test_size_and_age_count_what_waits(store: QuarantineStore, new: MakeItem) -> None:
    """Released and discarded ones do not."""
    assert store.size_and_age() == (0, 0, None)
    for number in (1, 2, 3):
        store.put(new(number), [b"x" * 100])
    oldest = store.get("item-0002").created
    store.discard("item-0001", "robin", "x")

    assert store.size_and_age() == (2, 200, oldest)


def test_listing_filters_and_pages(store: QuarantineStore, new: MakeItem) -> None:
    """Newest first; every condition narrows; `after` goes on where the page ended."""
    for number in range(10):
        sender = "pat@clinic.example" if number == 3 else "dana@clinic.example"
        to = ("Sam@Lab.example",) if number in {4, 5} else ("lee@partner.example",)
        area = ("pci",) if number == 6 else ("hipaa",)
        made = dataclasses.replace(new(number), mail_from=sender, recipients=to, areas=area, rules=(f"rule-{number}",))
        store.put(made, [b"x"])
    store.discard("item-0009", "robin", "x")

    def ids(query: Query) -> list[str]:
        return [item.id[-1] for item in store.list(query)]

    assert ids(Query()) == list("9876543210")
    assert ids(Query(state=State.DISCARDED)) == ["9"]
    assert ids(Query(mail_from="PAT@clinic.example")) == ["3"]
    assert ids(Query(recipient="sam@lab.example")) == ["5", "4"]
    assert ids(Query(area="pci")) == ["6"]
    assert ids(Query(rule="rule-7")) == ["7"]
    assert ids(Query(incident="incident-2")) == ["2"]
    cut = store.get("item-0005").created
    assert ids(Query(since=cut, state=State.HELD)) == list("8765")
    assert ids(Query(until=cut)) == list("43210")
    page = store.list(Query(limit=4))
    assert [item.id[-1] for item in page] == list("9876")
    assert ids(Query(limit=4, after=(page[-1].created, page[-1].id))) == list("5432")
    assert ids(Query(recipient="nobody@lab.example")) == []


@ON_ONE_MACHINE
def test_listing_uses_indexes(engine: sa.Engine) -> None:
    """100,000 items: no question of the console walks the whole table."""
    from gateway.quarantine.rows import select_items

    queries = [Query(state=State.HELD), Query(), Query(recipient="a@b.example"), Query(mail_from="a@b.example")]
    for query in [*queries, Query(rule="x"), Query(incident="x")]:
        sql = select_items(query).compile(engine, compile_kwargs={"literal_binds": True})
        with engine.connect() as connection:
            plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
        assert all("USING" in step for step in plan if step.startswith("SCAN")), plan
        assert any("INDEX" in step for step in plan), plan


@ON_ONE_MACHINE
def test_all_items_move_to_a_new_key(store: QuarantineStore, new: MakeItem, engine: sa.Engine, tmp_path: Path) -> None:
    """After a rotation, item by item; a second round has nothing to do."""
    for number in range(3):
        store.put(new(number), MESSAGE)
    rotated = QuarantineStore(engine, Blobs(tmp_path / "blobs", Keyring.rotate(tmp_path / "keyring.json")))

    assert sum(rotated.rewrap()) == 3
    assert sum(rotated.rewrap()) == 0
    assert b"".join(rotated.read("item-0001")) == b"".join(MESSAGE)


@ON_ONE_MACHINE
def test_a_canary_is_nowhere_on_disk(store: QuarantineStore, new: MakeItem, tmp_path: Path, engine: sa.Engine) -> None:
    """Nothing of the message is in any file: database, write-ahead log, blob."""
    store.put(new(1), MESSAGE)

    assert all(b"CANARY" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("masked", ["123-45-6789", "***123-45-6789", ""])
def test_a_sample_that_is_not_masked_is_left_out(masked: str) -> None:
    """Summaries never carry a value, whatever a detector calls masked."""
    finding = Finding(
        "US_SSN", frozenset(), "ssn", Confidence.HIGH, 0.9, "1", Place.BODY, 0, Span(0, 11), masked, "123-45-6789"
    )

    assert summarise([finding, finding])[0].samples == ()
    assert summarise([finding, finding])[0].count == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DANA@", ["item-0001", "item-0002"]),
        ("insurer.example", ["item-0001", "item-0002"]),
        ("hipaa-phi", ["item-0001", "item-0002"]),
        ("0002", ["item-0002"]),
        ("incident-1", ["item-0001"]),
        ("100%", []),
        ("da_a", []),
        ("/", []),
        ("6789", []),  # a masked sample is content
    ],
)
def test_a_search_finds_parts_of_names_and_never_of_content(
    store: QuarantineStore, new: Callable[[int], NewItem], text: str, found: list[str]
) -> None:
    """Addresses, rules, incidents and ids, whatever the case; signs of patterns are signs."""
    for number in (1, 2):
        store.put(new(number), [b"x"])

    assert sorted(item.id for item in store.list(Query(search=text))) == found


def test_a_search_for_a_whole_id_finds_that_alone(store: QuarantineStore, new: MakeItem) -> None:
    """Of an incident or an item, whatever its case; a part of one finds all that have it. Filters hold too."""
    for item_id, incident in (("item-1", "20260304-a1"), ("item-2", "20260304-a1"), ("item-3", "20260304-a12")):
        store.put(dataclasses.replace(new(1), id=item_id, incident=incident), [b"x"])

    def found(text: str, state: State | None = None) -> list[str]:
        return sorted(item.id for item in store.list(Query(search=text, state=state)))

    assert found(" 20260304-A1 ") == ["item-1", "item-2"]
    assert found("20260304-a") == ["item-1", "item-2", "item-3"]
    assert found("item-3") == ["item-3"]
    assert found("item-3", State.RELEASED) == []
