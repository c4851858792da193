"""Edits carried out on bytes."""

import pytest

from gateway.actions.apply import apply_edits
from gateway.core.plan import AddHeader, ChangeHeader, Edit, Splice

RAW = (
    b"Received: one\r\nReceived: two\r\n\tfolded\r\nsubject:  odd   spaces \r\nReceived: three\r\n\r\n"
    b"body\r\n\x00\xff bare\rcr\r\n"
)


def test_no_edits_no_change() -> None:
    """An untouched message keeps every byte."""
    assert apply_edits(RAW, ()) == RAW


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"no header at all", b"A: b", b"A: b\r\n", b" cont\r\nA: b\r\n\r\nx"])
def test_odd_messages_pass_unchanged(raw: bytes) -> None:
    """Malformed bytes are carried, not repaired."""
    assert apply_edits(raw, ()) == raw


def test_added_header_goes_behind_the_last_one_with_crlf_folds() -> None:
    """Line breaks inside a value are LF in the plan and CRLF on the wire."""
    out = apply_edits(RAW, [AddHeader("X-New", "a\n b")])

    assert out == RAW.replace(b"three\r\n", b"three\r\nX-New: a\r\n b\r\n")


def test_header_is_changed_by_index_among_its_name() -> None:
    """The index counts fields of that name only, without regard to case."""
    out = apply_edits(RAW, [ChangeHeader("received", 2, "2nd")])

    assert out == RAW.replace(b"Received: two\r\n\tfolded\r\n", b"received: 2nd\r\n")


def test_removing_from_the_last_to_the_first_removes_all() -> None:
    """The order that plans use holds where removed fields are not counted any more."""
    out = apply_edits(RAW, [ChangeHeader("Received", index, None) for index in (3, 2, 1)])

    assert out == b"subject:  odd   spaces \r\n\r\n" + RAW.partition(b"\r\n\r\n")[2]


def test_changing_a_header_that_is_not_there_adds_it_and_removing_it_does_nothing() -> None:
    """As Postfix does it."""
    edits: list[Edit] = [ChangeHeader("X-A", 1, "new"), ChangeHeader("X-B", 1, None)]

    assert apply_edits(b"A: b\r\n\r\n", edits) == b"A: b\r\nX-A: new\r\n\r\n"


def test_splices_replace_bytes_of_the_original_offsets() -> None:
    """Offsets count in the raw message, also when the header grew."""
    start = RAW.index(b"body")
    edits: list[Edit] = [
        AddHeader("X", "1"),
        Splice(start, start + 4, b"BODY!"),
        Splice(len(RAW), len(RAW), b"end\r\n"),
    ]

    assert (
        apply_edits(RAW, edits)
        == RAW.replace(b"three\r\n", b"three\r\nX: 1\r\n").replace(b"body", b"BODY!") + b"end\r\n"
    )


def test_header_added_to_a_bare_body_is_parted_from_it() -> None:
    """A first line that looks like a fold must not become part of the new field."""
    assert apply_edits(b" text\r\n", [AddHeader("X", "1")]) == b"X: 1\r\n\r\n text\r\n"


def test_header_added_to_a_message_that_ends_in_its_header() -> None:
    """The line end that is missing is supplied."""
    assert apply_edits(b"A: b", [AddHeader("X", "1")]) == b"A: b\r\nX: 1\r\n"


@pytest.mark.parametrize(
    "splices",
    [
        [Splice(0, 3, b"")],
        [Splice(len(RAW) - 3, len(RAW) - 1, b""), Splice(len(RAW) - 2, len(RAW), b"")],
        [Splice(len(RAW), len(RAW) + 1, b"")],
    ],
)
def test_splices_outside_the_body_or_over_each_other_are_refused(splices: list[Splice]) -> None:
    """A wrong plan is our own failure and must not be sent."""
    with pytest.raises(ValueError, match="sorted and apart"):
        apply_edits(RAW, splices)
