"""Reloads under load: a message is judged by one policy from start to end.

A thousand with workers in this process, which cost nothing to start; one with real ones, as tests/wire/test_reload.py
does it with Postfix.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from gateway.act import Actor
from gateway.actions import Notices
from gateway.arriving.arrival import Answer, Arrival, Edits
from gateway.arriving.spool import Spool
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.plan import AddHeader
from gateway.core.verdict import Action, Means, Verb
from gateway.detect import Engine
from gateway.judge import Edges, GatewayJudge, Observer
from gateway.pipeline import Inspection, inspect
from gateway.policy import Organization, Policy, Rule, Status
from gateway.policy.conditions.parts import MessageSize
from gateway.policy.model import When
from gateway.ruleset import RuleSet
from gateway.workers.nursery import Setup
from gateway.workers.pool import Pace, Workers

CLIENTS = 3
ENGINE = Engine(())
NOTICES = Notices("gatepost@clinic.example", "Clinic", "")
RULES = 5
RAW = b"Subject: x\r\n\r\n" + b"text\r\n" * 200


def policy_of(version: int) -> Policy:
    """Every rule writes the version into a field of its own."""
    rules = (
        Rule(
            f"test-{number}",
            "test",
            "A rule",
            Status.ENFORCE,
            "low",
            "owner@clinic.example",
            When(all=(MessageSize(0),)),
            (Action(Verb.ADD_HEADER, {"name": f"X-Rule-{number}", "value": str(version)}),),
        )
        for number in range(RULES)
    )
    return Policy(Organization("Clinic", ("clinic.example",)), tuple(rules), digest=f"sha256:{version}")


def processes(version: int) -> Workers:
    return Workers(Setup(RuleSet(policy_of(version), ()), Limits(), NOTICES), Pace(count=1))


class InProcess:
    """Inspects as a worker does, in the thread that asks. Once closed, being asked is a failure."""

    def __init__(self, version: int) -> None:
        self._policy = policy_of(version)
        self._closed = False

    def inspect(self, transaction: Transaction, spool: Spool, progress: Callable[[], None]) -> Inspection:
        assert not self._closed
        whole = replace(transaction, raw=spool.octets())
        inspection = inspect(whole, self._policy, ENGINE, Limits(), NOTICES, time.monotonic)
        assert not self._closed
        return inspection

    def close(self) -> None:
        self._closed = True


def in_process(version: int) -> Workers:
    return cast(Workers, InProcess(version))


@dataclass
class Witness:
    """Stands in for acting: keeps under which policy each message was decided, and what each rule wrote."""

    seen: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    last: str = ""

    def carry_out(self, arrival: Arrival, transaction: Transaction, inspection: Inspection, edits: Edits) -> Answer:
        (copy,) = inspection.plan.copies
        written = tuple(edit.value for edit in copy.edits if isinstance(edit, AddHeader))
        self.seen.append((inspection.verdict.policy_digest, written))
        self.last = inspection.verdict.policy_digest
        return Answer(inspection.plan.reply)

    def judged(self, transaction: Transaction, inspection: Inspection, seconds: float) -> None:
        """Fine."""

    def in_flight(self, count: int) -> None:
        """Fine."""

    def deferred(self, transaction: Transaction, error: Exception) -> None:
        self.failed.append(repr(error))

    def means(self, addresses: Iterable[str]) -> dict[str, tuple[Means, ...]]:
        return {}

    def progress(self) -> None:
        """Nothing to tell."""


@pytest.mark.parametrize(("start", "reloads"), [(in_process, 1000), (processes, 1)])
def test_no_message_is_judged_by_a_mixture_of_two_policies(start: Callable[[int], Workers], reloads: int) -> None:
    """Three clients send without a pause while the policy changes again and again; none is deferred for it."""
    witness = Witness()
    edges = Edges(lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda when: "20260101-i")
    judge = GatewayJudge(
        start(0),
        cast(Actor, witness),
        cast(Observer, witness),
        edges,
        directory=witness,
        loopback="back",
        most=2 * CLIENTS,
    )
    stop = threading.Event()

    def client() -> None:
        while not stop.is_set():
            with Spool.of(RAW) as spool:
                envelope = Envelope("a@clinic.example", (Recipient("b@x.example"),))
                arrival = Arrival(Session(), envelope, "Q1", spool, 14)
                judge.judge(arrival, cast(Edits, witness))

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for version in range(1, reloads + 1):
        judge.use(start(version))
        while witness.last != f"sha256:{version}" and not witness.failed:
            time.sleep(0.0005)
    stop.set()
    for thread in clients:
        thread.join()
    judge.workers.close()

    assert witness.failed == []
    assert {digest for digest, _ in witness.seen} >= {f"sha256:{version}" for version in range(1, reloads + 1)}
    assert [(digest, written) for digest, written in witness.seen if {f"sha256:{w}" for w in written} != {digest}] == []
    assert {len(written) for _, written in witness.seen} == {RULES}
