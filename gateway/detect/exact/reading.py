"""What in a text may be a value of a list: places with the forms that may stand there.

Works on folded text (bytes, see `gateway.detect.text`), a stretch at a time. Every pattern is linear.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from typing import NamedTuple

from gateway.detect.exact import days
from gateway.detect.exact.days import Order
from gateway.detect.exact.kinds import (
    FEWEST_ID,
    FEWEST_WORDS,
    MOST_WORDS,
    Kind,
    Ways,
    id_form,
    is_name_word,
    joined,
    name_forms,
    pair,
    phone_form,
    plain,
    street_form,
    street_words,
)

_WORD = re.compile(rb"(?<![A-Za-z0-9\x80-\xff])[A-Za-z\x80-\xff]+(?:['\-][A-Za-z\x80-\xff]+)*")
_NUMBER = re.compile(rb"[0-9][A-Za-z0-9]*")  # and the letters before it
_LETTERS_BEFORE = re.compile(rb"[A-Za-z]{1,12}\Z")
_DATES = tuple(re.compile(shape.encode() + rb"(?![0-9])", re.IGNORECASE) for shape in days.SHAPES)
_DIGITS = re.compile(rb"[0-9]+")
_DIGITS_FIRST, _MONTH_FIRST = (0, 1, 3), 2  # places in days.SHAPES
_MONTH_BEFORE = re.compile(
    rb"(?<![A-Za-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ .\-/]{0,2}\Z", re.IGNORECASE
)
_LONGEST_MONTH = 14  # bytes, with what stands behind it
_NO_START = frozenset((b"/", b".", b"-"))
_AT = re.compile(rb"@[A-Za-z0-9.\-\x80-\xff]+")
_LOCAL = re.compile(rb"[A-Za-z0-9.!#$%&*+/=?^_`{|}~\-\x80-\xff]+\Z")
_PREFIX = re.compile(rb"(?<![A-Za-z0-9])([A-Za-z]{1,6})[-./: #]{1,2}\Z")
_MOST_PREFIX, _APART_BYTES = 6, 3  # letters; bytes between them and the number, and one before
_APART = b"-./: #"
_SUFFIX = re.compile(rb"[-./]([A-Za-z]{1,3})(?![A-Za-z0-9])")
_SOFT = b" \t\r\n>,.;:|^'\"()-"  # may stand between the words of one name, street or town
_WITHIN_NUMBER, _WITHIN_PHONE = (b"-./ ", 1), (b"-./ ()", 3)  # what may stand within one, and how much of it
MOST_TOKENS = 1_000_000  # words, or numbers, of one text
_LONGEST_GAP = 4  # bytes between two words of one value
_MOST_LETTERS = 12  # before the digits of a code
_MOST_PIECES = 5  # groups of digits in one number
_LONGEST = 40  # bytes of a word or number that is looked at
_FEWEST_DIGITS, _MOST_DIGITS = 8, 15  # of a telephone number, ITU-T E.164
_LOCAL_REACH = 64  # RFC 5321 section 4.5.3.1.1


class Spent(Exception):
    """There is more to look at than may be."""


class Spot(NamedTuple):
    """Bytes [start, end) of a text, and one form that may stand there."""

    start: int
    end: int
    form: str


class _Token(NamedTuple):
    start: int
    end: int
    text: str  # plain


class Reading:
    """One text. Words and numbers are cut once, and only where something asks for them."""

    def __init__(self, octets: bytes, ways: Ways) -> None:
        self._octets = octets
        self._ways = ways
        self._tokens: dict[re.Pattern[bytes], tuple[list[_Token], list[int]]] = {}
        self.known: dict[str, dict[str, Sequence[int]]] = {}  # rows by column and form, as far as they were looked up

    def spots(self, kind: Kind, low: int, high: int) -> Iterator[Spot]:
        """All that may be of this kind and stands within [low, high)."""
        return _READERS[kind](self, low, high)

    def words(self, low: int, high: int) -> list[_Token]:
        return self._between(_WORD, low, high)

    def _between(self, regex: re.Pattern[bytes], low: int, high: int) -> list[_Token]:
        """The tokens of a stretch; those of the whole text are cut when that is asked for, the others as needed."""
        if low > 0 or high < len(self._octets):
            return self._cut(regex, low, high)
        known = self._tokens.get(regex)
        if known is None:
            tokens = self._cut(regex, 0, len(self._octets))
            known = self._tokens[regex] = (tokens, [token.start for token in tokens])
        tokens, starts = known
        return tokens[bisect_left(starts, low) : bisect_right(starts, high)]

    def _cut(self, regex: re.Pattern[bytes], low: int, high: int) -> list[_Token]:
        octets, tokens = self._octets, list[_Token]()
        for found in regex.finditer(octets, low, high):
            start, end = found.span()
            if regex is _NUMBER and octets[max(0, start - 1) : start].isalpha():
                before = _LETTERS_BEFORE.search(octets, max(0, start - _MOST_LETTERS), start)
                start = before.start() if before else start
            if end - start <= _LONGEST:
                word = octets[start:end].lower()
                if len(tokens) == MOST_TOKENS:
                    raise Spent
                tokens.append(_Token(start, end, word.decode() if word.isascii() else _plain(word)))
        return tokens

    def _are_close(self, before: _Token, behind: _Token) -> bool:
        gap = self._octets[before.end : behind.start]
        return gap == b" " or (len(gap) <= _LONGEST_GAP and not gap.translate(None, _SOFT))

    def names(self, low: int, high: int) -> Iterator[Spot]:
        """Single words, and two or three that may be one name."""
        tokens = self.words(low, high)
        for index, token in enumerate(tokens):
            for form in name_forms(token.text):
                yield Spot(token.start, token.end, form)
            whole, last = joined(token.text), token
            for further in tokens[index + 1 : index + 3]:
                if not self._are_close(last, further):
                    break
                whole, last = whole + joined(further.text), further
                yield Spot(token.start, further.end, whole)

    def whole_names(self, low: int, high: int) -> Iterator[Spot]:
        """Two words that count, next to one another or with one between."""
        yield from self.pairs(self.words(low, high), lambda _: True)

    def pairs(self, tokens: list[_Token], known: Callable[[str], bool]) -> Iterator[Spot]:
        """Of the words that are known to be of a name."""
        forms_of = {text: [f for f in name_forms(text) if known(f)] for text in {token.text for token in tokens}}
        for run in self._name_runs(tokens):
            for index, first in enumerate(run):
                for second in run[index + 1 : index + 3] if forms_of[first.text] else ():
                    for a, b in product(forms_of[first.text], forms_of[second.text]):
                        if a != b:
                            yield Spot(first.start, second.end, pair(a, b))

    def _name_runs(self, tokens: list[_Token]) -> Iterator[list[_Token]]:
        """Words that count, as far as nothing but punctuation, particles and initials stands between them."""
        run: list[_Token] = []
        last: _Token | None = None
        for token in tokens:
            if last is not None and not self._are_close(last, token):
                yield run
                run = []
            last = token
            if is_name_word(token.text):
                run.append(token)
        yield run

    def dates(self, low: int, high: int) -> Iterator[Spot]:
        """Looked for at digits alone: they are rarer than letters."""
        octets, done = self._octets, low
        for digits in _DIGITS.finditer(octets, low, high):
            at = digits.start()
            if at < done or octets[max(0, at - 1) : at] in _NO_START:
                continue
            for shape, found in self._dated(at, high):
                for day in days.days(shape, found, Order.EITHER):
                    yield Spot(found.start(), found.end(), day)
                    done = found.end()

    def _dated(self, at: int, high: int) -> Iterator[tuple[int, re.Match[bytes]]]:
        """Matches that begin at these digits, or with the name of a month before them."""
        for shape in _DIGITS_FIRST:
            if found := _DATES[shape].match(self._octets, at, high):
                yield shape, found
        month = _MONTH_BEFORE.search(self._octets, max(0, at - _LONGEST_MONTH), at)
        if month and (found := _DATES[_MONTH_FIRST].match(self._octets, month.start(), high)):
            yield _MONTH_FIRST, found

    def numbers(self, low: int, high: int, shortest: int = FEWEST_ID, longest: int = _LONGEST) -> Iterator[Spot]:
        """Numbers and codes, in one piece or in groups, with the letters that belong to them."""
        octets = self._octets
        for run in self._runs(low, high, _WITHIN_NUMBER):
            for i, first in enumerate(run):
                text = ""
                for piece in run[i : i + _MOST_PIECES]:
                    text += piece.text
                    if len(text) + _MOST_PREFIX < shortest:
                        continue
                    form = text.lstrip("0") if text.isdecimal() else id_form(text)
                    if len(form) > longest:
                        break
                    if shortest <= len(form):
                        yield Spot(first.start, piece.end, form)
                    if before := self._prefix(first):
                        yield Spot(before.start(), piece.end, id_form(before[1].decode() + text))
                    if piece is run[-1] and (behind := _SUFFIX.match(octets, piece.end)):
                        yield Spot(first.start, behind.end(), id_form(text + behind[1].decode()))

    def _prefix(self, number: _Token) -> re.Match[bytes] | None:
        """Letters that stand before a number, apart from it."""
        near = self._octets[max(0, number.start - _APART_BYTES) : number.start]
        letters = near.rstrip(_APART)
        if letters == near or not letters[-1:].isalpha() or not number.text[0].isdigit():
            return None
        return _PREFIX.search(self._octets, max(0, number.start - _MOST_PREFIX - _APART_BYTES), number.start)

    def phones(self, low: int, high: int) -> Iterator[Spot]:
        for run in self._runs(low, high, _WITHIN_PHONE):
            for i, first in enumerate(run):
                digits = ""
                for piece in run[i : i + _MOST_PIECES]:
                    digits += piece.text
                    if len(digits) > _MOST_DIGITS or not digits.isdecimal():
                        break
                    if len(digits) >= _FEWEST_DIGITS:
                        plus = self._octets[max(0, first.start - 1) : first.start] == b"+"
                        form = digits if plus else phone_form(digits, self._ways.calling)
                        yield Spot(first.start, piece.end, form)

    def zips(self, low: int, high: int) -> Iterator[Spot]:
        for token in self._between(_NUMBER, low, high):
            if len(token.text) == 5 and token.text.isdecimal():
                yield Spot(token.start, token.end, token.text)

    def emails(self, low: int, high: int) -> Iterator[Spot]:
        for found in _AT.finditer(self._octets, low, high):
            local = _LOCAL.search(self._octets, max(low, found.start() - _LOCAL_REACH), found.start())
            if local:
                address = self._octets[local.start() : found.end()].rstrip(b".-")
                yield Spot(local.start(), local.start() + len(address), plain(address.decode("utf-8", "replace")))

    def streets(self, low: int, high: int) -> Iterator[Spot]:
        """A house number, and one to three of the words behind it."""
        for number in self._between(_NUMBER, low, high):
            digits = number.text.rstrip("abcdefgh")
            if not digits.isdecimal() or len(digits) > 6:
                continue
            chosen: list[str] = []
            last = number
            for token in self._cut(_WORD, number.end, min(high, number.end + 80)):
                if len(chosen) == MOST_WORDS - 1 or not self._are_close(last, token):
                    break
                last = token
                if street_words([joined(token.text)]):
                    chosen.append(joined(token.text))
                    yield Spot(number.start, token.end, street_form(digits, chosen))

    def phrases(self, low: int, high: int) -> Iterator[Spot]:
        tokens = self.words(low, high)
        for index, token in enumerate(tokens):
            whole, last = joined(token.text), token
            if len(whole) >= FEWEST_WORDS:
                yield Spot(token.start, token.end, whole)
            for further in tokens[index + 1 : index + MOST_WORDS]:
                if not self._are_close(last, further):
                    break
                whole, last = whole + joined(further.text), further
                yield Spot(token.start, further.end, whole)

    def _runs(self, low: int, high: int, within: tuple[bytes, int]) -> Iterator[list[_Token]]:
        """Numbers that may be groups of one."""
        tokens = self._between(_NUMBER, low, high)
        if not tokens:
            return
        octets, (known, most) = self._octets, within
        run = [tokens[0]]
        for before, behind in pairwise(tokens):
            gap = octets[before.end : behind.start]
            if len(gap) > most or gap.translate(None, known):
                yield run
                run = []
            run.append(behind)
        yield run


def _plain(word: bytes) -> str:
    return plain(word.decode("utf-8", "replace"))


_READERS: dict[Kind, Callable[[Reading, int, int], Iterator[Spot]]] = {
    Kind.NAME: Reading.names,
    Kind.NAMES: Reading.whole_names,
    Kind.DATE: Reading.dates,
    Kind.ID: Reading.numbers,
    Kind.PHONE: Reading.phones,
    Kind.EMAIL: Reading.emails,
    Kind.STREET: Reading.streets,
    Kind.ZIP: Reading.zips,
    Kind.WORDS: Reading.phrases,
}
