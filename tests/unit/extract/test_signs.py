"""Octets that are no text, and text that other programs read otherwise."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from gateway.core.message import Content, Place
from gateway.extract.signs import is_clean

Contents = Callable[..., Content]
CARD = "card 4111 1111 1111 1111"
NOISE = random.Random(7).randbytes(2_000)


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("a.txt", CARD)
    return target.getvalue()


def reasons(content: Content) -> list[str]:
    return [found.reason.value for found in content.opaque]


def doubts(content: Content) -> list[str]:
    return [found.reason.value for found in content.ambiguous]


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=utf-8", "text/html", "text/csv; charset=latin1"])
def test_false_mark_of_utf_16_hid_a_text(contents: Contents, kind: str, mark: bytes) -> None:
    """Mail programs obey the label, browsers the mark: both texts are read, and the doubt is named."""
    content = contents(f"Content-Type: {kind}", "", mark + CARD.encode())

    bodies = [s for s in content.segments if s.place is Place.BODY]
    assert (CARD in bodies[0].text, len(bodies) > 1, doubts(content)) == (True, True, ["charset"])
    assert [s.editable for s in bodies] == [True, *[False] * (len(bodies) - 1)]


def test_false_label_of_utf_16_hid_a_text(contents: Contents) -> None:
    """Plain octets under the label of wide ones."""
    content = contents("Content-Type: text/plain; charset=utf-16", "", CARD)

    assert any(CARD in segment.text for segment in content.segments)
    assert doubts(content) == ["charset"]


def test_utf_16_with_its_mark_is_text(contents: Contents) -> None:
    """Labelled or not; a file of it, too."""
    octets = ("\ufeff" + CARD + " ü").encode("utf-16-le")
    for kind in ("text/plain", "text/plain; charset=utf-16", "application/octet-stream"):
        content = contents(f"Content-Type: {kind}", "", octets)
        assert (any(CARD in s.text for s in content.segments), content.opaque, content.ambiguous) == (True, (), ())


BINARY = [
    ("application/octet-stream", "", b"\xff\xfe" + NOISE, "unsupported-format"),
    ("text/plain", "", NOISE, "unsupported-format"),
    ("text/plain; charset=utf-8", "", NOISE, "unsupported-format"),
    ("text/plain", "", b"hello world\r\n" * 500 + NOISE, "unsupported-format"),
    ("text/plain", "", b"\x04\x22\x4d\x18\x60\x40\x82\x1e\0\0\0card of a" + NOISE[:9], "damaged"),
    ("text/plain", "", b"\x85\x02\x0c\x03" + NOISE, "encrypted-pgp"),
    ("application/octet-stream", "", b"\xc1\xc0\x4c\x03" + NOISE, "encrypted-pgp"),
    ("text/plain", "", b"\r\n %PDF-1.7\r\nhello", "unsupported-format"),
    ("text/plain", "x.gpg", b"short \x85\x01", "unsupported-format"),
    ("text/plain; charset=utf-8", "", bytes(range(160, 250)), "unsupported-format"),
]


@pytest.mark.parametrize(("kind", "name", "octets", "reason"), BINARY)
def test_binary_content_passed_as_text(contents: Contents, kind: str, name: str, octets: bytes, reason: str) -> None:
    """A label of text is no proof."""
    content = contents(
        f"Content-Type: {kind}",
        f"Content-Disposition: attachment; filename={name or 'a'}",
        "Content-Transfer-Encoding: 8bit",
        "",
        octets,
    )

    assert reasons(content) == [reason]


@pytest.mark.parametrize(
    ("kind", "name", "before"),
    [
        ("text/plain", "x.zip", b"hello\r\n"),
        ("text/plain", "x.gpg", b"hello\r\n"),
        ("text/html", "", b"<p>"),
        ("text/plain", "", b"hello\r\n" * 300),
    ],
)
def test_archive_behind_text_is_read_like_the_text(contents: Contents, kind: str, name: str, before: bytes) -> None:
    """Programs show the text, others open the archive."""
    content = contents(
        f"Content-Type: {kind}", f"Content-Disposition: attachment; filename={name or 'a'}", "", before + archive()
    )

    assert any(CARD in segment.text for segment in content.segments)
    assert any("hello" in segment.text or kind == "text/html" for segment in content.segments)
    assert reasons(content) == []


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        ("text/plain", "Größe, naïve café".encode("latin-1")),
        ("text/plain; charset=utf-8", b"Gr\xf6\xdfe, na\xefve caf\xe9, and much that is plain text around it"),
        ("text/plain; charset=iso-2022-jp", "日本語のテキスト".encode("iso2022_jp")),
        ("text/plain; charset=koi8-r", "Привет, мир".encode("koi8-r")),
        ("text/plain", b"a page\x0c\r\nand one stray \x00 or \x1a"),
        ("text/plain", b"we write %PDF-1.4 about formats"),
        ("text/plain; charset=utf-16", "日本".encode("utf-16")),
    ],
)
def test_ordinary_text_is_no_binary_content(contents: Contents, kind: str, octets: bytes) -> None:
    """Eight bits, shifts, a form feed, a stray control."""
    assert contents(f"Content-Type: {kind}", "", octets).opaque == ()


@pytest.mark.parametrize("octet", range(256))
def test_an_octet_that_only_binary_formats_have_is_seen_in_texts_of_any_length(octet: int) -> None:
    """Two ways to look for it, the quicker one for long texts, and one answer."""
    is_text = (octet >= 32 and octet != 127) or octet in b"\t\n\v\f\r\x1b"
    short, long = b"some words\r\n", b"some words\r\n" * 500

    assert is_clean(short + bytes([octet])) is is_clean(long + bytes([octet]) + long) is is_text
