"""Header field values: unfolding (RFC 5322 section 2.2.3), encoded words (RFC 2047), raw UTF-8 (RFC 6532)."""

import binascii
import re
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.parse.codings import decode_base64
from gateway.parse.labels import decode_best, find_charset

_STRAY = re.compile(r"[\r\n]")
# Charset may carry a language (RFC 2231 section 5). Inner spaces are against the RFC and common.
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([BbQq])\?([^?\r\n]*)\?=")
_BETWEEN = re.compile(r"[ \t\r\n]*")
_QUOTED = re.compile(rb"_|=([0-9A-Fa-f]{2})")

_LINE = 76  # RFC 2047 section 2: longest line with an encoded word
_WORD_OCTETS = 45  # 60 base64 characters and "=?utf-8?B?" "?=": 72
_SAFE = re.compile(r"[ -~]*")


def decode_header_value(octets: bytes) -> str:
    """What follows the colon of a field, as text. Broken encoded words stay as they are."""
    text = (_plain(octets) if octets.isascii() else decode_best(octets)).strip(" \t\r\n")
    if "\n" in text or "\r" in text:
        # A fold is one space, as programs show it, however it was made: no value hides behind a tab.
        text = " ".join([line.strip(" \t\r") for line in text.split("\n")])
        text = _STRAY.sub(" ", text) if "\r" in text else text
    return _decode_words(text) if "=?" in text else text


def _plain(octets: bytes) -> str:
    """ASCII; with the shifts of ISO-2022-JP, which programs for Japanese obey in fields, too (RFC 1468)."""
    shifted = find_charset("iso-2022-jp") if b"\x1b$" in octets else None
    return octets.decode("ascii") if shifted is None else shifted.decode(octets)


def _decode_words(text: str) -> str:
    """Replace encoded words; white space between two of them goes (RFC 2047 section 6.2)."""
    pieces: list[str] = []
    position = 0
    pending: list[tuple[str, bytes]] = []  # adjacent words, joined while the charset stays: some split a character
    for found in _WORD.finditer(text):
        gap = text[position : found.start()]
        if not pending or not _BETWEEN.fullmatch(gap):
            pieces.append(_text_of(pending))
            pieces.append(gap)
            pending = []
        pending.append((found[1], _word_octets(found[2], found[3])))
        position = found.end()
    pieces.append(_text_of(pending))
    pieces.append(text[position:])
    return "".join(pieces)


def _text_of(words: list[tuple[str, bytes]]) -> str:
    """The text of adjacent encoded words."""
    pieces: list[str] = []
    index = 0
    while index < len(words):
        charset, octets = words[index]
        joined = [octets]
        index += 1
        while index < len(words) and words[index][0].lower() == charset.lower():
            joined.append(words[index][1])
            index += 1
        pieces.append(_decode_charset(charset, joined))
    return _STRAY.sub(" ", "".join(pieces))


def _decode_charset(charset: str, words: list[bytes]) -> str:
    codec = find_charset(charset)
    if codec is None:
        return decode_best(b"".join(words))
    if codec.stateful:
        return "".join(codec.decode(word) for word in words)
    return codec.decode(b"".join(words))


def _word_octets(encoding: str, payload: str) -> bytes:
    octets = payload.encode("utf-8", "replace")
    if encoding in "Bb":
        return decode_base64(octets).octets
    return _QUOTED.sub(lambda found: b" " if found[0] == b"_" else binascii.unhexlify(found[1]), octets)


def encode_header_value(text: str) -> str:
    """Text as a field value: encoded words where it is not printable ASCII, folded with LF and a space.

    Line breaks and other controls in `text` become spaces, so that no value can start a field of its own.
    """
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()
    if _SAFE.fullmatch(text) and "=?" not in text:
        return _fold(text)
    words = [f"=?utf-8?B?{b64encode(chunk).decode('ascii')}?=" for chunk in _chunks(text)]
    return "\n ".join(words)


def _chunks(text: str) -> list[bytes]:
    """UTF-8 in pieces of at most 45 octets, no character split."""
    chunks: list[bytes] = []
    current = b""
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(current) + len(octets) > _WORD_OCTETS:
            chunks.append(current)
            current = b""
        current += octets
    return [*chunks, current] if current else chunks


def _fold(text: str) -> str:
    """Fold at spaces so that lines stay within 76 characters where the words allow."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if line and len(candidate) > _LINE:
            lines.append(line)
            line = word
        else:
            line = candidate
    return "\n ".join([*lines, line])


def day_of(date: str) -> datetime | None:
    """The day and time that a field says; None where it says none."""
    try:
        when = parsedate_to_datetime(date)
    except (ValueError, IndexError, TypeError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
