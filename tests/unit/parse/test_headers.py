"""Header values, decoded and encoded."""

import pytest

from gateway.parse.headers import decode_header_value, encode_header_value

DECODED = [
    (b" plain \r\n", "plain"),
    (b" folded\r\n\tvalue \n \t twice\r\n", "folded value twice"),
    (b" =?utf-8?q?caf=C3=A9_x?=", "café x"),
    (b" =?iso-8859-1?B?6Q==?=", "é"),
    (b" =?utf-8?b?w?= =?utf-8?b?6k=?=", "\ufffd"),
    (b" =?utf-8?q?a?= \r\n =?utf-8?q?b?= c", "ab c"),
    (b" =?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
    (b" =?utf-8*en?q?x?=", "x"),
    (b" =?nonsense?q?x=C3=A9?=", "xé"),
    (b" =?utf-8?q?open", "=?utf-8?q?open"),
    (b" =?utf-8?q?a b?=", "a b"),
    (b" =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
    ("Grüße".encode(), "Grüße"),
    ("Grüße".encode("latin-1"), "Grüße"),
    (b" a\rb\0", "a b\0"),
    (b"", ""),
]


@pytest.mark.parametrize(("octets", "text"), DECODED)
def test_values_are_unfolded_and_decoded(octets: bytes, text: str) -> None:
    """Encoded words, raw UTF-8 and raw Latin-1 all give text; broken words stay."""
    assert decode_header_value(octets) == text


@pytest.mark.parametrize("text", ["plain", "Grüße " * 30, "日本" * 60, "long " * 60 + "end", "=?utf-8?q?fake?=", "😀"])
def test_encoded_value_reads_back(text: str) -> None:
    """What is written is what is read, in ASCII lines of at most 76 characters."""
    value = encode_header_value(text)

    assert value.isascii()
    assert max(map(len, value.split("\n"))) <= 76
    assert decode_header_value(value.encode()) == text.strip()


def test_line_breaks_cannot_start_a_field() -> None:
    """Controls become spaces."""
    assert encode_header_value("a\r\nBcc: eve@other.example") == "a Bcc: eve@other.example"
