"""Numbers of records: what can be one, whatever its label says."""

import re

_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)\d\d"
    r"|(?:0?[1-9]|[12]\d|3[01])[/.](?:0?[1-9]|[12]\d|3[01])[/.]\d\d"
    r"|(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]|(?:19|20)\d\d)"  # a day without its year, a month with it
)
_BRIEF_DATE = re.compile(  # nobody said that it is a number
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d"
    r"|(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])-\d\d"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:s|[-/](?:(?:19|20)?\d\d))?")
_AMOUNT = re.compile(
    r"\d+(?:[.,]\d+)?(?:st|nd|rd|th|mg|mcg|ug|ml|mm|cm|am|pm|kg|lbs?|oz|gb|mb|kb|mhz|ghz|px|hrs?|mins?|x)|\d{1,3}x\d{1,3}|\d+\.\d{1,2}",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:1[ .\-])?[2-9]\d{2}[ .\-][2-9]\d{2}[ .\-]\d{4}")
_SHORTEST, _LONGEST, _DIGITS = 4, 30, 3


def reference(value: str) -> bool:
    """Four to thirty letters and digits, three digits at least; no date, year, amount or telephone number.

    Six digits with two dashes are a record number: so charts have been filed for a century.
    """
    characters = [c for c in value if c.isalnum()]
    if not _SHORTEST <= len(characters) <= _LONGEST or sum(map(str.isdigit, characters)) < _DIGITS:
        return False
    return not any(shape.fullmatch(value) for shape in (_DATE, _YEAR, _AMOUNT, _PHONE))


def unlabelled_reference(value: str) -> bool:
    """The same of a number without a label, or whose label may mean something else: no day written in a short way."""
    return reference(value) and _BRIEF_DATE.fullmatch(value) is None
