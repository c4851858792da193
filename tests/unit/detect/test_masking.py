"""What a masked sample shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.masking import fingerprint, mask


@pytest.mark.parametrize(
    ("value", "mode", "masked"),
    [
        ("219-09-9999", "keep-last-4", "***-**-9999"),
        ("4111 1111 1111 1111", "keep-last-4", "**** **** **** 1111"),
        ("12-34", "keep-last-4", "**-34"),
        ("7", "keep-last-4", "*"),
        ("12\n34", "keep-last-4", "** 34"),
        ("ana.silva@clinic.example", "keep-first-1", "a***@c***.example"),
        ("Ana", "keep-first-1", "A***"),
        ("a@b", "keep-first-1", "a***@***"),
        ("Jane Doe", "all", "***"),
    ],
)
def test_mask(value: str, mode: str, masked: str) -> None:
    """The style that the detector asks for."""
    assert mask(value, mode) == masked


@given(st.text(max_size=40), st.sampled_from(["keep-last-4", "all"]))
def test_mask_shows_at_most_four_and_never_more_than_half(value: str, mode: str) -> None:
    """Letters and digits that remain are few, whatever the value."""
    shown = sum(map(str.isalnum, mask(value, mode)))

    assert shown <= min(4, sum(map(str.isalnum, value)) // 2)


def test_fingerprint_depends_on_key_entity_and_value() -> None:
    """Change one of them and the fingerprint is another; 32 hexadecimal digits."""
    prints = {fingerprint(b"k", "A", "1-2"), fingerprint(b"l", "A", "12"), fingerprint(b"k", "B", "12")}

    assert len(prints) == 3
    assert all(len(value) == 32 for value in prints)
    assert fingerprint(b"k", "A", "1-2") == fingerprint(b"k", "A", "12")
