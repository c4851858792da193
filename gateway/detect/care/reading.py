"""How the classifier reads a text: words, and pairs of neighbours. Of bytes, folded to ASCII."""

import re
from collections.abc import Sequence
from itertools import pairwise

_TOKEN = re.compile(rb"[a-z]{2,}(?:'[a-z]+)?|\bi\b|i'[a-z]+|\d+(?:[.,/:\-]?\d+)*|[$%]")
_FRAME = re.compile(  # what mail programs write, not people: a head above what is quoted, an advertisement below
    rb"(?m)^[ \t>*|]*(?:on [^\n]{0,20}\d[^\n]{4,110}\bwrote:|"
    rb"sent from my [^\n]{2,30}|get outlook for [a-z]{2,10})[ \t\r]*$"
)
_NUMBER = b"0"  # any number: which one says nothing of what a text is about


def tokens_of(octets: bytes) -> list[bytes]:
    """Words in lower case, and `0` for each number, in their order; none of a mail program's own lines."""
    lowered = octets.lower()
    if b" wrote:" in lowered or b"sent from my" in lowered or b"get outlook for" in lowered:
        lowered = _FRAME.sub(b"", lowered)
    return [_NUMBER if token[0] < 0x3A and token[0] >= 0x30 else token for token in _TOKEN.findall(lowered)]


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
