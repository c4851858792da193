"""Header fields: what of them is read."""

from collections.abc import Callable

import pytest

from gateway.core.message import Content, Place

Contents = Callable[..., Content]
CARD = "card 4111 1111 1111 1111"

FIELDS = [
    f"X-Mailer: {CARD}",
    f"List-Id: {CARD}",
    f"In-Reply-To: {CARD}",
    "Message-ID: <4111.1111.1111.1111@x.example>",
    "References: <1@x.example> <123-45-6789@x.example>",
    f"Received: from a.example ({CARD}) by b.example; Mon, 2 Mar 2026 10:11:12 +0000",
    f"Content-Type: text/plain; x-note={CARD!r}",
    f'Content-Type: text/plain; boundary="{CARD}"',
    f"Date: {CARD}",
    f"Thread-Index: {CARD}",
    f"DKIM-Signature: v=1; d=x.example; b={CARD}",
    f"DKIM-Signature: v=1; d={CARD}; b=abc",
    f"Return-Path: {CARD}",
    f"Precedence: {CARD}",
    f"Authentication-Results: {CARD}",
]


def said(content: Content) -> str:
    return "\n".join(s.text for s in content.segments if s.place in (Place.SUBJECT, Place.HEADER))


@pytest.mark.parametrize("written", FIELDS)
def test_fields_of_machines_were_not_read(contents: Contents, written: str) -> None:
    """A value that is not what its field is for, or holds a long number, is read in any field."""
    number = said(contents(written, "", "hi")).replace("\n", " ")

    assert any(digits in number for digits in ("4111 1111 1111 1111", "4111.1111.1111.1111", "123-45-6789"))


@pytest.mark.parametrize(
    "name", ["X-Foo", "Subject", "Content-Location", "Content-Description", "Content-ID", "Content-Disposition"]
)
def test_fields_of_parts_were_not_read(contents: Contents, name: str) -> None:
    """Every entity has fields, not the message alone."""
    content = contents("Content-Type: multipart/mixed; boundary=b", "", "--b", f"{name}: {CARD}", "", "hi", "--b--", "")

    assert [(s.part_path, s.place) for s in content.segments if CARD in s.text] == [("1.1", Place.HEADER)]


def test_words_in_a_field_of_machines_are_read(contents: Contents) -> None:
    """A diagnosis needs no digits."""
    for name in ("Thread-Index", "Message-ID", "Autocrypt", "DKIM-Signature", "Content-Type", "Return-Path"):
        assert "patient with hepatitis" in said(contents(f"{name}: a=patient with hepatitis", "", "hi"))


def test_identifier_is_no_address(contents: Contents) -> None:
    """A Message-ID that is read gives no finding of a mail address."""
    assert said(contents("Message-ID: <20260302101112.1234@x.example>", "", "")).count("@") == 0


def test_number_in_the_name_of_a_field_is_read(contents: Contents) -> None:
    """A name may be any printable characters."""
    assert "4111-1111-1111-1111" in said(contents("X-4111-1111-1111-1111: x", "", "hi"))


def test_parameter_in_sections_was_not_read(contents: Contents) -> None:
    """RFC 2231 puts it together."""
    content = contents('Content-Type: text/plain; x*0="card 4111 1111 "; x*1="1111 1111"', "", "hi")

    assert CARD in said(content)


def test_file_name_has_one_segment(contents: Contents) -> None:
    """It is no header text as well."""
    content = contents("Content-Disposition: attachment; filename=patients.txt", "", "hi")

    assert [s.place for s in content.segments if "patients" in s.text] == [Place.FILENAME]


def test_tab_in_a_folded_subject_hid_a_number(contents: Contents) -> None:
    """A fold is one space."""
    content = contents("Subject: card 4111 1111", "\t1111 1111", "", "hi")

    assert content.segments[0].text == CARD


def test_random_digits_between_parts_are_no_card(contents: Contents) -> None:
    """Python's library makes them; 6200000000000000003 has the length, the issuer and the check digit of a card."""
    boundary = "===============6200000000000000003=="
    content = contents(
        f'Content-Type: multipart/mixed; boundary="{boundary}"', "", f"--{boundary}", "", "hello", f"--{boundary}--", ""
    )

    assert not any("62000" in segment.text for segment in content.segments)


@pytest.mark.parametrize("field", ["X-Note", "Subject", "Received", "Keywords"])
def test_comments_between_digits_are_left_out_of_another_reading(contents: Contents, field: str) -> None:
    """Where nothing else tells the digits apart."""
    assert "11-22" in said(contents(f"{field}: 1(a)1(b)-(c)22", "", "hi")).split("\n")


def test_comments_elsewhere_give_no_other_reading(contents: Contents) -> None:
    """Telephone numbers and time zones have brackets."""
    assert said(contents("X-Note: call (555) about 12 (of 14) boxes", "", "hi")).count("boxes") == 1


@pytest.mark.parametrize(
    "written",
    [
        "Message-ID: <{}@x.example>",
        "References: <1@x.example> <{}>",
        "List-Unsubscribe: <https://x.example/u/{}>",
        "Return-Path: <{}@x.example>",
        'Content-Type: text/plain; boundary="{}"',
    ],
)
def test_what_an_identifier_says_in_base64_was_not_read(contents: Contents, written: str) -> None:
    """Random letters are no words, base64 of words is."""
    words, noise = "Y2FyZCA0MTExIDExMTEgMTExMSAxMTEx", "Zx9Qw7Lp0RkT3vBn8MsYc2JdH5uXa1Ge"

    assert words in said(contents(written.format(words), "", "hi"))
    assert noise not in said(contents(written.format(noise), "", "hi"))
