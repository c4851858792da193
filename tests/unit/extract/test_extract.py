"""From a message to segments and opaque parts."""

from base64 import encodebytes
from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from gateway.core.message import Content, OpaqueReason, Place, Segment, View

Contents = Callable[..., Content]

MIXED = "Content-Type: multipart/mixed; boundary=b"


def body(content: Content) -> Segment:
    return next(s for s in content.segments if s.place in (Place.BODY, Place.ATTACHMENT))


def texts(content: Content, place: Place) -> list[str]:
    return [segment.text for segment in content.segments if segment.place is place]


def opaque(content: Content) -> list[tuple[str, str]]:
    return [(found.part_path, found.reason.value) for found in content.opaque]


def test_fields_that_people_write_are_segments(contents: Contents) -> None:
    """The subject has a place of its own; what machines write in the usual way is left out."""
    content = contents(
        "Received: from a.example (b.example [192.0.2.1]) by c.example (Postfix) with ESMTP id 4XyZ12; "
        "Mon, 2 Mar 2026 10:11:12 +0000 (UTC)",
        "Subject: =?utf-8?q?caf=C3=A9?=",
        "X-Note: MRN 1",
        "Message-ID: <1@x.example>",
        "Date: Mon, 2 Mar 2026 10:11:12 +0000",
        "MIME-Version: 1.0",
        "List-Id: <y.example>",
        "DKIM-Signature: v=1; a=rsa-sha256; h=from:to; d=x.example; b=" + "Ab/+" * 20,
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 7bit",
        "",
        "",
    )

    assert [(s.place, s.header, s.text, s.editable) for s in content.segments if s.header] == [
        (Place.SUBJECT, "Subject", "café", True),
        (Place.HEADER, "X-Note", "MRN 1", False),
    ]


def test_subject_of_a_nested_message_is_read_but_not_editable(contents: Contents) -> None:
    """A milter can change the header of the outer message alone."""
    content = contents("Content-Type: message/rfc822", "", "Subject: in", "", "deep")

    subject = next(s for s in content.segments if s.place is Place.SUBJECT)
    assert (subject.part_path, subject.text, subject.editable) == ("1.1", "in", False)
    assert body(content).text == "deep"


def test_plain_text_stands_as_it_is(contents: Contents) -> None:
    """One to one, editable."""
    segment = body(contents("Subject: x", "", "Zeile é", ""))

    assert (segment.text, segment.runs, segment.editable, segment.view) == ("Zeile é\r\n", None, True, View.VISIBLE)


def test_characters_that_show_nothing_are_left_out_of_plain_text(contents: Contents) -> None:
    """A zero-width space or NUL inside a number does not hide it."""
    segment = body(contents("Content-Type: text/plain; charset=utf-8", "", "123\u200b-45\0-6789"))

    assert segment.text == "123-45-6789"
    assert segment.runs is not None


def test_html_gives_both_views(contents: Contents) -> None:
    """What is seen, and all."""
    content = contents("Content-Type: text/html", "", "<p>a<!-- b -->")

    assert [(s.view, s.text.strip()) for s in content.segments] == [(View.VISIBLE, "a"), (View.ALL, "a\nb")]


@pytest.mark.parametrize(
    "kind",
    [
        "text/csv",
        "text/calendar",
        "application/json",
        "application/fhir+json",
        "application/xml",
        "application/octet-stream",
        "message/delivery-status",
        "application/hl7-v2",
        "image/svg+xml",
        "application/x-anything",
    ],
)
def test_text_of_any_type_is_read(contents: Contents, kind: str) -> None:
    """By type, or because the octets are text."""
    content = contents(f"Content-Type: {kind}", "Content-Disposition: attachment; filename=a.txt", "", "MRN 1")

    assert (texts(content, Place.ATTACHMENT), texts(content, Place.FILENAME), content.opaque) == (
        ["MRN 1"],
        ["a.txt"],
        (),
    )


