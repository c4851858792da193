"""What an actor does when a message comes again, and with what a process that died left open."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest

from gateway.act import Done
from gateway.act.lost import give_up_log
from gateway.act.steps import PLANNED
from gateway.arriving.arrival import Answer
from gateway.core.errors import TransactionError
from gateway.core.plan import (
    AddHeader,
    Copy,
    Forward,
    Notify,
    Plan,
    Quarantine,
    Reply,
)
from gateway.core.verdict import Disposition
from gateway.postfix.submit import SubmitUncertain
from gateway.store.journal import Attempt
from tests.makers.acted import HELD, RAW, SMIME, A, B, C, World, actor, carry_out, deliver


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


STAMPED = b"Message-Id: <20260316090000.%b@mail.clinic.example>\r\nDate: Mon, 16 Mar 2026 09:0%b:00 +0000\r\n"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (STAMPED % (b"Q1", b"0"), STAMPED % (b"Q2", b"5"), True),
        (b"X-Queue:\r\n\tQ1 of ours\r\nX-A: 1\r\n", b"X-Queue:\r\n\tQ2 of ours\r\nX-A: 1\r\n", True),
        (b"Message-Id: <1@clinic.example>\r\n", b"Message-Id: <2@clinic.example>\r\n", False),
        (b"X-A: 1\r\n", b"X-A: 2\r\n", False),
    ],
    ids=["Postfix's own fields", "of a milter before us", "another message", "another field"],
)
def test_what_is_written_for_one_try_alone_makes_no_other_message(first: bytes, second: bytes, *, same: bool) -> None:
    """Postfix adds Message-Id and Date to local mail without them, anew in each try."""
    keys: list[str] = []

    class Spy(World):
        @contextmanager
        def attempt(self, key: str, incident: str) -> Iterator[Attempt]:
            keys.append(key)
            yield Attempt("id", key, incident, {})

    plan = Plan(Disposition.QUARANTINE, (), (Quarantine((A,), (), (), "high"),), HELD)
    carry_out(Spy(), plan, queue_id="Q1", fields=first)
    carry_out(Spy(), plan, queue_id="Q2", fields=second)

    assert (keys[0] == keys[1]) is same


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


def _killed(attempt: Attempt, step: str, reference: str = "") -> None:
    raise TransactionError("killed")
