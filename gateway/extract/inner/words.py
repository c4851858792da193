"""Encoded words (RFC 2047) where no program looks for them."""

import re
from collections.abc import Iterator

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed
from gateway.parse.headers import decode_header_value

_WORDS = re.compile(
    r"=\?[^?\s]{1,60}\?[BbQq]\?[^?\r\n]{1,2000}(?:\?=(?:[ \t\r\n]*=\?[^?\s]{1,60}\?[BbQq]\?[^?\r\n]{1,2000}\?=)*)?"
)


def encoded_words(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with its encoded words undone, an unclosed one too."""
    if "=" in text and "=?" in text:
        yield from changed(text, (Change(*found.span(), _decoded(found[0])) for found in _WORDS.finditer(text)), margin)


def _decoded(words: str) -> str:
    closed = words if words.endswith("?=") else f"{words}?="
    return decode_header_value(closed.encode("utf-8", "replace"))
