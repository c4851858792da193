"""Names that their writing gives away, whatever a model says: a date, an age, a room or a relation beside them."""

import re
from collections.abc import Collection, Iterator

from gateway.detect.names import abbreviated, gazetteer, rows
from gateway.detect.names.base import Mark
from gateway.detect.names.everyday import FUNCTION

_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|"
    "Dec(?:ember)?"
)
_DAYS = "Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:r(?:s(?:day)?)?)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DC|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|"
    "OK|OR|PA|RI|SC|SD|TN|TX|"
    "UT|VA|VT|WA|WI|WV|WY"
)
_DATE = r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})|(?:19|20)\d\d-\d\d-\d\d)"
_NAME = r"[A-Z][A-Za-z'’\-]{1,20}"
_FULL = rf"{_NAME}(?: [A-Z]\b\.?)?(?: {_NAME}){{0,2}}"
_FAMILY_FIRST = rf"{_NAME}(?: {_NAME})?, ?(?!(?:{_STATES})\b){_NAME}(?: [A-Z]\b\.?)?"
_KIN = (
    r"(?:(?:grand|step|great-?)?(?:son|daughter|mother|father|mom|dad|child|kid)|husband|wife|spouse|sister|brother|"
    r"(?:great-?)?(?:aunt|uncle)|niece|nephew|cousin|partner|baby|boy|girl|grandma|grandpa|nana|fianc[eé]e?|"
    r"girlfriend|boyfriend)"
)
_BESIDE_DATE = re.compile(
    rf"(?:^|(?<=[\n\t|;*]))[ \t]*(?P<value>{_FAMILY_FIRST})"
    rf"(?=[ \t,|;(\[]{{1,4}}(?:DOB:? ?|dob:? ?|born )?{_DATE})",
    re.MULTILINE,
)
_INITIALS = re.compile(
    r"\b(?:[Pp]atient|[Pp]t\.?|[Cc]lient|[Rr]esident|[Mm]r\.|[Mm]rs\.|[Mm]s\.) "
    r"(?P<value>[A-Z]\. ?[A-Z]\.(?: ?[A-Z]\.)?)(?=\W|$)"
)
_INITIALS_PLACED = re.compile(  # room 6 (D.W.), client E.B.
    r"\b(?:[Rr][Mm]|[Rr]oom|ROOM|[Bb]ed|BED|[Bb]ay|[Cc]lient|[Ss]ubject|[Ii]nitials|[Rr]esident|[Pp]atient|[Pp]t)\b"
    r"\.? ?(?:#?\d{1,4}[A-Da-d]?)? ?[(:,\-–]{0,2} ?\(?"
    r"(?P<value>[A-Z]\.(?: ?(?:Mc|Mac|O')?[A-Z]\.){1,2}|[A-Z]{2,3}(?=\)|:| (?:is|has|was|had)\b))"
)
_INITIALS_FIRST = re.compile(  # A.J. in 22B, K.S. (f, 52), L.McK. room 310
    r"(?:^|(?<=[\s(]))(?P<value>(?:[A-Z]\.(?: ?(?:Mc|Mac|O')?[A-Z]\.?)|[A-Z]{2,3})),?(?= ?\(?(?:(?:in|from) )?"
    r"(?:(?:[Rr]m|[Rr]oom|[Bb]ed|[Bb]ay)\b\.? ?#?\d|in \d{1,4}[A-D]\b|[mf], ?\d{1,3}\b))"
)
_INITIALS_AGED = re.compile(  # K.S., 52 yo; JT, 6 wks
    r"(?:^|(?<=\s))(?P<value>[A-Z]\.? ?[A-Z]\.|[A-Z]{2}(?=, ))"
    r"(?=,? (?:is )?(?:an? )?\d{1,3}[ -](?:year|y/?o|month|week|wks?\b|mos?\b|d/?o\b))"
)
_AGED = re.compile(
    rf"(?P<value>{_NAME}, [A-Z]\.|{_FAMILY_FIRST}|{_FULL})"
    r"(?=,? \(?\d{1,3} ?(?:[MF]\b|y/?o\b|yo[mf]\b|yrs?\b|year))"
)
_PLACED = re.compile(
    rf"(?i:\b(?:room|rm|bed|bay|chair|"
    rf"cubicle)\.?) ?#?\d{{1,4}}[A-Da-d]? ?[=:\-–]{{0,2}} ?(?P<value>{_FAMILY_FIRST}|{_FULL})"
)
_PLACED_AFTER = re.compile(
    rf"(?P<value>{_FAMILY_FIRST}|{_FULL})"
    r"(?= (?:in )?(?i:room|rm|bed|bay)\.? ?#?\d{1,4}[A-Da-d]?\b| in \d{2,4}[A-D]\b)"
)
_LABELLED = re.compile(
    r"(?i:\b(?:(?:first|last|family|given|maiden|middle|full|legal|preferred|sur)[ \-]?name|name|caller|"
    r"claimant|client|insured|beneficiary|guarantor|enrollee|next of kin|emergency contact|parent|guardian))"
    rf"(?:(?: is|'s)? |[ \t]*[:=][ \t]*|\t)(?P<value>{_FAMILY_FIRST}|{_FULL})"
)
_LABELLED_LOWER = re.compile(
    r"\b(?:(?:first|last|family|full|sur)[ \-]?name|(?:pt|patient)(?:'s)? name)(?: is|[ \t]*[:=])[ \t]*"
    r"(?P<value>[a-z'’\-]{3,20}(?: [a-z'’\-]{3,20})?)"
)
_NAMED = re.compile(rf"\b(?:named|called|name of) (?P<value>{_FULL})")
_HERE = re.compile(rf"(?:^|(?<=[.!?\n] ))(?P<value>{_FULL}) here\b")
_INTRODUCED = re.compile(
    rf"(?i:\b(?:my name is|i am|i['’]?m|this is|it['’]?s|it is)) (?P<value>{_FULL})(?=[.,;:!?(\n\-]| and\b| here\b|"
    r" again\b|$)"
)
_RELATED = re.compile(
    rf"(?i:\b(?:my|our|his|her|their|{_NAME}['’]s) (?:\w+ )?{_KIN}(?: is| named)?,?) (?P<value>{_FULL})", re.MULTILINE
)
_KIN_FIRST = re.compile(rf"(?:^|(?<=[.!?\n] ))(?i:{_KIN}) (?P<value>{_FULL})")
_TITLED_LOWER = re.compile(
    r"(?:^|(?<=[^\d\W] )|(?<=[,.;:?!\n] ))(?:mr|mrs|ms|miss)\.? (?P<value>[a-z][a-z'’\-]{2,20})\b"
)
_OF_FAMILY = re.compile(
    rf"\bthe (?P<value>(?!The\b){_NAME}) (?:family|twins|triplets|bab(?:y|ies)|sisters|brothers|boys?|girls?|kids|"
    r"child(?:ren)?|infant|newborn)\b"
)
_SWORN = re.compile(
    rf"\bI, (?P<value>{_FULL}), (?i:(?:being|having been|of|do|hereby|state|declare|say|swear|affirm|certify|depose))\b"
)
_REPRESENTED = re.compile(
    rf"\b(?i:(?:our|my|the) (?:client|insured|claimant|ward|decedent|policyholder|beneficiary)), (?P<value>{_FULL})"
)
_DECIDED = re.compile(
    rf"\b(?i:review|appeal|request|referral|precert(?:ification)?|auth(?:orization)?|case|waiver|recert(?:ification)?) "
    rf"(?:of|for|on) (?P<value>{_FULL})(?= (?:(?:was|is|were|has been) )?"
    r"(?:granted|denied|approved|upheld|overturned|authori[sz]ed|certified|pending)\b)"
)
_DISCHARGED = re.compile(  # DC JANE R. 11/19: sutures out
    rf"\b(?:DC|D/C|DC['’]?D|XFER|ADMIT|ADM)[:,]? (?P<value>{_NAME} [A-Z]\b\.?|{_NAME},? {_NAME})"
    r"(?=,?[ \t]+\d{1,2}[/:]|[:,;])"
)
_PATTERNS = (
    _BESIDE_DATE, _INITIALS, _INITIALS_AGED, _INITIALS_PLACED, _INITIALS_FIRST, _AGED, _PLACED, _PLACED_AFTER,
    _LABELLED, _LABELLED_LOWER, _NAMED, _HERE, _INTRODUCED, _RELATED, _KIN_FIRST, _OF_FAMILY,
    _TITLED_LOWER, _SWORN, _REPRESENTED, _DECIDED, _DISCHARGED,
)  # fmt: skip
_DAY = re.compile(rf"\b(?:{_MONTHS}|{_DAYS})\b")

