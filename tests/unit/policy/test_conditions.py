"""Each condition: when it holds, when it does not, what it says."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.detector import Confidence
from gateway.core.facts import Attachment, Facts
from gateway.core.finding import Finding
from gateway.core.message import Coverage, OpaqueReason, Place
from gateway.core.verdict import Verb
from gateway.policy import decide
from gateway.policy.conditions import CONDITIONS

Holds = Callable[[str, Facts], bool]
MakeFacts = Callable[..., Facts]
MakeFinding = Callable[..., Finding]
THEN = "then: {tag: '[seen]'}\n"


@pytest.mark.parametrize(
    ("condition", "recipient", "expected"),
    [
        ("{outside: organization}", "a@other.example", True),
        ("{outside: organization}", "a@clinic.example", False),
        ("{outside: organization}", "a@CLINIC.Example.", False),
        ("{outside: organization}", "a@ward.clinic.example", False),
        ("{outside: organization}", "a@notclinic.example", True),
        ("{outside: organization}", "a@clinic.example.other.example", True),
        ("{outside: organization}", "a%other.example@clinic.example", True),
        ("{outside: organization}", "other.example!a@clinic.example", True),
        ("{outside: organization}", '"a@other.example"@clinic.example', True),
        ("{outside: organization}", "root", True),
        ("{outside: organization}", "", True),
        ("{outside: organization}", "@clinic.example", True),
        ("{outside: organization}", "a@partner.example", True),
        ("{outside: partners}", "a@partner.example", False),
        ("{outside: partners}", "a@sub.partner.example", True),
        ("{outside: partners}", "a@clinic.example", False),
        ("{in: lists/partners.txt}", "a@partner.example", True),
        ("{in: lists/partners.txt}", "a@other.example", False),
        ("{domain: '*.other.example'}", "a@b.c.other.example", True),
        ("{domain: '*.other.example'}", "a@other.example", False),
        ("{domain: [x.example, other.example]}", "a@other.example", True),
        ("{domain: bücher.example}", "a@xn--bcher-kva.example", True),
        ("{address: [Anna@other.example]}", "anna@OTHER.example", True),
        ("{address: [anna@other.example]}", "bob@other.example", False),
    ],
)
def test_recipient(holds: Holds, facts: MakeFacts, condition: str, recipient: str, expected: bool) -> None:
    """Domains mean themselves alone unless `*.` is said; a routed address is not what its domain says."""
    assert holds(f"recipient: {condition}", facts(recipient)) is expected


@pytest.mark.parametrize(
    ("sender", "header_from", "expected"),
    [
        ("nurse@clinic.example", "x@other.example", True),
        ("x@other.example", "nurse@clinic.example", False),
        ("", "nurse@clinic.example", True),
        ("", "", False),
    ],
)
def test_sender_is_of_the_envelope(
    holds: Holds, facts: MakeFacts, sender: str, header_from: str, expected: bool
) -> None:
    """The From field speaks only where the envelope's sender is empty."""
    given = facts("a@other.example", sender=sender, header_from=header_from)

    assert holds("sender: {domain: clinic.example}", given) is expected


@pytest.mark.parametrize(
    ("condition", "user", "expected"),
    [
        ("true", "jdoe", True),
        ("true", "", False),
        ("false", "", True),
        ("{user: [jdoe, asmith]}", "JDoe", True),
        ("{user: jdoe}", "other", False),
        ("{user: jdoe}", "", False),
        ("{in: lists/partners.txt}", "mailer@partner.example", True),
        ("{in: lists/partners.txt}", "", False),
    ],
)
def test_authenticated(holds: Holds, facts: MakeFacts, condition: str, user: str, expected: bool) -> None:
    """By whether somebody logged in, by name, by list."""
    assert holds(f"authenticated: {condition}", facts("a@other.example", user=user)) is expected


