"""From facts to a verdict: who gets what, and why."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.facts import Attachment, Facts
from gateway.core.finding import Finding
from gateway.core.verdict import Disposition, Outcome, Verb, Verdict
from gateway.policy import decide

MakeFacts = Callable[..., Facts]
MakeFinding = Callable[..., Finding]
OUTSIDE = "when: {all: [{recipient: {outside: organization}}]}\n"
SSN = "when: {all: [{recipient: {outside: organization}}, {finds: {entity: US_SSN}}]}\n"


def outcome(verdict: Verdict, recipient: str) -> Outcome:
    return next(one for one in verdict.outcomes if one.recipient == recipient)


def verbs(one: Outcome) -> list[str]:
    return [action.verb.value for action in one.actions]


def test_clean_mail_is_delivered(rules: Any, facts: MakeFacts) -> None:
    """No rule matches, nothing is done, the digest says under which policy."""
    rules.rule("test-it", SSN + "then: {block: }\n")
    policy = rules.load()

    verdict = decide(policy, facts("a@other.example"))

    assert verdict.disposition is Disposition.DELIVER
    assert verdict.outcomes == (Outcome("a@other.example", Disposition.DELIVER),)
    assert (verdict.hits, verdict.policy_digest) == ((), policy.digest)


def test_each_recipient_has_an_outcome_of_his_own(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """One message, three recipients, three outcomes, in the order of the envelope."""
    rules.rule("test-a", SSN + "then: {quarantine: }\n")
    rules.rule("test-b", "when: {all: [{recipient: {domain: rival.example}}]}\nthen: {block: }\n")

    verdict = decide(
        rules.load(), facts("a@other.example", "b@clinic.example", "c@rival.example", findings=(finding(),))
    )

    assert [one.disposition.word for one in verdict.outcomes] == ["quarantine", "deliver", "block"]
    assert verdict.disposition is Disposition.BLOCK
    assert outcome(verdict, "c@rival.example").rules == ("test-a", "test-b")
    assert [hit.recipients for hit in verdict.hits] == [("a@other.example", "c@rival.example"), ("c@rival.example",)]


def test_the_strictest_disposition_wins_and_transforms_add_up(rules: Any, facts: MakeFacts) -> None:
    """Deliver with a tag, another tag and the same notice twice."""
    rules.rule("test-a", OUTSIDE + "then: {deliver: , tag: '[A]', notify: sender}\n")
    rules.rule("test-b", OUTSIDE + "then: {tag: '[B]', notify: [sender, officer]}\n")

    one = outcome(decide(rules.load(), facts("a@other.example")), "a@other.example")

    assert one.disposition is Disposition.DELIVER
    assert verbs(one) == ["deliver", "tag", "notify", "tag", "notify"]
    assert [a.settings["who"] for a in one.actions if a.verb is Verb.NOTIFY] == ["sender", "officer"]


def test_a_milder_disposition_leaves_no_action(rules: Any, facts: MakeFacts) -> None:
    """Where one rule says deliver and another block, only block stands."""
    rules.rule("test-a", OUTSIDE + "then: {deliver: }\n")
    rules.rule("test-b", OUTSIDE + "then: {quarantine: }\n")
    rules.rule("test-c", OUTSIDE + "then: {block: }\n")

    one = outcome(decide(rules.load(), facts("a@other.example")), "a@other.example")

    assert (one.disposition, verbs(one)) == (Disposition.BLOCK, ["block"])


def test_monitor_rules_are_seen_and_change_nothing(rules: Any, facts: MakeFacts) -> None:
    """They stand in the hits and the trace, not in an outcome."""
    rules.rule("test-it", OUTSIDE + "then: {block: , notify: officer}\n", status="monitor")

    verdict = decide(rules.load(), facts("a@other.example"))

    assert verdict.outcomes == (Outcome("a@other.example", Disposition.DELIVER),)
    assert [(hit.rule, hit.status) for hit in verdict.hits] == [("test-it", "monitor")]
    assert any(step.rule == "test-it" and step.held for step in verdict.trace)


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_draft_and_retired_rules_are_not_evaluated(rules: Any, facts: MakeFacts, status: str) -> None:
    """They leave no trace at all."""
    rules.rule("test-it", OUTSIDE + "then: {block: }\n", status=status)

    verdict = decide(rules.load(), facts("a@other.example"))

    assert verdict.disposition is Disposition.DELIVER
    assert not any(step.rule == "test-it" for step in verdict.trace)


def test_any_and_none_narrow_a_rule(rules: Any, facts: MakeFacts) -> None:
    """All of `all`, one of `any`, none of `none`."""
    rules.rule(
        "test-it",
        "when:\n  all: [{recipient: {outside: organization}}]\n"
        "  any: [{subject: {contains: lab}}, {subject: {contains: x-ray}}]\n"
        "  none: [{recipient: {in: lists/partners.txt}}]\nthen: {block: }\n",
    )
    policy = rules.load()

    def blocked(recipient: str, subject: str) -> bool:
        return bool(decide(policy, facts(recipient, headers=(("subject", subject),))).hits)

    assert blocked("a@other.example", "Lab")
    assert blocked("a@other.example", "X-Ray")
    assert not blocked("a@other.example", "Lunch")
    assert not blocked("a@partner.example", "Lab")


def test_redact_names_what_the_rule_finds(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """Without entities of its own it takes those of the conditions, at their confidence."""
    rules.rule(
        "test-it",
        "when: {all: [{finds: {entity: US_SSN, min-confidence: medium}}]}\nthen: {redact: {style: mask}}\n",
    )

    (action,) = decide(rules.load(), facts("a@other.example", findings=(finding(),))).outcomes[0].actions

    assert action.settings == {
        "entities": ("US_SSN",),
        "groups": (),
        "confidence": "medium",
        "style": "mask",
        "otherwise": "quarantine",
    }


def test_actions_carry_their_settings(rules: Any, facts: MakeFacts) -> None:
    """In the order of the file; a list of header settings gives several actions."""
    rules.rule(
        "test-it",
        OUTSIDE + "then:\n  add-header: [{name: X-A, value: '1'}, {name: X-B, value: 2}]\n  change-header: {name: X-C, "
        "value: c}\n  remove-header: [X-D, X-E]\n  notice: {text: Hello, html: <p>Hello</p>}\n  tag: '[ext]'\n"
        "  notify: [officer, boss@clinic.example]\n",
    )

    actions = decide(rules.load(), facts("a@other.example")).outcomes[0].actions

    assert [(action.verb.value, dict(action.settings)) for action in actions] == [
        ("add-header", {"name": "X-A", "value": "1"}),
        ("add-header", {"name": "X-B", "value": "2"}),
        ("change-header", {"name": "X-C", "value": "c"}),
        ("remove-header", {"name": "X-D"}),
        ("remove-header", {"name": "X-E"}),
        ("notice", {"text": "Hello", "html": "<p>Hello</p>"}),
        ("tag", {"text": "[ext]"}),
        ("notify", {"who": "officer"}),
        ("notify", {"who": "boss@clinic.example"}),
    ]


@pytest.mark.parametrize(
    ("trouble", "inside", "outside"),
    [
        ({"failures": ("timeout",)}, "quarantine", "quarantine"),
        ({"ambiguous": ("boundary",)}, "deliver", "quarantine"),
        ({"opaque": (("1.2", "encrypted-archive"),)}, "deliver", "quarantine"),
        ({"opaque": (("1.2", "unsupported-format"),)}, "deliver", "quarantine"),
        ({"opaque": (("1", "failure"),)}, "deliver", "quarantine"),
    ],
)
def test_defaults_hold_what_nobody_could_read(
    rules: Any, facts: MakeFacts, trouble: dict[str, Any], inside: str, outside: str
) -> None:
    """A failure for everybody; the unread and the ambiguous where they would leave us."""
    rules.rule("test-it", SSN + "then: {tag: x}\n")

    verdict = decide(rules.load(), facts("a@clinic.example", "b@other.example", **trouble))

    assert [one.disposition.word for one in verdict.outcomes] == [inside, outside]
    assert all(hit.area == "default" and hit.status == "enforce" for hit in verdict.hits)


def test_defaults_can_be_set(rules: Any, facts: MakeFacts) -> None:
    """deliver leaves no rule behind, block blocks, and what is not named keeps the safe default."""
    policy = rules.folder / "policy.yaml"
    policy.write_text(
        policy.read_text() + "defaults: {failure: block, ambiguous: deliver, opaque: {encrypted-pgp: deliver, "
        "damaged: block}}\n"
    )
    rules.rule("test-it", SSN + "then: {tag: x}\n")
    loaded = rules.load()

    def disposition(**trouble: Any) -> str:
        return decide(loaded, facts("a@other.example", **trouble)).disposition.word

    assert disposition(failures=("crash",)) == "block"
    assert disposition(ambiguous=("charset",)) == "deliver"
    assert disposition(opaque=(("2", "encrypted-pgp"),)) == "deliver"
    assert disposition(opaque=(("2", "damaged"),)) == "block"
    assert disposition(opaque=(("2", "limit-depth"),)) == "quarantine"
    assert "default-ambiguous" not in [rule.id for rule in loaded.rules]


def test_a_logo_does_not_hold_a_message_but_a_document_does(rules: Any, facts: MakeFacts) -> None:
    """`harmless` leaves out small parts of named types, for unsupported formats alone."""
    policy = rules.folder / "policy.yaml"
    policy.write_text(policy.read_text() + "defaults: {harmless: {types: [image/png], up-to: 100 KiB}}\n")
    rules.rule("test-it", SSN + "then: {tag: x}\n")
    loaded = rules.load()

    def disposition(content_type: str, size: int, reason: str = "unsupported-format") -> str:
        attached = (Attachment("1.2", "x", content_type, size),)
        return decide(
            loaded, facts("a@other.example", attachments=attached, opaque=(("1.2", reason),))
        ).disposition.word

    assert disposition("image/png", 20_000) == "deliver"
    assert disposition("image/png", 200_000) == "quarantine"
    assert disposition("application/pdf", 20_000) == "quarantine"
    assert disposition("image/png", 20_000, "damaged") == "quarantine"


def test_the_trace_shows_every_condition_without_content(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """What was asked, whether it held, what was seen in counts; never a value or a subject."""
    rules.rule(
        "test-it",
        "when:\n  all: [{recipient: {outside: organization}}, {finds: {entity: US_SSN, min-distinct: 2}}]\n"
        "  none: [{subject: {matches: 'canary'}}]\nthen: {block: }\n",
    )

    verdict = decide(
        rules.load(),
        facts("a@other.example", findings=(finding(value="canary-1"),), headers=(("subject", "canary-2"),)),
    )
    steps = [(step.condition, step.held, step.seen) for step in verdict.trace if step.rule == "test-it"]

    assert steps == [
        ("all: the recipient is outside the organization", True, "outside the organization"),
        (
            "all: at least 2 different values of US_SSN are found",
            False,
            "found 1 value, surest high (US_SSN)",
        ),
        ("none: the subject matches the pattern canary", True, "the subject does"),
    ]
    assert "canary-" not in repr(verdict)


def test_the_trace_is_for_each_recipient_until_there_are_many(rules: Any, facts: MakeFacts) -> None:
    """Ten are shown each; of a thousand, one of each group that the rules treat alike."""
    rules.rule("test-it", OUTSIDE + "then: {block: }\n")
    policy = rules.load()

    def shown(number: int) -> set[str]:
        people = (f"{index}@{'clinic' if index % 2 else 'other'}.example" for index in range(number))
        return {step.recipient for step in decide(policy, facts(*people)).trace}

    assert len(shown(10)) == 10
    assert shown(1000) == {"0@other.example", "1@clinic.example"}


def test_a_thousand_recipients_are_decided_quickly(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """Conditions about the message are answered once: far below a second even on a slow machine."""
    for number in range(20):
        rules.rule(f"test-{number}", SSN + "then: {quarantine: }\n")
    policy = rules.load()
    given = facts(
        *(f"{n}@other{n}.example" for n in range(1000)), findings=tuple(finding(value=str(n)) for n in range(999))
    )

    start = time.perf_counter()
    verdict = decide(policy, given)

    assert len(verdict.outcomes) == 1000
    assert time.perf_counter() - start < 1


def test_hostile_numbers_of_near_findings_stay_cheap(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """`within` over ten thousand values on each side does not compare all with all."""
    rules.rule(
        "test-it",
        "when:\n  all:\n  - finds: {entity: US_SSN}\n  - finds: {group: health, within: 5}\nthen: {block: }\n",
    )
    policy = rules.load()
    found = [finding("US_SSN", str(n), start=n) for n in range(10_000)]
    found += [finding("ICD10_CODE", str(n), start=n + 50_000) for n in range(10_000)]

    start = time.perf_counter()
    decide(policy, facts("a@other.example", findings=tuple(found)))

    assert time.perf_counter() - start < 2


def test_a_message_without_recipients_is_no_error(rules: Any, facts: MakeFacts) -> None:
    """Nothing to decide, nothing decided."""
    rules.rule("test-it", OUTSIDE + "then: {block: }\n")

    assert decide(rules.load(), facts()).outcomes == ()


def test_nothing_is_asked_twice_and_nothing_in_vain(rules: Any, facts: MakeFacts) -> None:
    """Twenty rules with equal conditions ask each once; with no finding nobody looks at the recipients."""
    for number in range(20):
        rules.rule(f"test-{number}", SSN + "then: {quarantine: }\n")

    assert len(rules.load().questions) <= 2 + len(["failure", "ambiguous", "opaque", "unsupported"])


def test_without_a_trace_the_verdict_is_the_same(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """Explaining changes nothing but the explanation."""
    rules.rule("test-a", SSN + "then: {encrypt: {}, tag: x}\n")
    rules.rule("test-b", "when: {any: [{unprotected: true}, {subject: {contains: x}}]}\nthen: {block: }\n")
    rules.rule("test-c", OUTSIDE + "then: {notify: sender}\n", status="monitor")
    policy = rules.load()

    for found in ((), (finding(),)):
        given = facts("a@other.example", "b@clinic.example", findings=found)
        told, quick = decide(policy, given), decide(policy, given, trace=False)
        assert told.trace
        assert replace(told, trace=()) == quick
