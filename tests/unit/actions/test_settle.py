"""One outcome carried to its end."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.actions.apply import apply_edits
from gateway.actions.settle import NO_ENCRYPTION, NOT_INSPECTED, Settled, settle
from gateway.core.message import Content, Span
from gateway.core.plan import Protection
from gateway.core.redacted import Left
from gateway.core.verdict import Action, Disposition, Method, Outcome, Verb

SSN = "219-09-9999"
REDACT = Action(Verb.REDACT, {"entities": ("US_SSN",), "style": "label"})


def delivering(*actions: Action) -> Outcome:
    return Outcome("ann@partner.example", Disposition.DELIVER, actions)


def settled(case: Any, *actions: Action) -> Settled:
    return settle(delivering(*actions), case.message, case.content, case.findings)


def test_actions_compose_into_one_rendering(bench: Any) -> None:
    """Redaction, tag, header verbs and notice on the same part and field do not get into each other's way."""
    case = bench(f"Subject: SSN {SSN}\r\nX-Old: 1\r\n\r\nSSN {SSN}".encode())
    case.find(SSN)
    found = settled(
        case,
        Action(Verb.TAG, {"text": "[External]"}),
        REDACT,
        Action(Verb.ADD_HEADER, {"name": "X-New", "value": "yes"}),
        Action(Verb.REMOVE_HEADER, {"name": "x-old"}),
        Action(Verb.CHANGE_HEADER, {"name": "X-Level", "value": 3}),
        Action(Verb.NOTICE, {"text": "Handle with care."}),
        Action(Verb.NOTIFY, {"who": "sender"}),
    )

    assert found.disposition is Disposition.DELIVER
    assert found.entities == ("US_SSN",)
    assert apply_edits(case.raw, found.edits) == (
        b"Subject: [External] SSN [REDACTED:US_SSN]\r\nX-New: yes\r\nX-Level: 3\r\n\r\n"
        b"SSN [REDACTED:US_SSN]\r\n\r\nHandle with care.\r\n"
    )


@pytest.mark.parametrize(
    "again",
    [
        "219099999",
        "219 09 9999",
        "219.09-9999",
        "no219099999",
        "219\r\n 099999",
        "21 909 9999",
        "٢١٩٠٩٩٩٩٩",
        "２１９-09-9999",
    ],
)
def test_a_value_goes_from_where_no_detector_told_it(bench: Any, again: str) -> None:
    """Without its label, or in other spelling, it is the same number to whoever reads it."""
    case = bench(f"Subject: about {again[:3]}\r\n\r\nSSN {SSN}, and later {again}; 219099998, 2190999991\r\n".encode())
    case.find(SSN)
    case.findings = case.findings[:1]

    found = settled(case, REDACT)

    assert found.disposition is Disposition.DELIVER
    left = apply_edits(case.raw, found.edits).decode()
    assert left.count("[REDACTED:US_SSN]") == 2
    assert left.endswith("; 219099998, 2190999991\r\n")


@pytest.mark.parametrize(
    ("header", "obstacle"),
    [
        ("References: <219099999@clinic.example>\r\n", "header"),
        ("Content-Type: multipart/mixed; boundary=219099999\r\n", "header"),
        ("Content-Type: text/plain; name=219099999.txt\r\nContent-Disposition: inline\r\n", "header"),
    ],
)
def test_a_value_that_stays_somewhere_stops_the_delivery(bench: Any, header: str, obstacle: str) -> None:
    """In what machines write nothing can be changed: the rule says what happens, as with any value that stays."""
    case = bench(f"Subject: s\r\n{header}\r\nSSN {SSN}\r\n--219099999\r\n\r\nSSN {SSN}\r\n".encode())
    case.find(SSN)
    blocking = Action(Verb.REDACT, {"entities": ("US_SSN",), "style": "label", "otherwise": "block"})

    for action, disposition in ((REDACT, Disposition.QUARANTINE), (blocking, Disposition.BLOCK)):
        found = settled(case, action)
        assert found.disposition is disposition
        assert obstacle in found.obstacles


