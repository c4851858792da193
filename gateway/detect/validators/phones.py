"""Telephone numbers by the number plans of libphonenumber; numbers without a country code are read as US ones."""

import phonenumbers

_REGION = "US"


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
