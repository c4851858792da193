"""Names in notes of care that a model takes for towns, for firms or for nothing: family names alone, rare names.

A model goes by capitals and by what people are usually said to do. "Ostrander biopsy" is a firm to it, "marchetti in
412B" nothing. In a short text that tells of somebody's care a name is more likely than a town that nobody is in.
"""

import re
from collections.abc import Collection, Iterator

from gateway.detect.names.base import Mark
from gateway.detect.names.everyday import FUNCTION
from gateway.detect.names.gate import Window
from gateway.detect.names.gazetteer import WORD
from gateway.detect.names.rules import LABEL

_TITLE_CASE = re.compile(r"[A-Z][\w'’]*[a-z][\w'’]*(?:-[A-Za-z][\w'’]*)?")
_ONE_OR_TWO = re.compile(rf"{_TITLE_CASE.pattern}(?: {_TITLE_CASE.pattern})?")
_PLACE_BEFORE = re.compile(  # where somebody is, comes from or is sent
    r"(?:\b(?:(?i:in|at|from|near|to|via|into|outside|around|of|by|through|live\w*|the|our|your|with|"
    r"st\.?|\d+)|[A-Z][\w'’\-]*,?)[ \t]|[@&/_.,][ \t]?)$"
)
_PLACE_AFTER = re.compile(
    r"(?:,? (?:[A-Z]{2}\b|\d{5})|,? (?:County|City|Clinic|Hospital|Pharmacy|Health\w*|Medical|Center|Centre|"
    r"Lab\w*|Inc|LLC|Street|St|Ave\w*|Road|Rd)\b| ?[&@]|[.\-/]\w|(?:['’]s)? [A-Z])"
)
_WHERE = re.compile(r"(?:\b(?:in|at|from|near) |[@/_.&])$")
_GAP = re.compile(r" (?:[A-Z]\.? )?")
_IN_A_ROOM = re.compile(
    r" (?:in |in (?:rm|room|bed) |bed|rm|room|#) ?#?\d{1,4}[A-Da-d]?\b"
    r"(?![.,:/%]\d| ?(?:mg|days?|weeks?|min|hours?|hrs?))"
)
_FAMILY_AFTER = re.compile(r" (?:family|twins|triplets|kids|boys|girls|sisters|brothers|bab(?:y|ies))\b")
_SHORTEST, _SHORTEST_CAPITALS = 4, 5
_LOOKED_BACK = 20


def marks(
    text: str,
    note: Window,
    seen: Collection[Mark],
    people: Collection[str],
    given: Collection[str],
    family: Collection[str],
) -> Iterator[Mark]:
    """Of a note that tells of somebody's care. `seen`: what was marked in it before, `people`: labels of people.

    `given`, `family`: names that are no words, in lower case.
    """
    taken = [(m.start, m.end) for m in seen if m.label in people or m.label == LABEL]
    for mark in seen:
        if mark.label not in people and mark.label != LABEL and _is_no_place(text, mark):
            yield Mark(mark.start, mark.end, LABEL)
    before: re.Match[str] | None = None
    for word in WORD.finditer(text, *note):
        if not any(start <= word.start() < end for start, end in taken):
            if start := _full(text, before, word, family):
                yield Mark(start - 1, word.end() - _of(word), LABEL)
            elif _is_alone(text, before, word, family) or _is_in_a_room(text, word, given, family):
                yield Mark(word.start(), word.end() - _of(word), LABEL)
        before = word


def _is_no_place(text: str, mark: Mark) -> bool:
    """One or two words with a capital, and nothing beside them that says that somebody is there or works there."""
    if _ONE_OR_TWO.fullmatch(text, mark.start, mark.end) is None or mark.end - mark.start < _SHORTEST:
        return False
    before = text[max(0, mark.start - _LOOKED_BACK) : mark.start]
    return _PLACE_BEFORE.search(before) is None and _PLACE_AFTER.match(text, mark.end) is None


def _full(text: str, before: re.Match[str] | None, word: re.Match[str], family: Collection[str]) -> int:
    """Where a full name begins, plus one: a listed family name behind a word with the same capitals; else 0."""
    if before is None or _plain(word) not in family or not word[0][0].isupper() or not before[0][0].isupper():
        return 0
    gap = _GAP.match(text, before.end())
    if gap is None or gap.end() != word.start() or before[0].isupper() != word[0].isupper() or len(before[0]) < 2:
        return 0
    return 0 if before[0].lower() in FUNCTION or before[0][-2:] in {"'s", "’s"} else before.start() + 1


def _is_alone(text: str, before: re.Match[str] | None, word: re.Match[str], family: Collection[str]) -> bool:
    """A listed family name without another name beside it, however the words before it are written."""
    if _plain(word) not in family or len(word[0]) < _SHORTEST:
        return False
    if _FAMILY_AFTER.match(text, word.end()):
        return True
    if not word[0][0].isupper() or (word[0].isupper() and len(word[0]) < _SHORTEST_CAPITALS):
        return False
    beside = before is not None and text[before.end() : word.start()] == " " and before[0][0].isupper()
    if beside and before is not None and before[0].lower() not in FUNCTION:
        return False
    places = text[max(0, word.start() - _LOOKED_BACK) : word.start()]
    return _PLACE_AFTER.match(text, word.end()) is None and _WHERE.search(places) is None


def _is_in_a_room(text: str, word: re.Match[str], given: Collection[str], family: Collection[str]) -> bool:
    """A listed name, with a capital or without, beside the number of a room."""
    plain = _plain(word)
    listed = plain in given or plain in family
    if not listed or len(plain) < _SHORTEST or plain in FUNCTION:
        return False
    return _IN_A_ROOM.match(text, word.end()) is not None


def _plain(word: re.Match[str]) -> str:
    return word[0].lower().removesuffix("'s").removesuffix("’s")


def _of(word: re.Match[str]) -> int:
    return 2 if word[0][-2:] in {"'s", "’s"} else 0
