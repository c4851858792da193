"""Verdict to plan."""

from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest

from gateway.actions import Notices
from gateway.actions import plan as plan_of
from gateway.core.envelope import Recipient
from gateway.core.message import Content, Opaque, OpaqueReason
from gateway.core.plan import AddHeader, Copy, Forward, Notify, Plan, Quarantine
from gateway.core.verdict import Action, Disposition, Method, Outcome, RuleHit, Verb, Verdict

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
SSN = "219-09-9999"
ANN, BOB, CAT, DAN = (f"{name}@partner.example" for name in ("ann", "bob", "cat", "dan"))
RAW = f"Subject: results\r\n\r\nSSN {SSN}\r\n".encode()
SENDER = Action(Verb.NOTIFY, {"who": "sender"})
OFFICER = Action(Verb.NOTIFY, {"who": "officer"})
REDACT = Action(Verb.REDACT, {"entities": ("US_SSN",), "style": "label"})
MARK = Action(Verb.ADD_HEADER, {"name": "X-Mark", "value": "1"})


def deliver(who: str, *actions: Action) -> Outcome:
    return Outcome(who, Disposition.DELIVER, actions, ("tagging",))


def hold(who: str, *actions: Action) -> Outcome:
    return Outcome(who, Disposition.QUARANTINE, actions, ("phi-out",))


def block(who: str, *actions: Action) -> Outcome:
    return Outcome(who, Disposition.BLOCK, actions, ("cards-out",))


def hit(rule: str, area: str, severity: str, status: str = "enforce") -> RuleHit:
    return RuleHit(rule, area, f"Title of {rule}", severity, status, (), (), ("US_SSN",))


HITS = (
    hit("tagging", "general", "low"),
    hit("phi-out", "hipaa", "high"),
    hit("cards-out", "pci", "critical"),
    hit("watching", "secrets", "critical", "monitor"),
)


def notes(plan: Plan) -> list[Notify]:
    return [effect for effect in plan.effects if isinstance(effect, Notify)]


def held(plan: Plan) -> list[Quarantine]:
    return [effect for effect in plan.effects if isinstance(effect, Quarantine)]


def text_of(note: Notify) -> str:
    found = message_from_bytes(note.octets, policy=policy.default)
    body = found.get_body() if found.get_content_type() != "multipart/report" else None
    return str(body.get_content()) if body else str(found)


def test_plain_delivery_is_one_copy_without_edits(bench: Any) -> None:
    """The original goes on as it came."""
    plan = bench(RAW).plan(deliver(ANN), deliver(BOB))

    assert plan.copies == (Copy((ANN, BOB)),)
    assert (plan.disposition, plan.effects, plan.reply.code) == (Disposition.DELIVER, (), 250)
    assert "gp-7f3a" in plan.reply.text


def test_largest_group_is_edited_in_place(bench: Any) -> None:
    """Fewest copies are handed on again."""
    plan = bench(RAW).plan(deliver(ANN), deliver(BOB, MARK), deliver(CAT, MARK), deliver(DAN))

    assert [copy.recipients for copy in plan.copies] == [(ANN, DAN), (BOB, CAT)]

    plan = bench(RAW).plan(deliver(ANN), deliver(BOB, MARK), deliver(CAT, MARK))

    assert plan.copies == (Copy((BOB, CAT), (AddHeader("X-Mark", "1"),)), Copy((ANN,)))


def test_different_actions_that_come_to_the_same_edits_share_a_copy(bench: Any) -> None:
    """A tag that is there already is no difference."""
    raw = b"Subject: [External] hi\r\n\r\nx"

    plan = bench(raw).plan(deliver(ANN), deliver(BOB, Action(Verb.TAG, {"text": "[External]"})))

    assert plan.copies == (Copy((ANN, BOB)),)


def test_everything_held_is_accepted_without_a_copy(bench: Any) -> None:
    """The client hears 250 with the incident; Postfix discards."""
    plan = bench(RAW).plan(hold(ANN), hold(BOB), hits=HITS)

    assert (plan.disposition, plan.copies, plan.reply.code) == (Disposition.QUARANTINE, (), 250)
    assert "held" in plan.reply.text
    assert plan.effects == (Quarantine((ANN, BOB), ("phi-out",), ("hipaa",), "high"),)


def test_quarantine_has_rules_areas_and_highest_severity_of_all_held(bench: Any) -> None:
    """One effect for several recipients; rules that only watch are not named."""
    other = Outcome(BOB, Disposition.QUARANTINE, (), ("cards-out", "phi-out"))

    (effect,) = held(bench(RAW).plan(hold(ANN), other, hits=HITS))

    assert effect == Quarantine((ANN, BOB), ("phi-out", "cards-out"), ("hipaa", "pci"), "critical")


