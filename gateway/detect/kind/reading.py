"""What stands around a number, as a person reads it: the words before it, nearest first, those behind, its own shape.

Each is a feature with a strength: a word right before the number tells more than one six words away, and one beyond
another number or in the line above tells little. The training (models/number-kinds) and the engine read by this.
"""

import re
from collections.abc import Iterator

_BEFORE, _BEHIND = 90, 40  # characters that are read
_FIRST, _PAIRED, _SOME, _MOST = 2, 3, 5, 10  # words before the number
_STEM = 5  # letters
_SUBJECT_REACH, _SUBJECT_STEM, _SUBJECT_STRENGTH = 500, 6, 0.3
_SUBJECT = re.compile(  # what the text around is about: a plan, or a ward
    r"\b(?:insur\w*|plans?|members?|subscriber|medicaid|medicare|coverage|eligib\w*|claims?|copay\w*|bin|pcn|grp|group|"
    r"payer|benefits?|policy|premium|deni(?:ed|al)|appeal|auth\w*|billed|chart|lab|specimen|accession|ward|bed|admit\w*|"
    r"discharge\w*|clinic|hospital|order|ticket|case|rx|pharmacy|study|trial|random\w*|fund|union|welfare|court|attorney|"
    r"counsel|settle\w*|adjuster|injur\w*|lien|loan|booking|jail|inmate|offender|school|supplier|device|pump|ambulance|"
    r"trip|donor|transplant|resident|client|therap\w*|surgery|nurse|denied|deductible|card|records?|employ\w*|network|"
    r"x-?ray|ct|mri|biopsy|culture)\b"
)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\d\-./]*|[#\n]")
_BEHIND_TOKEN = re.compile(r"[^\W\d_]+|\d|[\n\t|.,;:]")
_LONG_NUMBER = 4  # digits
_NUMBER_WORDS = frozenset(
    {"#", "number", "numbers", "no", "nos", "num", "nbr", "nr", "id", "ids", "ref", "code", "identifier"}
)
_FILLERS = frozenset(
    {
        "is", "was", "are", "as", "of", "on", "for", "with", "under", "in", "at", "the", "this", "that", "an", "our",
        "your", "my", "his", "her", "their", "its", "it", "to", "by", "says", "reads", "shows", "has", "have", "please",
        "and", "which", "being", "listed", "be", "been", "should", "may", "might", "could", "would", "will", "can",
        "still", "now", "here", "just", "so", "then", "it's", "that's", "here's", "there's", "let", "us", "me", "also",
        "again", "from", "or", "there", "you", "we", "he", "she", "they", "not", "but", "if", "said", "saw", "read",
        "shown", "only", "got", "gave", "given", "call", "called", "calls", "put", "use", "used", "do", "does", "did",
        "am",
    }
)  # fmt: skip
_WHOSE = {
    **dict.fromkeys(("our", "ours", "us", "my", "mine", "we"), "our"),
    **dict.fromkeys(("your", "yours", "you"), "your"),
    **dict.fromkeys(("their", "theirs", "they", "there"), "their"),
}  # fmt: skip
_WHOSE_BEFORE, _WHOSE_WORDS = 60, 5  # characters and words in which it is said
_WHOSE_TOKEN = re.compile(r"[A-Za-z]+|\d{4,}|[\n;]|\.(?=\s+[A-Z])")
_WITH_WHOM = re.compile(
    r" (?:with|at|for) (?:us|you|them|your|our)\b|\s*\(?(?:is|was) (?:his|her|the) number (?:with|at|there)\b"
)
_NAME = re.compile(r"[A-Z][a-z'’\-]+,? (?:[A-Z][A-Za-z]?[a-z'’\-]+|[A-Z]\.?)[ ,(#\-–/|:\[]*$")
_ONE_OF_SEVERAL = re.compile(
    r"(?P<other>(?:[A-Z]{1,5}[\- ]?)?\d[0-9A-Z.\-/]{2,20})(?: ?[,/&+;] ?| (?:and|or|into|to) ?){1,2}#?$"
)
_BRACKETS = re.compile(r"\s*[(\[]([^)\]\n]{1,30})[)\]]")
_LETTERS, _DIGITS = re.compile(r"[A-Za-z]+"), re.compile(r"\d+")
_CELL_BEFORE, _CELL_BEHIND = re.compile(r"(?:[|;\t]\"? ?|,\"?)$"), re.compile(r" ?\"?[|;,\t]")
_STRENGTH = {"near": 1.0, "some": 0.5, "far": 0.3, "above": 0.3, "beyond": 0.25}


def features(text: str, start: int, end: int, *, label_alone: bool = False) -> dict[str, float]:
    """Of the number at [start, end). `label_alone`: of what is written before and behind it, nothing else."""
    found: dict[str, float] = {}
    for name, strength in _said(text, start, end):
        found[name] = found.get(name, 0.0) + strength
    if not label_alone:
        found |= dict(_looks(text[start:end]))
        around = text[max(0, start - _SUBJECT_REACH) : end + _SUBJECT_REACH].lower()
        found |= {f"about {word[:_SUBJECT_STEM]}": _SUBJECT_STRENGTH for word in _SUBJECT.findall(around)}
    return found


def is_cell(text: str, start: int, end: int) -> bool:
    """Whether the number stands between separators, as in a table."""
    before, behind = text[max(0, start - 3) : start], text[end : end + 3]
    return _CELL_BEFORE.search(before) is not None and _CELL_BEHIND.match(behind) is not None


def _said(text: str, start: int, end: int) -> Iterator[tuple[str, float]]:
    at = _first_of_several(text, start, end)
    before = text[max(0, at - _BEFORE) : at]
    yield from _words_before(before, cut=at > _BEFORE)
    if _NAME.search(before):
        yield "name before", 0.7
    behind = text[end : end + _BEHIND]
    yield from _words_behind(behind)
    yield from _whose(text[max(0, at - _WHOSE_BEFORE) : at], behind.lower())
    if brackets := _BRACKETS.match(behind):
        for word in _LETTERS.findall(brackets[1].lower()):
            yield f"brackets {_singular(word)}", 1.0


def _whose(before: str, behind: str) -> Iterator[tuple[str, float]]:
    """In whose books the number stands: "our", "your", "their"."""
    for word in _WHOSE_TOKEN.findall(before)[: -_WHOSE_WORDS - 1 : -1]:
        if not word.isalpha():
            break
        if whose := _WHOSE.get(word.lower()):
            yield f"whose {whose}", 0.8
            break
    if _WITH_WHOM.match(behind):
        yield "whose behind", 0.8


def _words_before(before: str, *, cut: bool) -> Iterator[tuple[str, float]]:
    last = ""
    words = 0
    for piece, lines, beyond in _walked(before, cut=cut):
        if piece in _NUMBER_WORDS:
            if not words:
                yield f"called {piece}", 1.0
            continue
        words += 1
        word = _singular(piece)
        yield from _named(word, words, _place(words, lines, beyond=beyond))
        if last and words <= _PAIRED:
            yield f"pair {word} {last}", 0.7
        last = word
        if words == _MOST:
            return


def _walked(before: str, *, cut: bool) -> Iterator[tuple[str, int, bool]]:
    """The words before a number from its own end on, each with the ends of lines and whether a number lie between."""
    pieces = _TOKEN.findall(before.lower())
    if cut:
        del pieces[:1]  # part of a word
    lines, beyond = 0, False
    for piece in reversed(pieces):
        if piece == "\n":
            lines += 1
        elif piece[0].isdigit():
            beyond = beyond or sum(map(str.isdigit, piece)) >= _LONG_NUMBER
        elif piece in _NUMBER_WORDS or (len(piece) > 1 and piece not in _FILLERS):
            yield piece, lines, beyond


def _named(word: str, words: int, place: str) -> Iterator[tuple[str, float]]:
    strength = _STRENGTH[place]
    if words == 1 and place != "beyond":
        yield f"first {word}", 1.0
    yield f"{place} {word}", strength
    if len(word) > _STEM:
        yield f"{place} {word[:_STEM]}*", strength * 0.7


def _place(words: int, lines: int, *, beyond: bool) -> str:
    if beyond:
        return "beyond"
    if lines and words > _PAIRED:
        return "above"
    return "near" if words <= _FIRST else "some" if words <= _SOME else "far"


def _words_behind(behind: str) -> Iterator[tuple[str, float]]:
    count = 0
    for piece in _BEHIND_TOKEN.findall(behind.lower()):
        if not piece.isalpha() or piece == "and" or count == _PAIRED:
            return
        if piece not in _FILLERS:
            count += 1
            yield f"behind {_singular(piece)}", 0.6


def _looks(value: str) -> Iterator[tuple[str, float]]:
    letters = _LETTERS.match(value)
    if letters and letters.end() < len(value):
        yield f"begins {letters[0].lower()}", 0.4
        yield f"letters {letters.end()}", 0.4
    else:
        yield "begins with a digit", 0.4
    yield f"shape {_DIGITS.sub(lambda d: f'd{min(len(d[0]), 9)}', _LETTERS.sub('L', value))}", 0.25
    yield f"outline {_outline(value)}", 0.4
    yield f"digits {min(sum(map(str.isdigit, value)), 12)}", 0.3


def _first_of_several(text: str, start: int, end: int) -> int:
    """Where the first number of a list like "88-1204, 88-1205 and 88-1207" begins: its label is that of all."""
    outline = _outline(text[start:end])
    at = start
    for _ in range(_MOST):
        low = max(0, at - 40)
        other = _ONE_OF_SEVERAL.search(text[low:at])
        if other is None or _outline(other["other"]) != outline:
            break
        at = low + other.start("other")
    return at


def _outline(value: str) -> str:
    return _DIGITS.sub("d", _LETTERS.sub("L", value))


def _singular(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
