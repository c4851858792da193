"""gateway.judge"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from gateway.act import Actor, CopyTooLarge
from gateway.arriving.arrival import Answer, Arrival, Edits, Trouble
from gateway.arriving.spool import Spool
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import TransactionError
from gateway.core.plan import Plan, Reply
from gateway.core.verdict import Action, Disposition, Means, Method, RuleHit, Verb, Verdict
from gateway.judge import Directory, Edges, GatewayJudge
from gateway.pipeline import Inspection
from gateway.workers.pool import Workers

ACCEPTED = Answer(Reply(250, "2.0.0", "Message accepted"))
INSPECTION = Inspection(Verdict(Disposition.DELIVER, "sha256:0", ()), Plan(Disposition.DELIVER, (), (), ACCEPTED.reply))


@dataclass
class FakeWorkers:
    do: Callable[[], Inspection] = lambda: INSPECTION
    asked: int = 0
    closed: threading.Event = field(default_factory=threading.Event)

    def inspect(self, transaction: Transaction, spool: Spool, progress: Callable[[], None]) -> Inspection:
        self.asked += 1
        return self.do()

    def close(self) -> None:
        self.closed.set()


@dataclass
class FakeActor:
    do: Callable[[], Answer] = lambda: ACCEPTED
    acted: list[Transaction] = field(default_factory=list)
    refusals: list[tuple[str, int]] = field(default_factory=list)
    recorded: bool = True

    @property
    def evidence(self) -> "FakeActor":
        return self

    def refused(self, transaction: Transaction, reason: str, code: int, stage: str) -> None:
        if not self.recorded:
            raise TransactionError("the audit log takes no event")
        self.refusals.append((reason, code))

    def carry_out(self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits) -> Answer:
        self.acted.append(transaction)
        return self.do()


@dataclass
class Notebook:
    told: list[Any] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def judged(self, transaction: Transaction, inspection: Inspection, seconds: float) -> None:
        self.told.append("judged")

    def deferred(self, transaction: Transaction, error: Exception) -> None:
        self.told.append(type(error).__name__)

    def refused(self, transaction: Transaction, reason: str) -> None:
        self.told.append(reason)

    def passed(self, transaction: Transaction) -> None:
        self.told.append("passed")

    def in_flight(self, count: int) -> None:
        self.counts.append(count)


class Nobody:
    """Knows no keys."""

    def means(self, addresses: Iterable[str]) -> dict[str, tuple[Means, ...]]:
        return {}

    def look_up(self, addresses: Iterable[str], progress: Callable[[], None]) -> bool:
        return False


@dataclass
class Known:
    """Knows how somebody can be reached."""

    ways: dict[str, tuple[Means, ...]] = field(default_factory=dict)
    asked: int = 0

    def means(self, addresses: Iterable[str]) -> dict[str, tuple[Means, ...]]:
        self.asked += 1
        return self.ways


@dataclass
class Bench:
    workers: FakeWorkers = field(default_factory=FakeWorkers)
    actor: FakeActor = field(default_factory=FakeActor)
    notebook: Notebook = field(default_factory=Notebook)
    directory: Directory = field(default_factory=Nobody)

    def __post_init__(self) -> None:
        edges = Edges(lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda when: "20260101-i")
        self.judge = GatewayJudge(
            cast(Workers, self.workers),
            cast(Actor, self.actor),
            self.notebook,
            edges,
            directory=self.directory,
            lookup=Nobody(),
            loopback="back",
            most=2,
        )

    def ask(self, *, listener: str = "submission", trouble: Trouble = Trouble.NONE) -> Answer:
        envelope = Envelope("a@clinic.example", (Recipient("b@x.example"),))
        with Spool.of(b"Subject: x\r\n\r\n") as spool:
            arrival = Arrival(Session(listener=listener), envelope, "Q1", spool, 14, trouble)
            return self.judge.judge(arrival, cast(Edits, None) if trouble is not Trouble.NONE else _edits())


def _edits() -> Edits:
    class Quiet:
        def progress(self) -> None:
            """Nothing to tell."""

    return cast(Edits, Quiet())


def fail(error: Exception) -> Callable[[], Any]:
    def do() -> Any:
        raise error

    return do


def test_a_message_is_inspected_carried_out_and_told() -> None:
    """The answer is the actor's; the incident is on the transaction."""
    bench = Bench()

    assert bench.ask() == ACCEPTED
    assert [transaction.incident for transaction in bench.actor.acted] == ["20260101-i"]
    assert bench.notebook.told == ["judged"]


@pytest.mark.parametrize("error", [TransactionError("store"), RuntimeError("a bug"), MemoryError()], ids=repr)
@pytest.mark.parametrize("where", ["workers", "actor"])
def test_whatever_fails_the_client_comes_again(error: Exception, where: str) -> None:
    """Every failure, also a bug of ours, is a 451 and never a delivery."""
    bench = Bench()
    if where == "workers":
        bench.workers.do = fail(error)
    else:
        bench.actor.do = fail(error)
    answer = bench.ask()

    assert (answer.reply.code, answer.reply.enhanced, answer.discard) == (451, "4.7.1", False)
    assert "20260101-i" in answer.reply.text
    assert bench.notebook.told == [type(error).__name__]


