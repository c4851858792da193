"""Notices in plain words."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from gateway.actions.notices import SHOWN_RECIPIENTS, Notices, Story, compose, is_plausible
from gateway.actions.templates import NEEDED
from gateway.core.envelope import Envelope, Session, Transaction

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
STORY = Story(
    ("ann@partner.example",),
    ("Patient data to outside",),
    ("Social Security number",),
    ("the data stands in the name of a file",),
    ("a password-protected archive",),
)
TEMPLATES = sorted(name for name, needed in NEEDED.items() if needed == "incident")  # those about one message


def transaction(mail_from: str = "nurse@clinic.example") -> Transaction:
    received = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    return Transaction(Session(), Envelope(mail_from, ()), b"", incident="gp-7f3a", received=received)


def read(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.default)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_makes_a_complete_message(template: str) -> None:
    """Fields of RFC 5322, marked as automatic by RFC 3834, no field of the template left open."""
    octets = compose(NOTICES, template, STORY, transaction(), "nurse@clinic.example")
    found = read(octets)

    assert found.defects == []
    assert str(found["From"]) == "Example Clinic <gatepost@clinic.example>"
    assert found["To"].addresses[0].addr_spec == "nurse@clinic.example"
    assert found["Date"].datetime == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Message-ID"].startswith("<gp-7f3a.")
    assert found["Message-ID"].endswith("@clinic.example>")
    assert found["Subject"]
    text = found.get_content()
    assert "$" not in text + found["Subject"]
    assert all(
        word in text for word in ("gp-7f3a", "ann@partner.example", "Patient data to outside", "Social Security")
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_lines_end_with_crlf_and_are_short(template: str) -> None:
    """What Postfix is handed needs no repair."""
    octets = compose(NOTICES, template, STORY, transaction(), "nurse@clinic.example")

    assert octets.count(b"\n") == octets.count(b"\r\n") == octets.count(b"\r")
    assert max(map(len, octets.split(b"\r\n"))) <= 78
    assert octets.endswith(b"\r\n")


def test_same_input_gives_the_same_message() -> None:
    """A message planned again after a 451 is the same one; another addressee's has another Message-ID."""
    one, again, other = (
        compose(NOTICES, "sender-held", STORY, transaction(), address)
        for address in ("a@b.test", "a@b.test", "c@b.test")
    )

    assert one == again
    assert read(one)["Message-ID"] != read(other)["Message-ID"]


def test_sections_without_content_are_left_out() -> None:
    """No title stands over nothing, and no gap shows where it was."""
    octets = compose(NOTICES, "sender-held", Story(("a@b.test",)), transaction(), "a@b.test")

    assert b"Rules that applied" not in octets
    assert b"\r\n\r\n\r\n" not in octets


def test_long_lists_of_recipients_are_cut() -> None:
    """A thousand recipients make no thousand lines."""
    story = Story(tuple(f"r{n}@partner.example" for n in range(1000)))
    text = read(compose(NOTICES, "sender-held", story, transaction(), "a@b.test")).get_content()

    assert text.count("@partner.example") == SHOWN_RECIPIENTS
    assert f"and {1000 - SHOWN_RECIPIENTS} more" in text


def test_nothing_can_add_a_header_or_a_line() -> None:
    """Line breaks in addresses, names and titles are spaces."""
    evil = "x\r\nBcc: spy@evil.test\r\n\r\nfake"
    story = Story((evil,), (evil,))

    found = read(compose(Notices("g@clinic.example", evil, evil), "officer-held", story, transaction(evil), "a@b.test"))

    assert found["Bcc"] is None
    assert "\nBcc" not in found.get_content()


def test_names_in_other_scripts_are_readable() -> None:
    """UTF-8 text, encoded words in the header, addresses as they are (RFC 6532)."""
    notices = Notices("gatepost@clinic.example", "Klinik Möckern", "")
    octets = compose(notices, "sender-held", Story(("jürgen@münchen.example",)), transaction(), "äh@clinic.example")
    found = read(octets)

    assert found["From"].addresses[0].display_name == "Klinik Möckern"
    assert "jürgen@münchen.example" in found.get_content()
    assert "your mail administrator" in found.get_content()
    assert found["Content-Transfer-Encoding"] == "8bit"


@pytest.mark.parametrize("address", ["a@b.test", "first.last+tag@mail.clinic.example", "jürgen@münchen.example"])
def test_plausible_addresses(address: str) -> None:
    """What a notice can be sent to."""
    assert is_plausible(address)


@pytest.mark.parametrize(
    "address",
    ["", "root", "a@b@c.test", "a b@c.test", "<a@b.test>", "a@b.test,c@d.test", "a@b.test\r\n", '"a"@b.test', "@b.test",
     "a@", "x" * 65 + "@b.test", "ä" * 130 + "@b.test"],
)  # fmt: skip
def test_implausible_addresses(address: str) -> None:
    """Null reverse-path, lists, quotes and line breaks are nobody to write to."""
    assert not is_plausible(address)
