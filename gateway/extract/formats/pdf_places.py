"""Numbers on a page of PDF as they look: by the places of their pieces, and without digits of another look."""

import ctypes
import re
from collections.abc import Iterator
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from gateway.extract.formats.looks import without_looks
from gateway.extract.formats.placed import Placed, side_by_side

_NUMBER = re.compile(r"(?<!\S)[0-9.\-][0-9\-./]{0,11}(?!\S)")
_LONG = re.compile(r"(?<!\S)[0-9](?:[0-9]|[\-./](?=[0-9])){9,30}(?!\S)")
_MOST_LONG = 100  # of a page
_DIGIT = re.compile("[0-9]")
_LEAST = 9  # digits of a number that is worth it
_MOST = 1_000  # pieces of a page
_WIDEST = 0.7  # of the height of the letters: two spaces
_AROUND = 300  # characters before the first piece, for the words that give the number a meaning


def moved_numbers(textpage: pypdfium2.PdfTextPage, text: str) -> str:
    """Numbers that stand on the page and not in its text, each with what is before it; "" where there are none."""
    found = [*_NUMBER.finditer(text)][:_MOST]
    if len(found) < 2 or sum(len(_DIGIT.findall(one[0])) for one in found) < _LEAST:
        return ""
    pieces = [piece for one in found for piece in _placed(textpage, one)]
    start = found[0].start()
    before = text[max(start - _AROUND, 0) : start]
    return "\n".join(f"{before} {said}" for said in dict.fromkeys(side_by_side(pieces, _WIDEST)))


def numbers_by_looks(textpage: pypdfium2.PdfTextPage, text: str) -> str:
    """Numbers without those of their signs that have another colour or size than the rest; "" where there are none."""
    said: dict[str, None] = {}
    for found in islice(_LONG.finditer(text), _MOST_LONG):
        looks = {place: _look(textpage, found.start() + place) for place in range(len(found[0]))}
        if len(set(looks.values())) > 1 and (other := without_looks(found[0], looks)):
            said[f"{text[max(found.start() - _AROUND, 0) : found.start()]}{other}"] = None
    return "\n".join(said)


def _look(textpage: pypdfium2.PdfTextPage, place: int) -> tuple[int, ...]:
    number = raw.FPDFText_GetCharIndexFromTextIndex(textpage, place)
    colours = [ctypes.c_uint(0) for _ in range(4)]
    raw.FPDFText_GetFillColor(textpage, number, *colours)
    return round(raw.FPDFText_GetFontSize(textpage, number)), *(colour.value for colour in colours)


def _placed(textpage: pypdfium2.PdfTextPage, found: re.Match[str]) -> Iterator[Placed]:
    """A piece with its place; the letters of one that goes backwards each by itself."""
    boxes = [_box(textpage, place) for place in (found.start(), found.end() - 1)]
    if boxes[0][0] > boxes[1][0]:
        for place in range(found.start(), found.end()):
            left, right, top, height = _box(textpage, place)
            yield Placed(found.string[place], left, right, top, height)
    else:
        left, _, top, height = boxes[0]
        yield Placed(found[0], left, boxes[1][1], top, height)


def _box(textpage: pypdfium2.PdfTextPage, place: int) -> tuple[float, float, float, float]:
    """Left, right, top counted downwards, and height of a letter, by its place in the text."""
    number = raw.FPDFText_GetCharIndexFromTextIndex(textpage, place)
    values = [ctypes.c_double(0.0) for _ in range(4)]
    left, right, bottom, top = values
    raw.FPDFText_GetCharBox(textpage, number, left, right, bottom, top)
    origin = [ctypes.c_double(0.0) for _ in range(2)]
    raw.FPDFText_GetCharOrigin(textpage, number, *origin)
    size = max(raw.FPDFText_GetFontSize(textpage, number), top.value - bottom.value)
    return left.value, right.value, -origin[1].value, size
