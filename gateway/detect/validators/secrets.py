"""Whether a token looks made by a machine."""

import math
from collections import Counter

_BITS = 3.0  # a character; English words in a row have about 2.5 to 3.5, random base64 4 and more
_SHORTEST = 8
_DUMMIES = ("example", "changeme", "placeholder", "password", "your", "xxxx", "1234567890", "abcdef", "redacted")


def secret(value: str) -> bool:
    """Long and varied enough, letters and digits mixed, not a word that stands for a secret in a manual."""
    lower = value.lower()
    if len(value) < _SHORTEST or any(dummy in lower for dummy in _DUMMIES):
        return False
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return mixed and entropy(value) >= _BITS


def entropy(value: str) -> float:
    """Shannon entropy of the characters, bits a character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values()) if size else 0.0
