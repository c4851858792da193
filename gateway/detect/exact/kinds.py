"""Kinds of columns, and the normal forms that their values are known by.

A form is what is left of a value when everything is gone that people write differently: case, accents, punctuation,
spacing, order. The list and the text are brought to forms by the same functions, so only forms are ever compared.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product

from gateway.detect.exact.days import Order, days_of
from gateway.detect.text import fold


class Kind(StrEnum):
    """What the values of a column are. Values of one kind have the same forms, whatever column they stand in."""

    NAME = "name"  # a family or a given name
    NAMES = "names"  # a person's whole name
    DATE = "date"
    ID = "id"  # a number or code that belongs to one person
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"  # house number and street
    ZIP = "zip"
    WORDS = "words"  # anything else that is words: a town, an employer


KINDS_OF_COLUMNS = {
    "family": Kind.NAME,
    "given": Kind.NAME,
    "middle": Kind.NAME,
    "maiden": Kind.NAME,
    "name": Kind.NAMES,
    "born": Kind.DATE,
    "died": Kind.DATE,
    "date": Kind.DATE,
    "mrn": Kind.ID,
    "account": Kind.ID,
    "member": Kind.ID,
    "ssn": Kind.ID,
    "id": Kind.ID,
    "phone": Kind.PHONE,
    "mobile": Kind.PHONE,
    "fax": Kind.PHONE,
    "email": Kind.EMAIL,
    "street": Kind.STREET,
    "zip": Kind.ZIP,
    "city": Kind.WORDS,
    "employer": Kind.WORDS,
}
FEWEST_ID = 4  # letters and digits of an id; shorter ones stand everywhere
FEWEST_WORDS = 3  # letters
MOST_WORDS = 4  # words of a street, a town
_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_PARTICLE_WORDS = (
    "de la le las los del della di da das do dos du den der des van von zu zur ter ten al el bin ben ibn abu y e"
)
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_TITLE_WORDS = "jr sr ii iii iv md phd dr mr mrs ms miss mx prof"
_TITLES = frozenset(_TITLE_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_ZEROS = re.compile(r"^([a-z]*)0+(?=[0-9])")
_ALNUM = re.compile(r"[^\W_]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_HOUSE = re.compile(r"(?<!\w)(\d{1,6})(?:[a-z])?(?!\w)")
_STREET_WORDS = (
    "n s e w ne nw se sw north south east west northeast northwest southeast southwest st street ave avenue av rd road "
    "dr drive ln lane blvd boulevard ct court pl place ter terrace cir circle way pkwy parkway hwy highway sq square "
    "trl trail apt apartment unit suite ste fl floor room rm no po box"
)
_NOT_OF_STREETS = frozenset(_STREET_WORDS.split())
_UNIT = re.compile(r"(?i)(?:[,;#]|\b(?:apt|apartment|unit|suite|ste|fl|floor|room|rm)\b).*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a list writes what can be read in several ways. `calling` is the country's calling code, without plus."""

    order: Order = Order.MONTH_FIRST
    calling: str = "1"


def plain(text: str) -> str:
    """Lower case, without accents, letters of other alphabets of Latin spelled out."""
    if not text.isascii():
        text = fold(text).octets.decode("utf-8", "replace")
    return text.lower() if text.isascii() else text.casefold().translate(_SPECIAL)


def joined(text: str) -> str:
    """The letters and digits of plain text, nothing between them."""
    return "".join(_ALNUM.findall(text))


def forms(kind: Kind, value: str, ways: Ways) -> frozenset[str]:
    """Every form that a value of a list may be met in; none for a value that tells nobody apart."""
    return frozenset(_FORMS[kind](value, ways))


@lru_cache(maxsize=65_536)
def name_forms(value: str) -> frozenset[str]:
    """Of a family or given name: the whole of it, and each of its words that is no particle."""
    spellings = {plain(value), plain(value.translate(_UMLAUTS))}
    found: set[str] = set()
    for text in spellings:
        words = [word for token in _WORD.findall(text) for word in _parts(token)]
        whole = "".join(words)
        words = [w for w in words if w not in _PARTICLES and w not in _TITLES]
        if len(whole) >= 2:
            found.add(whole)
        found.update(word for word in words if len(word) >= FEWEST_WORDS)
    return frozenset(found)