@pytest.mark.parametrize(
    ("sender", "recipient", "direction"),
    [
        ("a@clinic.example", "b@other.example", "outbound"),
        ("a@other.example", "b@other.example", "outbound"),
        ("a@clinic.example", "b@clinic.example", "internal"),
        ("a@other.example", "b@clinic.example", "inbound"),
    ],
)
def test_direction(holds: Holds, facts: MakeFacts, sender: str, recipient: str, direction: str) -> None:
    """What reaches somebody outside is outbound, whoever sends it."""
    given = facts(recipient, sender=sender)

    assert [word for word in ("outbound", "inbound", "internal") if holds(f"direction: {word}", given)] == [direction]


def test_recipients_are_counted_once(holds: Holds, facts: MakeFacts) -> None:
    """`over` is exclusive, a repeated address counts once, and `outside` counts those outside."""
    given = facts("a@other.example", "a@other.example", "b@other.example", "c@clinic.example")

    assert holds("recipients: {over: 2}", given)
    assert not holds("recipients: 3", given)
    assert holds("recipients: {over: 1, outside: organization}", given)
    assert not holds("recipients: {over: 2, outside: organization}", given)


def test_finds_by_entity_group_confidence_and_place(holds: Holds, facts: MakeFacts, finding: MakeFinding) -> None:
    """Each setting narrows what counts."""
    found = finding("US_SSN", confidence=Confidence.MEDIUM, place=Place.SUBJECT)
    given = facts("a@other.example", findings=(found,))

    assert holds("finds: {entity: US_SSN}", given)
    assert holds("finds: {entity: [ICD10_CODE, US_SSN]}", given)
    assert not holds("finds: {entity: ICD10_CODE}", given)
    assert holds("finds: {group: patient-identifier}", given)
    assert holds("finds: {entity: US_SSN, min-confidence: medium}", given)
    assert not holds("finds: {entity: US_SSN, min-confidence: high}", given)
    assert holds("finds: {entity: US_SSN, place: [subject, header]}", given)
    assert not holds("finds: {entity: US_SSN, place: body}", given)


def test_a_value_in_two_views_of_a_message_counts_once(holds: Holds, facts: MakeFacts, finding: MakeFinding) -> None:
    """Plain text and HTML of one mail say the same thing."""
    given = facts("a@other.example", findings=tuple(finding(value="1", segment=number) for number in range(3)))

    assert not holds("finds: {entity: US_SSN, min-count: 2}", given)
    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", given)


def test_a_value_twice_in_one_text_counts_twice_but_is_one_value(
    holds: Holds, facts: MakeFacts, finding: MakeFinding
) -> None:
    """min-count counts occurrences, min-distinct values."""
    given = facts("a@other.example", findings=(finding(value="1"), finding(value="1", start=100)))

    assert holds("finds: {entity: US_SSN, min-count: 2}", given)
    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", given)


def test_fingerprints_tell_values_apart_before_their_spelling(
    holds: Holds, facts: MakeFacts, finding: MakeFinding
) -> None:
    """219-09-9999 and 219099999 are one number where the fingerprint says so; one place is one value at least."""
    same = (finding(value="219-09-9999", fingerprint="f"), finding(value="219099999", fingerprint="f", start=50))
    blank = (finding(value=""), finding(value="", start=50))

    assert not holds("finds: {entity: US_SSN, min-distinct: 2}", facts("a@other.example", findings=same))
    assert holds("finds: {entity: US_SSN, min-distinct: 2}", facts("a@other.example", findings=blank))


@pytest.mark.parametrize(
    ("start", "segment", "expected"),
    [(110, 0, True), (111, 0, False), (0, 0, True), (110, 1, False)],
    ids=["just near", "just too far", "overlapping", "another text"],
)
def test_within_measures_between_the_values(
    rules: Any, facts: MakeFacts, finding: MakeFinding, start: int, segment: int, expected: bool
) -> None:
    """From the end of the one to the start of the other, in the same text, whichever comes first."""
    rules.rule(
        "test-it",
        f"when:\n  all:\n    - finds: {{entity: US_SSN}}\n    - finds: {{group: health, within: 100}}\n{THEN}",
    )
    near = finding("ICD10_CODE", "E11.9", start=start, segment=segment)
    policy = rules.load()

    for findings in ((finding("US_SSN"), near), (near, finding("US_SSN"))):
        assert bool(decide(policy, facts("a@other.example", findings=findings)).hits) is expected


