"""Names that are cut to an initial, and people who are told of by what they do: where a model marks nothing.

"R. Doe", "DOE K" and "j doe" are how lists and short notes name people. "Doe lives on", "shouted at Doe" and "our
founders: Doe, Roe and Poe" name somebody, whatever the word looks like elsewhere: a town, or a firm.
"""

import re
from collections.abc import Collection, Iterator

from gateway.detect.names.everyday import FUNCTION

_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_NAME = rf"{_CAPITAL}(?:[^\W\d_]|['’\-](?=[^\W\d_])){{2,24}}"
_FULL = rf"{_NAME}(?: (?:{_CAPITAL}\.? )?{_NAME}){{0,2}}"
_INITIAL_FIRST = re.compile(  # R. Doe; not N. Main Street, not S. Aureus
    r"(?:^|(?<=[\s(*\-]))"
    rf"(?P<value>(?!(?:NE|NW|SE|SW|[NSEW])\. ?{_NAME} (?i:st|street|ave|avenue|rd|road|blvd|dr|drive)\b)"
    rf"[A-Z]\. ?(?:[A-Z]\. ?)?(?P<family>{_NAME}))"
)
_INITIAL_LAST = re.compile(  # Doe K; DOE, J.
    r"(?:^|(?<=[\n\t|;(*\-–]))[ \t]{0,8}(?:(?:[-*•#]|\d{1,4}[.)]?)[ \t]{0,8})?"
    rf"(?P<value>(?P<family>{_NAME}),? [A-Z]\.?(?: ?[A-Z]\.)?(?![\w'’.]))"
    r"(?=[ \t]*(?:$|[\n,;:|(\-–/.]|[ \t]{2}|\d{4}|[a-z]{3}))",
    re.MULTILINE,
)
_LOWER = re.compile(  # j doe
    r"(?:^|(?<=\n)|(?<=[,;:(] )|(?<=for )|(?<=\bof )|(?<=\bon )|(?<=\bre )|(?<=\d ))"
    r"(?P<value>[b-hj-z]\.? (?P<family>[a-z]['’a-z\-]{3,20}))\b",
    re.MULTILINE,
)
_DOES = re.compile(
    rf"(?:^|(?<=[.!?\n\"“] ))(?P<value>{_FULL}) (?=(?:lives|lived) (?:on|in|at|with|alone|near|off)\b|was born\b|"
    r"(?:shouted|whispered|yelled|laughed|smiled|wept)\b|(?:got|is) married\b|"
    r"(?:spent|spends) (?:a|an|the|his|her|two|three|\d) ?\w* ?(?:years?|months?|weeks?|days?|nights?|summers?)\b|"
    r"(?:began|started) (?:writing|singing|painting|acting|walking|limping|coughing|vomiting)\b|is from [A-Z])",
    re.MULTILINE,
)
_DONE_BY = re.compile(
    rf"\b(?:(?:shouted|yelled|smiled|waved) at|(?:calls?|called|calling) (?:me|him|her|himself|herself)|"
    rf"(?:maiden|middle|stage|pet|nick) ?name (?:is|was)|(?:directed|written|sung|painted|composed) by|starring|"
    rf"between (?:him|her|me|us) and) (?P<value>{_FULL})"
)
_SAID_BY = re.compile(rf"[,!?\"”] (?:says|said) (?P<value>{_FULL})")
_PEOPLE = (
    r"founders|co-?founders|partners|authors|brothers|sisters|siblings|sons|daughters|children|kids|grandchildren|"
    r"parents|patients|residents|clients|students|twins|triplets|heirs|survivors|members|players|actors|winners|finalists|"
    r"speakers"
)
_LISTED = re.compile(
    rf"\b(?:{_PEOPLE})(?: (?:are|were|named|called))?(?:[:,]| -)? "
    rf"(?P<list>{_FULL}(?:, {_FULL}){{0,8}},? (?:and|&) {_FULL})"
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \t]$")
_AND = re.compile(r",? (?:and|&) |, ")
_NO_FAMILY = FUNCTION | frozenset({"coli", "diff", "difficile", "pylori", "aureus", "box", "army", "navy", "section"})
_NO_NAMES = frozenset(
    {"vitamin", "hepatitis", "hep", "type", "grade", "stage", "class", "group", "part", "plan", "unit"}
)


def names(
    text: str, start: int, end: int, given: Collection[str], family: Collection[str]
) -> Iterator[tuple[int, int]]:
    """Spans in one window. `given`, `family`: names that are no words, in lower case."""
    yield from _cut(text, start, end, given, family)
    for pattern in (_DOES, _DONE_BY, _SAID_BY):
        for found in pattern.finditer(text, start, end):
            if found["value"].split(" ", 1)[0].lower() not in FUNCTION:
                yield found.span("value")
    for found in _LISTED.finditer(text, start, end):
        yield from _each(text, *found.span("list"))


def _cut(text: str, start: int, end: int, given: Collection[str], family: Collection[str]) -> Iterator[tuple[int, int]]:
    """Those of an initial."""
    for found in _INITIAL_FIRST.finditer(text, start, end):
        word = found["family"].lower()
        if (word in family or (given and word not in _NO_FAMILY)) and not _ends_a_sentence(text, found.start()):
            yield found.span("value")
    for found in _INITIAL_LAST.finditer(text, start, end):
        word = found["family"].lower()
        if (word in family or word in given) and word not in _NO_NAMES:
            yield found.span("value")
    for found in _LOWER.finditer(text, start, end):
        if found["family"] in family:
            yield found.span("value")


def _ends_a_sentence(text: str, start: int) -> bool:
    """Whether the initial is the end of another word: hepatitis C. Doe came."""
    before = _WORD_BEFORE.search(text, max(0, start - 24), start)
    return before is not None and before[1].lower() not in FUNCTION and not before[1][0].isupper()


def _each(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The people of a list."""
    at = start
    for gap in _AND.finditer(text, start, end):
        yield at, gap.start()
        at = gap.end()
    yield at, end
