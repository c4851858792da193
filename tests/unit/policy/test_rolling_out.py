"""Rules that are only watched, or in force for some."""

from collections.abc import Callable
from typing import Any

from gateway.core.facts import Facts
from gateway.core.verdict import Disposition, Method
from gateway.policy import Policy, decide

MakeFacts = Callable[..., Facts]
OUTSIDE = "when: {all: [{recipient: {outside: organization}}]}\n"


def test_a_monitored_rule_reports_what_it_would_have_done(rules: Any, facts: MakeFacts) -> None:
    """The strictest disposition over its recipients, and every method that one of them would get."""
    rules.rule("test-it", OUTSIDE + "then: {encrypt: {prefer: [pgp, tls], otherwise: block}}\n", status="monitor")
    policy = rules.load()
    able = {"a@other.example": frozenset({Method.PGP}), "b@other.example": frozenset({Method.TLS})}

    (served,) = decide(policy, facts("a@other.example", "b@other.example", capabilities=able)).hits
    (mixed,) = decide(policy, facts("a@other.example", "c@other.example", capabilities=able)).hits

    assert (served.status, served.disposition, served.methods) == ("monitor", 0, (Method.PGP, Method.TLS))
    assert (mixed.disposition, mixed.methods) == (Disposition.BLOCK, (Method.PGP,))


def rolled_out(rules: Any, how: str) -> Policy:
    rules.rule("test-it", f"rollout: {how}\n{OUTSIDE}then: {{block: }}\n")
    policy: Policy = rules.load()
    return policy


def test_a_rollout_takes_the_same_senders_every_time_and_more_as_it_grows(rules: Any, facts: MakeFacts) -> None:
    """About as many as it says, whatever the letters of the address look like; the others are monitored."""
    senders = [f"user{number}@clinic.example" for number in range(500)]

    def enforced(percent: str) -> set[str]:
        policy = rolled_out(rules, f"{{percent: {percent}}}")
        hits = {sender: decide(policy, facts("a@x.example", sender=sender)) for sender in senders}
        assert all(verdict.hits for verdict in hits.values())
        for sender, verdict in hits.items():
            again = decide(policy, facts("b@y.example", sender=sender.upper()))
            assert again.disposition == verdict.disposition
            assert (verdict.hits[0].status == "enforce") is (verdict.disposition is Disposition.BLOCK)
            assert verdict.hits[0].rollout is (verdict.disposition is Disposition.DELIVER)
            assert verdict.hits[0].disposition is Disposition.BLOCK
        return {sender for sender, verdict in hits.items() if verdict.disposition is Disposition.BLOCK}

    none, some, more, everybody = enforced("0"), enforced("10"), enforced("30%"), enforced("100")

    assert none == set()
    assert none < some < more < everybody == set(senders)
    assert 25 <= len(some) <= 80
    assert 110 <= len(more) <= 190


def test_a_rollout_may_begin_with_a_group(rules: Any, facts: MakeFacts) -> None:
    """By address of the sender or by login."""
    rules.write("lists/pilot.txt", "privacy@clinic.example\nana\n")
    policy = rolled_out(rules, "{senders: lists/pilot.txt}")

    def blocked(sender: str, user: str = "") -> bool:
        return decide(policy, facts("a@x.example", sender=sender, user=user)).disposition is Disposition.BLOCK

    assert blocked("privacy@clinic.example")
    assert blocked("desk@clinic.example", "ana")
    assert not blocked("desk@clinic.example")
