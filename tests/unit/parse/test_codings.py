"""Content-transfer-encodings undone."""

import pytest

from gateway.core.message import OpaqueReason
from gateway.parse.codings import decode_body, encode_uuencode
from gateway.parse.enclosed import enclosed_files

BODIES = [
    ("7bit", b"a=41", b"a=41", False),
    ("quoted-printable", b"a=41=\r\nb=e9 \r\n_", b"aAb\xe9 \r\n_", False),
    ("quoted-printable", b"a=  \r\nb", b"ab", False),
    ("quoted-printable", b"a=zz==\r\n=", b"a=zz=", False),
    ("quoted-printable", b"=\rhidden\n", b"=\rhidden\n", False),
    ("base64", b"Zm9v\r\nYmFy\r\n", b"foobar", False),
    ("base64", b"Zm 9*v", b"foo", False),
    ("base64", b"Zm9vYg", b"foob", False),
    ("base64", b"Zm9vYg==Zm9v", b"foobfoo", True),
    ("base64", b"Z", b"", False),
    ("base64", b"/yxz9AzA=", b"\xff,s\xf4\x0c\xc0", False),  # one sign of padding too many
    ("x-uuencode", b"begin 644 x\r\n#9F]O\r\n`\r\nend\r\n", b"foo", False),
    ("x-uuencode", b"before\nbegin 644 x\n#9F]O\n`\nend\nafter", b"before\nfooafter", True),
    ("x-uuencode", b"no file here", b"no file here", True),
]


@pytest.mark.parametrize(("encoding", "body", "octets", "odd"), BODIES)
def test_bodies_are_decoded_tolerantly(encoding: str, body: bytes, octets: bytes, odd: bool) -> None:
    """Broken sequences stay, junk in base64 goes, nothing else is lost."""
    found = decode_body(encoding, body)

    assert (found.octets, found.odd, found.problem) == (octets, odd, None)


def test_unknown_encoding_is_read_as_it_is() -> None:
    """And named."""
    found = decode_body("rot13", b"nop")

    assert (found.octets, found.problem) == (b"nop", OpaqueReason.UNKNOWN_ENCODING)


def test_uuencode_writes_what_it_reads() -> None:
    """Any octets survive."""
    octets = bytes(range(256)) * 3

    assert decode_body("x-uuencode", encode_uuencode(octets, b"\r\n")).octets == octets


def test_each_file_in_xxencode_ends_where_the_next_begins() -> None:
    """Else a thousand of them would say a million times what they say."""
    files = list(enclosed_files(b"begin 644 a\n1+A++\n1+A++\n" * 100))

    assert (len(files), {len(file.octets) for file in files}) == (100, {6})
