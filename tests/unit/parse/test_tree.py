"""The tree of parts: ranges, limits, nested messages, and what is ambiguous."""

from base64 import encodebytes
from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from gateway.core.message import AmbiguousReason, Message, OpaqueReason, Part
from gateway.parse import parse
from gateway.parse.multipart import outskirts

Read = Callable[..., Message]

MIXED = "Content-Type: multipart/mixed; boundary=b"


def paths(message: Message) -> list[str]:
    return [part.part_path for part in message.root.walk()]


def body(part: Part) -> bytes:
    return part.buffer[part.body.start : part.body.end]


def reasons(message: Message) -> set[tuple[str, str]]:
    return {(found.part_path, found.reason.value) for found in message.ambiguous}


def test_plain_message_is_one_part(read: Read) -> None:
    """Head ends after the blank line, the body is the rest."""
    message = read("Subject: Hello", "From: ann@clinic.example", "", "Text", "")

    root = message.root
    assert (root.part_path, root.content_type, root.transfer_encoding, body(root)) == (
        "1",
        "text/plain",
        "7bit",
        b"Text\r\n",
    )
    assert root.header("SUBJECT") == "Hello"
    assert message.raw[root.headers[1].octets.start : root.headers[1].octets.end] == b"From: ann@clinic.example\r\n"
    assert (message.ambiguous, message.opaque, message.defects) == ((), (), ())


def test_multipart_bodies_leave_the_line_end_to_the_boundary(read: Read) -> None:
    """The line end before a boundary line belongs to that line; a part without head has an empty one."""
    message = read(MIXED, "", "pre", "--b", "", "one", "--b", "Content-Type: text/html", "", "two", "", "--b--", "post")

    first, second = message.root.children
    assert (body(first), body(second)) == (b"one", b"two\r\n")
    assert [message.raw[r.start : r.end] for r in outskirts(message.root)] == [b"pre\r\n", b"post"]
    assert message.ambiguous == ()


@pytest.mark.parametrize("closing", ["--b--", "--b-- \t", "--b--\r\n"])
def test_final_boundary_may_be_followed_by_white_space(read: Read, closing: str) -> None:
    """White space that a transport put at the end of a boundary line is no part of it."""
    message = read(MIXED, "", "--b \t", "", "one", closing)

    assert [body(part) for part in message.root.children] == [b"one"]
    assert message.defects == ()


def test_missing_final_boundary_is_a_defect_only(read: Read) -> None:
    """The last part goes to the end."""
    message = read(MIXED, "", "--b", "", "one")

    assert body(message.root.children[0]) == b"one"
    assert (message.defects, message.ambiguous) == (("no-final-boundary",), ())


