"""Telephone numbers by the number plans of libphonenumber; numbers without a country code are read as US ones."""

import re

import phonenumbers

_REGION = "US"
_NATIONAL, _LOCAL, _LONGEST = 10, 7, 15  # digits
_GIVEN_OUT = "2345678"  # a local number that every area code in use may have
_DATE = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}.*")


def phone(value: str) -> bool:
    """A number that the plan of its country knows."""
    number = _parsed(value)
    return number is not None and phonenumbers.is_valid_number(number)


def possible_phone(value: str) -> bool:
    """A number of a possible length, also in ranges not given out (555-01xx)."""
    number = _parsed(value)
    return number is not None and phonenumbers.is_possible_number(number)


def _parsed(value: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(value, _REGION)
    except phonenumbers.NumberParseException:
        return None


def north_american(value: str) -> bool:
    """Ten digits of an area code in use; the rest may be fiction (555-01xx)."""
    digits = "".join(filter(str.isdigit, value))[-_NATIONAL:]
    return len(digits) == _NATIONAL and phone(digits[:3] + _GIVEN_OUT)


def dialled(value: str) -> bool:
    """Seven to fifteen digits that are no date and not all the same, as people write numbers behind "phone"."""
    digits = [c for c in value.partition("x")[0] if c.isdigit()]
    return _LOCAL <= len(digits) <= _LONGEST and len(set(digits)) > 1 and _DATE.fullmatch(value.strip()) is None
