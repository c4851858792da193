"""Many messages at a time: in order, bounded, and never stopped by a bad one."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.cli.inspecting import OUTSIDE, Bench, inside
from gateway.cli.report import Report
from gateway.cli.sources import Input
from gateway.core.envelope import Transaction
from gateway.core.errors import TransactionError
from gateway.core.finding import FailureKind


class Pool:
    """Answers like the workers: some messages take longer, one cannot be inspected."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.seen: list[Transaction] = []
        self.first_may_end = threading.Event()

    def inspect(self, transaction: Transaction) -> Any:
        self.seen.append(transaction)
        if transaction.raw == b"slow":
            assert self.first_may_end.wait(10)
        if transaction.raw == b"bad":
            raise TransactionError("no worker")
        self.first_may_end.set()
        return self._answer


def bench(pool: Pool) -> Bench:
    return Bench(pool, 2, "sha256:aa", "scan@clinic.example", (OUTSIDE,))


def make(_: Any, item: Input, elapsed_ms: float) -> Report:
    assert elapsed_ms >= 0
    return {"path": item.path, "verdict": {"disposition": "deliver"}, "failures": []}


def test_answers_come_in_the_order_of_the_inputs(inspected: Any) -> None:
    """A message that takes longer than those after it keeps its place."""
    items = [Input("0", raw=b"slow"), *(Input(str(number), raw=b"x") for number in range(1, 20))]

    found = [plain["path"] for plain in bench(Pool(inspected)).look_at_all(items, make)]

    assert found == [str(number) for number in range(20)]


def test_a_bad_input_and_a_lost_worker_are_reported_and_the_rest_goes_on(inspected: Any) -> None:
    """Each gives a line with verdict defer and who failed."""
    items = [Input("a", failure=FailureKind.ERROR), Input("b", raw=b"bad"), Input("c", raw=b"x")]

    found = list(bench(Pool(inspected)).look_at_all(items, make))

    assert [plain["verdict"]["disposition"] for plain in found] == ["defer", "defer", "deliver"]
    assert [plain["failures"] for plain in found] == [
        [{"detector": "input", "kind": "error"}],
        [{"detector": "workers", "kind": "error"}],
        [],
    ]


def test_inputs_are_read_only_a_window_ahead(inspected: Any) -> None:
    """Tens of thousands of files are not all in memory: reading waits for answers to be taken."""
    read = 0

    def items() -> Iterator[Input]:
        nonlocal read
        for number in range(1_000):
            read += 1
            yield Input(str(number), raw=b"x")

    answers = bench(Pool(inspected)).look_at_all(items(), make)
    next(answers)

    assert read <= 10
    answers.close()  # type: ignore[attr-defined]


def test_large_inputs_narrow_the_window(inspected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes that wait are bounded too."""
    monkeypatch.setattr("gateway.cli.inspecting.MOST_BYTES_WAITING", 100)
    read = 0

    def items() -> Iterator[Input]:
        nonlocal read
        for number in range(50):
            read += 1
            yield Input(str(number), raw=b"x" * 90)

    answers = bench(Pool(inspected)).look_at_all(items(), make)
    next(answers)

    assert read == 2
    answers.close()  # type: ignore[attr-defined]


def test_the_envelope_is_the_one_asked_for(inspected: Any) -> None:
    """Sender, recipients, an incident of its own and an aware time reach the worker."""
    pool = Pool(inspected)
    list(bench(pool).look_at_all([Input("a", raw=b"x"), Input("b", raw=b"y")], make))

    first, second = sorted(pool.seen, key=lambda transaction: transaction.raw)
    assert first.envelope.mail_from == "scan@clinic.example"
    assert [recipient.address for recipient in first.envelope.recipients] == [OUTSIDE]
    assert first.incident != second.incident
    assert abs(first.received.timestamp() - time.time()) < 60


def test_the_default_sender_is_inside_the_organisation() -> None:
    """In its first domain, or below it where that is a wildcard."""
    assert inside(("clinic.example", "b.example")) == "scan@clinic.example"
    assert inside(("*.clinic.example",)) == "scan@mail.clinic.example"
    assert inside(()) == "scan@localhost"
