"""All finders, in the order in which they are asked, and how often."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from gateway.extract.inner import ciphers
from gateway.extract.inner.blobs import (
    MARKED,
    OF_ROWS,
    SIGNS,
    UUENCODED,
    any_of,
    blobs,
    narrowed,
    signs_in,
    wide_signs,
)
from gateway.extract.inner.ciphers import deciphered, from_the_end, signalled
from gateway.extract.inner.columns import SIGNS_OF_COLUMNS, columns
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
from gateway.parse import enclosed
from gateway.parse.glance import Glance

Finder = Callable[..., Iterable[Reading]]

# Beside `blobs`, which comes first: it finds files, too. Each with the signs without which it finds nothing in ASCII.
# These see at once, or nearly, that there is nothing.
_QUICK: tuple[tuple[Finder, tuple[bytes, ...]], ...] = (
    *((partial(unescaped, family), (re.escape(family.sign).encode(),)) for family in ESCAPES),
    (encoded_words, (rb"=\?",)),
    (shifted, (b"[+&]A",)),
    (turned, ()),
    (unseen_letters, ()),
    (on_terminal, (rb"[\x08\x1b]",)),
    (as_markup, (b"<[/!?a-zA-Z]",)),
)
# These search all of a text.
_GLANCED: tuple[tuple[Finder, tuple[bytes, ...]], ...] = (
    (deciphered, ciphers.SIGNS_OF_SHIFTED),
    (signalled, ciphers.SIGNS_OF_SIGNALS),
    (typeset, SIGNS_OF_MARKS),
    (put_together, SIGNS_OF_JOINED),
    (spelled, SIGNS_OF_WORDS),
    (spelled_abroad, SIGNS_OF_ABROAD),
    (exponents, SIGNS_OF_EXPONENTS),
    (columns, SIGNS_OF_COLUMNS),
    (from_the_end, ciphers.SIGNS_OF_BACKWARDS),
)
_FINDERS = (*_QUICK, *_GLANCED)
_ENCODED, _ENCLOSED = len(SIGNS), len(SIGNS) + len(_FINDERS)  # kinds: `blobs` first, and last what a text encloses
_SIGNS = (*SIGNS, *(signs for _, signs in _FINDERS), enclosed.SIGNS)
GLANCE = Glance(_SIGNS)
_LARGE = 16_384  # characters: from here on it is quicker to look apart for what is alike


def _apart(kinds: Iterable[int]) -> Glance:
    """For the signs of these alone, under the numbers that all have."""
    chosen = set(kinds)
    return Glance([signs if kind in chosen else () for kind, signs in enumerate(_SIGNS)])


def _kinds_of(*finders: Finder) -> tuple[int, ...]:
    return tuple(_ENCODED + place for place, (find, _) in enumerate(_FINDERS) if find in finders)


# Found by characters that most texts lack; the others are words, and rows of characters that most texts have.
_MARKED = (MARKED, *_kinds_of(*(find for find, _ in _QUICK), typeset, put_together))
_ROWS = _kinds_of(signalled, exponents)
_WORDS = tuple({*range(_ENCODED, len(_SIGNS))} - {*_MARKED, *_ROWS})
_ANY_MARK = Glance([(rb"[%\\&=+<:~*_`'\"\[\]{}$@#\x08\x1b]",)])  # one stands in each sign of _MARKED
_OF_MARKS, _OF_WORDS = _apart(_MARKED), _apart(_WORDS)
_OF_ROWS = tuple(_apart((kind,)) for kind in _ROWS)
# Whether there is anything but marks: RE2 says so of all together in one pass, where Hyperscan takes one for each row.
_ANY = any_of(*OF_ROWS, *(sign for kind in (*_WORDS, *_ROWS) for sign in _SIGNS[kind]))
GLANCES = (GLANCE, _ANY_MARK, _OF_MARKS, _OF_WORDS, *_OF_ROWS)
# Done twice they undo themselves.
_ONCE: tuple[Finder, ...] = (from_the_end,)
FINDERS: tuple[Finder, ...] = tuple(find for find, _ in _FINDERS if find not in _ONCE)
_DEEPEST = 6  # rounds of readings of readings
_UUENCODED = re.compile(r"\nM[ -`]{60}(?=\r?(?:\n|\Z))")  # read as a file; as text it is chance


@dataclass(slots=True)
class Inner:
    """What was found. `files`: octets that a reader of files takes; `cut`: more may be hidden deeper than is looked.

    `plain`: of this nothing, and the text encloses nothing either.
    """

    readings: list[Reading] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    cut: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a text says there may be: `encoded` for `blobs`, and the other finders worth asking.

    `encloses`: a file, an entity or an OpenPGP message, as `may_enclose` would say of its octets.
    """

    encoded: Collection[int] = ()
    finders: tuple[Finder, ...] = ()
    encloses: bool = True


