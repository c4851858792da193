"""Texts of notices that an organization wrote: what is taken, and how a fault is told."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from importlib.resources import files
from string import Template

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.actions.notices import Notices, Story, compose, compose_plain
from gateway.actions.templates import ALLOWED, NEEDED, VARIABLES, problems, standard
from gateway.core.envelope import Envelope, Recipient, Session, Transaction

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
GOOD = "Subject: Ihre Nachricht wird geprüft\n\nVorgang $incident\n\n$recipients\n"


def test_there_is_a_shipped_text_for_every_notice_and_it_is_sound() -> None:
    """And no file beside them that nobody reads."""
    there = {path.name.removesuffix(".txt") for path in (files("gateway.actions") / "notices").iterdir()}

    assert there == set(ALLOWED) == set(NEEDED)
    assert [problem for name in ALLOWED for problem in problems(name, standard(name))] == []


def test_what_a_text_may_say_is_a_closed_set() -> None:
    """None of the variables has anything of a message in it but the addresses of its envelope."""
    assert {name for allowed in ALLOWED.values() for name in allowed} == set(VARIABLES)
    assert not {"subject", "body", "text", "header", "message", "value", "values", "findings", "filename"} & set(
        VARIABLES
    )


@pytest.mark.parametrize(
    ("said", "line", "what"),
    [
        ("", 1, "the first line is not the subject"),
        ("Hello\n\n$incident\n", 1, "the first line is not the subject"),
        ("Subject: \n\n$incident\n", 1, "the first line is not the subject"),
        (f"Subject: {'x' * 150}\n\n$incident\n", 1, "the subject has more than"),
        ("Subject: a\nBcc: all@x.example\n\n$incident\n", 2, "the second line is not empty"),
        ("Subject: a\n\n\n", 3, "there is no text"),
        ("Subject: a\n\n$incident\n$subject\n", 4, "there is no $subject here"),
        ("Subject: a\n\n$incident ${body}\n", 3, "there is no $body here"),
        ("Subject: $recipients\n\n$incident\n", 1, "$recipients does not stand alone"),
        ("Subject: a\n\n$incident\nTo $recipients.\n", 4, "$recipients does not stand alone"),
        ("Subject: a\n\n$incident for $5\n", 3, "a $ names nothing"),
        ("Subject: a\n\n${incident\n", 3, "a $ names nothing"),
        ("Subject: a\n\n$incident\x1b[2J\n", 3, "there is a control character"),
        ("Subject: a\rBcc: x@x.example\n\n$incident\n", 1, "there is a control character"),
        ("Subject: a\n\nNothing to say.\n", 1, "it never says $incident"),
        ("Subject: a\n\n$incident\n" + "x" * 20_000, 1, "it has more than"),
    ],
)
def test_a_faulty_text_is_told_by_line(said: str, line: int, what: str) -> None:
    """With how to mend it."""
    found = problems("sender-held", said)

    assert (found[0].line, found[0].what.startswith(what)) == (line, True), found
    assert found[0].remedy


def test_a_misspelt_variable_is_guessed() -> None:
    """The remedy names the nearest, or all there are."""
    assert problems("sender-held", "Subject: a\n\n$incidnet\n")[0].remedy == "did you mean $incident?"
    assert "$incident" in problems("sender-held", "Subject: a\n\n$zzz $incident\n")[0].remedy


def test_all_faults_are_told_at_once() -> None:
    """Nobody mends them one by one."""
    assert [problem.line for problem in problems("sender-held", "Subject: $a\nb\n$c\n")] == [2, 1, 3]


def test_an_own_text_is_used_with_the_same_head() -> None:
    """In any language; a dollar sign is written twice."""
    said = GOOD + "\n$$5\n"
    assert problems("sender-held", said) == []
    own = replace(NOTICES, texts={"sender-held": said})

    message = message_from_bytes(compose(own, "sender-held", STORY, TRANSACTION, "n@x.example"), policy=policy.default)

    assert message["Subject"] == "Ihre Nachricht wird geprüft"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == ["Vorgang gp-7f3a", "", "  $sender@x.example", "", "$5"]


STORY = Story(("$sender@x.example",))
TRANSACTION = Transaction(
    Session(), Envelope("a@clinic.example", (Recipient("$sender@x.example"),)), b"", incident="gp-7f3a"
)


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_text_and_no_value_brings_a_header_of_its_own(said: str, value: str) -> None:
    """Whatever stands in a sound template and in the values: the head is ours, once each."""
    template = f"Subject: {said} $count\n\n$items\n"
    if problems("officer-digest", template):
        return
    own = Notices("g@clinic.example", value, value, texts={"officer-digest": template})
    values = dict.fromkeys(ALLOWED["officer-digest"], value)

    octets = compose_plain(own, "officer-digest", values, datetime(2026, 1, 1, tzinfo=UTC), value, "o@x.example")

    head = octets.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    wanted = [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"MIME-Version"]
    assert names == [*wanted, b"Content-Type", b"Content-Transfer-Encoding"]
    assert not {10, 13} & set(head.replace(b"\r\n", b""))


@given(st.text(alphabet=st.sampled_from("${}aincdet_5 \n"), max_size=40))
def test_what_is_found_sound_can_always_be_filled_in(said: str) -> None:
    """The check sees every `$` as `string.Template` does: a sound text never fails when mail is held."""
    template = f"Subject: a\n\n$incident\n{said}"
    if not problems("sender-held", template):
        Template(template).substitute(dict.fromkeys(ALLOWED["sender-held"], ""))
