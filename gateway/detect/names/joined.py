"""The rest of a name that a model marked in part: an initial, "Last, First", a nickname in quotes.

A model of names learns from prose, where names are written out. Lists of patients have "Doe, J.", "J. Doe" and
"Jane D.", of which it marks a word. What is left over beside it says who is meant as well as the word does.
"""

import re
from collections.abc import Collection

from gateway.detect.names.everyday import FUNCTION

Piece = tuple[int, int]

_WORD = r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*"
_FEW_WORDS = re.compile(rf"{_WORD}(?: {_WORD}){{0,2}}")
_INITIAL_BEHIND = re.compile(  # Doe, J.T.; Jane D.; DOE,J
    r"(?P<comma>, ?| )(?P<initials>[A-Z](?P<dot>\.)?(?: ?[A-Z]\.(?![^\W_]))?(?![^\W_'’]))"
)
_SMALL_BEHIND = re.compile(r" (?P<initials>[a-z]\.?)(?=[ \t]*(?:$|[,;:)\n]))")  # kristy p
_NO_INITIAL = re.compile(  # M 45, F/62, K 2.8, D/C, C section
    r",? ?[/(]? ?\d{1,3}(?![\d\-/])|/[A-Za-z]|[ \-](?:section|ray|scan|diff|spine|pap|line|drip|stim|cath)\w*\b"
)
_WORDS_OF_CARE = frozenset("RLIAMFXQ")  # right, left, male, female, every: letters that are words beside a name
_ENDS_NAME = re.compile(r"[ \t]*(?:$|[\n,;:|()\[\]*/]|-|–|\.(?:\s|$)|\d|  |\t)")
_INITIALS_BEFORE = re.compile(
    r"(?P<before>^|[^\w]|[\d)] )(?P<initials>(?:[A-Z]\. ?){1,2}|(?:Wm|Chas|Geo|Jos|Thos)\. )$"
)
_FIRST_BEHIND = re.compile(rf"(?P<comma>, ?|[*^]| comma )(?P<first>{_WORD})(?P<more>(?: |[*^])[A-Z]\b\.?(?!['’]))?")
_WRITTEN_OUT = re.compile(rf" (?P<name>[A-Z]{_WORD})(?=[,;:)\n]|$)")  # DOE, J. JANE
_NO_FIRST = frozenset(
    {"apt", "unit", "suite", "ste", "room", "floor", "box", "dob", "mrn", "age", "bed", "esq", "jr", "sr"}
)
_HYPHEN_BEFORE = re.compile(r"(?<![\w'’\-])(?P<word>[^\W\d_a-z][^\W\d_]{1,12}-)$")
_HYPHEN_BEHIND = re.compile(rf"-(?=[^\W\d_a-z]){_WORD}")
_PARTICLE = r"(?:del?|la|las|los|da|dos|do|di|du|van|von|der|den|ter|ten|bin|ibn|bint|al|el|ap|zu)"
_PARTICLES_BEFORE = re.compile(rf"(?<![\w'’\-])(?P<word>[^\W\d_a-z][^\W\d_]{{2,15}} (?:{_PARTICLE} ){{1,3}})$")
_PARTICLES_BEHIND = re.compile(rf" (?:{_PARTICLE} ){{1,3}}(?=[^\W\d_a-z]){_WORD}")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ \t]$")
_MIDDLE = re.compile(r" [A-Z](?:\.|(?=[,;:)\n]|$))")
_NICKNAME = re.compile(r" [\"“'‘(](?P<nick>[A-Z][\w\-]{1,15})[\"”'’)] (?!and\b)[A-Z][a-z][\w'’\-]+")
_NEWBORN = re.compile(r"\b(?:Baby|BABY|Infant|INFANT) (?:(?:Girl|Boy|GIRL|BOY)(?: [A-C])? )?$")
_REACH = 16  # characters before a name
_FAR = 32  # and with particles
_SHORTEST_FIRST = 3  # letters of a first name behind a comma; fewer are a state