def test_two_reviewers_are_needed_where_one_rule_asks_for_them(bench: Any) -> None:
    """The strictest of the rules that hold the message."""
    one, two = Action(Verb.QUARANTINE, {}), Action(Verb.QUARANTINE, {"reviewers": 2})

    (single,) = held(bench(RAW).plan(hold(ANN, one), hold(BOB), hits=HITS))
    (double,) = held(bench(RAW).plan(hold(ANN, one, two), hold(BOB, one), hits=HITS))

    assert (single.reviewers, double.reviewers) == (1, 2)


def test_a_further_copy_is_planned_whatever_becomes_of_the_message(bench: Any) -> None:
    """Each address once, for however many recipients and rules."""
    archive = Action(Verb.COPY_TO, {"address": "archive@clinic.example"})
    audit = Action(Verb.COPY_TO, {"address": "audit@clinic.example"})

    plan = bench(RAW).plan(deliver(ANN, archive), block(BOB, archive, audit), mixed="split")

    addresses = [effect.recipient for effect in plan.effects if isinstance(effect, Forward)]
    assert addresses == ["archive@clinic.example", "audit@clinic.example"]


def test_strictest_holds_the_message_for_all(bench: Any) -> None:
    """One recipient who must not have it stops it for everybody."""
    plan = bench(RAW).plan(deliver(ANN), hold(BOB), hits=HITS)

    assert plan.copies == ()
    assert held(plan)[0].recipients == (ANN, BOB)


def test_strictest_blocks_the_message_for_all(bench: Any) -> None:
    """550, nothing kept, nobody gets it."""
    plan = bench(RAW).plan(deliver(ANN), hold(BOB), block(CAT))

    assert (plan.copies, plan.effects) == ((), ())
    assert (plan.reply.code, plan.reply.enhanced, plan.disposition) == (550, "5.7.1", Disposition.BLOCK)


def test_split_gives_each_recipient_their_own(bench: Any) -> None:
    """Delivered, held, refused: a copy, a quarantine item, a delivery report."""
    plan = bench(RAW).plan(deliver(ANN, MARK), hold(BOB), block(CAT), mixed="split", hits=HITS)
    (note,) = notes(plan)

    assert plan.copies == (Copy((ANN,), (AddHeader("X-Mark", "1"),)),)
    assert held(plan)[0].recipients == (BOB,)
    assert note.recipient == "nurse@clinic.example"
    assert CAT in text_of(note)
    assert ANN not in text_of(note)
    assert "Title of cards-out" in text_of(note)
    assert (plan.reply.code, plan.disposition) == (250, Disposition.BLOCK)


@pytest.mark.parametrize(
    ("method", "telling"),
    [(Method.SMIME, ("subject", "to", "x-note")), (Method.PGP, ("subject", "to", "x-note")), (Method.TLS, ())],
)
def test_fields_with_what_is_to_be_encrypted_are_named(bench: Any, method: Method, telling: tuple[str, ...]) -> None:
    """Free text of the message's own header and names beside addresses, for ciphertext; not what another rule found,
    nor who writes to whom."""
    head = f"From: Ann Ash <n@clinic.example>\r\nTo: {SSN} <a@x.example>\r\nSubject: {SSN}\r\nX-Note: {SSN}\r\n"
    raw = f"{head}X-Other: key\r\n\r\n{SSN}\r\n".encode()
    one = bench(raw)
    one.find(SSN)
    one.find("key", "SECRET")
    one.find("Ann Ash", "PERSON")
    encrypt = Action(Verb.ENCRYPT, {"prefer": (method.value,)})
    hits = (replace(hit("phi-out", "hipaa", "high"), actions=(encrypt,)),)

    plan = one.plan(Outcome(ANN, Disposition.DELIVER, (encrypt,), ("phi-out",), method), hits=hits)

    (copy,) = plan.copies
    assert copy.protection is not None
    assert copy.protection.telling == telling


@pytest.mark.parametrize("name", ["Resent-Subject", "Organization", "Message-ID", "References", "List-Id", "Received"])
def test_no_field_tells_what_is_to_be_encrypted(bench: Any, name: str) -> None:
    """Nor one that machines write; who writes to whom is told there as ever."""
    one = bench(f"From: n@clinic.example\r\n{name}: <{SSN}@x.example>\r\nSubject: s\r\n\r\n{SSN}\r\n".encode())
    one.find(SSN)
    one.find("n@clinic.example", "EMAIL_ADDRESS")

    assert telling(one) == (name.lower(),)


