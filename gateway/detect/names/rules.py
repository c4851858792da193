"""Names that their writing gives away, whatever a model says: "Last, First" beside a date, initials of a patient."""

import re
from collections.abc import Iterator

from gateway.detect.names.base import Mark

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DC|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|OK|OR|PA|RI|SC|SD|TN|TX|"
    "UT|VA|VT|WA|WI|WV|WY"
)
_DATE = r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})|(?:19|20)\d\d-\d\d-\d\d)"
_NAME = r"[A-Z][A-Za-z'’\-]{1,20}"
_FAMILY_FIRST = rf"{_NAME}(?: {_NAME})?, ?(?!(?:{_STATES})\b){_NAME}(?: [A-Z]\b\.?)?"
_BESIDE_DATE = re.compile(
    rf"(?:^|(?<=[\n\t|;*]))[ \t]*(?P<value>{_FAMILY_FIRST})"
    rf"(?=[ \t,|;(\[]{{1,4}}(?:DOB:? ?|dob:? ?|born )?{_DATE})",
    re.MULTILINE,
)
_INITIALS = re.compile(
    r"\b(?:[Pp]atient|[Pp]t\.?|[Cc]lient|[Rr]esident|[Mm]r\.|[Mm]rs\.|[Mm]s\.) "
    r"(?P<value>[A-Z]\. ?[A-Z]\.(?: ?[A-Z]\.)?)(?=\W|$)"
)
_INITIALS_AGED = re.compile(
    r"(?:^|(?<=\s))(?P<value>[A-Z]\.? ?[A-Z]\.)(?=,? (?:is )?(?:an? )?\d{1,3}[ -](?:year|y/?o|month|week))"
)
_DAY = re.compile(rf"\b(?:{_MONTHS}|Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b")

LABEL = "<rules>"  # what every detector of people takes, whatever its model calls them


def marks(text: str, start: int, end: int) -> Iterator[Mark]:
    """In one window of a text."""
    for pattern in (_BESIDE_DATE, _INITIALS, _INITIALS_AGED):
        for found in pattern.finditer(text, start, end):
            if _DAY.search(found["value"]) is None:
                yield Mark(*found.span("value"), LABEL)
