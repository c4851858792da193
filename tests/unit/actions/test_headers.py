"""Adding, changing and removing header fields."""

import pytest

from gateway.actions.apply import apply_edits
from gateway.actions.headers import add, change, edits_of, read_fields, remove, safe_value
from gateway.core.limits import Limits
from gateway.core.plan import AddHeader, ChangeHeader
from gateway.parse import parse
from gateway.parse.headers import decode_header_value

RAW = b"X-A: 1\r\nSubject: s\r\nx-a: 2\r\nX-A: 3\r\n\r\nbody\r\n"


def test_added_field_is_an_edit() -> None:
    """One AddHeader and nothing else."""
    before = read_fields(parse(RAW, Limits()).root)

    assert edits_of(before, add(before, "X-B", "v")) == (AddHeader("X-B", "v"),)


def test_two_rules_that_add_the_same_add_it_once() -> None:
    """The same name and value asked for twice is one field."""
    before = read_fields(parse(RAW, Limits()).root)

    assert edits_of(before, add(add(before, "X-B", "v"), "X-B", "v")) == (AddHeader("X-B", "v"),)


def test_changed_field_leaves_one_of_its_name() -> None:
    """The first is changed and the others go, last first, so that the indexes hold."""
    before = read_fields(parse(RAW, Limits()).root)

    edits = edits_of(before, change(before, "X-A", "new"))

    assert edits == (ChangeHeader("X-A", 3, None), ChangeHeader("x-a", 2, None), ChangeHeader("X-A", 1, "new"))
    assert apply_edits(RAW, edits) == b"X-A: new\r\nSubject: s\r\n\r\nbody\r\n"


def test_changing_a_missing_field_adds_it() -> None:
    """After change-header the field has that value, whatever was there before."""
    before = read_fields(parse(RAW, Limits()).root)

    assert edits_of(before, change(before, "X-New", "v")) == (AddHeader("X-New", "v"),)


def test_removed_field_is_gone_in_all_its_repetitions() -> None:
    """Case of the name does not matter."""
    before = read_fields(parse(RAW, Limits()).root)

    assert apply_edits(RAW, edits_of(before, remove(before, "x-A"))) == b"Subject: s\r\n\r\nbody\r\n"


def test_added_then_removed_is_no_edit() -> None:
    """Steps that cancel out leave the message alone."""
    before = read_fields(parse(RAW, Limits()).root)

    assert edits_of(before, remove(add(before, "X-B", "v"), "X-B")) == ()


@pytest.mark.parametrize("value", ["a\r\nBcc: spy@evil.test", "a\nBcc: spy@evil.test", "a\rb\x00c", "tab\tstays"])
def test_value_never_starts_a_field_of_its_own(value: str) -> None:
    """Controls and line breaks become spaces."""
    safe = safe_value(value)

    assert "\n" not in safe
    assert not set(safe) & {"\r", "\x00"}


@pytest.mark.parametrize("value", ["Grüße aus Köln", "患者" * 60, "x" * 2000, "word " * 400, "=?utf-8?q?fake?="])
def test_encoded_value_reads_back_and_its_lines_are_folded(value: str) -> None:
    """RFC 2047 where it is needed; every line but that of one long word is short."""
    safe = safe_value(value)

    assert safe.isascii()
    assert decode_header_value(safe.encode()) == value.strip()
    assert all(line.startswith(" ") for line in safe.split("\n")[1:])


def test_header_name_is_cleaned_and_an_empty_one_adds_nothing() -> None:
    """A colon or a space in a name would make another field."""
    before = read_fields(parse(RAW, Limits()).root)

    assert edits_of(before, add(before, "X B:é", "v")) == (AddHeader("XB", "v"),)
    assert edits_of(before, add(before, " :", "v")) == ()


def test_raw_value_that_is_no_utf8_is_encoded_anew() -> None:
    """libmilter takes UTF-8 only; the reader sees the same text."""
    (field,) = read_fields(parse(b"Subject: Gr\xfc\xdfe\r\n\r\n", Limits()).root)

    assert field.value is not None
    assert field.value.isascii()
    assert decode_header_value(field.value.encode()) == "Grüße"


def test_untouched_folds_are_kept_as_lf_and_white_space() -> None:
    """A raw value goes back as it came."""
    (field,) = read_fields(parse(b"Subject: one\r\n\t two \r\n\r\n", Limits()).root)

    assert field.value == "one\n\t two"
