"""The notice at the end of what a person reads."""

from base64 import b64encode

import pytest

from gateway.actions.apply import apply_edits
from gateway.actions.draft import draft_of, edits
from gateway.actions.notice import HEADER, append_notice
from gateway.core.limits import Limits
from gateway.parse import parse
from gateway.parse.transfer import decoded_text

TEXT = "This message may hold health data.\nIf it is not for you, delete it & tell us."
ALTERNATIVE = (
    b"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
    b"--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
    b"--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"
    b"--i\r\nContent-Type: text/html\r\n\r\n<html><body><p>Hello</p></BODY ></html>\r\n"
    b"--i--\r\n"
    b"--o\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nfile\r\n"
    b"--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nnested\r\n"
    b"--o--\r\n"
)


def noticed(raw: bytes, text: str = TEXT, html: str = "") -> bytes:
    return apply_edits(raw, edits(append_notice(draft_of(parse(raw, Limits())), text, html)))


def text_of(raw: bytes, part_path: str) -> str:
    return next(decoded_text(p).text for p in parse(raw, Limits()).root.walk() if p.part_path == part_path)


def test_each_alternative_has_the_notice_and_nothing_else_changes() -> None:
    """Text gets lines, mark-up gets a division before the end of its body; files and nested messages stay."""
    plain = b"\r\n\r\n" + TEXT.replace("\n", "\r\n").encode() + b"\r\n"
    html = (
        b'<div class="gatepost-notice">This message may hold health data.<br>\r\n'
        b"If it is not for you, delete it &amp; tell us.</div>\r\n"
    )

    out = noticed(ALTERNATIVE)

    expected = ALTERNATIVE.replace(b"\r\n\r\nHello\r\n--i", b"\r\n\r\nHello" + plain + b"\r\n--i")
    assert out == expected.replace(b"</BODY >", html + b"</BODY >")


@pytest.mark.parametrize(
    "raw",
    [
        ALTERNATIVE,
        b"\r\nHello\r\n",
        b"\r\n",
        b"Content-Type: text/html\r\n\r\n<p>Hello",
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(b"Hello\r\n") + b"\r\n",
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC=\r\n",
        b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n",
    ],
)
def test_noticing_twice_is_noticing_once(raw: bytes) -> None:
    """A message that comes by again keeps one notice."""
    once = noticed(raw)

    assert once != raw
    assert noticed(once) == once


def test_notice_quoted_in_a_reply_does_not_stop_the_own_notice() -> None:
    """Only a notice at the very end counts."""
    raw = b"\r\n> " + TEXT.replace("\n", "\r\n> ").encode() + b"\r\n"

    assert text_of(noticed(raw), "1").endswith(TEXT.replace("\n", "\r\n") + "\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n",
        (
            b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
            b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n--o--\r\n"
        ),
        b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n",
        b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n",
        b"Content-Type: text/plain; charset=x-no-such\r\n\r\n\xff\xfe\xfd\r\n",
    ],
    ids=["signed", "signed-inside", "encrypted", "smime", "unreadable"],
)
def test_body_that_may_not_be_touched_has_the_notice_in_the_header(raw: bytes) -> None:
    """A signature stays whole, a body that can't be read stays as it is."""
    out = noticed(raw)

    assert out.endswith(raw.partition(b"\r\n\r\n")[2])
    assert parse(out, Limits()).root.header(HEADER) == TEXT.replace("\n", " ")


def test_message_without_text_gets_nothing() -> None:
    """An attachment alone is left alone."""
    raw = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n"

    assert noticed(raw) == raw


def test_mark_up_of_the_rule_is_used_as_it_is_and_numbers_stand_for_other_scripts() -> None:
    """Right in every charset of the message."""
    raw = b"Content-Type: text/html; charset=us-ascii\r\n\r\n<body>x</body>"

    out = noticed(raw, html="<em>Schützt</em>")

    assert b'<div class="gatepost-notice"><em>Sch&#252;tzt</em></div>\r\n</body>' in out


def test_end_tag_inside_a_trailing_comment_is_no_place_for_the_notice() -> None:
    """The notice would be hidden there."""
    raw = b"Content-Type: text/html\r\n\r\n<body>x<!-- </body> -->"

    assert noticed(raw).index(b"gatepost-notice") > raw.index(b"-->")


def test_last_end_tag_counts_even_where_characters_change_length_in_lower_case() -> None:
    """Positions are those of the text as it stands."""
    raw = "Content-Type: text/html; charset=utf-8\r\n\r\n<body>İİİ</body></body></html>".encode()

    assert noticed(raw).endswith(b"</div>\r\n</body></html>")


def test_line_ends_of_the_body_are_used() -> None:
    """A base64 body with LF lines gets LF lines."""
    raw = b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(b"Hello\n") + b"\r\n"

    assert text_of(noticed(raw), "1") == f"Hello\n\n{TEXT}\n"


def test_empty_notice_changes_nothing() -> None:
    """Nothing to say, nothing to edit."""
    assert noticed(ALTERNATIVE, "  \n") == ALTERNATIVE
