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


@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        ("US_SSN", "219-09-9999", "219 09 9999"),
        ("MEDICAL_RECORD_NUMBER", "ab-1234", "AB1234"),
        ("EMAIL_ADDRESS", "Ana@Clinic.example", "ana@clinic.example"),
        ("DATE_OF_BIRTH", "03/14/1984", "1984-03-14"),
        ("DATE_OF_BIRTH", "March 14, 1984", "3/14/84"),
        ("DATE_OF_BIRTH", "19840314", "14-Mar-1984"),
        ("PHONE_NUMBER", "(555) 010-4477", "+1 555.010.4477"),
        ("PHONE_NUMBER", "+44 20 7946 0018", "0044 20 79460018"),
        ("PERSON", "Doe, Jane", "Jane Doe"),
        ("PERSON", "JANE DOE", "Ms. Jane A. Doe"),
        ("PERSON", "José Núñez", "Jose Nunez"),
        ("FACILITY", "Hôpital Nord", "hopital nord"),
    ],
)
def test_the_same_value_written_differently_has_the_same_fingerprint(entity: str, one: str, other: str) -> None:
    """So that it is counted once, and found again in the audit log."""
    assert fingerprint(b"k", entity, one) == fingerprint(b"k", entity, other)


@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        ("DATE_OF_BIRTH", "03/04/1984", "04/03/1984"),
        ("DATE_OF_BIRTH", "3/14/24", "3/14/1924"),
        ("PHONE_NUMBER", "555-010-4477", "555-010-4478"),
        ("PERSON", "Jane Doe", "Jane Roe"),
        ("US_SSN", "219-09-9999", "219-09-9998"),
        ("PERSON", "J.", "K."),
    ],
)
def test_other_values_have_other_fingerprints(entity: str, one: str, other: str) -> None:
    """What differs in a digit or a word is another value."""
    assert fingerprint(b"k", entity, one) != fingerprint(b"k", entity, other)