def test_a_value_is_never_near_itself(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """Two conditions about one group need two values."""
    rules.rule(
        "test-it",
        "when:\n  all:\n    - finds: {entity: US_SSN}\n    - finds: {group: patient-identifier, within: 100}\n" + THEN,
    )
    policy, one, two = rules.load(), finding("US_SSN", "1"), finding("US_SSN", "2", start=50)

    assert not decide(policy, facts("a@other.example", findings=(one,))).hits
    assert not decide(policy, facts("a@other.example", findings=(one, one))).hits
    assert decide(policy, facts("a@other.example", findings=(one, two))).hits


def test_within_refers_to_what_the_finds_before_counted(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """A chain: the third must be near a second that is near a first."""
    rules.rule(
        "test-it",
        "when:\n  all:\n    - finds: {entity: US_SSN}\n    - finds: {group: health, within: 50}\n"
        "    - recipient: {outside: organization}\n    - finds: {entity: CREDIT_CARD, within: 50}\n" + THEN,
    )
    policy = rules.load()
    chain = (finding("US_SSN"), finding("ICD10_CODE", start=50), finding("CREDIT_CARD", start=100))
    broken = (finding("US_SSN"), finding("ICD10_CODE", start=500), finding("CREDIT_CARD", start=550))

    assert decide(policy, facts("a@other.example", findings=chain)).hits
    assert not decide(policy, facts("a@other.example", findings=broken)).hits


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


def test_consent_is_of_one_person_from_one_day_on(rules: Any, holds: Holds, facts: MakeFacts) -> None:
    """By their very address, on the day of the message; an entry for their domain would not do."""
    rules.write("lists/consent.txt", "pat@home.example since 2026-03-01 until 2026-12-31  # form 7\n")

    def consents(who: str, day: int, month: int = 3) -> bool:
        return holds("consent: lists/consent.txt", facts(who, received=datetime(2026, month, day, tzinfo=UTC)))

    assert consents("PAT@home.example", 1)
    assert not consents("pat@home.example", 28, 2)
    assert not consents("kim@home.example", 4)
    assert not consents("x%pat@home.example", 4)


@pytest.mark.parametrize(
    ("user", "sender", "header_from", "other"),
    [
        ("ana@clinic.example", "ana@clinic.example", "ana@clinic.example", False),
        ("Ana@Clinic.example", "ana@clinic.example", "", False),
        ("ana", "ana@clinic.example", "ANA@mail.clinic.example", False),
        ("ana", "", "ana@clinic.example", False),
        ("ana@clinic.example", "bo@clinic.example", "ana@clinic.example", True),
        ("ana@clinic.example", "ana@clinic.example", "chief@clinic.example", True),
        ("ana", "ana@other.example", "ana@clinic.example", True),
        ("", "bo@clinic.example", "ana@clinic.example", None),
    ],
)
def test_who_logged_in_may_send_as_somebody_else(
    holds: Holds, facts: MakeFacts, user: str, sender: str, header_from: str, other: bool | None
) -> None:
    """Envelope and From both count; without a login there is nothing to compare."""
    given = facts("a@other.example", user=user, sender=sender, header_from=header_from)

    assert holds("authenticated: {sends-as: somebody-else}", given) is (other is True)
    assert holds("authenticated: {sends-as: self}", given) is (other is False)


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


def test_within_measures_from_its_own_list(rules: Any, facts: MakeFacts, finding: MakeFinding) -> None:
    """A `finds` of another list is not what it is near to."""
    rules.rule(
        "test-it",
        "when:\n"
        "  all:\n"
        "    - finds: {entity: CREDIT_CARD}\n"
        "    - any:\n"
        "        - all: [{finds: {entity: US_SSN}}, {finds: {group: health, within: 5}}]\n"
        "then: {block: }\n",
    )
    policy = rules.load()
    card, number, code = finding("CREDIT_CARD", "4", start=0), finding(start=500), finding("ICD10_CODE", "E", start=12)

    assert not decide(policy, facts("a@other.example", findings=(card, number, code))).hits
    near = finding("ICD10_CODE", "E", start=512)
    assert decide(policy, facts("a@other.example", findings=(card, number, near))).hits
