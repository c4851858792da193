"""A message that no rule touches leaves byte for byte as it came."""

import pytest

from gateway.demo.letters import letter
from gateway.demo.site import Site

BODIES = {
    "plain": b"Good morning.\r\n",
    "empty": b"",
    "only empty lines": b"\r\n\r\n\r\n",
    "8-bit": b"caf\xe9 \xff\xfe\x80 \xc3\xa9\r\n",
    "dots": b".\r\n..\r\n.x\r\n",
    "trailing spaces": b"line   \r\n\t\r\nend \t \r\n",
    "a line of 100,000 bytes": b"x" * 100_000 + b"\r\n",
    "form feeds and escapes": b"\x01\x07\x0c\x1b[31m\x7f\r\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_body_passes_unchanged(site: Site, body: bytes) -> None:
    """Whatever bytes a body has, all of them arrive."""
    raw = letter("Good morning", body)

    said = site.send(raw, "a@outside.example")

    assert said.final.code == 250
    assert site.sink.wait_for(1)[0].message == raw


def test_header_passes_unchanged(site: Site) -> None:
    """Folded lines, odd spaces, repeated fields and raw UTF-8 in a header stay as they are."""
    fields = (
        b"X-Folded: one\r\n\ttwo\r\n   three",
        b"X-NoSpace:value",
        b"X-Spaces:    value  ",
        b"X-Twice: 1",
        b"X-Twice: 2",
        b"x-lower-CASE: caf\xc3\xa9",
        b"X-Empty:",
    )
    raw = letter("Good morning", b"Good morning.\r\n", *fields)

    said = site.send(raw, "a@outside.example")

    assert said.final.code == 250
    assert site.sink.wait_for(1)[0].message == raw


def test_multipart_passes_unchanged(site: Site) -> None:
    """Preamble, epilogue, nested parts and every encoding of a multipart survive."""
    body = (
        b"preamble\r\n--b1\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"caf\xe9\r\n--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\n\r\nplain\r\n--b2\r\n"
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=\r\n=A9</p>\r\n"
        b"--b2--\r\n--b1\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiDQo=\r\n--b1--\r\n"
        b"epilogue\r\n"
    )
    raw = letter("Good morning", body, b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="b1"')

    said = site.send(raw, "a@outside.example")

    assert said.final.code == 250
    assert site.sink.wait_for(1)[0].message == raw


def test_authenticated_sender_is_known_to_the_gateway(site: Site) -> None:
    """SMTP AUTH reaches the audit trail as the user of the message."""
    before = len(site.gateway.audit_events())

    site.send(letter("Good morning"), "a@outside.example", auth=("nurse", "correct horse"))

    assert any("nurse" in str(event.get("actor")) for event in site.gateway.audit_events()[before:])