LABEL = "<rules>"  # what every detector of people takes, whatever its model calls them


def marks(
    text: str,
    start: int,
    end: int,
    given: Collection[str] = (),
    family: Collection[str] = (),
    others: Collection[Mark] = (),
) -> Iterator[Mark]:
    """In one window of a text. `given`, `family`: names that are no words, in lower case.

    `others`: what a model takes for no person; a family name that stands alone in one of these is the town's.
    """
    for pattern in _PATTERNS:
        for found in pattern.finditer(text, start, end):
            if _DAY.search(found["value"]) is None:
                yield from _mark(text, *found.span("value"))
    found_so = (
        *rows.names(text, start, end),
        *gazetteer.names(text, start, end, given),
        *abbreviated.names(text, start, end, given, family),
    )
    for low, high in found_so:
        yield Mark(low, high, LABEL)
    for low, high in gazetteer.alone(text, start, end, family):
        if not any(other.start <= low and high <= other.end for other in others):
            yield Mark(low, high, LABEL)


def _mark(text: str, start: int, end: int) -> Iterator[Mark]:
    """Cut before the first word that is no name: "Anna Has" begins a sentence elsewhere, "The" is nobody."""
    kept = start
    for word in gazetteer.WORD.finditer(text, start, end):
        if word[0].lower() in FUNCTION and (len(word[0]) > 1 or word[0].islower()):
            if kept > start:
                yield Mark(start, kept, LABEL)
            return
        kept = word.end()
    yield Mark(start, end, LABEL)
