"""Numbers that are not written in digits alone: in words, or with an exponent.

English and Spanish are read with tens and hundreds, other languages digit by digit.
"""

import re
from collections.abc import Iterator

import re2

from gateway.extract.inner.pieces import MARGIN, Change, Reading, changed

_DIGITS = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "niner": "9", "cero": "0", "uno": "1", "dos": "2", "tres": "3",
    "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9", "ten": "10", "eleven": "11",
    "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17",
    "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8",
    "ninety": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_WORD = "|".join(sorted([*_DIGITS, *_TENS, *_TIMES, "hundred", "thousand"], key=len, reverse=True))
_BETWEEN = "and|dash|dot|hyphen|minus|point|slash|space|then"
_GAP = rf"[^A-Za-z0-9]{{1,5}}(?:(?:{_BETWEEN})[^A-Za-z0-9]{{1,4}})?"
_SAID = rf"[^A-Za-z0-9]{{1,3}}(?:{_BETWEEN})[^A-Za-z0-9]{{1,3}}"
_ONE = rf"(?:(?:{_WORD})+|[0-9]{{1,4}})"
_WORDS = rf"(?:{_WORD})+"
# A word among three: what is written in digits throughout is read without this.
_SIGN = re2.compile(
    rf"(?i)\b(?:{_WORDS}{_GAP}{_ONE}{_GAP}{_ONE}|{_ONE}{_GAP}{_WORDS}{_GAP}{_ONE}|{_ONE}{_GAP}{_ONE}{_GAP}{_WORDS}"
    rf"|(?:{_WORD}){{3,}}|[0-9]{{2,4}}{_SAID}[0-9]{{2,4}}{_SAID}[0-9]{{2,4}})(?:\b|_)"
)
_NUMBER = re.compile(rf"\b{_ONE}(?:{_GAP}{_ONE})*\b", re.IGNORECASE)
_TOKEN = re.compile(rf"{_WORD}|[0-9]+", re.IGNORECASE)
_ABROAD = {
    word: str(digit)
    for words in (
        "zéro un deux trois quatre cinq six sept huit neuf",
        "zero um dois três quatro cinco seis sete oito nove",
        "null eins zwei drei vier fünf sechs sieben acht neun",
        "nul een twee drie vier vijf zes zeven acht negen",
        "zero uno due tre quattro cinque sei sette otto nove",
        "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
        "sero isa dalawa tatlo apat lima anim pito walo siyam",
        "không một hai ba bốn năm sáu bảy tám chín",
        "líng yī èr sān sì wǔ liù qī bā jiǔ",
        "ling yi er san si wu liu qi ba jiu",
        "ноль один два три четыре пять шесть семь восемь девять",
        "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة",
        "शून्य एक दो तीन चार पांच छह सात आठ नौ",
        "영 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉",
    )
    for digit, word in enumerate(words.split())
}
_BRIEF = frozenset({"jiu", "liu", "san"})
_ABROAD_WORD = "|".join(sorted(_ABROAD, key=len, reverse=True))
_ABROAD_GAP = r"(?:[ ,.;/_\-‐-—]{1,4}|\s{1,3})"
# Very short words are in every text: one of three has to be longer.
_ABROAD_LONG = "|".join(
    word for word in _ABROAD_WORD.split("|") if len(word) > 3 or not word.isascii() or word in _BRIEF
)
_ABROAD_SIGN = re2.compile(rf"(?i)(?:{_ABROAD_LONG})(?:{_ABROAD_GAP}(?:{_ABROAD_WORD})){{2}}")
_ABROAD_NUMBER = re.compile(
    rf"(?<!\w)(?:{_ABROAD_WORD})(?:{_ABROAD_GAP}(?:{_ABROAD_WORD})){{6,24}}(?!\w)", re.IGNORECASE
)
_ABROAD_TOKEN = re.compile(_ABROAD_WORD, re.IGNORECASE)
_SERVED = re.compile(
    r"dos[^A-Za-z0-9]{1,3}[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-](?:[0-9]{2}|[0-9]{4})\b", re.IGNORECASE
)  # when
_LEAST, _MOST = 7, 40  # digits of a number that is worth reading
_EXPONENT = re2.compile(r"\b[1-9][.,][0-9]{4,15}[eE]\+?[0-9]{1,2}\b")

