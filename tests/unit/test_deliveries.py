"""gateway.deliveries: what the log tells of copies, also where it could not be read when they were handed over."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gateway.act import Proof
from gateway.deliveries import Deliveries
from gateway.demo.ports import wait_until
from gateway.follow import FileTail
from gateway.metrics import Metrics
from gateway.store.database import open_database
from gateway.store.journal import Journal

SENT = (
    "Nov 26 04:51:35 mail postfix/smtp[7]: {id}: to=<b@x.example>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, "
    "dsn=2.0.0, status=sent (250 taken)\n"
)
HANDED = "Nov 26 04:51:35 mail postfix/smtpd[9]: {id}: client=localhost[127.0.0.1], orig_queue_id={token}\n"
REMOVED = "Nov 26 04:51:35 mail postfix/qmgr[5]: {id}: removed\n"


class Told(list[Mapping[str, object]]):
    """The events, in order."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def deliveries(tmp_path: Path, told: Told) -> Iterator[Deliveries]:
    engine = open_database(f"sqlite:///{tmp_path}/gatepost.db")
    journal = Journal(engine, gateway="mx1")
    metrics = Metrics(CollectorRegistry())
    tail = FileTail(tmp_path / "mail.log")
    made = Deliveries(engine, journal, told, metrics, lambda: datetime.now(UTC), tail)
    made.start()
    yield made
    made.stop()
    engine.dispose()


def test_a_copy_handed_over_before_the_log_can_be_read_is_proved_when_it_can(
    deliveries: Deliveries, told: Told, tmp_path: Path
) -> None:
    """Gatepost starts before Postfix, whose log is not there yet: the first message is followed all the same."""
    wait_until(lambda: not deliveries.sees, 10, "the gateway knows that the log is away")
    deliveries.follow("20261126-first", [Proof(("b@x.example",), "Q12341", "tls")])
    (tmp_path / "mail.log").write_text(SENT.format(id="Q12341") + SENT.format(id="Q12342"))
    wait_until(lambda: deliveries.sees, 10, "the log can be read")
    wait_until(lambda: len(told) > 0, 10, "the delivery is told")
    deliveries.stop()  # all that stands there has been read
    assert [event["unmapped"] for event in told] == [
        {"status": "sent", "relay": "mx[192.0.2.1]:25", "tls": {}, "method": "tls"}
    ]


def test_a_copy_that_is_delivered_before_it_is_followed_is_proved(
    deliveries: Deliveries, told: Told, tmp_path: Path
) -> None:
    """Of several copies the first is often delivered while the last is handed over; and a try that died is followed
    by the next one, minutes later. An earlier message of the same queue id says nothing about it."""
    lines = HANDED.format(id="Q12341", token="aa") + SENT.format(id="Q12341").replace("mx[", "old[")
    lines += HANDED.format(id="Q12341", token="bb") + SENT.format(id="Q12341") + REMOVED.format(id="Q12341")
    (tmp_path / "mail.log").write_text(lines)
    wait_until(lambda: deliveries.sees and deliveries.has("Q12341"), 10, "the log is read")
    assert not told

    deliveries.follow("20261126-first", [Proof(("b@x.example",), "Q12341", "tls")])

    wait_until(lambda: len(told) > 0, 10, "the delivery is told")
    deliveries.stop()
    assert [event["unmapped"] for event in told] == [
        {"status": "sent", "relay": "mx[192.0.2.1]:25", "tls": {}, "method": "tls"}
    ]


def test_a_copy_that_is_followed_while_the_old_ones_are_looked_through_stays_followed(
    deliveries: Deliveries, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once an hour all are looked through."""
    load = deliveries._load

    def meanwhile() -> dict[str, tuple[str, str, frozenset[str]]]:
        known = load()
        deliveries.follow("20261126-first", [Proof(("b@x.example",), "Q12341", "tls")])
        return known

    monkeypatch.setattr(deliveries, "_load", meanwhile)
    deliveries.maintain()
    (tmp_path / "mail.log").write_text(SENT.format(id="Q12341"))

    wait_until(lambda: len(told) > 0, 10, "the delivery is told")
