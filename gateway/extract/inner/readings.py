"""All finders, in the order in which they are asked, and how often."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from gateway.extract.inner import ciphers
from gateway.extract.inner.blobs import UUENCODED, blobs, signs_in
from gateway.extract.inner.ciphers import deciphered, from_the_end, signalled
from gateway.extract.inner.direction import turned
from gateway.extract.inner.escapes import ESCAPES, unescaped
from gateway.extract.inner.markup import as_markup
from gateway.extract.inner.pieces import Reading, compose, neighbourhoods
from gateway.extract.inner.shifted import shifted
from gateway.extract.inner.spelled import (
    SIGNS_OF_ABROAD,
    SIGNS_OF_EXPONENTS,
    SIGNS_OF_WORDS,
    exponents,
    spelled,
    spelled_abroad,
)
from gateway.extract.inner.terminal import on_terminal
from gateway.extract.inner.typeset import SIGNS_OF_JOINED, SIGNS_OF_MARKS, put_together, typeset
from gateway.extract.inner.unseen import unseen_letters
from gateway.extract.inner.words import encoded_words
from gateway.parse.glance import Glance

Finder = Callable[..., Iterable[Reading]]

# Beside `blobs`, which comes first: it finds files, too. These see at once, or nearly, that there is nothing.
_QUICK: tuple[Finder, ...] = (
    *(partial(unescaped, family) for family in ESCAPES),
    encoded_words,
    shifted,
    turned,
    unseen_letters,
    on_terminal,
    as_markup,
)
# These search all of a text, each with the signs without which it finds nothing in ASCII.
_GLANCED: tuple[tuple[Finder, tuple[bytes, ...]], ...] = (
    (deciphered, ciphers.SIGNS_OF_SHIFTED),
    (signalled, ciphers.SIGNS_OF_SIGNALS),
    (typeset, SIGNS_OF_MARKS),
    (put_together, SIGNS_OF_JOINED),
    (spelled, SIGNS_OF_WORDS),
    (spelled_abroad, SIGNS_OF_ABROAD),
    (exponents, SIGNS_OF_EXPONENTS),
    (from_the_end, ciphers.SIGNS_OF_BACKWARDS),
)
GLANCE = Glance([signs for _, signs in _GLANCED])
_LARGE = 65_536  # characters: from here on it is quicker to look apart for signs that are no words
_NO_WORDS: tuple[tuple[Finder, ...], ...] = ((signalled,), (exponents,))


def _apart(*finders: Finder) -> Glance:
    """For the signs of these alone, under the numbers that all have."""
    return Glance([signs if find in finders else () for find, signs in _GLANCED])


GLANCES_OF_LARGE = (
    _apart(*(find for find, _ in _GLANCED if not any(find in few for few in _NO_WORDS))),
    *(_apart(*few) for few in _NO_WORDS),
)
# Done twice they undo themselves.
_ONCE: tuple[Finder, ...] = (from_the_end,)
FINDERS: tuple[Finder, ...] = (*_QUICK, *(find for find, _ in _GLANCED if find not in _ONCE))
_DEEPEST = 6  # rounds of readings of readings
_UUENCODED = re.compile(r"\nM[ -`]{60}(?=\r?(?:\n|\Z))")  # read as a file; as text it is chance


@dataclass(slots=True)
class Inner:
    """What was found. `files`: octets that a reader of files takes; `cut`: more may be hidden deeper than is looked."""

    readings: list[Reading] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    cut: bool = False


def readings_of(text: str) -> Inner:
    """All other readings of a text, with runs that lead back to it.

    Each finder on the text by itself; then, one after the other, on what the ones before left, for as long as that
    finds more: what is written in one form within another. No text grows by this.
    """
    signs = signs_in(text)
    if UUENCODED in signs and _UUENCODED.search(text):
        text = _UUENCODED.sub(lambda found: "\n" + " " * (len(found[0]) - 1), text)
        signs = signs_in(text)
    inner = Inner()
    first = _by_itself(text, inner, signs)
    inner.readings += first
    inner.cut = any(reading.cut for reading in first)
    if first:
        _in_turn(text, inner)
    return inner


def says_more(text: str) -> bool:
    """Whether a text has any other reading, or a file in it. Many short texts are asked at once by this."""
    encoded = blobs(text)
    return bool(encoded.readings or encoded.files) or any(True for find in worth_asking(text) for _ in find(text, 1))


def worth_asking(text: str) -> tuple[Finder, ...]:
    """The finders without those that find nothing in a text, as far as one look tells; all where nobody looked.

    The look takes a tenth of a second to get ready, once: `warm` does that, and a command for one message does without.
    """
    glances = GLANCES_OF_LARGE if len(text) >= _LARGE else (GLANCE,)
    if not (text.isascii() and all(glance.is_ready for glance in glances)):
        return (*FINDERS, *_ONCE)
    octets = text.encode("ascii")
    kinds = sorted({kind for glance in glances for kind in glance.of(octets)})
    return (*_QUICK, *(_GLANCED[kind][0] for kind in kinds)) if kinds else _QUICK


def _by_itself(text: str, inner: Inner, signs: Collection[int]) -> list[Reading]:
    encoded = blobs(text, signs=signs)
    inner.files += encoded.files
    return [*encoded.readings, *(reading for find in worth_asking(text) for reading in find(text))]


def _in_turn(text: str, inner: Inner) -> None:
    """Rounds of all finders, each on the first reading of the one before.

    The whole text goes on from one to the next: what is of no use to one may be all there is for another.
    """
    seen = {text, *(reading.text for reading in inner.readings)}
    current = Reading(text, None)
    for number in range(_DEEPEST):
        before = current.text
        encoded = blobs(before, len(before))
        inner.files += (octets for octets in encoded.files if octets not in inner.files)
        current = _onto(current, encoded.readings)
        for find in FINDERS if number else (*FINDERS, *_ONCE):
            current = _onto(current, find(current.text, len(current.text)))
        if current.text == before:
            return
        near = neighbourhoods(current)
        if near.text not in seen:
            seen.add(near.text)
            inner.readings.append(near)
    inner.cut = True


def _onto(current: Reading, found: Iterable[Reading]) -> Reading:
    """The first reading of a reading, leading to the source."""
    for reading in found:
        return Reading(reading.text, compose(current.runs, reading.runs))
    return current
