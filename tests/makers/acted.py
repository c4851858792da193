"""A world in which an actor acts: every room beside it in one object that records what happens, in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gateway.act import Actor, Done, Proof
from gateway.arriving.arrival import Answer, Arrival
from gateway.arriving.spool import Spool
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import TransactionError
from gateway.core.plan import (
    AddHeader,
    Copy,
    Notify,
    Plan,
    Protection,
    Reply,
)
from gateway.core.verdict import Disposition, Method, Verdict
from gateway.core.wishes import Wishes
from gateway.encrypt import Origin, Protected
from gateway.pipeline import Inspection
from gateway.postfix.submit import SubmitUncertain
from gateway.store.journal import Attempt

HEADER = b"Subject: x\r\n\r\n"
RAW = HEADER + b"one two three\r\n"
A, B, C = "a@x.example", "b@x.example", "c@x.example"
ACCEPTED = Reply(250, "2.0.0", "Message accepted")
HELD = Reply(250, "2.0.0", "Message held (incident i-2)")


@dataclass
class World:
    """Records what happens, in order; a name in `fail` makes that step fail once."""

    events: list[Any] = field(default_factory=list)
    fail: set[str] = field(default_factory=set)
    open_steps: dict[str, str] = field(default_factory=dict)
    first_incident: str = ""
    sees: bool = False
    name: str = ""
    taken: dict[str, str] = field(default_factory=dict)
    queued: set[str] = field(default_factory=set)
    followed: list[str] = field(default_factory=list)
    wished: list[Wishes] = field(default_factory=list)
    most: int = 0

    def step(self, name: str, *details: Any) -> None:
        if name in self.fail:
            self.fail.discard(name)
            raise TransactionError(name)
        self.events.append((name, *details))

    def names(self) -> list[str]:
        return [event[0] for event in self.events]

    def decided(self, transaction: Transaction, inspection: Inspection) -> None:
        self.step("decided", transaction.incident)

    def acted(self, transaction: Transaction, inspection: Inspection, done: Done) -> None:
        self.step("acted", transaction.incident, done)

    def refused(self, transaction: Transaction, reason: str, code: int, stage: str = "collect") -> None:
        self.step("refused", reason, code)

    @property
    def quiet(self) -> bool:
        return not self.open_steps

    def may_be_open(self, key: str) -> bool:
        return True

    def is_open(self, key: str) -> bool:
        return bool(self.open_steps)

    @contextmanager
    def attempt(self, key: str, incident: str) -> Iterator[Attempt]:
        self.first_incident = self.first_incident or incident
        yield Attempt(f"of {self.first_incident}", key, self.first_incident, MappingProxyType(dict(self.open_steps)))

    def left_open(self, prefix: str) -> list[tuple[str, str]]:
        return [("key", self.first_incident)] if any(step.startswith(prefix) for step in self.open_steps) else []

    def hold(self, attempt: Attempt) -> None:
        if "hold" in self.fail:
            raise TransactionError("hold")

    def done(self, attempt: Attempt, step: str, reference: str = "") -> None:
        self.open_steps[step] = reference

    def close(self, attempt: Attempt) -> None:
        self.step("close")
        self.open_steps.clear()
        self.first_incident = ""

    def put(self, item: Any, chunks: Iterable[bytes]) -> str:
        self.step("put", item, b"".join(chunks))
        return str(item)

    def largest(self) -> int:
        return self.most

    def submit(
        self,
        mail_from: str,
        recipients: Sequence[str],
        chunks: Iterable[bytes],
        *,
        lane: str = "",
        token: str = "",
        wishes: Wishes = Wishes(),  # noqa: B008 - frozen
    ) -> str:
        self.wished.append(wishes)
        self.step("submit", mail_from, tuple(recipients), b"".join(chunks), *([lane] if lane else []))
        queue_id = f"Q{len(self.events)}"
        self.taken[token] = queue_id
        if "reply" in self.fail:  # Postfix has it, and nobody hears so
            self.fail.discard("reply")
            raise SubmitUncertain("lost")
        return queue_id

    def took(self, token: str, since: float) -> str:
        return self.taken.get(token, "")

    def has(self, queue_id: str) -> bool:
        return queue_id in self.queued

    def answered(self, attempt_id: str, queue_id: str) -> None:
        self.step("answered", queue_id)

    def follow(self, incident: str, proofs: Sequence[Proof]) -> None:
        self.followed += [proof.queue_id for proof in proofs]

    def protect(
        self,
        raw: bytes,
        copy: Copy,
        progress: Callable[[], None],
        origin: Origin = Origin(),  # noqa: B008 - frozen
    ) -> Protected:
        """Ciphertext that tells for whom it is; a lane for TLS."""
        self.step("protect", copy.recipients)
        assert copy.protection is not None
        if not copy.protection.encrypts:
            lane = copy.protection.manner
            return Protected((*copy.edits, AddHeader("X-Lane", lane)), lambda: raw, lane=lane)
        body = f"for {' '.join(copy.recipients)}".encode()
        edits = (AddHeader("Content-Type", "application/pkcs7-mime"),)
        return Protected(edits, lambda: b"sealed\r\n\r\n" + body, body=body, keys=("f1",))

    def report(self, transaction: Transaction, addresses: Sequence[str]) -> tuple[Notify | None, Reply] | None:
        if not transaction.envelope.mail_from:
            return None
        return Notify("me@clinic.example", f"not for {' '.join(addresses)}".encode(), late=True), ACCEPTED

    def add_header(self, name: str, value: str) -> None:
        self.step("add_header", name, value)

    def change_header(self, name: str, index: int, value: str | None) -> None:
        self.step("change_header", name, index, value)

    def remove_recipient(self, address: str) -> None:
        self.step("remove_recipient", address)

    def replace_body(self, chunks: Iterable[bytes]) -> None:
        self.step("replace_body", b"".join(chunks))

    def progress(self) -> None:
        if "progress-before-acted" in self.fail and "put" in self.names():
            self.fail.clear()
            raise RuntimeError("Postfix has given up")


def actor(world: World) -> Actor:
    new_item: Callable[..., Any] = lambda transaction, inspection, effect: transaction.incident  # noqa: E731
    return Actor(world, world, world, world, world, world, b"key", new_item, world.report)


def carry_out(
    world: World,
    plan: Plan,
    *,
    incident: str = "i-1",
    recipients: Sequence[str] = (A, B, C),
    sender: str = "me@clinic.example",
    asked: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    of_mail: tuple[str, ...] = (),
    queue_id: str = "QUEUE",
    fields: bytes = b"",
) -> Answer:
    """`fields` stand before those of the message."""
    envelope = Envelope(sender, tuple(Recipient(address, asked.get(address, ())) for address in recipients), of_mail)
    with Spool.of(fields + RAW) as spool:
        arrival = Arrival(Session(), envelope, queue_id, spool, len(fields + HEADER))
        verdict = Verdict(plan.disposition, "sha256:0", ())
        transaction = Transaction(Session(), envelope, b"", queue_id, incident)
        return actor(world).carry_out(arrival, transaction, Inspection(verdict, plan), world)


def deliver(*copies: Copy, effects: tuple[Any, ...] = (), reply: Reply = ACCEPTED) -> Plan:
    return Plan(Disposition.DELIVER, copies, effects, reply)


SMIME = Protection(Method.SMIME, "gcm")
