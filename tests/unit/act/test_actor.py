"""gateway.act.actor"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest

from gateway.act import Actor, Done, Proof
from gateway.act.lost import give_up_log
from gateway.act.steps import PLANNED
from gateway.arrival import Answer, Arrival
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.errors import TransactionError
from gateway.core.plan import (
    AddHeader,
    ChangeHeader,
    Copy,
    Forward,
    Notify,
    Plan,
    Protection,
    Quarantine,
    Reply,
    Splice,
)
from gateway.core.verdict import Disposition, Method, Verdict
from gateway.encrypt import Origin, Protected
from gateway.pipeline import Inspection
from gateway.spool import Spool
from gateway.store.journal import Attempt
from gateway.submit import SubmitUncertain

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

    def refused(self, transaction: Transaction, reason: str, code: int) -> None:
        self.step("refused", reason, code)

    @property
    def quiet(self) -> bool:
        return not self.open_steps

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

    def submit(
        self, mail_from: str, recipients: Sequence[str], chunks: Iterable[bytes], *, lane: str = "", token: str = ""
    ) -> str:
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
) -> Answer:
    envelope = Envelope(sender, tuple(Recipient(address) for address in recipients))
    with Spool.of(RAW) as spool:
        arrival = Arrival(Session(), envelope, "QUEUE", spool, len(HEADER))
        verdict = Verdict(plan.disposition, "sha256:0", ())
        transaction = Transaction(Session(), envelope, b"", "QUEUE", incident)
        return actor(world).carry_out(arrival, transaction, Inspection(verdict, plan), world)


def deliver(*copies: Copy, effects: tuple[Any, ...] = (), reply: Reply = ACCEPTED) -> Plan:
    return Plan(Disposition.DELIVER, copies, effects, reply)


def test_an_untouched_message_is_recorded_and_nothing_else() -> None:
    """A plain delivery costs one audit event and no edit."""
    world = World()
    answer = carry_out(world, deliver(Copy((A, B, C))))

    assert answer == Answer(ACCEPTED)
    assert world.names() == ["decided"]


def test_without_evidence_nothing_happens() -> None:
    """Where the audit cannot be written no edit, item or copy is made."""
    world = World(fail={"decided"})
    plan = deliver(Copy((A,), (AddHeader("X", "1"),)), Copy((B,)), effects=(Quarantine((C,), (), (), "high"),))

    with pytest.raises(TransactionError):
        carry_out(world, plan)

    assert world.events == []


def test_headers_and_recipients_are_edited_before_the_body() -> None:
    """Postfix refuses header edits between pieces of a new body."""
    world = World()
    at = RAW.index(b"two")
    edits = (Splice(at, at + 3, b"2"), AddHeader("X-A", "1"), ChangeHeader("Subject", 1, None))
    carry_out(world, deliver(Copy((A, B), edits)))

    assert world.events[1:] == [
        ("add_header", "X-A", "1"),
        ("change_header", "Subject", 1, None),
        ("remove_recipient", C),
        ("replace_body", b"one 2 three\r\n"),
    ]


def test_a_message_held_for_everybody_is_kept_then_discarded() -> None:
    """The item has the whole message before Postfix is told to forget it."""
    world = World()
    plan = Plan(Disposition.QUARANTINE, (), (Quarantine((A, B, C), (), (), "high"),), HELD)
    answer = carry_out(world, plan)

    assert answer == Answer(HELD, discard=True)
    assert world.events == [("decided", "i-1"), ("put", "i-1", RAW), ("acted", "i-1", Done(items=("i-1",))), ("close",)]


def test_a_refused_message_is_not_discarded() -> None:
    """Nobody gets it, and the client hears the 550."""
    refusal = Reply(550, "5.7.1", "no")

    assert carry_out(World(), Plan(Disposition.BLOCK, (), (), refusal)) == Answer(refusal)


def test_further_copies_are_handed_over_before_the_original_is_edited() -> None:
    """Each group gets its own rendering; the queue ids are evidence."""
    world = World()
    at = RAW.index(b"two")
    plan = deliver(Copy((A,), (AddHeader("X", "1"),)), Copy((B, C), (Splice(at, at + 3, b"2"),)))
    carry_out(world, plan)

    assert world.names() == [
        "decided",
        "submit",
        "add_header",
        "remove_recipient",
        "remove_recipient",
        "acted",
        "close",
    ]
    assert world.events[1] == ("submit", "me@clinic.example", (B, C), RAW.replace(b"two", b"2"))
    assert world.events[5] == ("acted", "i-1", Done(copies=(((B, C), "Q2"),)))


@pytest.mark.parametrize("broken", ["put", "submit", "add_header", "acted", "close"])
def test_a_retry_repeats_no_finished_step(broken: str) -> None:
    """Whatever failed, the client's second try ends with one item, one copy and one notice."""
    plan = deliver(
        Copy((A,), (AddHeader("X", "1"),)),
        Copy((B,)),
        effects=(Quarantine((C,), (), (), "high"), Notify("me@clinic.example", b"held (incident i-1)")),
    )
    world = World(fail={broken})
    with pytest.raises(TransactionError):
        carry_out(world, plan)
    carry_out(world, plan)

    submitted = [event[1:3] for event in world.events if event[0] == "submit"]
    assert sorted(submitted) == [("", ("me@clinic.example",)), ("me@clinic.example", (B,))]
    assert world.names().count("put") == 1