def test_a_value_without_its_label_is_no_subject(bench: Any) -> None:
    """What is encrypted in the body stands in no field in plain, told by a detector or not."""
    bare = SSN.replace("-", "")
    one = bench(f"Subject: call about {bare}\r\nX-Case: {bare}\r\nX-Else: 1{bare}\r\n\r\nSSN {SSN}\r\n".encode())
    one.find(SSN)

    assert telling(one) == ("subject", "x-case")


def telling(one: Any) -> tuple[str, ...]:
    """The fields that go inside, where a rule wants encrypted what was found."""
    encrypt = Action(Verb.ENCRYPT, {"prefer": ("smime",)})
    hits = (replace(hit("phi-out", "hipaa", "high"), actions=(encrypt,), entities=("US_SSN", "EMAIL_ADDRESS")),)
    plan = one.plan(Outcome(ANN, Disposition.DELIVER, (encrypt,), ("phi-out",), Method.SMIME), hits=hits)
    (copy,) = plan.copies
    assert copy.protection is not None
    said: tuple[str, ...] = copy.protection.telling
    return said


def test_split_parts_nobody_from_themselves(bench: Any) -> None:
    """The same letters in another case are one mailbox to Postfix: the strictest holds for all ways to write it."""
    plan = bench(RAW).plan(hold(ANN.title()), deliver(ANN), deliver(BOB), mixed="split")

    assert [copy.recipients for copy in plan.copies] == [(BOB,)]
    assert [effect.recipients for effect in held(plan)] == [(ANN.title(), ANN)]


def test_split_with_everybody_blocked_is_refused(bench: Any) -> None:
    """The client itself is told; no report is needed."""
    plan = bench(RAW).plan(block(ANN), block(BOB), mixed="split")

    assert (plan.reply.code, plan.copies, plan.effects) == (550, (), ())


@pytest.mark.parametrize("mail_from", ["", "root"])
def test_split_refuses_all_where_no_report_can_be_sent(bench: Any, mail_from: str) -> None:
    """Nobody would know that a recipient was left out."""
    plan = bench(RAW, mail_from=mail_from).plan(deliver(ANN), block(BOB), mixed="split")

    assert (plan.reply.code, plan.copies, plan.effects) == (550, (), ())


def test_split_with_held_and_blocked_says_held(bench: Any) -> None:
    """Nobody gets it now."""
    plan = bench(RAW).plan(hold(ANN), block(BOB), mixed="split")

    assert (plan.reply.code, plan.copies) == (250, ())
    assert "held" in plan.reply.text


def test_split_sends_no_report_to_who_wants_none(bench: Any) -> None:
    """NOTIFY=NEVER of RFC 3461."""
    case = bench(RAW)
    transaction = case.transaction(ANN, Recipient(BOB, ("NOTIFY=NEVER",)))

    plan = case.plan(deliver(ANN), block(BOB), mixed="split", transaction=transaction)

    assert (plan.copies, plan.effects) == ((Copy((ANN,)),), ())


def test_deferred_outcome_defers_the_message(bench: Any) -> None:
    """A failure of ours: 451, and nothing else happens."""
    plan = bench(RAW).plan(deliver(ANN, OFFICER), Outcome(BOB, Disposition.DEFER))

    assert (plan.disposition, plan.copies, plan.effects) == (Disposition.DEFER, (), ())
    assert (plan.reply.code, plan.reply.enhanced) == (451, "4.7.1")


def test_recipient_without_an_outcome_defers_the_message(bench: Any) -> None:
    """Nobody is forgotten."""
    case = bench(RAW)

    plan = case.plan(deliver(ANN), transaction=case.transaction(ANN, BOB))

    assert (plan.reply.code, plan.copies) == (451, ())


def test_redaction_that_fails_holds_only_that_recipient_when_split(bench: Any) -> None:
    """The others have no value taken out and get theirs."""
    case = bench(f"Content-Type: text/plain; name={SSN}\r\n\r\nx\r\n".encode())
    case.find(SSN)

    plan = case.plan(deliver(ANN), deliver(BOB, REDACT), mixed="split")

    assert plan.copies == (Copy((ANN,)),)
    assert held(plan)[0].recipients == (BOB,)
    assert plan.disposition is Disposition.QUARANTINE


def test_message_that_was_not_inspected_is_held_where_it_needs_rewriting(bench: Any) -> None:
    """Dispositions and notices work without a parsed message."""
    plan = bench(RAW).plan(deliver(ANN, MARK, SENDER), unread=True)

    assert (plan.copies, plan.disposition) == ((), Disposition.QUARANTINE)
    assert "could not be inspected" in text_of(notes(plan)[0])


def test_thousand_recipients_with_the_same_actions_are_one_rendering(bench: Any) -> None:
    """Edits are shared, not made again for each."""
    plan = bench(RAW).plan(*(deliver(f"r{n}@partner.example", MARK) for n in range(1000)))

    (copy,) = plan.copies
    assert len(copy.recipients) == 1000


