"""Numbers that a page puts together from pieces of text, whatever its styles say about each.

A style sheet has more ways to hide a piece of a line, or to move it, than anybody can list. So where digits stand in
several elements of one line they are read without each kind of element in turn; and where a page moves things about,
pieces that are nothing but digits are read in the order of their places and from the last to the first.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice

from gateway.core.message import Runs
from gateway.extract.caseless import Caseless
from gateway.extract.html.events import BREAKS, ENTITY, EXTRA, HIDDEN, WORDS, Event
from gateway.extract.html.names import VOID
from gateway.extract.html.view import View, weave

_BESIDE = re.compile(r"[0-9.\-]\s?</?[a-zA-Z]")  # a digit right before a tag
_OPEN = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^>]*>")
_STRUCK = re.compile(r"<(?:del|s|strike)[\s>]", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")
_LEAST = 9  # digits of a number that is worth it
_LONGEST = 400  # pieces of a line
_MOST_KINDS = 8  # of elements in a line
_MOST_LINES = 50
_AROUND = 40  # events before and after a line that are read with it
# Each alternative starts with a plain letter, which lets the search skip text quickly.
_MOVES = Caseless(
    r"row-reverse|column-reverse|o(?<!\wo)rder\s*:|float\s*:\s*right|grid-(?:area|column|row)|direction\s*:\s*rtl"
    r"|dir\s*=\s*[\"']?rtl|scale\w{0,2}\(\s*-|rotatey\(|position\s*:\s*absolute|margin-left\s*:\s*-|<text\b"
)
_ONLY_NUMBER = re.compile(r"\s*(?:[\-.]?[0-9][0-9\-. /]{0,8}|[\-.])\s*")
_MIRRORS = re.compile(r"scale(?:X|3d)?\(\s*-|rotateY\(\s*-?180", re.IGNORECASE)
_WHOLE_NUMBER = re.compile(r"\s*[0-9](?:[\-. ]{0,3}[0-9]){8,15}\s*")
_PLACE = re.compile(
    r"(?:order|left|grid-column|grid-column-start|grid-area|grid-row|right)\s*:\s*(-?[0-9]{1,6})|\bx\s*=\s*[\"']?([0-9]{1,6})",
    re.IGNORECASE,
)
_MOST_PIECES = 20
_NEAR = 60  # events before and after numbers that were moved
# Characters of the views that put numbers together, for each of the source and beyond that.
_MOST_TIMES, _MOST_BEYOND = 16, 100_000


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of shown text by the numbers of its first and last event; `tag`: the one that it stands right in."""

    first: int
    last: int
    text: str
    tag: str
    depth: int


def put_together(source: str, events: list[Event]) -> tuple[tuple[View, ...], bool]:
    """The views of a page that do so, each once, and whether there are more of them than are read."""
    found: dict[str, View] = {}
    room = _MOST_TIMES * len(source) + _MOST_BEYOND
    for view in _ways_together(source, events):
        if view.text in found:
            continue
        if len(view.text) > room:
            return tuple(found.values()), True
        room -= len(view.text)
        found[view.text] = view
    return tuple(found.values()), False


def _ways_together(source: str, events: list[Event]) -> Iterator[View]:
    """Numbers that stand in several elements, read without one kind of these, and in another order."""
    if not _may_be_mosaic(source):
        return
    shown = [event for event in events if event[3] is not HIDDEN]
    lines = list(_lines(source, shown))
    for events_, lines_ in ((shown, lines), *_with_hidden(source, events)):
        for gone, around in _without_insertions(lines_):
            yield weave(source, [one for place, one in enumerate(events_) if place in around and place not in gone])
    for piece, said in _moved(source, [piece for line in lines for piece in line]):
        before = weave(source, shown[max(piece.first - _NEAR, 0) : piece.first])
        after = weave(source, shown[piece.last + 1 : piece.last + _NEAR])
        yield View(f"{before.text} {said} {after.text}", Runs([]))


def _with_hidden(source: str, events: list[Event]) -> Iterator[tuple[list[Event], list[list[_Piece]]]]:
    """All text, where some is hidden: an element may show itself within one that does not."""
    if any(event[3] is HIDDEN and event[0] in WORDS for event in events):
        words = [event for event in events if event[0] is not EXTRA]
        yield words, list(_lines(source, words))


def _lines(source: str, events: list[Event]) -> Iterator[list[_Piece]]:
    """The pieces of text of each line."""
    line: list[_Piece] = []
    end = depth = 0
    for number, (kind, start, stop, _) in enumerate(events):
        if kind in BREAKS and line:
            yield line
            line = []
        if kind not in WORDS:
            continue
        markup = source[end:start]
        text = unescape(source[start:stop]) if kind is ENTITY else source[start:stop]
        end = stop
        if line and not markup:
            line[-1] = replace(line[-1], last=number, text=line[-1].text + text)
            continue
        depth += _depth_change(markup)
        line.append(_Piece(number, number, text, _last_tag(markup), depth))
    if line:
        yield line


