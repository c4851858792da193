"""Numbers that US authorities give to people, plans and prescribers."""

import re

from stdnum import luhn

_MBI = re.compile(
    "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
_DEA = re.compile("[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}")
_SSN_DIGITS, _NPI_DIGITS = 9, 10
_LETTERS_FOR_DIGITS = str.maketrans("OoIl|!ZzSsBqg", "0011112255899")


def us_ssn(value: str) -> bool:
    """Area is not 000, 666 or 9xx, group not 00, serial not 0000 (SSA, randomised numbers since 2011).

    Letters that stand for digits count as these.
    """
    digits = "".join(filter(str.isdigit, value))
    if len(digits) != _SSN_DIGITS:
        digits = "".join(filter(str.isdigit, value.translate(_LETTERS_FOR_DIGITS)))
    if len(digits) != _SSN_DIGITS:
        return False
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


def us_npi(value: str) -> bool:
    """Ten digits from 1 or 2; Luhn over 80840 and the number (45 CFR 162.406, ISO/IEC 7812)."""
    digits = "".join(filter(str.isdigit, value))
    return len(digits) == _NPI_DIGITS and digits[0] in "12" and len(set(digits)) > 2 and luhn.is_valid("80840" + digits)


def us_dea(value: str) -> bool:
    """Registrant letter, initial or 9, seven digits; (d1+d3+d5) + 2(d2+d4+d6) ends in d7 (21 CFR 1301)."""
    number = "".join(filter(str.isalnum, value)).upper()
    if not _DEA.fullmatch(number):
        return False
    digits = [int(digit) for digit in number[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def us_mbi(value: str) -> bool:
    """Shape of a Medicare beneficiary identifier: C A AN N A AN N A A N N, without S, L, O, I, B, Z (CMS)."""
    return _MBI.fullmatch("".join(filter(str.isalnum, value)).upper()) is not None
