"""Numbers in a document with pieces of another look among their digits.

White, tiny, struck out, behind a named style, in the colour of what lies below: there are more ways to hide a piece of
a line than anybody can list. So where digits stand on both sides of a piece that looks otherwise, the line is read
without each look in turn, whatever the look is.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence

_DIGIT = re.compile("[0-9]")
_LEAST = 9  # digits of a number that is worth it
_MOST_LOOKS = 8  # of a line
_MOST_LINES = 50
_LONGEST = 400  # pieces of a line
_AROUND = 300  # characters before and after a line, for the words that give it a meaning
_GONE = "\0"
_CLOSED = re.compile(r"[0-9.\-]\s?\0[\0\s]*[0-9.\-]")  # a number goes on behind what was left out


def without_looks(pieces: Sequence[str], looks: Mapping[int, Hashable]) -> str:
    """The lines of a text that say a longer number without some look, with what stands around them; "" where none.

    `looks`: of the pieces that have one, by their number.
    """
    found: dict[str, None] = {}
    for start, end in _suspects(pieces, looks):
        before = "".join(pieces[max(start - _LONGEST, 0) : start])[-_AROUND:]
        after = "".join(pieces[end : end + _LONGEST])[:_AROUND]
        for line in _shorter(pieces, looks, start, end):
            found[before + line + after] = None
    return "\n\n".join(found)


def _suspects(pieces: Sequence[str], looks: Mapping[int, Hashable]) -> Iterator[tuple[int, int]]:
    """Lines of several looks with enough digits."""
    if not looks:
        return
    start = count = 0
    for end in (*(number for number, piece in enumerate(pieces) if piece == "\n"), len(pieces)):
        if 2 < end - start <= _LONGEST and count < _MOST_LINES and len(_kinds(pieces, looks, start, end)) > 1:
            digits = _DIGIT.findall("".join(pieces[start:end]))
            if len(digits) >= _LEAST:
                count += 1
                yield start, end
        start = end + 1


def _kinds(pieces: Sequence[str], looks: Mapping[int, Hashable], start: int, end: int) -> tuple[Hashable, ...]:
    """The looks of a line in their order; None is that of plain text."""
    return tuple(dict.fromkeys(looks.get(place) for place in range(start, end) if pieces[place].strip()))


def _shorter(pieces: Sequence[str], looks: Mapping[int, Hashable], start: int, end: int) -> Iterator[str]:
    for kind in _kinds(pieces, looks, start, end)[:_MOST_LOOKS]:
        kept = [_GONE if looks.get(place) == kind else pieces[place] for place in range(start, end)]
        line = "".join(kept)
        if _CLOSED.search(line) and len(_DIGIT.findall(line)) >= _LEAST:
            yield line.replace(_GONE, "")
