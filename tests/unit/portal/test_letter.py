"""A message as its recipient sees it, whatever it is made of."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.portal.letter import NoSuchPart, attachment_of, html_of, read_letter
from gateway.portal.views import file
from gateway.web.sending import pieces

HEAD = b"From: n@clinic.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"


def mixed(*parts: bytes) -> bytes:
    """A message of several parts, each with its header."""
    inside = b"".join(b"--m\r\n" + part + b"\r\n" for part in parts)
    return HEAD + b"Content-Type: multipart/mixed; boundary=m\r\n\r\n" + inside + b"--m--\r\n"


def test_a_plain_message_is_its_text() -> None:
    """Subject and sender decoded; nothing attached."""
    letter = read_letter(HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nf\xfcr dich\r\n")

    assert (letter.subject, letter.text) == ("Grüße", "für dich\r\n")
    assert letter.fields == (("From", "n@clinic.example"),)
    assert (letter.html, letter.attachments) == ((), ())


def test_a_message_of_html_alone_can_be_read_as_text() -> None:
    """A line for each block; what a browser would not show, or run, is not in it."""
    page = (
        b"<html><head><title>no</title><style>p{}</style></head><p>one &amp; <b>two</b><br>three</p><script>no</script>"
    )
    letter = read_letter(HEAD + b"Content-Type: text/html\r\n\r\n" + page + b"<table><tr><td>a</td></tr></table>")

    assert letter.text.split() == ["one", "&", "two", "three", "a"]
    assert letter.text.splitlines()[0] == "one & two"
    assert letter.html == ("1",)
    assert html_of(HEAD + b"Content-Type: text/html\r\n\r\n<p>x", "1") == "<p>x"


def test_a_message_in_the_message_is_a_file() -> None:
    """As it came, under a name that mail programs open."""
    inner = b"Subject: inner\r\n\r\ninner text\r\n"
    raw = mixed(b"\r\nouter", b"Content-Type: message/rfc822\r\n\r\n" + inner)
    letter = read_letter(raw)

    assert letter.text.strip() == "outer"
    assert [attachment.name for attachment in letter.attachments] == ["part-1.2.eml"]
    assert attachment_of(raw, "1.2")[1].strip() == inner.strip()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("results.pdf", "results.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Windows\\\\x.exe", "x.exe"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ("  .hidden", "hidden"),
        ("<b>.html", "_b_.html"),
        ("", "part-1.2.bin"),
        ("...", "part-1.2.bin"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("Befund Größe.docx", "Befund Größe.docx"),
    ],
)
def test_a_file_name_leads_nowhere_and_shows_its_ending(name: str, safe: str) -> None:
    """No path, no control, no turned writing; what kind of file it is stays in sight."""
    head = f'Content-Type: application/x-y\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nx'
    (attachment,) = read_letter(mixed(b"\r\ntext", head.encode())).attachments

    assert attachment.name == safe
    said = file(attachment.name, (), 0, 1).headers["content-disposition"]
    assert said.isascii()
    assert said.count('"') == 2


@pytest.mark.parametrize("path", ["1", "1.1", "1.9", "x", "", "../1.2"])
def test_only_attachments_are_given_out_as_such(path: str) -> None:
    """The text is no file, and what is not there neither."""
    raw = mixed(b"\r\ntext", b"Content-Type: application/pdf\r\n\r\nx")

    assert attachment_of(raw, "1.2") == ("part-1.2.bin", b"x")
    with pytest.raises(NoSuchPart):
        attachment_of(raw, path)
    with pytest.raises(NoSuchPart):
        html_of(raw, path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_nothing_that_waits_keeps_a_page_from_being_made(tail: bytes) -> None:
    """Whatever the bytes are: something is shown."""
    for raw in (tail, mixed(tail), HEAD + b"Content-Type: text/html\r\n\r\n" + tail):
        letter = read_letter(raw)
        letter.text.encode("utf-8")
        for attachment in letter.attachments:
            name, octets = attachment_of(raw, attachment.part)
            assert file(name, pieces(octets), len(octets), 1).headers["content-disposition"]


@pytest.mark.parametrize("markup", [b"<div>" * 60_000, b"".join(b"<font a%d>" % number for number in range(30_000))])
def test_text_of_intricate_html_is_read_in_linear_time(markup: bytes) -> None:
    """What takes a parser of HTML minutes, because it looks at every open element for every tag."""
    before = time.process_time()
    letter = read_letter(HEAD + b"Content-Type: text/html\r\n\r\n" + markup + b"<p>the end</p>")

    assert letter.text == "the end"
    assert time.process_time() - before < 10


def test_a_text_that_is_cut_says_so() -> None:
    """The mark-up of all parts together has a bound; nobody takes the beginning for all of it."""
    page = b"Content-Type: text/html\r\n\r\n<p>word " + b"x" * 300_000
    one, three = read_letter(mixed(page)), read_letter(mixed(page, page, page))

    assert (one.is_cut, three.is_cut) == (False, True)
    assert three.text.count("word") == 2
