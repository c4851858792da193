"""The tag before the subject."""

from base64 import b64encode

import pytest

from gateway.actions.apply import apply_edits
from gateway.actions.headers import Field, edits_of, read_fields
from gateway.actions.subject import tag, without_mark
from gateway.core.limits import Limits
from gateway.parse import parse
from gateway.parse.headers import decode_header_value


def tagged(raw: bytes, text: str) -> bytes:
    before = read_fields(parse(raw, Limits()).root)
    return apply_edits(raw, edits_of(before, tag(before, text)))


def subject_of(raw: bytes) -> str | None:
    return parse(raw, Limits()).root.header("subject")


def test_tag_stands_before_the_subject_and_the_rest_stays_raw() -> None:
    """Encoded words and folds of the sender are not touched."""
    raw = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  and more\r\nTo: a@b.test\r\n\r\n"

    assert tagged(raw, "[External]") == raw.replace(b"Subject: ", b"Subject: [External] ")


@pytest.mark.parametrize("text", ["[External]", "[Außerhalb]", "[External mail of the clinic] "])
@pytest.mark.parametrize(
    "raw", [b"Subject: Lab\r\n\r\n", b"Subject: =?utf-8?q?=C3=A4h?=\r\n\r\n", b"\r\n", b"Subject:\r\n\r\n"]
)
def test_tagging_twice_is_tagging_once(raw: bytes, text: str) -> None:
    """A message that comes by again keeps one tag."""
    once = tagged(raw, text)

    assert once != raw
    assert tagged(once, text) == once


@pytest.mark.parametrize("prefix", ["Re: ", "RE: Fwd: ", "AW:", "Re[2]: "])
def test_reply_to_a_tagged_message_is_not_tagged_again(prefix: str) -> None:
    """Threads don't collect tags."""
    raw = f"Subject: {prefix}[External] Lab\r\n\r\n".encode()

    assert tagged(raw, "[External]") == raw


def test_tag_elsewhere_in_the_subject_does_not_count() -> None:
    """Only the beginning is where people look."""
    raw = b"Subject: about [External] mail\r\n\r\n"

    assert subject_of(tagged(raw, "[External]")) == "[External] about [External] mail"


def test_message_without_subject_gets_one() -> None:
    """The tag alone is the subject then."""
    assert tagged(b"To: a@b.test\r\n\r\nx", "[External]") == b"To: a@b.test\r\nSubject: [External]\r\n\r\nx"


@pytest.mark.parametrize(
    "subject", [b"Lab", b"=?utf-8?q?=C3=A4h?=", b"=?iso-8859-1?q?a?= =?utf-8?b?YmM=?=", b"\xc3\xa4h", b"\xe4h"]
)
def test_tag_that_is_not_ascii_is_parted_from_the_subject_by_one_space(subject: bytes) -> None:
    """White space between encoded words is not shown, so the tag brings its own where needed."""
    raw = b"Subject: " + subject + b"\r\n\r\n"

    assert subject_of(tagged(raw, "[Außen]")) == f"[Außen] {subject_of(raw)}"


def test_long_first_line_is_folded() -> None:
    """No line gets past the limit of RFC 5322 because of a tag."""
    out = tagged(b"Subject: " + b"x" * 980 + b"\r\n\r\n", "[External]")

    assert max(map(len, out.split(b"\r\n"))) < 998


def test_line_break_in_a_tag_is_a_space() -> None:
    """A rule can't smuggle a field in."""
    assert tagged(b"Subject: s\r\n\r\n", "[A\r\nBcc: x@y.test]") == b"Subject: [A Bcc: x@y.test] s\r\n\r\n"


def test_empty_tag_changes_nothing() -> None:
    """Nothing to say, nothing to edit."""
    assert tagged(b"Subject: s\r\n\r\n", "  ") == b"Subject: s\r\n\r\n"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("[secure] Lab results", "Lab results"),
        ("Re: [Secure] Lab results", "Re: Lab results"),
        ("Lab results [SECURE]", "Lab results"),
        ("[secure] [secure] Lab [secure]", "Lab"),
        ("[secure]", ""),
        ("How to send [secure] mail", "How to send [secure] mail"),
        ("[secure]\n Lab results\n of May", "Lab results\n of May"),
    ],
)
def test_a_mark_is_cut_out_of_the_subject(subject: str, expected: str) -> None:
    """At either end, as often as it is there; the rest stays as it was."""
    (field,) = without_mark((Field("Subject", 1, subject),), "[secure]")

    assert field.value == expected


def test_a_mark_in_a_coded_subject_is_cut_out_of_its_text() -> None:
    """The subject is written anew; the text behind the mark is the same."""
    coded = "=?utf-8?b?" + b64encode("[secure] Befund für Ährenfeld".encode()).decode() + "?="
    (field,) = without_mark((Field("Subject", 1, coded),), "[secure]")

    assert decode_header_value((field.value or "").encode()) == "Befund für Ährenfeld"