def test_a_further_copy_goes_out_once_as_the_message_came() -> None:
    """Also where the message itself is refused; without a return path; and it serves none of the recipients."""
    refused = Plan(Disposition.BLOCK, (), (Forward("archive@clinic.example"),), Reply(550, "5.7.1", "no"))
    world = World(fail={"acted"})
    with pytest.raises(TransactionError):
        carry_out(world, refused)
    carry_out(world, refused)

    assert [event[1:] for event in world.events if event[0] == "submit"] == [("", ("archive@clinic.example",), RAW)]
    (acted,) = [event[2] for event in world.events if event[0] == "acted"]
    assert acted == Done(forwarded=("archive@clinic.example",), resumed=True)
    assert not [event for event in world.events if event[0] == "remove_recipient"]


def test_postfix_that_gave_up_leaves_the_attempt_open() -> None:
    """The client of a reply that comes too late sends again: one item, not two."""
    world = World(fail={"progress-before-acted"})
    plan = Plan(Disposition.QUARANTINE, (), (Quarantine((A, B, C), (), (), "high"),), HELD)
    with pytest.raises(RuntimeError):
        carry_out(world, plan)
    assert carry_out(world, plan) == Answer(HELD, discard=True)

    assert world.names().count("put") == 1


def test_a_retry_under_another_plan_serves_nobody_twice() -> None:
    """The policy changed between two tries: who has a copy, or is held, is taken off whatever comes now."""
    world = World(fail={"acted"})
    first = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)), effects=(Quarantine((C,), (), (), "high"),))
    with pytest.raises(TransactionError):
        carry_out(world, first)
    world.events.clear()
    carry_out(world, deliver(Copy((B, C)), Copy((A,), (AddHeader("Y", "1"),))))

    assert [event[:3] for event in world.events if event[0] in ("submit", "put")] == []
    assert [event[1] for event in world.events if event[0] == "remove_recipient"] == [B, C]
    assert ("add_header", "Y", "1") in world.events
    (acted,) = [event[2] for event in world.events if event[0] == "acted"]
    assert acted == Done(copies=(((B,), "Q3"),), items=("i-1",), resumed=True)


def test_a_retry_that_is_a_plain_delivery_now_serves_nobody_twice() -> None:
    """Also a plan without effects looks for an earlier try, where one may be open."""
    world = World(fail={"acted"})
    with pytest.raises(TransactionError):
        carry_out(world, deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),))))
    world.events.clear()
    carry_out(world, deliver(Copy((A, B, C))))

    assert [event[1] for event in world.events if event[0] == "remove_recipient"] == [B]


