"""Conditions about who sends and who receives."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.facts import Facts
from gateway.core.finding import Finding

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
