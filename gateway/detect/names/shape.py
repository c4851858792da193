"""What a model marks is cut to what can be a name, an address or a place, and dropped where it cannot be one."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

Piece = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """Lists in lower case: words that are no name, given names that are no words, family names that are none."""

    never: Collection[str] = frozenset()
    given: Collection[str] = frozenset()
    family: Collection[str] = frozenset()


Plausible = Callable[[str, int, int, Words], bool]

_CUT = re.compile(r"[\r\n\t/@|;<>:()\[\]{}\"“”=*_#\\]|  +| - |\.\.|, ?(?=\d)| (?=(?:Apt|Suite|Ste|Unit)\b)")
_LEAD = re.compile(
    r"(?i)(?:[\s.,'’&+-]+|(?:mr|mrs|ms|miss|mx|dr|drs|prof|professor|nurse|rev|sr|sra|pt|patient|dear|hi|hello|"
    r"thanks|re|"
    r"and)\b\.?[\s,]*(?=\S))"
)
_TAIL = re.compile(
    r"(?:[\s,'’&+-]+|['’]s|,? (?i:md|m\.d\.?|do|rn|np|pa|pa-c|phd|dds|lcsw|esq\.?|mba|pharmd|and|"
    r"dob|mrn|dx|ssn|age)|(?<=\w{3})\.)$"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-])*")
_TITLE = re.compile(r"(?i)\b(?:mr|mrs|ms|miss|mx|dr|prof|pt|patient|nurse)\b\.? ?$")
_TITLE_REACH = 10
_INITIALS = re.compile(r"(?:[A-Za-z](?:\.|\b) ?){1,4}")
_INITIALED_BEFORE = re.compile(  # whose initials follow, whatever stands behind them
    r"(?i)(?:\b(?:patients?|pts?|clients?|residents?|subjects?|initials|mr|mrs|ms|miss|mx)\b\.?:? ?|"
    r"\b(?:rm|room|bed|bay)\b\.? ?#?\d{1,4}[a-d]? ?[(:,\-–]{0,2} ?)\(?$"
)
_INITIALED_AFTER = re.compile(
    r"(?i),? ?\(?(?:(?:in|from) )?(?:(?:room|rm|bed|bay)\b\.? ?#?\d|in \d{1,4}[a-d]\b|[mf], ?\d{1,3}\b|\d{1,3} ?[mf]\b)"
)
_POSSESSIVE = re.compile(r"['’]?s ")
_SPOKEN_TO = re.compile(  # May and Faith are told things, months and virtues are not
    r"(?i)\b(?:let|tell|told|ask|asked|phone|ring|text|email|inform|remind|examine|contact|for|about) $"
)
_TOLD = re.compile(r"(?i),? (?:know|that|if|whether|to|about|back|who|what|when)\b")
_AGE = re.compile(r",? (?:is )?(?:an? )?\d{1,3}[ -]?(?:year|y/?o|month|week|wks?\b|mos?\b|d/?o\b)")
_NO_NAME = re.compile(r"[\d®™©?!%$^~`]")
_INSTITUTION = re.compile(  # a word that makes the whole a firm, a house or a thing
    r"(?i) (?:inc|llc|ltd|corp|co|company|group|holdings|partners|associates|industries|systems|technologies|"
    r"solutions|"
    r"software|pharma|pharmaceuticals|biotech|devices|instruments|labs?|laborator(?:y|ies)|diagnostics|medical|"
    r"health|"
    r"healthcare|care|clinic|hospital|center|centre|pharmacy|insurance|services|department|team|university|college|"
    r"school|"
    r"institute|foundation|society|association|committee|council|agency|bank|press|news|times|journal|magazine|"
    r"review|"
    r"radio|herald|gazette|tribune|chronicle|award|conference|project|program|initiative|act|freight|logistics|"
    r"mafia)\b"
)
_AND_AFTER, _AND_BEFORE = re.compile(r" & [A-Z]"), re.compile(r"[A-Z][\w'’\-]+ & $")
_COUPLE = 45  # characters that hold the other of two names
_AROUND = 150  # characters looked at for capitals
_THING = re.compile(  # what follows a name that is not a person's there
    r"['’]?s?[ -](?:catheter|drain|wires?|pins?|clamps?|forceps|retractors?|scissors|needle|trocar|sutures?|rongeur|"
    r"gag|line|tube|sign|test|score|scale|stage|grade|class|criteria|maneuver|position|point|incision|procedure|"
    r"operation|repair|fracture|lesion|"
    r"cyst|disease|syndrome|palsy|lymphoma|phenomenon|contracture|esophagus|thyroiditis|chorea|tumor|node|duct|"
    r"gland|ligament|"
    r"tendon|tubercle|canal|fascia|space|monitor|protocol|chart|index|inventory|classification|reflex|fever|virus|"
    r"cells?|bodies|tablets?|capsules?|pump|pen|kit|inhaler|system|device|"
    r"stain|agar|solution|Act|Road|Street|Avenue|Inc|LLC|Ltd|Corp|Hospital|Clinic|Foundation|University|College|"
    r"Institute|"
    r"Bridge|Park|County|Award|Prize|Theorem|Law)\b"
)  # fmt: skip
_OWNED = re.compile(  # what is somebody's where it is no eponym's
    r"['’]s (?:fever|incision|fracture|lesion|tumor|operation|procedure|repair|chart|line|tube|drain|catheter|pump|"
    r"inhaler|score|stage|pen|kit|tablets?)\b"
)
_ANIMAL_BEFORE = re.compile(
    r"(?i)\b(?:dog|cat|pupp?y|kitten|hamster|rabbit|bunny|horse|mare|gelding|pony|parrot|ferret|guinea pig|terrier|"
    r"beagle|labrador|retriever|poodle|spaniel|collie|bulldog|goat|tortoise),? $"
)
_ANIMAL_AFTER = re.compile(
    r"(?i),? \(?(?:an? |the |your |our |my )?(?:\w+ )?(?:dog|cat|pupp?y|kitten|hamster|rabbit|horse|mare|"
    r"gelding|pony|parrot|ferret|terrier|beagle|labrador|retriever|poodle|spaniel|collie|bulldog|tabby|siamese|dachshund|chihuahua|corgi|husky)\b"
)
_CODE_BEFORE = frozenset("._@\\$#=<{[%&+")
_CODE_AFTER = frozenset("@_\\=({<>[]$%+")
LONGEST_NAME, _MOST_WORDS = 60, 6
_SUFFIX = re.compile(
    r"(?i)\b(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|boulevard|ct|court|way|pl|place|ter|terrace|cir|"
    r"circle|pkwy|parkway|"
    r"trl|trail|hwy|highway|loop|sq|square|box|apt|suite|ste|unit|route|rue|via|calle|pike|plaza|row|run|bldg)\b"
)
_CELLS = re.compile(r'","|\d{1,4}[/\-]\d{1,2}[/\-]\d{2,4}')  # a row, or a date: no street
_NO_HOUSE = re.compile(  # numbers of people, a day, an amount
    r"\d{7}|\d+ of \d+\b|(?:[A-Z]{2,5} ){0,2}\d{2,4} \d{2,4} \d{2,4}\b|(?:19|20)\d\d [A-Z]|[A-Za-z]{2,4} \d{1,2}/\d|"
    r"\d{1,2}/\d{1,2}\b|\d+[^\n]{0,30}\d\.\d\d$"
)
_ABROAD = re.compile(
    r"(?i)[,\n]|stra(?:ss|ß)e|str\.|gat(?:an|a)\b|vej\b|väg|gasse|laan\b|straat|weg\b|katu\b|utca|\b(?:calle|avenida|rua|ul\.)"
)
_MEASURE = re.compile(
    r"(?i)\d ?(?:mg|mcg|ml|units?|mmhg|mmol|tablets?|kg|lbs?|cm|mm|%|days?|weeks?|years?|hours?|am|pm)\b"
)


def person_pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """A marked name, cut at line ends and signs, without titles before it and letters of a profession behind it."""
    position = start
    cuts = [*_CUT.finditer(text, start, end), None]
    for cut in cuts:
        piece = _stripped(text, position, end if cut is None else cut.start())
        if piece is not None:
            yield piece
        if cut is not None:
            position = cut.end()


def _stripped(text: str, start: int, end: int) -> Piece | None:
    while (lead := _LEAD.match(text, start, end)) and lead.end() > start:
        start = lead.end()
    while (tail := _TAIL.search(text[start:end])) and tail.end() > tail.start():
        end = start + tail.start()
    return (start, end) if end - start >= 2 else None


def person(text: str, start: int, end: int, lists: Words) -> bool:
    """Whether a piece can be somebody's name where it stands."""
    value = text[start:end]
    words = [word.strip(".-'’") for word in _WORD.findall(value)]
    if not words or len(value) > LONGEST_NAME or len(words) > _MOST_WORDS or _NO_NAME.search(value):
        return False
    if _in_code(text, start, end) or _is_thing(text, end, words, lists) or _INSTITUTION.search(value):
        return False
    if _is_firm(text, start, end, words, lists) or _is_animal(text, start, end):
        return False
    if _TITLE.search(text[max(0, start - _TITLE_REACH) : start]):
        return True  # with a title before it, a Foley is a person
    if _INITIALS.fullmatch(value):
        return _AGE.match(text, end) is not None or _are_initials(text, start, end)
    lower = [word.lower() for word in words]
    if all(word in lists.never for word in lower):
        return len(words) == 1 and _is_told(text, start, end)
    return not value.islower() or _fits_lower(text, start, end, lower, lists)