def test_sender_is_told_what_was_found_and_never_the_value(bench: Any) -> None:
    """Kinds of data, titles of rules, recipients, incident; neither value nor subject."""
    case = bench(RAW)
    case.find(SSN)

    (note,) = notes(case.plan(hold(ANN, SENDER), hits=HITS))

    assert note.recipient == "nurse@clinic.example"
    for word in ("Social Security number", "Title of phi-out", ANN, "gp-7f3a"):
        assert word in text_of(note)
    for secret in (SSN, "9999", "6789", "results"):
        assert secret.encode() not in note.octets


def test_kinds_of_fate_have_notices_of_their_own(bench: Any) -> None:
    """Held for one, redacted for another: two notices to the officer, each with its recipient."""
    case = bench(RAW)
    case.find(SSN)

    plan = case.plan(hold(ANN, OFFICER), deliver(BOB, REDACT, OFFICER), mixed="split")
    first, second = notes(plan)

    assert {first.recipient, second.recipient} == {"privacy@clinic.example"}
    assert ANN in text_of(first)
    assert BOB not in text_of(first)
    assert "taken out" in " ".join(text_of(second).split())


def test_same_addressee_is_told_once(bench: Any) -> None:
    """Two rules that both ask for the officer make one notice; recipients share it."""
    again = Action(Verb.NOTIFY, {"who": "privacy@clinic.example"})

    plan = bench(RAW).plan(hold(ANN, OFFICER, OFFICER, again), hold(BOB, OFFICER, again))

    assert len(notes(plan)) == 1


@pytest.mark.parametrize(
    ("severity", "status", "at_once", "told"),
    [
        ("high", "enforce", {"high"}, 1),
        ("medium", "enforce", {"high"}, 0),
        ("medium", "enforce", {"medium", "high"}, 1),
        ("high", "monitor", {"high"}, 0),
        ("high", "enforce", set(), 0),
    ],
)
def test_the_officer_is_told_at_once_of_what_is_held_by_a_grave_rule(
    bench: Any, severity: str, status: str, at_once: set[str], told: int
) -> None:
    """Whether the rule asks for it or not; once where it does. Others wait for the digest."""
    hits = (hit("phi-out", "hipaa", severity, status),)
    notices = replace(NOTICES, at_once=frozenset(at_once), console="https://review.clinic.example")

    plan = bench(RAW).plan(hold(ANN), hits=hits, notices=notices)
    again = bench(RAW).plan(hold(ANN, OFFICER), hits=hits, notices=notices)

    assert [note.recipient for note in notes(plan)] == ["privacy@clinic.example"] * told
    assert len(notes(again)) == 1
    if told:
        assert "https://review.clinic.example/items/gp-7f3a" in text_of(notes(plan)[0])


def test_a_refused_message_is_not_for_the_digest_nor_told_at_once(bench: Any) -> None:
    """Nothing waits: the sender hears of it."""
    grave = replace(NOTICES, at_once=frozenset({"high", "critical"}))

    plan = bench(RAW).plan(block(ANN), hits=HITS, notices=grave)

    assert not [note for note in notes(plan) if note.recipient == "privacy@clinic.example"]


def test_blocked_sender_who_asked_for_a_notice_gets_the_report_only(bench: Any) -> None:
    """Not two messages about the same recipient."""
    plan = bench(RAW).plan(deliver(ANN), block(BOB, SENDER), mixed="split")

    assert len(notes(plan)) == 1
    assert b"multipart/report" in notes(plan)[0].octets


@pytest.mark.parametrize("field", [b"Auto-Submitted: auto-replied\r\n", b"List-Id: <x.clinic.example>\r\n"])
def test_automatic_mail_gets_no_notice_but_the_officer_does(bench: Any, field: bytes) -> None:
    """RFC 3834."""
    plan = bench(field + RAW).plan(hold(ANN, SENDER, OFFICER))

    assert [note.recipient for note in notes(plan)] == ["privacy@clinic.example"]


def test_notice_says_what_could_not_be_read(bench: Any) -> None:
    """The sender can mend it only if told."""
    case = bench(RAW)
    transaction = case.transaction(ANN)
    verdict = Verdict(Disposition.QUARANTINE, "sha256:00", (hold(ANN, SENDER),))
    content = Content((), (Opaque("1.2", OpaqueReason.ENCRYPTED_ARCHIVE),))

    plan = plan_of(verdict, transaction, case.message, content, (), NOTICES, mixed_recipients="strictest")

    assert "password-protected archive" in text_of(notes(plan)[0])
