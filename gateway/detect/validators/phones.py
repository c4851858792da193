"""Telephone numbers by the number plans of libphonenumber; numbers without a country code are read as US ones."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_REGION = "US"
_NATIONAL, _LOCAL, _LONGEST = 10, 7, 15  # digits
_GIVEN_OUT = "2345678"  # a local number that every area code in use may have
_DATE = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}.*")


_BETWEEN = str.maketrans("", "", " ().-/")
_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


def phone(value: str) -> bool:
    """A number that the plan of its country knows."""
    digits = value.translate(_BETWEEN)
    if national := _ten_digits(digits):
        return _of_north_america().fullmatch(national) is not None
    number = _parsed(value)
    if number is None:
        return False
    from phonenumbers import is_valid_number

    return is_valid_number(number)


def _ten_digits(digits: str) -> str:
    """The national number of what is plainly a North American one, "" for everything else.

    libphonenumber says the same of it in a fifth of a millisecond, and a table has thousands.
    """
    national = digits.removeprefix("+1") if digits.startswith("+") else digits.removeprefix("1")
    if not (national.isascii() and national.isdigit()):
        return ""
    return national if len(national) == _NATIONAL and national[0] > "1" else ""


@lru_cache(maxsize=1)
def _of_north_america() -> re.Pattern[str]:
    """The numbers that libphonenumber takes for valid ones of any country of country code 1."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    plans = (PhoneMetadata.metadata_for_region(region) for region in COUNTRY_CODE_TO_REGION_CODE[1])
    kinds = (getattr(plan, kind) for plan in plans for kind in _KINDS)
    patterns = {kind.national_number_pattern for kind in kinds if kind is not None}
    return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(filter(None, patterns))))


def warm() -> None:
    """Load the plans before the first text needs them."""
    _of_north_america()


def possible_phone(value: str) -> bool:
    """A number of a possible length, also in ranges not given out (555-01xx)."""
    number = _parsed(value)
    if number is None:
        return False
    from phonenumbers import is_possible_number

    return is_possible_number(number)


def _parsed(value: str) -> "PhoneNumber | None":
    from phonenumbers import NumberParseException, parse  # megabytes, that few texts need

    try:
        return parse(value, _REGION)
    except NumberParseException:
        return None


def north_american(value: str) -> bool:
    """Ten digits of an area code in use; the rest may be fiction (555-01xx)."""
    digits = "".join(filter(str.isdigit, value))[-_NATIONAL:]
    return len(digits) == _NATIONAL and phone(digits[:3] + _GIVEN_OUT)


def dialled(value: str) -> bool:
    """Seven to fifteen digits that are no date and not all the same, as people write numbers behind "phone"."""
    digits = [c for c in value.partition("x")[0] if c.isdigit()]
    return _LOCAL <= len(digits) <= _LONGEST and len(set(digits)) > 1 and _DATE.fullmatch(value.strip()) is None