def _is_thing(text: str, end: int, words: list[str], lists: Words) -> bool:
    """Named after somebody: a Foley catheter, but not Omar's fever."""
    if _THING.match(text, end) is None:
        return False
    return _OWNED.match(text, end) is None or not any(word.lower() in lists.given for word in words)


def _is_firm(text: str, start: int, end: int, words: list[str], lists: Words) -> bool:
    """One of two names with an "&" between that are no given names: a firm."""
    if any(word.lower() in lists.given for word in words) or _is_couple(text, start, end, words[-1]):
        return False
    return _AND_AFTER.match(text, end) is not None or _AND_BEFORE.search(text[max(0, start - 25) : start]) is not None


def _is_couple(text: str, start: int, end: int, family: str) -> bool:
    """Two people of one family name."""
    before, after = text[max(0, start - _COUPLE) : start], text[end : end + _COUPLE]
    return f"{family} & " in before or (after.startswith(" & ") and f" {family}" in after)


def _is_animal(text: str, start: int, end: int) -> bool:
    """Our hamster Peanut; Luna (beagle, 4 y)."""
    before = text[max(0, start - 2 * _TITLE_REACH) : start]
    return _ANIMAL_BEFORE.search(before) is not None or _ANIMAL_AFTER.match(text, end) is not None


