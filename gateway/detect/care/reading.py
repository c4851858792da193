"""How the classifier reads a text: words, and pairs of neighbours. Of bytes, folded to ASCII."""

import re
from collections.abc import Sequence
from itertools import pairwise

_TOKEN = re.compile(rb"[a-z]{2,}(?:'[a-z]+)?|\bi\b|i'[a-z]+|\d+(?:[.,/:\-]?\d+)*|[$%]")
_NUMBER = b"0"  # any number: which one says nothing of what a text is about


def tokens_of(octets: bytes) -> list[bytes]:
    """Words in lower case, and `0` for each number, in their order."""
    return [_NUMBER if token[0] < 0x3A and token[0] >= 0x30 else token for token in _TOKEN.findall(octets.lower())]


def grams_of(octets: bytes) -> tuple[list[bytes], list[bytes]]:
    """The different words and the different pairs of neighbours, each in the order of the text."""
    tokens = tokens_of(octets)
    pairs = map(b" ".join, pairwise(tokens))
    words = dict.fromkeys(tokens)
    words.pop(_NUMBER, None)
    return list(words), list(dict.fromkeys(pairs))


def size_of(words: Sequence[bytes]) -> float:
    """What the weights of so many different words are divided by, so that long texts do not outweigh short ones."""
    return float((len(words) + 4) ** 0.5)