# What an ASCII text has wherever one of these is found in it, for one look at all of them: of a word that follows on
# another the first two letters, which are compiled in a third of the time.
_FIRST_LETTERS = "|".join(sorted({word[:2] for word in (*_WORD.split("|"), *_BETWEEN.split("|"))}))
SIGNS_OF_WORDS = (
    rf"(?i)(?:{_WORD})[^A-Za-z0-9]{{0,5}}(?:{_FIRST_LETTERS}|[0-9])".encode(),
    rf"(?i)[0-9][^A-Za-z0-9]{{1,5}}(?:{_WORD}|(?:{_BETWEEN})[^A-Za-z0-9]{{1,4}}(?:{_WORD}))".encode(),
    rf"(?i)[0-9]{_SAID}[0-9]{{2,4}}{_SAID}[0-9]".encode(),
)
_LONG_PLAIN, _ANY_PLAIN = (
    "|".join(word for word in words.split("|") if word.isascii()) for words in (_ABROAD_LONG, _ABROAD_WORD)
)
SIGNS_OF_ABROAD = (rf"(?i)(?:{_LONG_PLAIN})(?:[ ,.;/_\-\s]{{1,4}}(?:{_ANY_PLAIN})){{2}}".encode(),)
SIGNS_OF_EXPONENTS = (rb"[1-9][.,][0-9]{4,15}[eE]\+?[0-9]",)


def spelled(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with numbers in words as digits."""
    if _SIGN.search(text) is not None:
        found = ((one, _said(one[0])) for one in _NUMBER.finditer(text))
        yield from changed(text, (Change(one.start(), one.end(), digits) for one, digits in found if digits), margin)


def spelled_abroad(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with the digits of a number in words of other languages as digits."""
    if _ABROAD_SIGN.search(text) is not None:
        changes = (Change(*found.span(), _digits_of(found[0])) for found in _ABROAD_NUMBER.finditer(text))
        yield from changed(text, changes, margin)


def _digits_of(words: str) -> str:
    return "".join(_ABROAD[word.lower()] for word in _ABROAD_TOKEN.findall(words))


def exponents(text: str, margin: int = MARGIN) -> Iterator[Reading]:
    """The text with 2.19099999E+08 as 219099999."""
    if "E" in text or "e" in text:
        found = ((one, _whole(one[0])) for one in _EXPONENT.finditer(text))
        yield from changed(text, (Change(one.start(), one.end(), digits) for one, digits in found if digits), margin)


def _whole(written: str) -> str:
    mantissa, _, exponent = written.lower().partition("e")
    digits = mantissa[0] + mantissa[2:]
    zeros = int(exponent) - (len(digits) - 1)
    return digits + "0" * zeros if 0 <= zeros <= _LEAST else ""


def _said(written: str) -> str:
    """The digits of a number, "" where no word is in it or it has too few of them to mean anybody."""
    if not any(map(str.isalpha, written)) or _SERVED.match(written):
        return ""
    words = [word.lower() for word in _TOKEN.findall(written)]
    said: list[str] = []
    times = 1
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        said.append(_one(word, following) * times)
        times = 1
    digits = "".join(said)
    return digits if _LEAST <= len(digits) <= _MOST else ""


def _one(word: str, following: str) -> str:
    if word in _TENS:
        return _TENS[word] + ("" if len(_DIGITS.get(following, "0")) == 1 and following in _DIGITS else "0")
    if word == "thousand":
        return "" if following in _DIGITS or following in _TENS else "000"
    if word == "hundred":
        return (
            "" if following in _TENS or len(_DIGITS.get(following, "")) > 1 else "0" if following in _DIGITS else "00"
        )
    return _DIGITS.get(word, word)
