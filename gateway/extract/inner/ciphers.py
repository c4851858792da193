"""Ciphers that a person undoes at sight or with a page of the web: letters moved along the alphabet (ROT13 and the
other shifts), Morse code (ITU-R M.1677-1), a text or its numbers written from the end.

Each is undone where words show it that such mail can hardly do without.
"""

import re
from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase

import re2

from gateway.extract.inner.direction import numbers_turned
from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

_TELLING = ("patient", "diagnos", "diabetes", "social", "medical", "record", "insurance")
_LEAST = 6  # letters of a word that no other language has by chance


def _table(shift: int) -> dict[int, int]:
    moved = "".join(
        letters[(place - shift) % 26] for letters in (ascii_lowercase, ascii_uppercase) for place in range(26)
    )
    return str.maketrans(ascii_lowercase + ascii_uppercase, moved)


_SHIFTS = {word.translate(_table(-shift)): shift for shift in range(1, 26) for word in _TELLING if len(word) >= _LEAST}
_SHIFTED = re2.compile(rf"(?i)\b(?:{'|'.join(_SHIFTS)})")
_BACKWARDS = re2.compile(rf"(?i)(?:{'|'.join(word[::-1] for word in _TELLING)})\b|\b(?:nss|nrm)\b")
_TOLD = re2.compile(
    r"(?i)\b(?:backwards?|revers(?:ed?|ing)|(?:in|from) (?:the )?(?:end|right|back|reverse|mirror)"
    r"|right to left|mirrored)\b"
)
_MORSE = {
    ".-": "a", "-...": "b", "-.-.": "c", "-..": "d", ".": "e", "..-.": "f", "--.": "g", "....": "h", "..": "i",
    ".---": "j", "-.-": "k", ".-..": "l", "--": "m", "-.": "n", "---": "o", ".--.": "p", "--.-": "q", ".-.": "r",
    "...": "s", "-": "t", "..-": "u", "...-": "v", ".--": "w", "-..-": "x", "-.--": "y", "--..": "z", "-----": "0",
    ".----": "1", "..---": "2", "...--": "3", "....-": "4", ".....": "5", "-....": "6", "--...": "7", "---..": "8",
    "----.": "9", "-....-": "-", ".-.-.-": ".", "--..--": ",", "---...": ":", "/": " ",
}  # fmt: skip
_SIGN = "[.\\-\u00b7\u2013\u2014_]"
_SIGNALS = re2.compile(rf"(?:{_SIGN}{{1,6}}[ /|,\r\n]{{1,3}}){{6,}}{_SIGN}{{1,6}}")
_STROKES = str.maketrans("\u00b7\u2013\u2014_", ".---")
_LINE = re.compile(r"[^\r\n]{6,}")

# What an ASCII text has wherever one of these is found in it, for one look at all of them.
SIGNS_OF_SHIFTED = (f"(?i)(?:{'|'.join(_SHIFTS)})".encode(),)
SIGNS_OF_BACKWARDS = (
    f"(?i)(?:{'|'.join(word[::-1] for word in _TELLING)})".encode(),
    rb"(?i)\b(?:nss|nrm)\b",
    rb"(?i)(?:backward|revers[ei]|(?:in|from) (?:the )?(?:end|right|back|mirror)|right to left|mirrored)",
)
SIGNS_OF_SIGNALS = (rb"[.\-_][ /|,\r\n]{1,3}[.\-_]{1,6}[ /|,\r\n]{1,3}[.\-_]",)


def deciphered(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with its letters where they belong. It leads to the same places."""
    found = _SHIFTED.search(text)
    if found is not None:
        yield Reading(text.translate(_table(_SHIFTS[found[0].lower()])), None)


def from_the_end(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The lines of a text in which telling words stand backwards; its numbers, where it says that they do."""
    if _BACKWARDS.search(text) is not None:
        yield from changed(text, (Change(*line.span(), line[0][::-1]) for line in _LINE.finditer(text)), margin)
    elif _TOLD.search(text) is not None:
        yield from numbers_turned(text, margin)


def signalled(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with what is written in Morse code."""
    if "\u00b7" in text or ("-" in text and ("-. " in text or ".- " in text)) or ("_" in text and "_. " in text):
        found = ((one, _heard(one[0])) for one in _SIGNALS.finditer(text))
        yield from changed(
            text, (Change(one.start(), one.end(), said) for one, said in found if len(set(said)) > 1), margin
        )


def _heard(signals: str) -> str:
    return "".join(_MORSE.get(one, "") for one in re.findall(r"[.\-]+|/", signals.translate(_STROKES)))
