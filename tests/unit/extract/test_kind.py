"""gateway.extract.kind"""

import base64

import pytest

from gateway.core.limits import Limits
from gateway.extract.kind import UNKNOWN, kind_of
from gateway.parse import parse

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def kind(content_type: bytes, octets: bytes) -> str:
    head = b"Content-Type: " + content_type + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return kind_of(parse(head + base64.encodebytes(octets).replace(b"\n", b"\r\n"), Limits()).root)


@pytest.mark.parametrize(
    ("content_type", "octets"),
    [(b"image/png", PNG), (b"image/gif", b"GIF89a..."), (b"image/jpeg", b"\xff\xd8\xff\xe0"), (b"image/webp", b"RIFF")],
)
def test_a_picture_is_what_its_first_bytes_say(content_type: bytes, octets: bytes) -> None:
    """The declared type stands where the signature bears it out."""
    assert kind(content_type, octets) == content_type.decode()


@pytest.mark.parametrize("octets", [b"PK\x03\x04 a document", b"", b"\xff\xd8"])
def test_a_document_that_calls_itself_a_picture_is_none(octets: bytes) -> None:
    """A label alone waves nothing through."""
    assert kind(b"image/png", octets) == UNKNOWN


def test_other_types_stand_as_declared() -> None:
    """Only types that a policy may call harmless are looked at."""
    assert kind(b"application/pdf", b"anything") == "application/pdf"