def whole(text: str, start: int, end: int, given: Collection[str], never: Collection[str]) -> Piece:
    """A piece of a name with what belongs to it on both sides."""
    start, end = _hyphened(text, start, end)
    start, end = _with_particles(text, start, end)
    name = text[start:end]
    if _FEW_WORDS.fullmatch(name) is None:
        return start, _middle(text, end) if "," in name else end
    before = min(_newborn(text, start), _initials_before(text, start, name))
    if before < start:
        return before, end
    return start, _nickname(text, end) or _first(text, end, name, given, never) or _initials(text, end, name) or end


def _hyphened(text: str, start: int, end: int) -> Piece:
    """Not cut at a hyphen: Per-Olof, Doe-Roe."""
    before, behind = _HYPHEN_BEFORE.search(text, max(0, start - _REACH), start), _HYPHEN_BEHIND.match(text, end)
    return (before.start("word") if before else start), (behind.end() if behind else end)


def _with_particles(text: str, start: int, end: int) -> Piece:
    """Not cut at "de la" and the like: Jane de la Roe."""
    before, behind = _PARTICLES_BEFORE.search(text, max(0, start - _FAR), start), _PARTICLES_BEHIND.match(text, end)
    if before is not None and (before["word"].lower() in FUNCTION or not text[start].isupper()):
        before = None
    return (before.start("word") if before else start), (behind.end() if behind else end)


def _nickname(text: str, end: int) -> int:
    """Terry "TJ" Doe."""
    found = _NICKNAME.match(text, end)
    return found.end() if found else 0


def _newborn(text: str, start: int) -> int:
    """Where "Baby Girl" begins before a family name; `start` where it does not."""
    found = _NEWBORN.search(text, max(0, start - _REACH), start)
    return found.start() if found else start


def _initials_before(text: str, start: int, name: str) -> int:
    """Where they begin; `start` where there are none, or where a sentence ends in a letter ("hepatitis C. Doe")."""
    found = _INITIALS_BEFORE.search(text, max(0, start - _REACH), start)
    if found is None or not name[0].isupper() or " " in name:
        return start
    at = found.start("initials")
    alone = len(found["initials"].strip(" .")) == 1
    word = _WORD_BEFORE.search(text, max(0, at - _REACH), at) if alone else None
    return at if word is None or word[1].lower() in FUNCTION or word[1][0].isupper() else start


def _middle(text: str, end: int) -> int:
    """Doe, Jane M."""
    found = _MIDDLE.match(text, end)
    return found.end() if found else end


def _initials(text: str, end: int, name: str) -> int:
    found = _INITIAL_BEHIND.match(text, end)
    if found is None:
        small = _SMALL_BEHIND.match(text, end) if name.islower() and " " not in name else None
        return small.end("initials") if small else 0
    if not name[0].isupper() or (" " in name and "," not in found["comma"] and not name.isupper()):
        return 0
    letters, behind = found["initials"], found.end("initials")
    if found["dot"]:
        more = _WRITTEN_OUT.match(text, behind) if "," in found["comma"] else None
        alike = more is not None and more["name"].lower() not in FUNCTION and more["name"].isupper() == name.isupper()
        return more.end() if more is not None and alike else behind
    if _NO_INITIAL.match(text, behind):
        return 0
    return behind if _ENDS_NAME.match(text, behind) or letters not in _WORDS_OF_CARE else 0


def _first(text: str, end: int, name: str, given: Collection[str], never: Collection[str]) -> int:
    """A first name behind a family name and a comma, written with the same capitals."""
    found = _FIRST_BEHIND.match(text, end)
    if found is None or len(found["first"]) < _SHORTEST_FIRST:
        return 0
    first = found["first"]
    alike = first[0].isupper() == name[0].isupper() and first.isupper() == name.isupper()
    if not alike or first.lower() in _NO_FIRST | FUNCTION or first.lower() in never or first[-2:] in {"'s", "’s"}:
        return 0
    words = {word.lower() for word in re.split(r"[ \-]", name)}
    plain = re.split(r"[\-]", first.lower())[0]
    sure = plain in given or found["comma"] in {"*", "^", " comma "}
    if not first[0].isupper() and not (sure and "comma" in found["comma"]):
        return 0
    if not sure and (" " in name or words & set(given) or _ENDS_NAME.match(text, found.end()) is None):
        return 0
    if sure and words & set(given) and "," in found["comma"] and not name.isupper():
        return 0  # Anna, Maria and Bo
    return found.end()
