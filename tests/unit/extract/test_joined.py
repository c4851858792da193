"""Readings of text that is written in pieces, and of files within text."""

import binascii
import io
import zipfile
from base64 import encodebytes
from collections.abc import Callable

import pytest

from gateway.core.message import Content, Place, Span, View

Contents = Callable[..., Content]
CARD = "card 4111 1111 1111 1111"

PIECES = [
    ("image/svg+xml", "<svg><text>card 4111<tspan> 1111</tspan> 1111 1111</text></svg>"),
    ("image/svg+xml", "<text>card 4111<tspan> 1111</tspan><tspan> 1111</tspan> 1111</text>"),
    ("application/xml", "<a>card 4111<![CDATA[ 1111]]> 1111 &#49;111</a>"),
    ("text/xml", "<a>card 4111<b x='>'> 1111</b> 1111<!-- > --> 1111</a>"),
    ("text/calendar", "SUMMARY:card 4111 1111 11\r\n 11 1111\r\n"),
    ("text/vcard", "NOTE:card 4111 1111 11\r\n\t11 1111\r\n"),
    ("text/plain; format=flowed; delsp=yes", "card 4111 1111 11 \r\n11 11 \r\n11\r\n"),
    ("text/plain; format=flowed", "> card 4111 1111 \r\n> 1111 \r\n> 1111\r\n"),
]


@pytest.mark.parametrize(("kind", "text"), PIECES)
def test_value_in_pieces_was_not_joined(contents: Contents, kind: str, text: str) -> None:
    """Tags, folds and soft line ends within a value; it leads back to its pieces, and the text itself is read, too."""
    content = contents(f"Content-Type: {kind}", "", text)

    joined = next(s for s in content.segments if s.view is View.VISIBLE and s.place is Place.BODY)
    assert CARD in joined.text
    start = joined.text.index("4111")
    origin = "".join(text[span.start : span.end] for span in joined.origin(Span(start, start + 19)))
    assert origin.replace("&#49;", "1") == "4111 1111 1111 1111"
    assert any(s.view is View.ALL and s.text == text for s in content.segments)


def test_elements_of_data_stay_apart(contents: Contents) -> None:
    """Two fields of a record are no one number."""
    content = contents("Content-Type: application/xml", "", "<r><a>4111 1111</a><b>1111 1111</b></r>")

    assert not any("4111 1111 1111 1111" in s.text or "41111 1111" in s.text for s in content.segments)


def test_lines_of_other_depth_stay_apart(contents: Contents) -> None:
    """RFC 3676 section 4.5."""
    content = contents("Content-Type: text/plain; format=flowed", "", "> 4111 1111 ", "1111 1111")

    assert not any("4111 1111 1111 1111" in s.text for s in content.segments)


def test_encoded_word_in_a_report_was_not_decoded(contents: Contents) -> None:
    """The header of a returned message."""
    content = contents(
        "Content-Type: text/rfc822-headers", "", "Subject: =?utf-8?q?card_4111_1111_?=", " =?utf-8?q?1111_1111?="
    )

    assert any(CARD in s.text for s in content.segments)


def test_message_by_its_name_was_read_as_plain_text(contents: Contents) -> None:
    """A file *.eml of type text/plain opens as a message; it is shown as text, too."""
    content = contents(
        "Content-Type: text/plain; name=x.eml",
        "",
        "Content-Transfer-Encoding: base64",
        "",
        encodebytes(CARD.encode()).decode(),
    )

    assert any(s.text == CARD and s.part_path == "1.1" for s in content.segments)
    assert any("Content-Transfer-Encoding" in s.text and not s.editable for s in content.segments)


def uuencoded(octets: bytes) -> str:
    lines = [binascii.b2a_uu(octets[index : index + 45]).decode() for index in range(0, len(octets), 45)]
    return "begin 644 n.txt\r\n" + "".join(lines) + "`\r\nend\r\n"


def test_uuencoded_file_in_a_text_was_not_read(contents: Contents) -> None:
    """Programs show it as an attachment; a second and a nested one as well."""
    inner = uuencoded(CARD.encode())
    for text in (inner, uuencoded(b"x") + inner, uuencoded(inner.encode())):
        content = contents("", "see the file", text)
        assert any(s.place is Place.ATTACHMENT and CARD in s.text and not s.editable for s in content.segments)


def test_uuencoded_archive_in_a_text_is_read(contents: Contents) -> None:
    """As deep as it goes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("a.txt", CARD)

    content = contents("", uuencoded(target.getvalue()))
    assert [segment.part_path for segment in content.segments if segment.text == CARD] == ["1/1.1"]
    assert content.opaque == ()


def test_words_that_begin_are_no_file(contents: Contents) -> None:
    """A sentence that looks like the first line."""
    content = contents("", "begin 644 people", "went to the meeting", "end")

    assert len(content.segments) == 1
    assert content.opaque == ()


def test_base64_file_in_a_text_was_not_read(contents: Contents) -> None:
    """The base64 form of uuencode (POSIX)."""
    content = contents("", "begin-base64 644 n.txt", encodebytes(CARD.encode()).decode() + "====")

    assert any(s.text == CARD for s in content.segments)