_NOTHING = Look(encloses=False)


def readings_of(text: str, octets: bytes | None = None) -> Inner:
    """All other readings of a text, with runs that lead back to it. `octets`: the same text, all of it ASCII.

    Each finder on the text by itself; then, one after the other, on what the ones before left, for as long as that
    finds more: what is written in one form within another. No text grows by this.
    """
    seen = look(text, octets)
    if UUENCODED in seen.encoded and _UUENCODED.search(text):
        text = _UUENCODED.sub(lambda found: "\n" + " " * (len(found[0]) - 1), text)
        seen = look(text)
    if seen is _NOTHING:
        return Inner(plain=True)
    inner = Inner()
    first = _by_itself(text, inner, seen)
    inner.readings += first
    inner.cut = any(reading.cut for reading in first)
    if first:
        _in_turn(text, inner)
    return inner


def says_more(text: str) -> bool:
    """Whether a text has any other reading, or a file in it. Many short texts are asked at once by this."""
    seen = look(text)
    if seen is _NOTHING:
        return False
    encoded = blobs(text, signs=seen.encoded)
    return bool(encoded.readings or encoded.files) or any(True for find in seen.finders for _ in find(text, 1))


def look(text: str, octets: bytes | None = None) -> Look:
    """One look at all of a text, so that nobody is asked who would find nothing; all where nobody looked.

    The look takes a tenth of a second to get ready, once: `warm` does that, and a command for one message does without.
    """
    is_large = len(text) >= _LARGE
    is_ready = all(glance.is_ready for glance in GLANCES) if is_large else GLANCE.is_ready
    if not (is_ready and text.isascii()):
        return Look(signs_in(text), (*FINDERS, *_ONCE))
    if octets is None:
        octets = text.encode("ascii")
    kinds = _in_large(octets) if is_large else GLANCE.of(octets)
    if not kinds:
        return _NOTHING
    encoded = narrowed(octets, [kind for kind in kinds if kind < _ENCODED])
    finders = tuple(_FINDERS[kind - _ENCODED][0] for kind in kinds if _ENCODED <= kind < _ENCLOSED)
    seen = Look(encoded, finders, encloses=_ENCLOSED in kinds)
    return _NOTHING if seen == _NOTHING else seen


def _in_large(octets: bytes) -> list[int]:
    """The kinds that occur, as GLANCE gives them."""
    kinds: set[int] = set()
    if _ANY_MARK.of(octets):
        kinds.update(_OF_MARKS.of(octets))
    if _ANY.search(octets) is not None:
        kinds.update(wide_signs(octets), *(glance.of(octets) for glance in (_OF_WORDS, *_OF_ROWS)))
    return sorted(kinds)


def _by_itself(text: str, inner: Inner, seen: Look) -> list[Reading]:
    encoded = blobs(text, signs=seen.encoded)
    inner.files += encoded.files
    return [*encoded.readings, *(reading for find in seen.finders for reading in find(text))]


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