def test_two_notices_to_one_address_are_two_steps() -> None:
    """The second is not taken for the first when the client comes again."""
    plan = Plan(
        Disposition.QUARANTINE,
        (),
        (Quarantine((A,), (), (), "high"), Notify("me@clinic.example", b"one"), Notify("me@clinic.example", b"two")),
        HELD,
    )
    world = World(fail={"close"})
    with pytest.raises(TransactionError):
        carry_out(world, plan)
    carry_out(world, plan)

    assert [event[3] for event in world.events if event[0] == "submit"] == [b"one", b"two"]


def test_a_retry_goes_by_its_first_incident() -> None:
    """The item, the notice and the reply of a resumed attempt name the incident that was given first."""
    world = World(first_incident="i-1")
    effects = (Quarantine((A, B, C), (), (), "high"), Notify("me@clinic.example", b"held (incident i-2)"))
    answer = carry_out(world, Plan(Disposition.QUARANTINE, (), effects, HELD), incident="i-2")

    assert ("put", "i-1", RAW) in world.events
    assert ("submit", "", ("me@clinic.example",), b"held (incident i-1)") in world.events
    assert answer.reply == replace(HELD, text="Message held (incident i-1)")


def test_the_journal_key_says_nothing_about_the_message() -> None:
    """The key depends on envelope and bytes but shows neither."""
    keys: list[str] = []

    class Spy(World):
        @contextmanager
        def attempt(self, key: str, incident: str) -> Iterator[Attempt]:
            keys.append(key)
            done: Mapping[str, str] = {}
            yield Attempt("id", key, incident, done)

    plan = Plan(Disposition.QUARANTINE, (), (Quarantine((A,), (), (), "high"),), HELD)
    carry_out(Spy(), plan)
    carry_out(Spy(), plan, recipients=(A,))
    carry_out(Spy(), plan)

    assert keys[0] == keys[2] != keys[1]
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


SMIME = Protection(Method.SMIME, "gcm")


def test_an_encrypted_message_has_another_body_and_evidence_of_its_keys() -> None:
    """In place: header edits, recipients, one body; then who was protected how."""
    world = World()
    carry_out(world, deliver(Copy((A, B), (), SMIME)))

    assert world.events[1:] == [
        ("protect", (A, B)),
        ("add_header", "Content-Type", "application/pkcs7-mime"),
        ("remove_recipient", C),
        ("replace_body", b"for a@x.example b@x.example"),
        ("acted", "i-1", Done(protected=(Proof((A, B), "QUEUE", "smime", "gcm", ("f1",)),))),
        ("close",),
    ]


def test_a_copy_by_tls_is_handed_over_with_its_lane() -> None:
    """The lane is Postfix's business; in place it is a header field that we add."""
    world = World()
    tls = Protection(Method.TLS, "secure")
    carry_out(world, deliver(Copy((A,), (), tls), Copy((B,), (), replace(tls, manner="encrypt"))))

    assert ("submit", "me@clinic.example", (B,), RAW, "encrypt") in world.events
    assert ("add_header", "X-Lane", "secure") in world.events
    assert "replace_body" not in world.names()


def test_nobody_has_anything_where_one_copy_cannot_be_protected() -> None:
    """All copies are encrypted before the first is handed over."""
    world = World(fail={"protect"})
    plan = deliver(Copy((A,)), Copy((B,), (), SMIME), effects=(Quarantine((C,), (), (), "high"),))
    with pytest.raises(TransactionError):
        carry_out(world, plan)

    assert world.names() == ["decided"]


