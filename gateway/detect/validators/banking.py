"""Bank accounts."""

from stdnum import iban as stdnum_iban
from stdnum.us import rtn


def iban(value: str) -> bool:
    """Country, length, structure and mod 97 (ISO 13616); not the digits that a country's banks check."""
    return bool(stdnum_iban.is_valid(value, check_country=False))


def us_aba(value: str) -> bool:
    """ABA routing number: known prefix and 3-7-1 check digit."""
    digits = "".join(filter(str.isdigit, value))
    prefix = digits[:2]
    known = "00" <= prefix <= "12" or "21" <= prefix <= "32" or "61" <= prefix <= "72" or prefix == "80"
    return known and len(set(digits)) > 1 and bool(rtn.is_valid(digits))
