"""Names by a list of given names: one of them and the word behind it, where a model that goes by capitals sees none."""

import re
from collections.abc import Collection, Iterator

from gateway.detect.names.everyday import FUNCTION

WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*")
_BEFORE = re.compile(  # words that a person's name alone follows
    r"(?:^|[.!?:;,\n(\-] ?|\b(?:for|on|with|about|re|tell|told|ask|asked|call|called|text|see|saw|seen|is|does|did|can|"
    r"could|should|has|and|hey|hi|hello|dear|from|pt|patient|its|it['’]s|(?:it['’]?s|is) me|"
    r"i['’]?m|son|daughter|mother|father|mom|dad|"
    r"husband|wife|sister|brother|baby|boy|girl|of|give|gave|let|if|that|when|because|sure|know|remind|what|how|w/) )$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r" [A-Za-z]\.? (?=[^\W\d_])")
_REACH = 12
_OF = frozenset({"'s", "’s"})
_SHORTEST_CAPITALS = 4  # letters of a name in capitals: shorter ones are abbreviations
_BESIDE, _BESIDE_BEFORE = re.compile(r" [A-Z&]"), re.compile(r"[A-Z&][\w'’\-]* $")
_FAMILY = re.compile(r"\b(?P<family>[A-Z][A-Z'’\-]{1,20}),? ?$")
_CAPITALS, _CAPITALS_AFTER = re.compile(r"\b[A-Z'’\-]{2,20},? $"), re.compile(r",? [A-Z'’\-]{2,20}\b")


def names(text: str, start: int, end: int, given: Collection[str]) -> Iterator[tuple[int, int]]:
    """Spans in one window: a given name with the word behind it, or alone where a name can stand."""
    if not given:
        return
    for word in WORD.finditer(text, start, end):
        low = word[0].lower().removesuffix("'s").removesuffix("’s")
        if low not in given or (word[0].isupper() and not _in_capitals(text, word)):
            continue
        if (
            word[0].isupper()
            and len(word[0]) > 1
            and (family := _FAMILY.search(text, max(start, word.start() - 24), word.start()))
        ):
            yield family.start("family"), word.end()
            continue
        last = _family(text, word, end)
        if last or _BEFORE.search(text[max(0, word.start() - _REACH) : word.start()]):
            yield word.start(), last or _whole(word)


def alone(text: str, start: int, end: int, family: Collection[str]) -> Iterator[tuple[int, int]]:
    """Family names with a capital and no other name beside them, as notes of a ward have them."""
    if not family:
        return
    for word in WORD.finditer(text, start, end):
        if not word[0][0].isupper() or word[0].lower().removesuffix("'s").removesuffix("’s") not in family:
            continue
        if word[0].isupper() and len(word[0]) < _SHORTEST_CAPITALS:
            continue
        if _BESIDE_BEFORE.search(text, max(start, word.start() - 24), word.start()) or _BESIDE.match(text, word.end()):
            continue
        yield word.start(), _whole(word)


def _whole(word: re.Match[str]) -> int:
    """Where a name ends without the sign of whose something is."""
    return word.end() - (2 if word[0][-2:] in _OF else 0)


def _family(text: str, given: re.Match[str], limit: int) -> int:
    """Where the family name behind a given name ends, written with the same capitals; 0 where there is none.

    Behind "Omar's" stands what is his.
    """
    if given[0][-2:] in _OF:
        return 0
    gap = _INITIAL.match(text, given.end())
    at = gap.end() if gap else given.end() + 1
    if not gap and text[given.end() : at] != " ":
        return 0
    family = WORD.match(text, at, limit)
    if family is None or len(family[0]) < 2 or family[0].lower() in FUNCTION:
        return 0
    alike = family[0][0].isupper() == given[0][0].isupper()
    return family.end() if alike and (len(family[0]) > 2 or family[0][0].isupper()) else 0


def _in_capitals(text: str, word: re.Match[str]) -> bool:
    """Whether the words beside one in capitals are written so too: else it is an abbreviation, or shouted."""
    beside = _CAPITALS.search(text, max(0, word.start() - 24), word.start()) or _CAPITALS_AFTER.match(text, word.end())
    return beside is not None