def test_names_of_who_writes_and_short_values_hold_nothing_up(bench: Any) -> None:
    """A name that was found stands beside the address too, and an age may be any number."""
    case = bench(
        b"From: Ann Sample <ann@clinic.example>\r\nMessage-ID: <67@x.example>\r\nSubject: s\r\n\r\n"
        b"Ann Sample, 67, room 67\r\n"
    )
    case.find("Ann Sample", "PERSON")
    case.find("67", "AGE")
    case.findings = [f for f in case.findings if f.place.value == "body"][:2]
    action = Action(Verb.REDACT, {"entities": ("PERSON", "AGE"), "style": "label"})

    left = apply_edits(case.raw, settled(case, action).edits)

    assert left.endswith(b"\r\n\r\n[REDACTED:PERSON], [REDACTED:AGE], room 67\r\n")


def test_what_gave_way_leaves_no_end_behind(bench: Any) -> None:
    """Two findings at one place: where the one goes, so does what only the other one covers; the rest stays."""
    case = bench(b"Subject: s\r\n\r\nSSN 219-09-9999-4711, and 5521-77 elsewhere\r\n")
    case.find(SSN)
    (finding,) = case.findings
    start = finding.span.start
    longer = replace(finding, entity="MEMBER_ID", span=Span(start, start + len("219-09-9999-4711")))
    elsewhere = replace(finding, entity="MEMBER_ID", span=Span(start + 22, start + 29))

    found = settle(delivering(REDACT), case.message, case.content, case.findings, [longer, elsewhere])

    assert found.entities == ("US_SSN",)
    assert apply_edits(case.raw, found.edits).endswith(
        b"\r\n\r\nSSN [REDACTED:MEMBER_ID+US_SSN], and 5521-77 elsewhere\r\n"
    )


def test_what_gave_way_within_a_masked_value_changes_nothing(bench: Any) -> None:
    """The mask hides it too, and still tells the reader which number it was."""
    case = bench(b"Subject: s\r\n\r\nSSN 219-09-9999\r\n")
    case.find(SSN)
    (finding,) = case.findings
    within = replace(finding, entity="PHONE_NUMBER", span=Span(finding.span.start + 4, finding.span.end))
    mask = Action(Verb.REDACT, {"entities": ("US_SSN",), "style": "mask"})

    outcome = delivering(mask)
    assert settle(outcome, case.message, case.content, case.findings, [within]) == settled(case, mask)


def test_delivery_without_transforms_has_no_edits(bench: Any) -> None:
    """The message leaves byte for byte."""
    assert settled(bench(b"\r\nx"), Action(Verb.NOTIFY), Action(Verb.DELIVER)) == Settled(Disposition.DELIVER)


@pytest.mark.parametrize("disposition", [Disposition.QUARANTINE, Disposition.BLOCK])
def test_stricter_outcomes_are_not_rendered(bench: Any, disposition: Disposition) -> None:
    """What is held is held as it came."""
    case = bench(f"\r\n{SSN}".encode())
    case.find(SSN)

    assert settle(Outcome("a@b.test", disposition, (REDACT,)), case.message, case.content, case.findings) == Settled(
        disposition
    )


@pytest.mark.parametrize(
    ("otherwise", "disposition"),
    [
        (None, Disposition.QUARANTINE),
        ("quarantine", Disposition.QUARANTINE),
        ("block", Disposition.BLOCK),
        ("deliver", Disposition.QUARANTINE),
    ],
)
def test_value_that_cannot_be_taken_out_stays_here(bench: Any, otherwise: str | None, disposition: Disposition) -> None:
    """`otherwise` says what happens instead; it can't say deliver."""
    case = bench(f"Content-Disposition: attachment; filename=a-{SSN}.txt\r\n\r\nSSN {SSN}\r\n".encode())
    case.find(SSN)
    settings = REDACT.settings if otherwise is None else {**REDACT.settings, "otherwise": otherwise}

    found = settled(case, Action(Verb.REDACT, settings))

    assert (found.disposition, found.edits) == (disposition, ())
    assert found.obstacles == ("header", "filename", "attachment")
    assert found.left == tuple(Left("US_SSN", "1", obstacle) for obstacle in found.obstacles)


