"""Checks of values: known good, known bad, and one digit off."""

import random

import phonenumbers
import pytest

from gateway.core.detector import DetectorSpec
from gateway.detect.validators import IN_LIST, VALIDATORS, validator_for
from gateway.detect.validators.cards import brand_of
from gateway.detect.validators.secrets import entropy

CASES = [
    ("card", "4111 1111 1111 1111", True),
    ("card", "4111 1111 1111 1112", False),
    ("card", "411111111111111", False),
    ("card", "9999999999999995", False),
    ("card", "0000000000000000", False),
    ("us_ssn", "219-09-9999", True),
    ("us_ssn", "666-09-9999", False),
    ("us_ssn", "900-09-9999", False),
    ("us_ssn", "219-00-9999", False),
    ("us_ssn", "219-09-0000", False),
    ("us_ssn", "219-09-999", False),
    ("us_npi", "1234567893", True),
    ("us_npi", "1234567894", False),
    ("us_npi", "3234567897", False),
    ("us_dea", "AB1234563", True),
    ("us_dea", "A91234563", True),
    ("us_dea", "AB1234564", False),
    ("us_dea", "IB1234563", False),
    ("us_mbi", "1EG4-TE5-MK73", True),
    ("us_mbi", "1EG4-TE5-MK7", False),
    ("us_mbi", "1BG4-TE5-MK73", False),
    ("reference", "12-34-56", True),
    ("reference", "12-26-25", True),
    ("reference", "12/31", False),
    ("reference", "09/2025", False),
    ("reference", "13/3100", True),
    ("unlabelled_reference", "12-26-25", False),
    ("unlabelled_reference", "13-26-25", True),
    ("unlabelled_reference", "20260101", False),
    ("unlabelled_reference", "20261301", True),
    ("unlabelled_reference", "01272026", False),
    ("unlabelled_reference", "44-71820", True),
    ("grouped_reference", "44-09-218", True),
    ("grouped_reference", "44 20 9", False),
    ("grouped_reference", "K-11296", True),
    ("grouped_reference", "11296", False),
    ("grouped_reference", "2026-10-05 7", False),
    ("grouped_reference", "2066-77-05 7", False),
    ("grouped_reference", "JULY 22 2026", False),
    ("grouped_reference", "0214-0231", False),
    ("grouped_reference", "AFIB 0214-0231", False),
    ("grouped_reference", "0918-7724", True),
    ("grouped_reference", "280-340", False),
    ("grouped_reference", "340-280", True),
    ("grouped_reference", "99213-25", False),
    ("grouped_reference", "52400-118-30", False),
    ("grouped_reference", "SL 77103", True),
    ("grouped_reference", "Q3 2026", False),
    ("phone", "(212) 736-5000", True),
    ("phone", "+44 20 7946 0958", True),
    ("phone", "012", False),
    ("phone", "abc", False),
    ("possible_phone", "212-736-5000", True),
    ("possible_phone", "12", False),
    ("birth_date", "3/4/1961", True),
    ("birth_date", "31.12.1961", True),
    ("birth_date", "1961-03-04", True),
    ("birth_date", "19610304", True),
    ("birth_date", "March 4th, 1961", True),
    ("birth_date", "4 Mar 61", True),
    ("birth_date", "29 Feb 1961", False),
    ("birth_date", "13/45/1961", False),
    ("birth_date", "3/4/1861", False),
    ("birth_date", "3/4/2061", False),
    ("birth_date", "1961", False),
    ("birth_date", "Mar Apr 1961", False),
    ("iban", "GB82 WEST 1234 5698 7654 32", True),
    ("iban", "GB82 WEST 1234 5698 7654 33", False),
    ("us_aba", "021000021", True),
    ("us_aba", "021000022", False),
    ("us_aba", "000000000", False),
    ("us_aba", "991000024", False),
    ("secret", "q7Zt4mXw9LbV2cKd", True),
    ("secret", "changeme1234", False),
    ("secret", "correcthorse", False),
    ("secret", "a1a1a1a1a1", False),
    ("secret", "a1b2", False),
]


@pytest.mark.parametrize(("name", "value", "valid"), CASES)
def test_validator(name: str, value: str, valid: bool) -> None:
    """Each check answers as its standard says."""
    assert VALIDATORS[name](value) is valid


@pytest.mark.parametrize("name", VALIDATORS)
@pytest.mark.parametrize("value", ["", "\x00", "中" * 50, "9" * 5_000, "-" * 40, "٣" * 9, "²²²²²²²²²", "+" + "1" * 300])
def test_validator_takes_any_text(name: str, value: str) -> None:
    """Odd values are not valid; nothing raises."""
    assert VALIDATORS[name](value) in {True, False, None}


def test_list_decides() -> None:
    """`in_list` compares letters and digits alone."""
    spec = DetectorSpec("x", "X", "x", frozenset(), validator=IN_LIST, lexicon_terms=("E119",))
    check = validator_for(spec)

    assert check is not None
    assert (check("e11.9"), check("E11.8")) == (True, False)


def test_unknown_validator_is_an_error_of_the_caller() -> None:
    """Loading has checked the name; a spec made by hand must have a known one."""
    with pytest.raises(KeyError):
        validator_for(DetectorSpec("x", "X", "x", frozenset(), validator="nothing"))


def test_brands_have_their_ranges() -> None:
    """Issuer range and length together make a brand."""
    assert [brand_of(n) for n in ("2221" + "0" * 12, "2721" + "0" * 12, "37" + "0" * 13)] == [
        "mastercard",
        None,
        "american express",
    ]


def test_entropy_is_bits_a_character() -> None:
    """Four different characters have two bits each; none has none."""
    assert (entropy("abcd"), entropy("aaaa"), entropy("")) == (2.0, 0.0, 0.0)


@pytest.mark.parametrize("form", ["({}) {}-{}", "1-{}.{}.{}", "+1 {} {} {}", "{}{}{}"])
def test_plain_north_american_numbers_are_judged_as_the_library_does(form: str) -> None:
    """Every area code, given out or not, with exchanges that are and are not."""
    some = random.Random(11)
    values = [
        form.format(area, some.randint(100, 999), f"{some.randint(0, 9999):04}")
        for area in range(200, 1000)
        for _ in "12"
    ]
    asked = [phonenumbers.is_valid_number(phonenumbers.parse(value, "US")) for value in values]

    assert [VALIDATORS["phone"](value) for value in values] == asked
    assert 400 < sum(asked) < len(values)