@pytest.mark.parametrize("broken", ["submit", "replace_body", "acted", "close"])
def test_a_retry_sends_no_second_ciphertext(broken: str) -> None:
    """A copy that Postfix has is not made again, and its keys stay in evidence."""
    world = World(fail={broken})
    plan = deliver(Copy((A,), (), SMIME), Copy((B,), (), SMIME), Copy((C,), (), SMIME))
    with pytest.raises(TransactionError):
        carry_out(world, plan)
    carry_out(world, plan)

    submitted = [event[2] for event in world.events if event[0] == "submit"]
    acted = [event[2] for event in world.events if event[0] == "acted"][-1]
    assert sorted(submitted) == [(B,), (C,)]
    assert {proof.recipients for proof in acted.protected} == {(A,), (B,), (C,)}
    assert all(proof.keys == ("f1",) for proof in acted.protected)


def test_a_lost_reply_is_asked_of_the_log() -> None:
    """Postfix took the copy and the connection broke: the log gives the queue id, and nothing is sent twice."""
    world = World(sees=True, fail={"reply"})
    carry_out(world, deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),))))

    assert world.names().count("submit") == 1
    (acted,) = [event[2] for event in world.events if event[0] == "acted"]
    assert acted.copies == (((B,), "Q2"),)


def test_a_lost_reply_without_a_log_defers() -> None:
    """Nobody can tell: 451, as without us."""
    with pytest.raises(SubmitUncertain):
        carry_out(World(fail={"reply"}), deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),))))


def killed_before_noting(world: World, plan: Plan) -> None:
    """Postfix has the first copy that is handed over, and the gateway dies before it can write that down."""
    noted = world.done

    def done(attempt: Attempt, step: str, reference: str = "") -> None:
        if not step.startswith(PLANNED):
            raise TransactionError("killed")
        noted(attempt, step, reference)

    world.done = done  # type: ignore[method-assign]
    with pytest.raises(TransactionError):
        carry_out(world, plan)
    world.done = noted  # type: ignore[method-assign]


def test_killed_between_postfix_and_journal_the_log_is_asked_before_a_step_is_repeated() -> None:
    """Postfix has the copy, the journal does not know it: the retry finds it by its token."""
    world = World(sees=True)
    plan = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)))
    killed_before_noting(world, plan)
    carry_out(world, plan, incident="i-2")

    assert world.names().count("submit") == 1


def test_a_copy_that_postfix_has_is_found_also_where_the_retry_groups_recipients_otherwise() -> None:
    """Handed over for B and C together; a key came meanwhile, and the retry would send to each alone."""
    world = World(sees=True)
    killed_before_noting(world, deliver(Copy((A,), (), SMIME), Copy((B, C), (), replace(SMIME, manner="cbc"))))
    carry_out(world, deliver(Copy((C, A), (), SMIME), Copy((B,), (), SMIME)), incident="i-2")

    assert [event[2] for event in world.events if event[0] == "submit"] == [(B, C)]
    (acted,) = [event[2] for event in world.events if event[0] == "acted"]
    assert [(proof.recipients, proof.manner) for proof in acted.protected] == [((A,), "gcm"), ((B, C), "cbc")]


def test_where_the_log_can_no_longer_be_read_nothing_is_sent_for_the_second_time() -> None:
    """It could when the copy left: 451 until somebody has mended it, never a guess."""
    world = World(sees=True)
    plan = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)))
    killed_before_noting(world, plan)

    def unreadable(token: str, since: float) -> str:
        raise TransactionError("the log cannot be read")

    world.sees, world.took = False, unreadable  # type: ignore[method-assign]
    with pytest.raises(TransactionError, match="the log"):
        carry_out(world, plan, incident="i-2")

    assert world.names().count("submit") == 1


def test_what_another_postfix_may_have_is_not_sent_by_this_one() -> None:
    """Its log is elsewhere, ours says nothing: 451 until the gateway beside that one has looked, then it goes on."""
    world = World(sees=True, name="mx1")
    plan = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)))
    killed_before_noting(world, plan)

    world.name, known, world.taken = "mx2", world.taken, {}
    with pytest.raises(TransactionError, match="another Postfix"):
        carry_out(world, plan, incident="i-2")
    world.name, world.taken = "mx1", known
    assert actor(world).look_after_left() == 1
    world.name, world.taken = "mx2", {}
    carry_out(world, plan, incident="i-3")

    assert world.names().count("submit") == 1


