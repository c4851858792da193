"""What goes inside of an encrypted message, and what stays outside (RFC 9788)."""

import email

import pytest

from gateway.encrypt.entity import take_apart

RAW = (
    b"Received: from a by b\r\nFrom: Nurse <n@clinic.example>\r\nTo: a@x.example\r\nBcc: secret@x.example\r\n"
    b"Subject: Results of\r\n 4459-1182\r\nMIME-Version: 1.0\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\nX-Internal: 1\r\n\r\nBody \xe9\r\n"
)


def test_author_is_repeated_inside_and_the_way_is_not() -> None:
    """From, To and Subject are protected; Received, Bcc and X- fields are not the author's word to the recipient."""
    inner = take_apart(RAW).inner
    head, _, body = inner.partition(b"\r\n\r\n")

    assert b"Subject: Results of\r\n 4459-1182\r\n" in inner
    assert b"From: Nurse" in head
    assert b"Received" not in inner
    assert b"secret" not in inner
    assert b"X-Internal" not in inner
    assert b'Content-Type: text/plain;\r\n hp="cipher";\r\n charset=utf-8\r\n' in inner
    assert b"HP-Outer: Subject: Results of\r\n 4459-1182\r\n" in inner
    assert body == b"Body \xe9\r\n"


def test_subject_can_be_hidden() -> None:
    """Outside stands what was asked for, folds and all; inside both."""
    split = take_apart(RAW, "[...]")
    outside = b"".join(f.octets for f in split.outer)

    assert b"Subject: [...]\r\nMIME-Version" in outside
    assert b"4459" not in outside
    assert b"Subject: Results of\r\n 4459-1182\r\n" in split.inner
    assert b"HP-Outer: Subject: [...]\r\n" in split.inner
    assert split.replaced


def test_what_repeats_a_hidden_subject_goes_inside() -> None:
    """Outlook writes it a second time as Thread-Topic."""
    raw = RAW.replace(b"Subject:", b"Thread-Topic: 4459-1182\r\nKeywords: 4459-1182\r\nSubject:", 1)
    split = take_apart(raw, "[...]")

    assert b"4459" not in b"".join(f.octets for f in split.outer)
    assert b"Thread-Topic: 4459-1182\r\n" in split.inner
    assert b"Thread-Topic" in b"".join(f.octets for f in take_apart(raw).outer)


def test_fields_that_describe_the_body_go_inside_alone() -> None:
    """The ciphertext has its own."""
    split = take_apart(RAW)

    assert [f.name for f in split.content] == ["Content-Type", "Content-Transfer-Encoding"]
    assert not any(f.is_content for f in split.outer)


def test_without_protection_the_entity_is_as_it_was() -> None:
    """Nothing but the fields of the body, to the letter."""
    split = take_apart(RAW, protect=False)

    assert split.inner == (
        b"Content-Type: text/plain;\r\n charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nBody \xe9\r\n"
    )


@pytest.mark.parametrize(
    "parameters",
    [
        b"",
        b";",
        b"; charset=utf-8;",
        b";\r\n\tcharset=utf-8 ",
        b'; charset="utf-8',
        b"; charset=utf-8 (plain",
        b'; charset=utf-8; hp="clear"',
    ],
)
def test_a_content_type_that_its_author_did_not_end_says_the_same_inside(parameters: bytes) -> None:
    """Behind an open quote ours was part of the charset, and what is beyond ASCII could not be read."""
    raw = b"From: a@x.example\r\nContent-Type: text/plain" + parameters + b"\r\n\r\nx\r\n"
    inside, before = email.message_from_bytes(take_apart(raw).inner), email.message_from_bytes(raw)

    assert inside.get_content_type() == "text/plain"
    assert inside.get_content_charset() == before.get_content_charset()
    assert inside.get_param("hp") == "cipher"


def test_message_without_any_header() -> None:
    """A body alone is text."""
    split = take_apart(b"\r\nhello\r\n")

    assert split.outer == ()
    assert split.inner == b'Content-Type: text/plain;\r\n hp="cipher"\r\n\r\nhello\r\n'