def pair(first: str, second: str) -> str:
    """Two words of a name in no order."""
    return f"{first} {second}" if first <= second else f"{second} {first}"


def pairs_of(given: str, family: str) -> frozenset[str]:
    """The forms of a whole name, from its halves."""
    return frozenset(pair(a, b) for a, b in product(name_forms(given), name_forms(family)) if a != b)


def name_words(text: str) -> list[str]:
    """The words of a whole name that count: no particles, titles or initials."""
    words = [joined(token) for token in _WORD.findall(plain(text))]
    return [word for word in words if is_name_word(word)]


def is_name_word(word: str) -> bool:
    return len(word) > 1 and word not in _PARTICLES and word not in _TITLES


def id_form(value: str) -> str:
    """Letters and digits; zeros before a number say nothing, nor between letters and a number."""
    return _ZEROS.sub(r"\1", joined(plain(value)))


def phone_form(digits: str, calling: str) -> str:
    """E.164 without its plus, from the digits of a number as it is dialled in its country or abroad."""
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith(calling) and len(digits) > 10:
        return digits
    return calling + digits.removeprefix("0")


def street_form(number: str, words: list[str]) -> str:
    """House number and the words that name the street."""
    return f"{number} {' '.join(words)}"


def street_words(words: list[str]) -> list[str]:
    """Without what is abbreviated in many ways, or left out: North, Street, Apartment."""
    return [word for word in words if word not in _NOT_OF_STREETS and not word.isdecimal()]


def _names(value: str, _: Ways) -> Iterator[str]:
    words = name_words(value)[:6]
    for index, first in enumerate(words):
        for second in words[index + 1 :]:
            if first != second:
                yield pair(first, second)


def _name(value: str, _: Ways) -> frozenset[str]:
    return name_forms(value)


def _date(value: str, ways: Ways) -> Iterator[str]:
    yield from days_of(value, ways.order)


def _id(value: str, _: Ways) -> Iterator[str]:
    """With and without letters before it: MRN-00123456 is also written 00123456."""
    form = id_form(value)
    for written in (form, form.lstrip(string.ascii_lowercase)):
        if len(written) >= FEWEST_ID and any(map(str.isdigit, written)):
            yield written


def _phone(value: str, ways: Ways) -> Iterator[str]:
    """By the national numbering plan where it is not a plain number of ten digits."""
    digits = "".join(filter(str.isdecimal, plain(value)))
    if ways.calling == "1" and len(digits) == 10:
        yield "1" + digits
        return
    import phonenumbers  # a plan for each country: only where one is needed

    region = phonenumbers.region_code_for_country_code(int(ways.calling))
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_possible_number(number):
        yield f"{number.country_code}{phonenumbers.national_significant_number(number)}"


def _email(value: str, _: Ways) -> Iterator[str]:
    address = plain(value.strip()).removeprefix("mailto:")
    if _EMAIL.fullmatch(address):
        yield address


def _street(value: str, _: Ways) -> Iterator[str]:
    text = plain(value)
    house = _HOUSE.search(text)
    if house is None:
        return
    rest = _UNIT.sub("", text[house.end() :])
    words = street_words([joined(word) for word in rest.split()])[: MOST_WORDS - 1]
    words = [word for word in words if word]
    if words:
        yield street_form(house[1], words)


def _zip(value: str, _: Ways) -> Iterator[str]:
    digits = joined(plain(value))[:5]
    if len(digits) == 5 and digits.isdecimal():
        yield digits


def _words(value: str, _: Ways) -> Iterator[str]:
    words = [joined(word) for word in plain(value).split()]
    form = "".join(words[:MOST_WORDS])
    if len(form) >= FEWEST_WORDS:
        yield form


def _parts(token: str) -> list[str]:
    """O'Brien is one word, Smith-Jones are two."""
    return [joined(part) for part in token.split("-")]


_FORMS = {
    Kind.NAME: _name,
    Kind.NAMES: _names,
    Kind.DATE: _date,
    Kind.ID: _id,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.STREET: _street,
    Kind.ZIP: _zip,
    Kind.WORDS: _words,
}