def _may_be_mosaic(source: str) -> bool:
    """Whether a digit stands right before a tag somewhere, or a page moves its elements."""
    return _BESIDE.search(source) is not None or _MOVES.search(source) is not None


def _without_insertions(lines: Sequence[Sequence[_Piece]]) -> Iterator[tuple[set[int], set[int]]]:
    """For each other reading the events that it leaves out, and all that it looks at."""
    suspects = [line for line in lines if _is_suspect(line)][:_MOST_LINES]
    if not suspects:
        return
    omissions = [list(_omissions(line)) for line in suspects]
    for number in range(max(map(len, omissions))):
        told = [(line, each[number]) for line, each in zip(suspects, omissions, strict=True) if number < len(each)]
        around = {
            event for line, _ in told for event in range(max(line[0].first - _AROUND, 0), line[-1].last + _AROUND)
        }
        yield {event for _, gone in told for event in gone}, around


def _is_suspect(line: Sequence[_Piece]) -> bool:
    """Enough digits in enough pieces: of several kinds, or so many that every second one may be none."""
    if not 2 < len(line) <= _LONGEST:
        return False
    digits = _digits(line)
    if digits >= _LEAST and len({(piece.tag, piece.depth) for piece in line}) > 1:
        return True
    return min(digits, len(line)) >= 2 * _LEAST - 2


def _omissions(whole: Sequence[_Piece]) -> Iterator[set[int]]:
    """What to leave out between the first and the last digit of a line."""
    numbered = [place for place, piece in enumerate(whole) if _DIGIT.search(piece.text)]
    line = whole[numbered[0] : numbered[-1] + 1]
    outermost = min(piece.depth for piece in line)
    kinds = list(dict.fromkeys(piece.tag for piece in line))
    tests: list[Callable[[int, _Piece], bool]] = [
        lambda _, piece: piece.depth > outermost,
        lambda _, piece: piece.depth == outermost,
        lambda _, piece: _STRUCK.match(piece.tag) is not None,
        *(_is_of(kind) for kind in kinds[:_MOST_KINDS]),
        *(_is_of_another(kind) for kind in kinds[:_MOST_KINDS]),
        lambda place, _: place % 2 == 1,
        lambda place, _: place % 2 == 0,
    ]
    seen: set[tuple[int, ...]] = set()
    for test in tests:
        gone = [piece for place, piece in enumerate(line) if test(place, piece)]
        key = tuple(piece.first for piece in gone)
        left = _digits(line) - _digits(gone)
        if left >= _LEAST and key not in seen and any(piece.text.strip() for piece in gone):
            seen.add(key)
            yield {number for piece in gone for number in range(piece.first, piece.last + 1)}


def _is_of(kind: str) -> Callable[[int, _Piece], bool]:
    return lambda _, piece: piece.tag == kind


def _is_of_another(kind: str) -> Callable[[int, _Piece], bool]:
    return lambda _, piece: piece.tag != kind


def _digits(pieces: Sequence[_Piece]) -> int:
    return sum(len(_DIGIT.findall(piece.text)) for piece in pieces)


def _moved(source: str, pieces: Sequence[_Piece]) -> Iterator[tuple[_Piece, str]]:
    """Where pieces that are numbers follow one another in a page that moves things: the last one, and what they say."""
    if _MOVES.search(source) is None:
        return
    if _MIRRORS.search(source) is not None:
        numbers = (piece for piece in pieces if _WHOLE_NUMBER.fullmatch(piece.text))
        yield from ((piece, piece.text.strip()[::-1]) for piece in islice(numbers, _MOST_LINES))
    row: list[_Piece] = []
    for piece in [*pieces, None]:
        if piece is not None and _ONLY_NUMBER.fullmatch(piece.text) and len(row) < _MOST_PIECES:
            row.append(piece)
        elif piece is None or piece.text.strip():
            if len(row) > 1 and _digits(row) >= _LEAST:
                for order in (row[::-1], sorted(row, key=_place)):
                    if order != row:
                        yield row[-1], "".join(part.text.strip() for part in order)
            row = []


def _place(piece: _Piece) -> int:
    found = _PLACE.search(piece.tag)
    return int(found[1] or found[2]) if found else 0


def _depth_change(markup: str) -> int:
    """How much deeper what follows some tags stands."""
    return sum(
        -1 if found[1] else 0 if found[2].lower() in VOID or found[0].endswith("/>") else 1
        for found in _OPEN.finditer(markup)
    )


def _last_tag(markup: str) -> str:
    """The last tag of some mark-up, "/" for an end tag: what text behind it stands in."""
    tags = list(_OPEN.finditer(markup))
    return tags[-1][0] if tags and not tags[-1][1] else "/"
