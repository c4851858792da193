"""Text that is shown from right to left by an override (Unicode Standard Annex 9, sections 2.2 and 2.3)."""

import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

_OVERRIDDEN = re.compile("\u202e([^\u202c\r\n]*)\u202c?")


# What makes a line go from right to left: letters of such scripts, and marks.
_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\u200f\u202b\u2067\ufb1d-\ufdff\ufe70-\ufefc]")
_GROUPS = re.compile(r"[0-9]{1,9}(?:[^\w\r\n]{1,6}[0-9]{1,9}){1,8}")
_GROUP = re.compile("[0-9]+")
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


def goes_from_the_right(text: str) -> bool:
    """Whether lines of a text may be shown from right to left."""
    return not text.isascii() and _FROM_THE_RIGHT.search(text) is not None


def groups_turned(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The groups of numbers from the last to the first, each as it stands: so such a line shows them (W4 to N2)."""
    yield from changed(
        text,
        (Change(*found.span(), "-".join(_GROUP.findall(found[0])[::-1])) for found in _GROUPS.finditer(text)),
        margin,
    )
