"""Conditions about header, parts, marks and kinds of mail, and what is so of all conditions."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.facts import Attachment, Facts
from gateway.core.finding import Finding
from gateway.core.message import Coverage, OpaqueReason
from gateway.core.verdict import Verb
from gateway.policy import decide
from gateway.policy.conditions import CONDITIONS

Holds = Callable[[str, Facts], bool]
MakeFacts = Callable[..., Facts]
MakeFinding = Callable[..., Finding]
THEN = "then: {tag: '[seen]'}\n"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("subject: {contains: LAB}", True),
        ("subject: {contains: [x-ray, 'résultats']}", True),
        ("subject: {contains: x-ray}", False),
        ("subject: {matches: '^lab .*$'}", True),
        ("subject: {matches: '(?-i)^lab'}", False),
        ("subject: {present: true}", True),
        ("subject: {present: false}", False),
        ("header: {name: x-class, contains: secret}", True),
        ("header: {name: X-Class, matches: '^open$'}", True),
        ("header: {name: X-Other, contains: a}", False),
        ("header: {name: X-Other, present: false}", True),
    ],
)
def test_subject_and_header(holds: Holds, facts: MakeFacts, condition: str, expected: bool) -> None:
    """Every field of a name counts, letter case does not."""
    headers = (
        ("subject", "Lab r\u00e9sultats \ud800"),
        ("subject", "a second one"),
        ("x-class", "Secret"),
        ("x-class", "open"),
    )

    assert holds(condition, facts("a@other.example", headers=headers)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("attachment: {name: '*.ZIP'}", True),
        ("attachment: {name: '?.pdf'}", False),
        ("attachment: {name: ['*.pdf', '*.doc?']}", True),
        ("attachment: {name: 'scan.pd'}", False),
        ("attachment: {type: application/*}", True),
        ("attachment: {type: application/*, name: 'scan.pdf'}", True),
        ("attachment: {type: image/*}", False),
        ("attachment: {min-count: 2}", True),
        ("attachment: {min-count: 3}", False),
        ("attachment: {type: application/pdf, min-count: 2}", False),
        ("size: {over: 1 KiB}", True),
        ("size: 2 MiB", False),
    ],
)
def test_attachment_and_size(holds: Holds, facts: MakeFacts, condition: str, expected: bool) -> None:
    """Names by glob, types by glob, numbers of those that fit both."""
    attached = (Attachment("2", "scan.pdf", "application/pdf", 10), Attachment("3", "a\nb.zip", "application/zip", 10))

    assert holds(condition, facts("a@other.example", attachments=attached, size=2000)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("opaque: any", True),
        ("opaque: encrypted-archive", True),
        ("opaque: [damaged, encrypted-pgp]", False),
        ("opaque: {reason: any, except-type: application/*}", True),
        ("opaque: {reason: unsupported-format, except-type: image/*}", False),
        ("opaque: {reason: unsupported-format, except-type: image/*, except-up-to: 1 KiB}", False),
        ("opaque: {reason: unsupported-format, except-type: image/*, except-up-to: 9 bytes}", True),
        ("ambiguous: any", True),
        ("ambiguous: charset", False),
        ("failure: [timeout, crash]", True),
        ("failure: memory", False),
    ],
)
def test_what_could_not_be_read(holds: Holds, facts: MakeFacts, condition: str, expected: bool) -> None:
    """By reason; small pictures can be left out."""
    given = facts(
        "a@other.example",
        attachments=(Attachment("2", "", "image/png", 10),),
        opaque=(("2", "unsupported-format"), ("3", "encrypted-archive")),
        ambiguous=("boundary",),
        failures=("timeout",),
    )

    assert holds(condition, given) is expected


def test_an_unread_part_of_unknown_type_is_never_harmless(holds: Holds, facts: MakeFacts) -> None:
    """Without a description of the part nothing speaks for it."""
    given = facts("a@other.example", opaque=(("2", "unsupported-format"),))

    assert holds("opaque: {reason: unsupported-format, except-type: '*/*'}", given)


@pytest.mark.parametrize(
    ("ledger", "opaque", "complete"),
    [
        ((Coverage("1", "text", 9, 9),), (), True),
        ((Coverage("1", "text", 9, 9), Coverage("2", "text", 9, 5)), (), False),
        ((Coverage("1", "pdf", 9, 9, (OpaqueReason.DAMAGED,)),), (), False),
        ((Coverage("1", "text", 9, 9),), (("2", "unsupported-format"),), False),
        ((), (), False),
    ],
)
def test_coverage_is_complete_only_where_every_byte_was_read(
    holds: Holds, facts: MakeFacts, ledger: tuple[Coverage, ...], opaque: tuple[tuple[str, str], ...], complete: bool
) -> None:
    """A part that was cut, damaged or not read at all, and a message of which nothing is known, are partial."""
    given = facts("a@other.example", ledger=ledger, opaque=opaque)

    assert holds("coverage: complete", given) is complete
    assert holds("coverage: partial", given) is not complete


def test_every_condition_has_a_word_of_its_own() -> None:
    """The registry is read by word."""
    assert len({condition.word for condition in CONDITIONS}) == len(CONDITIONS)
    assert all(condition.__doc__ for condition in CONDITIONS)


def test_a_policy_with_patterns_can_be_handed_to_another_process(rules: Any, facts: MakeFacts) -> None:
    """Patterns pickle as their source and compile again where they are used."""
    rules.rule("test-it", f"when: {{all: [{{subject: {{matches: '^lab'}}}}]}}\n{THEN}")
    policy, given = rules.load(), facts("a@other.example", headers=(("subject", "Lab"),))
    before = decide(policy, given)

    copy = pickle.loads(pickle.dumps(policy))

    assert copy == policy
    assert decide(copy, given) == before
    assert before.hits


def test_a_mark_counts_at_either_end_of_the_subject(holds: Holds, facts: MakeFacts) -> None:
    """Behind Re: too, in any case of letters; inside the subject it is only a word."""

    def marked(subject: str) -> bool:
        return holds("mark: '[secure]'", facts("a@other.example", headers=(("subject", subject),)))

    assert marked("[Secure] lab results")
    assert marked("Re: AW: [secure] lab results")
    assert marked("lab results  [SECURE] ")
    assert not marked("how do I send a [secure] mail")
    assert not marked("[secure]lab")
    assert not marked("[securely]")


def test_a_mark_may_be_a_header_field(holds: Holds, facts: MakeFacts) -> None:
    """Whatever its value."""
    assert holds("mark: {header: X-Secure}", facts("a@other.example", headers=(("x-secure", "no matter"),)))
    assert not holds("mark: {header: X-Secure}", facts("a@other.example"))


def test_a_mark_is_taken_out_by_the_rule_that_reads_it(rules: Any, facts: MakeFacts) -> None:
    """Unless it is kept, and never by a rule for which it is an exception."""
    for number, asked in enumerate(("mark: '[a]'", "mark: {text: '[b]', keep: true}", "mark: {header: X-C}")):
        rules.rule(f"test-{number}", f"when:\n  any:\n    - {asked}\n    - size: 1 KiB\nthen:\n  tag: '[x]'\n")
    rules.rule("test-4", "when:\n  all: [size: 1 KiB]\n  none: [mark: '[d]']\nthen:\n  tag: '[x]'\n")

    (outcome,) = decide(rules.load(), facts("a@other.example", size=5000)).outcomes

    removed = [dict(action.settings) for action in outcome.actions if action.verb is Verb.REMOVE_MARK]
    assert removed == [{"text": "[a]"}, {"header": "X-C"}]


@pytest.mark.parametrize(
    ("headers", "stream"),
    [
        ((), "personal"),
        ((("list-unsubscribe", "<mailto:u@x.example>"),), "marketing"),
        ((("precedence", "bulk"),), "marketing"),
        ((("precedence", "first-class"),), "personal"),
        ((("list-id", "<talk.x.example>"), ("list-post", "<mailto:talk@x.example>")), "personal"),
        ((("list-id", "<news.x.example>"), ("list-post", "NO (posting not allowed)")), "marketing"),
        ((("auto-submitted", "auto-generated"),), "transactional"),
        ((("auto-submitted", "no"),), "personal"),
        ((("auto-submitted", "auto-generated"), ("list-unsubscribe", "<x>")), "marketing"),
    ],
)
def test_the_kind_of_mail_is_told_by_its_header(
    holds: Holds, facts: MakeFacts, headers: tuple[tuple[str, str], ...], stream: str
) -> None:
    """Each message is of exactly one kind."""
    given = facts("a@other.example", headers=headers)

    assert [kind for kind in ("marketing", "transactional", "personal") if holds(f"stream: {kind}", given)] == [stream]


def test_a_configured_sender_decides_the_kind_of_mail(rules: Any, holds: Holds, facts: MakeFacts) -> None:
    """Receipts with List-Unsubscribe are still receipts."""
    rules.write("lists/receipts.txt", "receipts@clinic.example\n")
    rules.write("lists/news.txt", "news.clinic.example\n")
    policy = rules.folder / "policy.yaml"
    policy.write_text(policy.read_text() + "streams: {marketing: lists/news.txt, transactional: lists/receipts.txt}\n")
    bulk = (("list-unsubscribe", "<x>"),)

    assert holds("stream: transactional", facts("a@x.example", sender="receipts@clinic.example", headers=bulk))
    assert holds("stream: marketing", facts("a@x.example", sender="hello@news.clinic.example"))
    assert holds("stream: marketing", facts("a@x.example", sender="nurse@clinic.example", headers=bulk))


def test_an_attachment_is_encrypted_where_something_in_it_is(holds: Holds, facts: MakeFacts) -> None:
    """By what could not be read, not by its name."""
    attached = (Attachment("1.2", "a.zip", "application/zip", 9), Attachment("1.3", "b.pdf", "application/pdf", 9))
    locked = facts("a@other.example", attachments=attached, opaque=(("1.2", "encrypted-archive"), ("1.3", "damaged")))
    inside = facts("a@other.example", attachments=attached, opaque=(("1.3.4", "encrypted-document"),))

    assert holds("attachment: {encrypted: true, name: '*.zip'}", locked)
    assert not holds("attachment: {encrypted: true, name: '*.pdf'}", locked)
    assert holds("attachment: {encrypted: false, type: application/pdf}", locked)
    assert holds("attachment: {encrypted: true, name: '*.pdf'}", inside)


def test_a_message_encrypted_by_its_sender(holds: Holds, facts: MakeFacts) -> None:
    """A fact of the message as a whole."""
    assert holds("encrypted: true", facts("a@other.example", encrypted=True))
    assert holds("encrypted: false", facts("a@other.example"))


def test_lists_of_conditions_nest(rules: Any, facts: MakeFacts) -> None:
    """All of one list or all of another, and neither of two exceptions together."""
    rules.rule(
        "test-it",
        "when:\n"
        "  any:\n"
        "    - all: [{sender: {address: a@clinic.example}}, {recipient: {domain: x.example}}]\n"
        "    - all: [{sender: {address: b@clinic.example}}, {recipient: {domain: y.example}}]\n"
        "  none:\n"
        "    - all: [{subject: {contains: ok}}, {size: 1 KiB}]\n"
        "then: {block: }\n",
    )
    policy = rules.load()

    def blocked(sender: str, recipient: str, subject: str = "", size: int = 1) -> bool:
        given = facts(recipient, sender=f"{sender}@clinic.example", headers=(("subject", subject),), size=size)
        return bool(decide(policy, given).hits)

    assert blocked("a", "p@x.example")
    assert blocked("b", "p@y.example")
    assert not blocked("a", "p@y.example")
    assert blocked("a", "p@x.example", "ok")
    assert not blocked("a", "p@x.example", "ok", 5000)
    (trace,) = {step.condition for step in decide(policy, facts("p@x.example")).trace if "larger" in step.condition}
    assert trace == "none/all: the message is larger than 1 KiB"
