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
_OTHERS = re.compile(  # what groups of digits, with letters before them or without, are besides
    r"(?:0?[1-9]|[12]\d|3[01])[ \-](?:0?[1-9]|[12]\d|3[01])[ \-](?:19|20)?\d\d"  # a day
    r"|(?:0?[1-9]|1[0-2])-(?:19|20)\d\d|(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01]) [012]\d[0-5]\d|(?:19|20)\d\d"
    r"|(?:[01]\d|2[0-3])[0-5]\d[ \-](?:[01]\d|2[0-4])[0-5]\d"  # from one hour to another
    r"|[2-9]\d{2}[ \-]\d{4}|\d{5}(?:-\d{4})?"  # a telephone, a place
    r"|\d{5}-(?:[2-9]\d|[A-Z]{2})|\d{5}-\d{3,4}-\d{1,2}|\d{4}-\d{4}-\d{2}"  # a procedure and what was special, a drug
)
_DAY = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[ \-/]\d{1,2}[ \-/]\d{1,2}|\d{1,2}[ \-/]\d{1,2}[ \-/](?:19|20)\d\d)(?!\d)"
    r"|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[A-Za-z]{0,2}[ \-]\d"
)
_RANGE = re.compile(r"(\d{1,3})-(\d{1,3})")
_LETTERS_BEFORE = re.compile(r"[A-Za-z]{1,5}\d? ")
_POSTAL = 5  # digits: with letters before them a number like any other
_LEAST_WITH_LETTERS, _LEAST_OF_DIGITS = 5, 6


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


def grouped_reference(value: str) -> bool:
    """The same of groups of letters and digits; no hours, place, procedure, drug, or range of a value."""
    digits = sum(map(str.isdigit, value))
    if digits < (_LEAST_WITH_LETTERS if any(map(str.isalpha, value)) else _LEAST_OF_DIGITS):
        return False
    if (span := _RANGE.fullmatch(value)) and int(span[1]) < int(span[2]):
        return False
    bare = _LETTERS_BEFORE.sub("", value, count=1)
    others = _DAY.search(value) or _OTHERS.fullmatch(value) or (bare != value and _dated(bare))
    return unlabelled_reference(value) and not others


def _dated(bare: str) -> bool:
    return not unlabelled_reference(bare) or (len(bare) != _POSTAL and _OTHERS.fullmatch(bare) is not None)
