"""Text in characters that no program shows: tags (Unicode Standard 23.9), variation selectors, bits of no width."""

import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed
from gateway.parse.labels import decode_best

_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_BITS = re.compile("[\u200b-\u200d\u2060\ufeff]{64,}")  # of two kinds
_LEAST_PLAIN = 0.9  # share of octets that a text of ASCII has
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])

_APART = " "  # selectors hang on a letter that is no part of what they say


def unseen_letters(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """What the unseen characters spell."""
    if text.isascii():
        return
    yield from changed(text, (Change(*found.span(), _spelt(found[0])) for found in _TAGS.finditer(text)), margin)
    yield from changed(text, (Change(*found.span(), _octets(found[0])) for found in _SELECTORS.finditer(text)), margin)


def unseen_bits(text: str) -> Iterator[Reading]:
    """What signs of two kinds spell that have no width: of a text as it was sent, since no other has them."""
    if text.isascii():
        return
    bits = ((found, _from_bits(found[0])) for found in _BITS.finditer(text))
    yield from changed(text, (Change(*found.span(), said) for found, said in bits if said))


def _from_bits(signs: str) -> str:
    """Eight signs an octet, whichever of the two is the one; "" where that is no text."""
    kinds = sorted(set(signs))
    if len(kinds) != 2:
        return ""
    for nought, one in (kinds, kinds[::-1]):
        flat = signs.replace(nought, "0").replace(one, "1")
        octets = int(flat[: len(flat) // 8 * 8], 2).to_bytes(len(flat) // 8, "big")
        if len(octets) - len(octets.translate(None, _PRINTABLE)) >= _LEAST_PLAIN * len(octets):
            return _APART + octets.decode("latin-1")
    return ""


def _spelt(tags: str) -> str:
    return "".join(chr(ord(c) - 0xE0000) for c in tags)


def _octets(selectors: str) -> str:
    return _APART + decode_best(bytes(_octet(ord(c)) for c in selectors))


def _octet(code: int) -> int:
    return code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16
