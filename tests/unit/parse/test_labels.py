"""Which charset a text is read in."""

import pytest

from gateway.parse.charsets import Charset
from gateway.parse.labels import find_charset, resolve
from gateway.parse.second import looks_like_ebcdic, other_texts

READINGS = [
    ("", b"plain", "plain"),
    ("us-ascii", "naïve".encode(), "naïve"),
    ("us-ascii", b"na\xefve \x93", "naïve “"),
    ("iso-8859-1", b"\x93\x81", "“\x81"),
    ("UTF8", "é".encode(), "é"),
    ('"utf-8"', b"a\xe9b", "a\ufffdb"),
    ("utf-16", "\ufeffé1".encode("utf-16-be"), "\ufeffé1"),
    ("utf-16", "12".encode("utf-16-be"), "12"),
    ("utf-16", "12".encode("utf-16-le"), "12"),
    ("utf-7", b"+AOk-", "é"),
    ("shift_jis", "日本".encode("cp932"), "日本"),
    ("gb2312", "中文".encode("gb18030"), "中文"),
    ("x-unknown", "é".encode(), "é"),
    ("x-unknown", b"\xe9", "é"),
    ("", "\ufeff12".encode("utf-16-le"), "\ufeff12"),
]


@pytest.mark.parametrize(("label", "octets", "text"), READINGS)
def test_octets_are_read_as_browsers_do(label: str, octets: bytes, text: str) -> None:
    """Labels, byte order marks, and guesses where there is no label."""
    assert resolve(label, octets).charset.decode(octets) == text


@pytest.mark.parametrize("label", ["x-unknown", "rot13", "base64", "unicode_escape", "idna", "\0", "a" * 500])
def test_names_that_are_no_charsets_are_unknown(label: str) -> None:
    """Codecs of Python that are not charsets cannot be reached from a message."""
    assert find_charset(label) is None
    assert not resolve(label, b"x").known


def test_wide_mark_under_a_narrow_label_is_odd() -> None:
    """One program reads UTF-16, the other Latin-1."""
    assert resolve("iso-8859-1", "\ufeff1".encode("utf-16-le")).odd


@pytest.mark.parametrize(
    ("codec", "octets", "other"),
    [
        ("cp037", b"The order is 12", "The order is 12"),
        ("utf-7", b"Call +4912345", "Call +4912345"),
        ("cp037", b"44WTlA==", "Telm"),
        ("cp037", b"=E3=85=93=94", "Telm"),
    ],
)
def test_ascii_in_a_charset_unlike_it_has_another_reading(codec: str, octets: bytes, other: str) -> None:
    """That of programs without the charset, and without a coding whose field was not understood."""
    assert other in list(other_texts(octets, Charset(codec), ""))


@pytest.mark.parametrize("codec", ["utf-8", "windows-1252", "cp932", "koi8-r"])
def test_ascii_in_a_charset_like_it_has_one_reading(codec: str) -> None:
    """Nothing is read twice."""
    assert list(other_texts(b"The order is 12", Charset(codec), "")) == []


def test_ebcdic_is_told_from_other_texts() -> None:
    """By its letters, of which hardly any are octets of ASCII."""
    words = "The order for the ward went out on Monday, 40 boxes."

    assert [looks_like_ebcdic(words.encode(codec)) for codec in ("cp037", "ascii")] == [True, False]
    assert not looks_like_ebcdic("Заказ отправлен в понедельник".encode("koi8-r"))