def test_what_a_lost_postfix_had_is_sent_again_where_an_administrator_says_so() -> None:
    """Its machine burnt: a second copy for some is what it costs, and nobody decides that but a person."""
    world = World(sees=True, name="mx1")
    plan = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)))
    killed_before_noting(world, plan)

    world.name, world.taken = "mx2", {}
    assert give_up_log(world, "mx3") == 0
    assert give_up_log(world, "mx1") == 1
    carry_out(world, plan, incident="i-2")

    assert world.names().count("submit") == 2


def test_what_no_postfix_has_any_gateway_sends() -> None:
    """Announced, and the gateway died before the first copy: looked for in its own log in vain, then sent by another,
    and where that one dies too, looked for in the log of that one."""
    world = World(fail={"submit"}, sees=True, name="mx1")
    plan = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)))
    with pytest.raises(TransactionError):
        carry_out(world, plan)
    actor(world).look_after_left()

    world.name = "mx2"
    killed_before_noting(world, plan)
    carry_out(world, plan, incident="i-3")

    assert world.names().count("submit") == 1


def test_nothing_leaves_where_another_gateway_took_the_message_over() -> None:
    """Ours stood still for so long that its lease ended."""
    world = World(fail={"hold"})
    with pytest.raises(TransactionError, match="hold"):
        carry_out(world, deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),))))

    assert "submit" not in world.names()


def test_what_is_about_to_leave_is_noted_before_it_does() -> None:
    """Where the note cannot be written nothing leaves."""
    world = World(sees=True)
    world.done = _killed  # type: ignore[method-assign]
    with pytest.raises(TransactionError):
        carry_out(world, deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),))))

    assert "submit" not in world.names()


@pytest.mark.parametrize("sender", ["me@clinic.example", ""])
def test_a_refusal_after_others_were_served_is_a_report(sender: str) -> None:
    """B has the message when the new rules refuse it: a 550 would say that nobody has. Nobody to tell: refused."""
    world = World(fail={"acted"})
    with pytest.raises(TransactionError):
        carry_out(world, deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),))), sender=sender)
    refused = Plan(Disposition.BLOCK, (), (), Reply(550, "5.7.1", "no"))
    answer = carry_out(world, refused, incident="i-2", sender=sender)

    if sender:
        assert answer == Answer(ACCEPTED, discard=True)
        assert world.events[-3][:4] == ("submit", "", ("me@clinic.example",), f"not for {A} {C}".encode())
        assert world.events[-2][2].notified == ("me@clinic.example",)
    else:
        assert answer.reply.code == 550


def test_a_message_that_postfix_has_is_not_taken_for_a_retry() -> None:
    """Sent again on purpose: the earlier attempt is over once the log shows that Postfix has the message."""
    world = World(sees=True)
    plan = deliver(Copy((A,)), Copy((B,), (AddHeader("X", "1"),)))
    carry_out(world, plan)
    carry_out(world, plan, incident="i-2")
    assert world.names().count("submit") == 1, "the first answer may not have reached Postfix"

    world.queued.add("QUEUE")
    carry_out(world, plan, incident="i-3")
    assert world.names().count("submit") == 2


def test_protected_copies_are_followed_before_the_answer() -> None:
    """The one in place by the queue id that Postfix has for it, the other by the one of its own."""
    world = World(sees=True)
    carry_out(world, deliver(Copy((A,), (), SMIME), Copy((B,), (), SMIME)))

    assert world.followed == ["QUEUE", "Q4"]


def _killed(attempt: Attempt, step: str, reference: str = "") -> None:
    raise TransactionError("killed")
