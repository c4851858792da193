"""How a value is shown to people, and how two findings are known to be the same value without showing it."""

import hashlib
import hmac

from gateway.detect.exact.days import Order, days_of
from gateway.detect.exact.kinds import name_words, plain

_HIDDEN = "***"
_DAYS = frozenset({"DATE_OF_BIRTH", "DATE_TIME"})
_TELEPHONES = frozenset({"PHONE_NUMBER"})
_PEOPLE = frozenset({"PERSON"})
_NUMBERS = {"US_SSN": 9}  # entities that are digits alone, of a fixed count: words between them say nothing
_LAST_DAY = "20351231"  # two digits of a year are of this century up to 35, as for dates of birth


def mask(value: str, mode: str) -> str:
    """The value, hidden. Shows at most four of its letters and digits, and never more than half of them.

    `keep-last-4` keeps separators (***-**-6789), `keep-first-1` is for addresses (a***@d***.example) and words, `all`
    hides the length too.
    """
    shown = min(4, sum(map(str.isalnum, value)) // 2)
    if mode == "keep-last-4":
        return _keep_last(value, shown)
    if mode == "keep-first-1":
        return _keep_first(value, shown)
    return _HIDDEN


def fingerprint(key: bytes, entity: str, value: str) -> str:
    """Keyed digest of a value: HMAC-SHA256, first 32 hexadecimal digits, over entity and what the value is known by.

    "" without a key.
    """
    if not key:
        return ""
    octets = f"{entity}\0{known_by(entity, value)}".encode("utf-8", "replace")
    return hmac.digest(key, octets, hashlib.sha256).hex()[:32]


def known_by(entity: str, value: str) -> str:
    """The same for the same value, however it is written: a day, a telephone number, a name in another order too."""
    if entity in _DAYS and (days := days_of(" ".join(value.split()), Order.MONTH_FIRST)):
        return max((day for day in days if day <= _LAST_DAY), default=min(days))
    if entity in _TELEPHONES:
        digits = normalised(value).removeprefix("00")
        return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    if entity in _NUMBERS:
        digits = "".join(filter(str.isdecimal, plain(value)))
        if len(digits) == _NUMBERS[entity]:
            return digits
    if entity in _PEOPLE and (words := name_words(value)):
        return " ".join(sorted(words)).upper()
    return normalised(plain(value))


def normalised(value: str) -> str:
    """Letters and digits alone, in upper case: 123-45-6789 and 123 45 6789 are one value."""
    return "".join(filter(str.isalnum, value)).upper()


def _keep_last(value: str, shown: int) -> str:
    hide = sum(map(str.isalnum, value)) - shown
    out = []
    for character in value:
        if character.isalnum():
            hide -= 1
            out.append("*" if hide >= 0 else character)
        else:
            out.append(character if character.isprintable() else " ")
    return "".join(out)


def _keep_first(value: str, shown: int) -> str:
    """The top level of a domain is no secret: it is kept, and does not count."""
    local, at, domain = value.rpartition("@")
    if not at:
        return (value[:1] if shown >= 1 else "") + _HIDDEN
    name, dot, top = domain.rpartition(".")
    first = local[:1] if shown >= 1 else ""
    second = name[:1] if shown >= 2 else ""
    return f"{first}{_HIDDEN}@{second}{_HIDDEN}{dot}{top if dot else ''}"