def test_only_the_action_that_failed_says_what_happens_otherwise(bench: Any) -> None:
    """A block meant for cards is not taken for a number in a file name."""
    case = bench(f"Content-Type: text/plain; name={SSN}\r\n\r\ncard 4111111111111111\r\n".encode())
    case.find(SSN)
    cards = Action(Verb.REDACT, {"entities": ("CREDIT_CARD",), "otherwise": "block"})

    assert settled(case, cards, REDACT).disposition is Disposition.QUARANTINE


def test_label_wins_over_mask(bench: Any) -> None:
    """Where two rules redact the same value, the one that hides more is done."""
    case = bench(f"\r\n{SSN}".encode())
    case.find(SSN)

    found = settled(case, REDACT, Action(Verb.REDACT, {"style": "mask"}))

    assert apply_edits(case.raw, found.edits) == b"\r\n[REDACTED:US_SSN]"


def test_findings_that_no_action_names_stay(bench: Any) -> None:
    """Redaction takes out what it was asked for."""
    case = bench(f"\r\n{SSN} 555-0100".encode())
    case.find(SSN)
    case.find("555-0100", entity="PHONE_NUMBER")

    assert apply_edits(case.raw, settled(case, REDACT).edits) == b"\r\n[REDACTED:US_SSN] 555-0100"


def test_redaction_of_a_removed_header_needs_no_editing(bench: Any) -> None:
    """A value in a structured field goes with the field."""
    case = bench(f"Patient: {SSN}\r\n\r\nx".encode())
    case.find(SSN)

    found = settled(case, REDACT, Action(Verb.REMOVE_HEADER, {"name": "Patient"}))

    assert apply_edits(case.raw, found.edits) == b"\r\nx"


@pytest.mark.parametrize("verb", [Verb.TAG, Verb.ADD_HEADER, Verb.NOTICE, Verb.REDACT, Verb.REMOVE_HEADER])
def test_message_that_was_not_inspected_is_held_where_it_should_be_rewritten(verb: Verb) -> None:
    """What can't be read can't be changed."""
    found = settle(delivering(Action(verb)), None, Content(()), ())

    assert found == Settled(Disposition.QUARANTINE, obstacles=(NOT_INSPECTED,))


def test_message_that_was_not_inspected_is_delivered_where_the_policy_says_so() -> None:
    """The failure is a fact that the policy decided on."""
    assert settle(delivering(), None, Content(()), ()) == Settled(Disposition.DELIVER)


@pytest.mark.parametrize(
    ("settings", "disposition"), [({}, Disposition.QUARANTINE), ({"otherwise": "block"}, Disposition.BLOCK)]
)
def test_encryption_that_is_not_there_holds_the_message(
    bench: Any, settings: dict[str, object], disposition: Disposition
) -> None:
    """A rule that asks for encryption never gets a plain delivery."""
    found = settled(bench(b"\r\nx"), Action(Verb.ENCRYPT, settings))

    assert found == Settled(disposition, obstacles=(NO_ENCRYPTION,))


@pytest.mark.parametrize(
    ("settings", "protection"),
    [
        ([{}], Protection(Method.PGP)),
        ([{"sign": True}, {}], Protection(Method.PGP, sign=True)),
        ([{}, {"subject": "Encrypted message"}], Protection(Method.PGP, subject="Encrypted message")),
        (
            [{"sign": True, "subject": "a"}, {"subject": "b"}],
            Protection(Method.PGP, sign=True, subject="a"),
        ),
    ],
)
def test_what_rules_ask_of_encryption_adds_up(
    bench: Any, settings: list[dict[str, object]], protection: Protection
) -> None:
    """Signed where one rule says so; the subject outside is the first that a rule names."""
    actions = tuple(Action(Verb.ENCRYPT, {"prefer": ("pgp",), **more}) for more in settings)
    outcome = Outcome("a@x.example", Disposition.DELIVER, actions, method=Method.PGP)
    one = bench(b"Subject: x\r\n\r\nx")

    assert settle(outcome, one.message, one.content, []).protection == protection