def test_lf_line_ends_are_a_defect_only() -> None:
    """A message with bare LF throughout is read like any other."""
    message = parse(b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n", Limits())

    assert body(message.root.children[0]) == b"one"
    assert (message.defects, message.ambiguous) == (("lf-line-ends",), ())


def test_empty_input_and_headless_input_are_messages() -> None:
    """No bytes, and a body without head, give a root part."""
    assert parse(b"", Limits()).root.body == parse(b"", Limits()).root.head
    message = parse(b"just text\r\n", Limits())
    assert (body(message.root), message.defects) == (b"just text\r\n", ("no-header",))


def test_nested_message_has_a_path_and_headers_of_its_own(read: Read) -> None:
    """The message inside part 1.2 is 1.2.1, in the same buffer."""
    message = read(
        MIXED, "", "--b", "", "one", "--b", "Content-Type: message/rfc822", "", "Subject: in", "", "deep", "--b--"
    )

    inner = message.root.children[1].children[0]
    assert (inner.part_path, inner.header("subject"), body(inner), inner.is_original) == ("1.2.1", "in", b"deep", True)


def test_encoded_message_is_read_from_a_buffer_of_its_own(read: Read) -> None:
    """Base64 around a message does not hide it, and its bytes are not those of the raw message."""
    inner_raw = b"Subject: in\r\n\r\ndeep"
    message = read("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", encodebytes(inner_raw))

    inner = message.root.children[0]
    assert (inner.buffer, inner.is_original, inner.header("subject")) == (inner_raw, False, "in")


def test_file_named_eml_is_a_message(read: Read) -> None:
    """An attached message with a type of no meaning is opened by its name."""
    message = read('Content-Type: application/octet-stream; name="x.eml"', "", "Subject: in", "", "deep")

    assert message.root.children[0].header("subject") == "in"


def test_digest_holds_messages(read: Read) -> None:
    """Parts of a multipart/digest are messages unless they say otherwise (RFC 2046 section 5.1.5)."""
    message = read("Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: in", "", "deep", "--b--")

    assert paths(message) == ["1", "1.1", "1.1.1"]
    assert message.root.children[0].content_type == "message/rfc822"


@pytest.mark.parametrize("kind", ["message/external-body", "message/partial"])
def test_body_that_is_elsewhere_is_named(read: Read, kind: str) -> None:
    """What is fetched or put together later cannot be read now."""
    message = read(f"Content-Type: {kind}", "", "x")

    assert [opaque.reason for opaque in message.opaque] == [OpaqueReason.EXTERNAL_BODY]


def deep(levels: int) -> bytes:
    opening = [f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(levels)]
    return "".join(opening).encode() + b"\r\ncore"


def test_five_hundred_levels_are_read_when_allowed() -> None:
    """Depth costs no recursion."""
    message = parse(deep(500), Limits(depth=600))

    assert (len(paths(message)), message.opaque) == (501, ())


def test_below_the_depth_limit_a_part_is_opaque() -> None:
    """What is not opened is named, once."""
    message = parse(deep(500), Limits(depth=3))

    assert paths(message)[-1] == "1.1.1.1"
    assert [(o.part_path, o.reason) for o in message.opaque] == [("1.1.1.1", OpaqueReason.LIMIT_DEPTH)]


def test_parts_beyond_the_limit_are_named() -> None:
    """Ten thousand parts: as many as allowed are read."""
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000
    message = parse(raw, Limits(parts=100))

    assert len(paths(message)) == 100
    assert [o.reason for o in message.opaque] == [OpaqueReason.LIMIT_PARTS]


@pytest.mark.parametrize("limits", [Limits(headers=5), Limits(header_bytes=40)])
def test_fields_beyond_the_limit_are_named(limits: Limits) -> None:
    """The body is still found."""
    message = parse(b"X-A: 1234\r\n" * 100 + b"\r\nbody", limits)

    assert len(message.root.headers) < 6
    assert body(message.root) == b"body"
    assert [o.reason for o in message.opaque] == [OpaqueReason.LIMIT_HEADERS]


AMBIGUOUS = {
    "two types": (["Content-Type: text/plain", "Content-Type: text/html", "", "x"], AmbiguousReason.CONTENT_TYPE),
    "no subtype": (["Content-Type: html", "", "x"], AmbiguousReason.CONTENT_TYPE),
    "two encodings": (
        ["Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64", "", "x"],
        AmbiguousReason.TRANSFER_ENCODING,
    ),
    "misspelt encoding": (["Content-Transfer_Encoding: base64", "", "x"], AmbiguousReason.TRANSFER_ENCODING),
    "encoding with another name": (
        ["Old-Content-Transfer-Encoding: quoted-printable", "", "x"],
        AmbiguousReason.TRANSFER_ENCODING,
    ),
    "encoding within another field": (
        ['Content-Type: text/plain; name="a"Content-Transfer-Encoding: base64', "", "x"],
        AmbiguousReason.TRANSFER_ENCODING,
    ),
    "junk after encoding": (["Content-Transfer-Encoding: base64 x", "", "x"], AmbiguousReason.TRANSFER_ENCODING),
    "encoded multipart": (
        [MIXED, "Content-Transfer-Encoding: base64", "", "--b", "", "x"],
        AmbiguousReason.TRANSFER_ENCODING,
    ),
    "two boundaries": (
        ["Content-Type: multipart/mixed; boundary=b; boundary=c", "", "--b", "", "x", "--b--"],
        AmbiguousReason.BOUNDARY,
    ),
    "no boundary": (["Content-Type: multipart/mixed", "", "--b", "", "x"], AmbiguousReason.BOUNDARY),
    "boundary never used": ([MIXED, "", "text"], AmbiguousReason.BOUNDARY),
    "longer boundary line": ([MIXED, "", "--b", "", "x", "--bc", "", "y", "--b--"], AmbiguousReason.BOUNDARY),
    "part after the end": ([MIXED, "", "--b", "", "x", "--b--", "--b", "", "y"], AmbiguousReason.BOUNDARY),
    "line without colon": (
        ["Subject: x", "nonsense", "Content-Type: text/html", "", "x"],
        AmbiguousReason.HEADER_SYNTAX,
    ),
    "white line in the head": (["Subject: x", " ", "Content-Type: text/html", "", "x"], AmbiguousReason.HEADER_SYNTAX),
    "two subjects": (["Subject: x", "Subject: y", "", "x"], AmbiguousReason.HEADER_SYNTAX),
    "bare CR in the head": (["Subject: x\rContent-Type: text/html", "", "x"], AmbiguousReason.LINE_ENDS),
    "bare LF in the head": (["Subject: x\nContent-Type: text/html", "", "x"], AmbiguousReason.LINE_ENDS),
    "two charsets": (["Content-Type: text/plain; charset=utf-8; charset=utf-7", "", "x"], AmbiguousReason.CHARSET),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_programs_read_differently_is_ambiguous(read: Read, name: str) -> None:
    """Each way to show one message to the filter and another to the reader is named."""
    lines, reason = AMBIGUOUS[name]

    assert ("1", reason.value) in reasons(read(*lines))


@pytest.mark.parametrize(
    "field",
    ["X-Content-Transfer-Encoding: 8bit", "X-Note: Content-Transfer-Encoding: base64", "Content-Encoding: gzip"],
)
def test_field_that_only_sounds_like_an_encoding_is_nothing(read: Read, field: str) -> None:
    """One that changes no body, and words in a field of another kind."""
    assert reasons(read("Content-Type: text/plain", field, "", "x")) == set()


def test_misspelt_encoding_beside_a_real_one_is_nothing(read: Read) -> None:
    """Programs that keep what was there before write such fields."""
    lines = ["Content-Transfer-Encoding: base64", "Old-Content-Transfer-Encoding: quoted-printable", "", "eA=="]

    assert reasons(read(*lines)) == set()


def test_nested_multipart_with_the_boundary_of_its_parent_is_ambiguous(read: Read) -> None:
    """The inner multipart loses its parts to the outer one."""
    message = read(MIXED, "", "--b", MIXED, "", "--b", "", "x", "--b--")

    assert paths(message) == ["1", "1.1", "1.2"]
    assert not message.root.children[0].children


def test_boundary_that_goes_on_from_the_one_around_it_is_read_as_it_is(read: Read) -> None:
    """Eudora wrote such; a line of that kind which belongs to no multipart stays ambiguous."""
    inner = 'Content-Type: multipart/related; boundary="b.REL"'
    eudora = read(MIXED, "", "--b", inner, "", "--b.REL", "", "x", "--b.REL--", "--b", "", "y", "--b--")
    other = read(MIXED, "", "--b", inner, "", "--b.REL", "", "x", "--b.ALT", "", "y", "--b--")

    assert (paths(eudora), eudora.ambiguous) == (["1", "1.1", "1.1.1", "1.2"], ())
    assert ("1", "boundary") in reasons(other)


def test_same_field_twice_is_a_defect_only(read: Read) -> None:
    """Repetition without contradiction hides nothing."""
    message = read("Content-Type: text/plain", "Content-Type: text/plain", "", "x")

    assert (message.ambiguous, message.defects) == ((), ("repeated-content-type",))


def test_parts_after_the_final_boundary_are_read_all_the_same(read: Read) -> None:
    """Some programs show them, so they are seen."""
    message = read(MIXED, "", "--b", "", "x", "--b--", "--b", "", "y", "--b--")

    assert [body(part) for part in message.root.children] == [b"x", b"y"]


def test_mailbox_separator_is_no_header() -> None:
    """The first line of an mbox file is passed over."""
    message = parse(b"From ann@clinic.example Mon Jan  1 00:00:00 2024\nSubject: x\n\ny", Limits())

    assert (message.root.header("subject"), message.ambiguous) == ("x", ())


def test_name_with_space_before_the_colon_is_a_field(read: Read) -> None:
    """Obsolete syntax of RFC 5322 section 4.5."""
    assert read("Subject : x", "", "y").root.header("subject") == "x"
