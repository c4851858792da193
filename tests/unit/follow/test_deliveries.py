"""gateway.follow.deliveries: what the log tells of copies, also where it could not be read when they were handed on."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gateway.act import Proof
from gateway.demo.ports import wait_until
from gateway.follow import FileTail
from gateway.follow.deliveries import Deliveries
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


def test_a_mistake_at_one_line_keeps_nothing_behind_it_from_being_told(
    deliveries: Deliveries, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted, and not tried again for ever: the thread that reads goes on."""
    deliveries.follow("20261126-first", [Proof(("b@x.example",), "Q12341", "tls")])
    deliveries.follow("20261126-second", [Proof(("b@x.example",), "Q12342", "tls")])
    delivered = deliveries._metrics.copy_delivered
    calls: list[str] = []

    def once(method: str, status: str, tls: str) -> None:
        calls.append(method)
        if len(calls) == 1:
            raise KeyError("a mistake of ours")
        delivered(method, status, tls)

    monkeypatch.setattr(deliveries._metrics, "copy_delivered", once)
    (tmp_path / "mail.log").write_text(SENT.format(id="Q12341") + SENT.format(id="Q12342"))

    wait_until(lambda: len(told) == 2, 10, "the second delivery is told")
    assert deliveries.sees
    assert deliveries._metrics.registry.get_sample_value("gatepost_mail_log_failures_total") == 1


def test_a_log_that_cannot_be_read_in_a_way_nobody_foresaw_is_tried_again(
    deliveries: Deliveries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the gateway says that it sees none; the mistake is counted once."""
    assert deliveries._log is not None
    tail = deliveries._log._tail
    lines, broken = tail.lines, [True]

    def now_and_then() -> list[str]:
        if broken:
            raise ValueError("a mistake of ours")
        return lines()

    (tmp_path / "mail.log").touch()
    monkeypatch.setattr(tail, "lines", now_and_then)
    wait_until(lambda: deliveries.problem == "a mistake of ours", 10, "the mistake is noted")
    assert not deliveries.sees
    broken.clear()

    wait_until(lambda: deliveries.sees, 10, "the log is read again")
    assert deliveries._metrics.registry.get_sample_value("gatepost_mail_log_failures_total") == 1
