"""Text that is shown from right to left by an override (Unicode Standard Annex 9, sections 2.2 and 2.3)."""

import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

_OVERRIDDEN = re.compile("\u202e([^\u202c\r\n]*)\u202c?")


_NUMBER = re.compile(r"[0-9](?:[0-9 .\-]{4,60})[0-9]")


def turned(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with what stands under an override as it is shown; and with its numbers alone turned round."""
    if "\u202e" in text:
        yield from changed(
            text, (Change(*found.span(), found[1][::-1]) for found in _OVERRIDDEN.finditer(text)), margin
        )
        yield from numbers_turned(text, margin)


def numbers_turned(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """Every number from its end to its start."""
    yield from changed(text, (Change(*found.span(), found[0][::-1]) for found in _NUMBER.finditer(text)), margin)