def _are_initials(text: str, start: int, end: int) -> bool:
    """Beside a word for a patient, a room or a sex and age."""
    before = text[max(0, start - _TITLE_REACH - 6) : start]
    return _INITIALED_BEFORE.search(before) is not None or _INITIALED_AFTER.match(text, end) is not None


def _is_told(text: str, start: int, end: int) -> bool:
    """Whether somebody speaks to what this word names."""
    before = text[max(0, start - _TITLE_REACH) : start]
    return text[start].isupper() and _SPOKEN_TO.search(before) is not None and _TOLD.match(text, end) is not None


def _fits_lower(text: str, start: int, end: int, words: list[str], lists: Words) -> bool:
    """Without capitals: a known given name, or two words where all around is in lower case."""
    if not lists.given or any(word in lists.given for word in words):
        return True
    if len(words) == 1 and words[0] in lists.family and _POSSESSIVE.match(text, end):
        return True
    around = text[max(0, start - _AROUND) : end + _AROUND]
    return around.islower() and len(words) > 1


def _in_code(text: str, start: int, end: int) -> bool:
    """Part of an address, a path, an identifier or a line of code."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == ">" and text[end : end + 2] == "</":
        return False  # what a tag holds
    if before in _CODE_BEFORE or after in _CODE_AFTER:
        return bool(before or after)
    return (after in {".", "-"} and text[end + 1 : end + 2].isalnum() and text[end + 1 : end + 2].islower()) or (
        before == "/" and text[start - 2 : start - 1] in {"/", "."}
    )


def address(text: str, start: int, end: int, _lists: Words) -> bool:
    """A number and a word, not a quantity, not a page of text."""
    value = text[start:end]
    if not 6 <= end - start <= 160 or not any(map(str.isdigit, value)) or value.count("\n") > 4:
        return False
    if not _LETTERS.search(value) or _CELLS.search(value):
        return False
    if _SUFFIX.search(value):
        return True
    if _NO_HOUSE.match(value) or not (value.islower() or any(map(_is_proper, _LETTERS.findall(value)))):
        return False
    return _MEASURE.search(value) is None and (value[0].isdigit() or _ABROAD.search(value) is not None)


def _is_proper(word: str) -> bool:
    return len(word) > 2 and word[0].isupper()


def place(text: str, start: int, end: int, lists: Words) -> bool:
    """A short run of words, no digits, not in code, not a word that is none."""
    value = text[start:end]
    if not 2 <= end - start <= LONGEST_NAME or any(map(str.isdigit, value)) or _in_code(text, start, end):
        return False
    return value.lower() not in lists.never and _LETTERS.search(value) is not None


def plain_pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """The first line of it, stripped."""
    line = text[start:end].split("\n", 1)[0]
    value = line.strip(" \t\r,.;:'\"()")
    if value:
        low = start + line.index(value)
        yield low, low + len(value)


def address_pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """As marked, over its lines, stripped."""
    value = text[start:end].strip(" \t\r\n,.;:'\"()")
    if value:
        low = start + text[start:end].index(value)
        yield low, low + len(value)
