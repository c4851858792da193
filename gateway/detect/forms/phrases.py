"""What a form is known by: runs of four words of its text, and its labels.

Where something is to be filled in, the text of a form is cut: a run of words goes across no blank, colon or line end,
since there a filled-in form has words of its own. Shorter pieces are labels; a text has one where a line begins or ends
with it. Of each only a checksum is kept. (Broder, On the resemblance and containment of documents, 1997.)
"""

import re
from itertools import accumulate
from zlib import crc32

from gateway.detect.text import fold

RUN = 4  # words
MOST_WORDS = 1_000_000  # of one text that are looked at
_LONGEST_LABEL = RUN - 1
_FEWEST_LETTERS = 4  # of a label
_MARK = re.compile(rb"\xe2\x80\xa6|\xe2\x98[\x90-\x92]|\xe2\x96[\xa0\xa1]")  # an ellipsis, boxes: no letters
_BREAK = re.compile(rb"[\n\r\t:|\x0b\x0c]|_{2,}|\.{4,}|\[ ?\]|" + _MARK.pattern)
_WORD_BYTES = bytes(byte if byte >= 0x80 or chr(byte).isalnum() else ord(" ") for byte in bytes(range(0x100)).lower())
_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
_LABEL = b"label "


def phrases_of_form(text: str) -> frozenset[int]:
    """Checksums of a blank form."""
    found: set[int] = set()
    for piece in _BREAK.split(fold(text).octets):
        words = piece.translate(_WORD_BYTES).split()
        if len(words) >= RUN:
            found.update(_runs(words))
        elif words and sum(map(len, words)) >= _FEWEST_LETTERS:
            found.add(_label(words))
    return frozenset(found)


def phrases_of_text(octets: bytes) -> set[int]:
    """Checksums of all that may be a phrase of a form in folded text."""
    found = set(_runs(_unmarked(octets).translate(_WORD_BYTES).split()))
    for piece in _BREAK.split(octets):
        words = piece.translate(_WORD_BYTES).split()
        for count in range(1, min(_LONGEST_LABEL, len(words)) + 1):
            found.add(_label(words[:count]))
            found.add(_label(words[-count:]))
    return found


def count_words(octets: bytes) -> int:
    return len(_unmarked(octets).translate(_WORD_BYTES).split())


def extent(octets: bytes, phrases: frozenset[int]) -> tuple[int, int]:
    """Bytes from the first run of words that is one of these phrases to the end of the last; all where none is."""
    spans = [found.span() for found in _WORD.finditer(_unmarked(octets))]
    runs = _runs([octets[start:end].lower() for start, end in spans])
    places = [place for place, run in enumerate(runs) if run in phrases]
    if not places:
        return 0, len(octets)
    return spans[places[0]][0], spans[places[-1] + RUN - 1][1]


def _unmarked(octets: bytes) -> bytes:
    """As long, with blanks for marks: one right behind a word would be a letter of it."""
    return _MARK.sub(b"   ", octets) if b"\xe2" in octets else octets


def _runs(words: list[bytes]) -> list[int]:
    text = b" ".join(words)
    ends = list(accumulate((len(word) + 1 for word in words), initial=0))
    return [crc32(text[start : end - 1]) for start, end in zip(ends, ends[RUN:], strict=False)]


def _label(words: list[bytes]) -> int:
    return crc32(_LABEL + b" ".join(words))
