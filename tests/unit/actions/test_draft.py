"""What a copy is to become, before it is edits."""

import pytest

from gateway.actions.apply import apply_edits
from gateway.actions.draft import Change, draft_of, edits, joined, sealed_parts
from gateway.core.limits import Limits
from gateway.core.message import Span
from gateway.parse import parse

SIGNED = (
    b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/signed; boundary=i\r\n\r\n"
    b"--i\r\nContent-Type: multipart/mixed; boundary=n\r\n\r\n--n\r\n\r\ndeep\r\n--n--\r\n--i--\r\n"
    b"--o\r\n\r\nfree\r\n--o--\r\n"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([(Span(4, 6), "b"), (Span(0, 2), "a")], [(Span(0, 2), "a"), (Span(4, 6), "b")]),
        ([(Span(0, 2), "a"), (Span(2, 2), "!")], [(Span(0, 2), "a!")]),
        ([(Span(0, 9), "a"), (Span(3, 3), "!")], [(Span(0, 9), "a!")]),
        ([(Span(5, 5), "1"), (Span(5, 5), "2")], [(Span(5, 5), "12")]),
    ],
    ids=["apart", "touching", "inside", "same-place"],
)
def test_changes_are_sorted_and_apart(changes: list[Change], expected: list[Change]) -> None:
    """A notice put where a value ended, or inside of what went, is not lost."""
    assert list(joined(changes)) == expected


def test_everything_inside_a_signed_part_is_sealed() -> None:
    """However deep, and nothing beside it."""
    assert sealed_parts(parse(SIGNED, Limits())) == {"1.1", "1.1.1", "1.1.1.1"}


def test_draft_without_changes_has_no_edits() -> None:
    """The message as it is."""
    assert edits(draft_of(parse(SIGNED, Limits()))) == ()


def test_splices_of_several_parts_are_in_order_of_the_message() -> None:
    """Whatever order the parts were changed in."""
    raw = b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\none\r\n--o\r\n\r\ntwo\r\n--o--\r\n"
    draft = draft_of(parse(raw, Limits())).with_changes("1.2", ((Span(0, 3), "2"),))
    draft = draft.with_changes("1.1", ((Span(0, 3), "1"),))

    assert apply_edits(raw, edits(draft)) == raw.replace(b"one", b"1").replace(b"two", b"2")