def _asking() -> Inspection:
    hit = RuleHit("r", "a", "t", "low", "enforce", ("b@x.example",), (Action(Verb.ENCRYPT),))
    return replace(INSPECTION, verdict=replace(INSPECTION.verdict, hits=(hit,)))


def test_keys_are_looked_for_only_where_a_rule_wants_to_encrypt() -> None:
    """Most messages are not to be encrypted: they cost no look into the store."""
    bench = Bench(directory=(known := Known({"b@x.example": (Means(Method.SMIME),)})))

    bench.ask()

    assert (known.asked, bench.workers.asked) == (0, 1)


def test_a_message_to_be_encrypted_is_decided_with_the_keys_that_there_are() -> None:
    """The first time it is decided anew; the next message is expected to be like it, and asked about first."""
    known = Known({"b@x.example": (Means(Method.SMIME),)})
    bench = Bench(FakeWorkers(_asking), directory=known)

    bench.ask()
    assert (known.asked, bench.workers.asked) == (1, 2)
    assert bench.actor.acted[-1].means == known.ways

    bench.ask()
    assert (known.asked, bench.workers.asked) == (2, 3)
    assert bench.actor.acted[-1].means == known.ways


def test_a_recipient_without_keys_is_not_decided_anew() -> None:
    """Nothing has changed."""
    bench = Bench(FakeWorkers(_asking), directory=(known := Known()))

    bench.ask()

    assert (known.asked, bench.workers.asked) == (1, 1)


def test_a_message_that_came_back_is_not_inspected_again() -> None:
    """The loop guard is the listener, which a sender cannot choose."""
    bench = Bench()

    assert bench.ask(listener="back").reply.code == 250
    assert bench.workers.asked == 0


def test_a_copy_too_large_to_leave_encrypted_is_refused_for_good() -> None:
    """The sender hears what to do and that nobody has it; where that can't be put on record, to come again."""

    def too_large() -> Answer:
        raise CopyTooLarge("protected a copy has 9 bytes, and Postfix takes 8")

    bench = Bench(actor=FakeActor(do=too_large))
    said = bench.ask().reply
    assert (said.code, said.enhanced) == (552, "5.3.4")
    assert "Nothing was sent" in said.text
    assert bench.actor.refusals == [("copy-too-large", 552)]
    assert bench.notebook.told == ["copy-too-large"]

    bench.actor.recorded = False
    assert bench.ask().reply.code == 451


@pytest.mark.parametrize(
    ("trouble", "code", "told"),
    [
        (Trouble.TOO_LARGE, 552, "too-large"),
        (Trouble.ADDRESS, 553, "address"),
        (Trouble.SPOOL, 451, "SpoolFull"),
        (Trouble.TOO_LATE, 451, "Stopping"),
    ],
)
def test_trouble_while_collecting_is_told_at_the_end(trouble: Trouble, code: int, told: str) -> None:
    """A message that did not arrive whole is never inspected, let alone delivered."""
    bench = Bench()

    assert bench.ask(trouble=trouble).reply.code == code
    assert bench.notebook.told == [told]
    assert bench.workers.asked == 0


def test_a_refusal_is_evidence_too() -> None:
    """What is refused before any look at it is recorded with its code."""
    bench = Bench()
    bench.ask(trouble=Trouble.ADDRESS)

    assert bench.actor.refusals == [("address", 553)]


def test_metrics_that_fail_change_no_answer() -> None:
    """A message that is done is not done again because it could not be counted."""
    bench = Bench()
    bench.notebook.told = None  # type: ignore[assignment] # telling raises now

    assert bench.ask() == ACCEPTED
    assert bench.judge.untold == 1


def test_more_messages_than_allowed_are_told_to_come_again() -> None:
    """The third at once hears 451 4.3.2."""
    bench = Bench()
    for _ in range(3):
        assert bench.judge.began()

    assert bench.ask().reply.enhanced == "4.3.2"
    bench.judge.ended()
    assert bench.ask().reply.code == 250
    assert bench.notebook.counts == [1, 2, 3, 2]


def test_draining_waits_for_those_in_hand_and_takes_no_more() -> None:
    """`drain` is back when the last message is answered; what begins meanwhile is too late."""
    bench = Bench()
    bench.judge.began()
    assert not bench.judge.drain(0.01)
    assert not bench.judge.began()
    bench.judge.ended()
    bench.judge.ended()

    assert bench.judge.drain(0.01)


def test_a_reload_closes_the_old_workers_when_their_last_message_is_answered() -> None:
    """A message that began under the old policy is judged by it."""
    bench = Bench()
    inspecting, go_on = threading.Event(), threading.Event()

    def slow() -> Inspection:
        inspecting.set()
        assert go_on.wait(10)
        return INSPECTION

    bench.workers.do = slow
    message = threading.Thread(target=bench.ask)
    message.start()
    assert inspecting.wait(10)
    new = FakeWorkers()
    reload = threading.Thread(target=bench.judge.use, args=(new,))
    reload.start()

    assert not bench.workers.closed.wait(0.05)
    go_on.set()
    assert bench.workers.closed.wait(10)
    message.join(10)
    reload.join(10)
    bench.ask()
    assert (bench.workers.asked, new.asked) == (1, 1)
