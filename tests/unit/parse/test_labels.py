"""Which charset a text is read in."""

import pytest

from gateway.parse.labels import find_charset, resolve

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