UNREAD = [
    ("application/pdf", b"%PDF-1.7", OpaqueReason.DAMAGED),
    ("image/png", b"\x89PNG\r\n\x1a\n\0", OpaqueReason.DAMAGED),
    ("application/zip", b"PK\x03\x04\x14\0\0\0", OpaqueReason.DAMAGED),
    ("application/octet-stream", b"\0\1\2", OpaqueReason.UNSUPPORTED_FORMAT),
    ("application/pkcs7-mime", b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", OpaqueReason.DAMAGED),
    ("application/pkcs7-mime", b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", OpaqueReason.DAMAGED),
    ("application/pkcs7-signature", b"\0MRN 1", OpaqueReason.DAMAGED),
]


@pytest.mark.parametrize(("kind", "octets", "reason"), UNREAD)
def test_what_cannot_be_read_is_named(contents: Contents, kind: str, octets: bytes, reason: OpaqueReason) -> None:
    """By its octets, whatever the label."""
    content = contents(f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", "", encodebytes(octets))

    assert opaque(content) == [("1", reason.value)]
    assert content.segments == ()


def der(tag: int, *contents: bytes) -> bytes:
    octets = b"".join(contents)
    return bytes([tag, len(octets)]) + octets


@pytest.mark.parametrize(("inside", "words"), [((), []), ((der(0xA0, der(0x04, b"\r\nMRN 1")),), ["MRN 1"])])
def test_detached_signature_holds_nothing_to_read(
    contents: Contents, inside: tuple[bytes, ...], words: list[str]
) -> None:
    """A signature is no reason to stop a mail; content within one is read."""
    data = der(0x06, bytes.fromhex("2a864886f70d010701"))
    signed = der(0x30, der(0x02, b"\1"), der(0x31), der(0x30, data, *inside), der(0x31))
    octets = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")), der(0xA0, signed))
    content = contents(
        "Content-Type: application/pkcs7-signature", "Content-Transfer-Encoding: base64", "", encodebytes(octets)
    )

    assert content.opaque == ()
    assert [one.text for one in content.segments if one.place is Place.ATTACHMENT and one.text] == words


def test_broken_pgp_message_is_named_and_the_text_read(contents: Contents) -> None:
    """Armour within text: the text around it is read."""
    content = contents("", "hello", "-----BEGIN PGP MESSAGE-----", "x")

    assert opaque(content) == [("1", "damaged")]
    assert body(content).text.startswith("hello")


def test_preamble_and_epilogue_are_read(contents: Contents) -> None:
    """Text around the parts of a multipart can be seen in old programs."""
    content = contents(MIXED, "", "MRN 1", "--b", "", "one", "--b--", "MRN 2")

    assert [(s.view, s.text.strip()) for s in content.segments] == [
        (View.ALL, "MRN 1"),
        (View.ALL, "MRN 2"),
        (View.VISIBLE, "one"),
    ]


def test_what_two_limits_cut_is_unread_once(contents: Contents) -> None:
    """The rest behind the last part that is allowed looks like an epilogue, and is cut by octets as well."""
    lines = ["", *("--b--", "", "one") * 9, "x" * 900]
    content = contents('Content-Type: multipart/mixed; boundary="b--"', *lines, limits=Limits(parts=3, text_bytes=200))

    around = next(line for line in content.ledger if line.reader == "around")
    assert 0 <= around.read <= around.octets
    assert {reason.value for reason in around.unread} == {"limit-parts", "limit-bytes"}


def test_text_beyond_the_limit_is_named_and_the_rest_kept(contents: Contents) -> None:
    """For the message as a whole."""
    content = contents(MIXED, "", "--b", "", "12345", "--b", "", "67890", "--b--", limits=Limits(text_bytes=7))

    assert texts(content, Place.BODY) == ["12345", "67"]
    assert opaque(content) == [("1.2", "limit-bytes")]


def test_readings_of_readings_are_held_where_they_would_multiply(contents: Contents) -> None:
    """Numbers in many elements, shown and escaped: each way to put the shown ones together could be read in as many."""
    row = "".join(
        f"<{tag}>{digit}</{tag}>" for tag, digit in zip(["b", "i", "u", "tt"] * 4, "219-09-99 41 773", strict=True)
    )
    inner = row.replace("<", "&lt;").replace(">", "&gt;")
    page = f"<p>{'y' * 3_000} SSN {row} {inner}</p>" * 12

    content = contents("Content-Type: text/html", "", page)

    assert ("1", "limit-bytes") in opaque(content)
    assert sum(len(segment.text) for segment in content.segments) < 40 * len(page) + 600_000
    assert any("SSN 219-09-99 41 773" in segment.text for segment in content.segments)


def test_room_for_readings_grows_with_the_message(contents: Contents) -> None:
    """A large text that is escaped as a whole is read as a whole; many parts have no room of their own each."""
    content = contents("Content-Type: text/plain", "", "%53%53%4E%20219%2D09%2D9999 " * 20_000 + "%45nd")

    assert opaque(content) == []
    assert any(segment.text.endswith("SSN 219-09-9999 End") for segment in content.segments)


def test_unknown_charset_and_encoding_are_named_and_read(contents: Contents) -> None:
    """As well as can be."""
    content = contents("Content-Type: text/plain; charset=x-none", "", "é")
    assert (body(content).text, opaque(content)) == ("é", [("1", "unknown-charset")])

    content = contents("Content-Transfer-Encoding: x-none", "", "abc")
    assert (body(content).text, opaque(content)) == ("abc", [("1", "unknown-encoding")])


def test_decoded_message_is_not_editable(contents: Contents) -> None:
    """Its bytes are not in the raw message."""
    content = contents(
        "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", encodebytes(b"Subject: x\r\n\r\ndeep")
    )

    assert (body(content).text, body(content).editable) == ("deep", False)


def test_data_after_base64_padding_is_read_and_ambiguous(contents: Contents) -> None:
    """Some programs stop at the padding."""
    content = contents("Content-Transfer-Encoding: base64", "", "QQ==", "TVJOIDE=")

    assert body(content).text == "AMRN 1"
    assert [found.reason.value for found in content.ambiguous] == ["transfer-encoding"]


def test_encoded_file_name_is_decoded(contents: Contents) -> None:
    """RFC 2231, and encoded words in quotes as everybody writes them."""
    for value in ("filename*=utf-8''caf%C3%A9.txt", 'filename="=?utf-8?q?caf=C3=A9.txt?="'):
        content = contents(f"Content-Disposition: attachment; {value}", "", "x")
        assert texts(content, Place.FILENAME) == ["café.txt"]


def test_html_says_its_charset_itself(contents: Contents) -> None:
    """Where the header does not."""
    octets = b"<meta charset=koi8-r><p>" + "Иван".encode("koi8-r")

    assert body(contents("Content-Type: text/html", "", octets)).text.strip() == "Иван"
