"""Content-transfer-encodings undone."""

import pytest

from gateway.core.message import OpaqueReason
from gateway.parse.codings import decode_body, encode_uuencode
from gateway.parse.enclosed import enclosed_entities, enclosed_files, lacks_parts, quoted_files

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


def test_parts_of_yenc_are_put_together_by_where_they_begin() -> None:
    """Each is a file, too; one that lacks others is told."""
    parts = [
        b"=ybegin part=%d total=2 line=128 size=4 name=a\n=ypart begin=%d end=%d\n%s\n=yend size=2\n"
        % (number, begin, begin + 1, bytes(octet + 42 for octet in said))
        for number, begin, said in ((2, 3, b"cd"), (1, 1, b"ab"))
    ]
    whole = b"begin\n" + b"".join(parts)

    assert [file.octets for file in enclosed_files(whole)] == [b"cd", b"ab", b"abcd"]
    assert [lacks_parts(octets) for octets in (whole, parts[0], parts[1], b"=ypart ")] == [False, True, True, False]


def test_many_parts_of_yenc_are_counted_once() -> None:
    """Each against all others would be a thousand million."""
    lines = b"".join(
        b"=ybegin part=%d total=%d line=1 size=1 name=a\n=ypart begin=1 end=1\n" % (n, n) for n in range(9, 40_000)
    )

    assert lacks_parts(lines)


def test_a_file_of_yenc_ends_where_another_begins() -> None:
    """Else hundreds that nobody ends would each hold all that follow."""
    begin = b"=ybegin line=128 size=2 name=a\n"

    assert [len(file.octets) for file in enclosed_files(b"begin\n" + (begin + b"ab\n") * 100)] == [2] * 100


def test_an_indented_file_takes_no_octet_from_one_of_yenc() -> None:
    """Lines of that may begin with a space, which is an octet of theirs."""
    uuencoded = b"  begin 644 a.txt\n  +2&5L;&\\@=&AE<F4\n  `\n  end\n"
    files = list(enclosed_files(uuencoded + b"=ybegin line=128 size=3 name=a\n \x8b\x8c\n=yend size=3\n"))

    assert [file.octets for file in files] == [b"Hello there", b"\xf6ab"]


@pytest.mark.parametrize("mode", ["0", "644", "100644", "rw-r--r--"])
@pytest.mark.parametrize("indent", [b"", b"\t", b"  "])
def test_a_uuencoded_file_has_any_mode_and_any_place_in_its_lines(mode: str, indent: bytes) -> None:
    """Programs that write it differ."""
    lines = (f"begin {mode} a.txt".encode(), b"+2&5L;&\\@=&AE<F4", b"`", b"end")
    files = list(enclosed_files(b"".join(indent + line + b"\n" for line in lines)))

    assert [file.octets for file in files] == [b"Hello there"]


def test_words_that_begin_like_a_uuencoded_file_are_none() -> None:
    """The line below is not as long as its first sign says."""
    assert list(enclosed_files(b"begin 7 days before\nThe order is on its way.\n")) == []


def quoted(octets: bytes, between: bytes = b"") -> bytes:
    return between.join(b"=%02X" % octet for octet in octets)


@pytest.mark.parametrize("between", [b"", b"=\r\n"])
def test_a_file_in_quoted_printable_is_found_in_a_text(between: bytes) -> None:
    """From its first octets on, also with a line for each octet."""
    assert list(quoted_files(b"Hello,\r\n" + quoted(b"PK\x03\x04\x14\0\0\0abc", between))) == [
        b"PK\x03\x04\x14\0\0\0abc"
    ]


@pytest.mark.parametrize("text", [b"https://x.example/?page=12&size=10&x=1F", b"caf=E9 =3D =20 na=EFve" * 20])
def test_a_text_with_equals_signs_holds_no_file(text: bytes) -> None:
    """Addresses, and words in quoted-printable, of which no text has control octets."""
    assert list(quoted_files(text)) == []


@pytest.mark.parametrize("field", [b"=base64", b"", b'"base 64"', b"bas\x1be64", b"x-base64-2"])
def test_an_entity_in_a_text_is_decoded_by_whatever_speaks_of_its_coding(field: bytes) -> None:
    """Some program understands the field."""
    rest = b"" if field else b"base64\nX-Note: x\n"
    text = b"Content-Type: text/plain\nContent-Transfer-Encoding: " + field + b"\n" + rest + b"\nZm9vYmFy\n"

    assert [found.octets[-6:] for found in enclosed_entities(text)] == [b"foobar"]
