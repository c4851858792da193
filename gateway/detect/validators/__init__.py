"""Checks of a value by itself. Each takes the value as folded text and answers valid, not valid, or None: cannot say.

A check raises or lowers a confidence; what that means is for the detector's file. None of them raises.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from gateway.core.detector import DetectorSpec, hashable
from gateway.detect.masking import normalised
from gateway.detect.validators.banking import iban, us_aba
from gateway.detect.validators.cards import card
from gateway.detect.validators.dates import birth_date
from gateway.detect.validators.devices import ip_address, luhn, us_vin
from gateway.detect.validators.phones import dialled, north_american, phone, possible_phone
from gateway.detect.validators.phones import warm as warm_phones
from gateway.detect.validators.references import grouped_reference, reference, unlabelled_reference
from gateway.detect.validators.secrets import random_token, secret
from gateway.detect.validators.us_ids import us_dea, us_mbi, us_npi, us_ssn
from gateway.detect.validators.wallets import wallet

Validator = Callable[[str], bool | None]

IN_LIST = "in_list"  # the detector's own word list says

VALIDATORS: Mapping[str, Validator] = {
    "card": card,
    "us_ssn": us_ssn,
    "us_npi": us_npi,
    "us_dea": us_dea,
    "us_mbi": us_mbi,
    "phone": phone,
    "possible_phone": possible_phone,
    "north_american": north_american,
    "dialled": dialled,
    "birth_date": birth_date,
    "iban": iban,
    "us_aba": us_aba,
    "secret": secret,
    "random_token": random_token,
    "us_vin": us_vin,
    "wallet": wallet,
    "luhn": luhn,
    "ip_address": ip_address,
    "reference": reference,
    "unlabelled_reference": unlabelled_reference,
    "grouped_reference": grouped_reference,
}
NAMES = (*VALIDATORS, IN_LIST)


def warm() -> None:
    """Load what checks load when they are first asked, for processes that others are forked from."""
    warm_phones()


def validator_for(spec: DetectorSpec) -> Validator | None:
    """The check that a detector names. KeyError for a name that is not in NAMES."""
    if not spec.validator:
        return None
    if spec.validator != IN_LIST:
        return VALIDATORS[spec.validator]
    known = _known(hashable(spec.lexicon_terms))
    return lambda value: normalised(value) in known


@lru_cache(maxsize=4)
def _known(terms: Sequence[str]) -> frozenset[str]:
    """The terms as `normalised` gives them; most lists are so already."""
    together = "".join(terms)
    if together.isascii() and together.isalnum() and together == together.upper():
        return frozenset(terms)
    return frozenset(
        [term if term.isascii() and term.isalnum() and term == term.upper() else normalised(term) for term in terms]
    )
