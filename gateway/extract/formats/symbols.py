"""Fonts of Windows whose letters are pictures, some of them of digits: what a reader sees is not what is stored."""

from collections.abc import Mapping
from types import MappingProxyType

_PRIVATE = 0xF000  # where Word keeps the letters of such fonts


def _from(*zeros: int) -> dict[int, str]:
    """Rows of ten digits that begin at these numbers, each kept there or in the private area."""
    return {base + zero + digit: str(digit) for zero in zeros for digit in range(10) for base in (0, _PRIVATE)}


# Where the rows of circled digits begin, white ones and black ones.
SYMBOL_FONTS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {"Wingdings": _from(0x80, 0x8B), "Wingdings 2": _from(0x69, 0x74)}
)


def digits_of(text: str, font: str) -> str:
    """A text with the digits that the font draws for its letters; the text itself in any other font."""
    return text.translate(SYMBOL_FONTS[font]) if font in SYMBOL_FONTS else text
