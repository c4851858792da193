"""Who may be told."""

import pytest

from gateway.actions.audience import address_of, asked_for, has_return_path, may_tell_sender
from gateway.actions.notices import Notices
from gateway.core.envelope import Envelope, Session, Transaction
from gateway.core.verdict import Action, Disposition, Outcome, Verb

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")


def transaction(raw: bytes = b"", mail_from: str = "nurse@clinic.example") -> Transaction:
    return Transaction(Session(), Envelope(mail_from, ()), raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\nx",
        b"Auto-Submitted: no\r\n\r\n",
        b"auto-submitted: No; x=y\r\n\r\n",
        b"Precedence: first-class\r\n\r\n",
    ],
)
def test_person_is_told(raw: bytes) -> None:
    """Mail of a person, and mail whose bytes are not at hand."""
    assert may_tell_sender(transaction(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"Auto-Submitted: auto-replied\r\n\r\n",
        b"AUTO-SUBMITTED: auto-generated; x=y\r\n\r\n",
        b"List-Id: <news.clinic.example>\r\n\r\n",
        b"List-Unsubscribe: <https://clinic.example/u>\r\n\r\n",
        b"Precedence:  BULK \r\n\r\n",
    ],
)
def test_automatic_mail_is_not_answered_but_owed_a_report(raw: bytes) -> None:
    """RFC 3834 is about answers; a report goes to every reverse-path."""
    assert not may_tell_sender(transaction(raw))
    assert has_return_path(transaction(raw))


def test_fields_in_the_body_do_not_count() -> None:
    """A forwarded list message is no list message."""
    assert may_tell_sender(transaction(b"Subject: x\r\n\r\nList-Id: <a.test>\r\n"))


@pytest.mark.parametrize("mail_from", ["", "root", "a@b.test, c@d.test"])
def test_null_or_odd_reverse_path_hears_nothing(mail_from: str) -> None:
    """RFC 5321 section 4.5.5."""
    assert not has_return_path(transaction(mail_from=mail_from))
    assert address_of("sender", transaction(mail_from=mail_from), NOTICES) == ""


def test_addresses_of_words() -> None:
    """The words of a notify action, and a plain address."""
    found = [address_of(who, transaction(), NOTICES) for who in ("sender", "officer", "dpo@clinic.example", "nobody")]

    assert found == ["nurse@clinic.example", "privacy@clinic.example", "dpo@clinic.example", ""]


def test_officer_is_told_about_automatic_mail_too() -> None:
    """The officer did not send it."""
    assert address_of("officer", transaction(b"List-Id: x\r\n\r\n", ""), NOTICES) == "privacy@clinic.example"


def test_notify_actions_are_collected() -> None:
    """One word, several words, no word."""
    actions = (
        Action(Verb.NOTIFY, {"who": ("officer", "dpo@clinic.example")}),
        Action(Verb.NOTIFY),
        Action(Verb.TAG, {"text": "x"}),
    )

    assert asked_for(Outcome("a@b.test", Disposition.DELIVER, actions)) == {"sender", "officer", "dpo@clinic.example"}
