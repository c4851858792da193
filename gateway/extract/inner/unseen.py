"""Text in characters that no program shows: tags (Unicode Standard 23.9), and octets in variation selectors."""

import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed
from gateway.parse.labels import decode_best

_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")

_APART = " "  # selectors hang on a letter that is no part of what they say


def unseen_letters(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """What the unseen characters spell."""
    if text.isascii():
        return
    yield from changed(text, (Change(*found.span(), _spelt(found[0])) for found in _TAGS.finditer(text)), margin)
    yield from changed(text, (Change(*found.span(), _octets(found[0])) for found in _SELECTORS.finditer(text)), margin)


def _spelt(tags: str) -> str:
    return "".join(chr(ord(c) - 0xE0000) for c in tags)


def _octets(selectors: str) -> str:
    return _APART + decode_best(bytes(_octet(ord(c)) for c in selectors))


def _octet(code: int) -> int:
    return code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16
