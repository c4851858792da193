"""What an actor does with one message, in which order, and what it leaves undone where a step fails."""

from dataclasses import replace

import pytest

from gateway.act import CopyTooLarge, Done, Proof
from gateway.arriving.arrival import Answer
from gateway.core.errors import TransactionError
from gateway.core.plan import (
    AddHeader,
    ChangeHeader,
    Copy,
    Notify,
    Plan,
    Protection,
    Quarantine,
    Reply,
    Splice,
)
from gateway.core.verdict import Disposition, Method
from gateway.core.wishes import Wishes
from tests.makers.acted import ACCEPTED, HELD, RAW, SMIME, A, B, C, World, carry_out, deliver


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


def test_what_the_client_wants_to_hear_of_each_recipient_goes_with_their_copy() -> None:
    """NOTIFY and ORCPT are of one recipient, RET and ENVID of the message; a notice of ours asks for nothing."""
    world = World()
    notice = Notify("me@clinic.example", b"held")
    asked = {A: ("NOTIFY=NEVER",), B: ("NOTIFY=SUCCESS", "ORCPT=rfc822;b@y.example"), C: ()}
    carry_out(
        world,
        deliver(Copy((A,)), Copy((B, C)), effects=(notice,)),
        asked=asked,
        of_mail=("SIZE=100", "RET=HDRS", "ENVID=q", "BODY=8BITMIME"),
    )

    told = Wishes(("RET=HDRS", "ENVID=q"), {B: ("NOTIFY=SUCCESS", "ORCPT=rfc822;b@y.example")})
    assert world.wished == [told, Wishes()]


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


@pytest.mark.parametrize("most", [4120, 4121, 0])
def test_nobody_has_anything_where_one_copy_is_too_large(most: int) -> None:
    """Postfix's limit is asked before anything leaves, for the copy in place too: 25 octets and what Postfix adds."""
    world = World(most=most)
    plan = deliver(Copy((A,), (), SMIME), Copy((B,)), effects=(Quarantine((C,), (), (), "high"),))
    if most == 4120:
        with pytest.raises(CopyTooLarge):
            carry_out(world, plan)
        assert world.names() == ["decided", "protect", "close"]
    else:
        assert carry_out(world, plan).reply.code == 250


def test_one_copy_alone_is_left_to_postfix() -> None:
    """Nothing leaves before it, so that Postfix's own answer is as good, and costs no question."""
    world = World(most=1)

    assert carry_out(world, deliver(Copy((A, B, C), (), SMIME))).reply.code == 250


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


def test_protected_copies_are_followed_before_the_answer() -> None:
    """The one in place by the queue id that Postfix has for it, the other by the one of its own."""
    world = World(sees=True)
    carry_out(world, deliver(Copy((A,), (), SMIME), Copy((B,), (), SMIME)))

    assert world.followed == ["QUEUE", "Q4"]
