"""Whether a token looks made by a machine."""

import math
import re
from collections import Counter
from itertools import pairwise

_BITS = 3.0  # a character; English words in a row have about 2.5 to 3.5, random base64 4 and more
_SHORTEST = 8
_DUMMIES = ("example", "changeme", "placeholder", "password", "your", "xxxx", "redacted", "dummy", "insert")
_RUN = re.compile(r"[0-9A-Za-z+]+")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_LONG_RUN = 14  # letters and digits in a row; words and numbers of texts are shorter
_LONGER_RUN = 20  # no word is so long, so that one digit among the letters is enough
_CHANGES = 3  # from letter to digit or back; "report2002" has one


def secret(value: str) -> bool:
    """Long and varied enough, letters and digits mixed, not a word that stands for a secret in a manual."""
    lower = value.lower()
    if len(value) < _SHORTEST or any(dummy in lower for dummy in _DUMMIES):
        return False
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return mixed and entropy(value) >= _BITS


def random_token(value: str) -> bool:
    """A run of letters and digits mixed as no word or number is, or a UUID (RFC 9562)."""
    lower = value.lower()
    if any(dummy in lower for dummy in _DUMMIES):
        return False
    run = max(_RUN.findall(value), key=len, default="")
    if len(run) < _LONG_RUN:
        return _UUID.search(value) is not None or _is_made_of_groups(value)
    changes = _changes(run) + (_cases(run) if len(run) >= _LONGER_RUN else 0)
    return changes >= (_CHANGES if len(run) < _LONGER_RUN else 1) and entropy(run) >= _BITS


def _is_made_of_groups(value: str) -> bool:
    """Four groups or more of the same size, each of letters and digits, as licence keys are written."""
    groups = re.split(r"[-_.]", value)
    mixed = [group for group in groups if len(group) >= 4 and _changes(group)]
    return len(mixed) >= 4 and len(mixed) == len(groups) and len({len(group) for group in groups}) == 1


def _cases(text: str) -> int:
    """How often capital and small letters change but for the start of a word."""
    return sum(a.islower() and b.isupper() for a, b in pairwise(text)) if text.isalpha() else 0


def _changes(text: str) -> int:
    return sum(a.isdigit() != b.isdigit() for a, b in pairwise(text))


def entropy(value: str) -> float:
    """Shannon entropy of the characters, bits a character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values()) if size else 0.0
