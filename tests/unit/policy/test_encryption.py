"""Which method a message is encrypted by, and what becomes of one that cannot be."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.facts import Facts
from gateway.core.verdict import Disposition, Method, Outcome, Verdict
from gateway.policy import decide

MakeFacts = Callable[..., Facts]
OUTSIDE = "when: {all: [{recipient: {outside: organization}}]}\n"


def outcome(verdict: Verdict, recipient: str) -> Outcome:
    return next(one for one in verdict.outcomes if one.recipient == recipient)


def verbs(one: Outcome) -> list[str]:
    return [action.verb.value for action in one.actions]


@pytest.mark.parametrize(("otherwise", "expected"), [("quarantine", 1), ("block", 2)])
def test_encryption_that_cannot_be_had_never_delivers(
    rules: Any, facts: MakeFacts, otherwise: str, expected: int
) -> None:
    """Its `otherwise` is what happens."""
    rules.rule("test-it", f"{OUTSIDE}then: {{encrypt: {{otherwise: {otherwise}}}}}\n")

    one = outcome(decide(rules.load(), facts("a@other.example")), "a@other.example")

    assert (one.disposition, one.method, verbs(one)) == (expected, None, [otherwise])


def test_encryption_without_otherwise_quarantines(rules: Any, facts: MakeFacts) -> None:
    """The default is the safe one."""
    rules.rule("test-it", OUTSIDE + "then: {encrypt: {}}\n")

    assert decide(rules.load(), facts("a@other.example")).disposition is Disposition.QUARANTINE


def test_the_first_preferred_method_that_the_recipient_can_read_is_chosen(rules: Any, facts: MakeFacts) -> None:
    """Each recipient by his own capabilities."""
    rules.rule("test-it", OUTSIDE + "then: {encrypt: {prefer: [smime, pgp, portal]}}\n")
    able = {
        "a@other.example": frozenset({Method.PGP, Method.PORTAL}),
        "b@other.example": frozenset({Method.TLS}),
    }

    verdict = decide(rules.load(), facts("a@other.example", "b@other.example", capabilities=able))
    first, second = verdict.outcomes

    assert (first.disposition, first.method, verbs(first)) == (Disposition.DELIVER, Method.PGP, ["encrypt"])
    assert (second.disposition, second.method) == (Disposition.QUARANTINE, None)


def test_two_rules_that_ask_for_encryption_must_both_accept_the_method(rules: Any, facts: MakeFacts) -> None:
    """The pickier rule wins; where they share nothing, the stricter `otherwise`."""
    rules.rule("test-a", OUTSIDE + "then: {encrypt: {prefer: [tls, pgp]}}\n")
    rules.rule("test-b", OUTSIDE + "then: {encrypt: {prefer: [pgp, smime], otherwise: block}}\n")
    policy = rules.load()

    both = decide(policy, facts("a@other.example", capabilities={"a@other.example": frozenset(Method)}))
    none = decide(policy, facts("a@other.example", capabilities={"a@other.example": frozenset({Method.TLS})}))

    assert both.outcomes[0].method is Method.PGP
    assert none.outcomes[0].disposition is Disposition.BLOCK


@pytest.mark.parametrize(
    ("strict", "wish", "can", "method"),
    [
        ("[smime, pgp, tls]", "pgp", "smime pgp tls", "pgp"),  # heard: no less protection
        ("[smime, pgp, tls]", "pgp", "smime tls", "smime"),  # the recipient cannot
        ("[smime, tls]", "pgp", "smime pgp", "smime"),  # the other rule does not accept it
        ("[smime, pgp, tls]", "tls", "smime tls", "smime"),  # it would protect less
        ("[tls, smime]", "smime", "smime tls", "smime"),  # more is welcome
        ("[smime, pgp]", "tls", "tls", None),  # never a way round the other rule
    ],
)
def test_a_senders_wish_is_heard_among_what_the_rules_accept(
    rules: Any, facts: MakeFacts, strict: str, wish: str, can: str, method: str | None
) -> None:
    """It chooses among equals and never weakens a rule."""
    rules.rule("test-a", OUTSIDE + f"then: {{encrypt: {{prefer: {strict}}}}}\n")
    rules.rule("test-b", OUTSIDE + f"then: {{encrypt: {{wish: {wish}}}}}\n")
    capable = {"a@other.example": frozenset(map(Method, can.split()))}
    one = decide(rules.load(), facts("a@other.example", capabilities=capable)).outcomes[0]

    assert one.method == method
    assert one.disposition is (Disposition.DELIVER if method else Disposition.QUARANTINE)


def test_encryption_may_be_signed_and_hide_the_subject(rules: Any, facts: MakeFacts) -> None:
    """What the rule says reaches whoever encrypts."""
    rules.rule("test-a", OUTSIDE + "then: {encrypt: {sign: true, subject: Encrypted message}}\n")
    capable = {"a@other.example": frozenset({Method.PGP})}
    (action,) = decide(rules.load(), facts("a@other.example", capabilities=capable)).outcomes[0].actions

    assert (action.settings["sign"], action.settings["subject"]) == (True, "Encrypted message")


def test_a_wish_that_the_rule_itself_does_not_accept_is_a_mistake(rules: Any) -> None:
    """Nobody could ever have it."""
    rules.rule("test-a", OUTSIDE + "then: {encrypt: {prefer: [smime], wish: pgp}}\n")

    (fault,) = rules.faults()
    assert "pgp is wished for, and is not in prefer" in fault


def test_a_quarantined_message_is_not_encrypted(rules: Any, facts: MakeFacts) -> None:
    """A stricter rule takes the place of encryption."""
    rules.rule("test-a", OUTSIDE + "then: {encrypt: {}}\n")
    rules.rule("test-b", OUTSIDE + "then: {block: }\n")

    one = decide(rules.load(), facts("a@other.example", capabilities={"a@other.example": frozenset(Method)})).outcomes[
        0
    ]

    assert (one.disposition, one.method, verbs(one)) == (Disposition.BLOCK, None, ["block"])


def test_what_cannot_be_encrypted_is_judged_last(rules: Any, facts: MakeFacts) -> None:
    """Another rule asks for encryption; this one says what happens to those who can read none of it."""
    rules.rule("test-a", OUTSIDE + "then: {encrypt: {prefer: [pgp]}}\n")
    rules.rule("test-0", "when: {all: [{unprotected: true}, {subject: {contains: lab}}]}\nthen: {block: }\n")
    policy = rules.load()
    able = {"a@other.example": frozenset({Method.PGP})}
    people = ("a@other.example", "b@other.example", "c@clinic.example")

    verdict = decide(policy, facts(*people, capabilities=able, headers=(("subject", "Lab"),)))
    plain = decide(policy, facts(*people, capabilities=able))

    assert [one.disposition.word for one in verdict.outcomes] == ["deliver", "block", "deliver"]
    assert [one.disposition.word for one in plain.outcomes] == ["deliver", "quarantine", "deliver"]
    assert [hit.recipients for hit in verdict.hits if hit.rule == "test-0"] == [("b@other.example",)]


def test_a_monitored_rule_asks_for_no_encryption(rules: Any, facts: MakeFacts) -> None:
    """So nothing is unprotected for its sake."""
    rules.rule("test-a", OUTSIDE + "then: {encrypt: {}}\n", status="monitor")
    rules.rule("test-b", "when: {all: [{unprotected: true}]}\nthen: {block: }\n")

    assert decide(rules.load(), facts("a@other.example")).disposition is Disposition.DELIVER
