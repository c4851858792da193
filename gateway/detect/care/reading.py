"""How the classifier reads a text: words, and pairs of neighbours. Of bytes, folded to ASCII."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_TOKEN = re.compile(rb"[a-z]{2,}(?:'[a-z]+)?|\bi\b|i'[a-z]+|\d+(?:[.,/:\-]?\d+)*|[$%]")
_FRAME = re.compile(  # what mail programs write, not people: a head above what is quoted, an advertisement below
    rb"(?mi)^[ \t>*|]*(?:on [^\n]{0,20}\d[^\n]{4,110}\bwrote:|"
    rb"sent from my [^\n]{2,30}|get outlook for [a-z]{2,10})[ \t\r]*$"
)
_FRAMED = (b" wrote:", b"sent from my", b"get outlook for")
_PART = re.compile(rb"(?i)\bpt\.(?=\d)")  # "Pt.2" is no patient
_SIGN = re.compile(rb"[A-Za-z]+(?:'[A-Za-z]+)?|\d+(?:[.,/:\-]?\d+)*|\n\s*\n|[.,;:!?()\"$%/]")
_DIGITS = re.compile(rb"\d+")
_SENTENCE_END = re.compile(rb"[.!?;][)\"']{0,2}[ \t]|\n")
_TITLE = re.compile(rb"(?i)(?:^|[ .(])(?:dr|mrs?|ms|st|jr|prof|rev|no|vs|appt|dept|approx)\.$")
_SHORT, _LONG = 3, 700  # words of a sentence: with fewer it belongs to the next; bytes of one that is cut all the same
_LABELS = frozenset(b"mrn dob ssn medicare medicaid member subscriber".split())  # of identifiers: no health content
UNKNOWN, CAPITAL = b"\x01", b"\x02"  # a word that nobody taught; one that begins with a capital
LONGEST = 400  # signs of a passage that are read
_NUMBER = b"0"  # any number: which one says nothing of what a text is about


def tokens_of(octets: bytes) -> list[bytes]:
    """Words in lower case, and `0` for each number, in their order; none of a mail program's own lines."""
    lowered = _said(octets.lower())
    return [_NUMBER if token[0] < 0x3A and token[0] >= 0x30 else token for token in _TOKEN.findall(lowered)]


def signs_of(octets: bytes) -> list[bytes]:
    """All that is read in order: words as they stand, marks, the gap between paragraphs as one, numbers by their shape
    (`00/00`, at most seven digits in a row); none of a mail program's own lines, no label of an identifier."""
    found = []
    for sign in _SIGN.findall(_said(octets)):
        if 0x30 <= sign[0] < 0x3A:
            found.append(_DIGITS.sub(_zeros, sign)[:12])
        elif sign[0] == 0x0A:
            found.append(b"\n")
        elif sign.lower() not in _LABELS:
            found.append(sign)
            if len(found) > LONGEST:
                break
    return found


def sentences_of(octets: bytes) -> Iterator[tuple[int, int]]:
    """Where each begins and ends: behind a full stop that is none of a title, a semicolon or a line (those that
    a program broke are joined before). One of fewer than three words goes on."""
    start = 0
    for found in _SENTENCE_END.finditer(octets):
        end = found.end()
        if end - start <= _LONG and (
            len(octets[start:end].split()) < _SHORT or _TITLE.search(octets[max(start, end - 9) : end - 1])
        ):
            continue
        yield start, end
        start = end
    if start < len(octets):
        yield start, len(octets)


def _zeros(digits: re.Match[bytes]) -> bytes:
    return b"0" * min(len(digits[0]), 7)


def _said(octets: bytes) -> bytes:
    """What people wrote, with "part" spelled out."""
    lowered = octets.lower()
    if any(map(lowered.__contains__, _FRAMED)):
        octets = _FRAME.sub(b"", octets)
    return _PART.sub(b"part ", octets) if b"pt." in lowered else octets


def words_of(octets: bytes) -> list[bytes]:
    """The different words alone, in the order of the text."""
    return _different(tokens_of(octets))


def grams_of(octets: bytes) -> tuple[list[bytes], list[bytes]]:
    """The different words and the different pairs of neighbours, each in the order of the text."""
    tokens = tokens_of(octets)
    pairs = map(b" ".join, pairwise(tokens))
    return _different(tokens), list(dict.fromkeys(pairs))


def _different(tokens: Sequence[bytes]) -> list[bytes]:
    words = dict.fromkeys(tokens)
    words.pop(_NUMBER, None)
    return list(words)


def size_of(words: Sequence[bytes]) -> float:
    """What the weights of so many different words are divided by, so that long texts do not outweigh short ones."""
    return float((len(words) + 4) ** 0.5)
