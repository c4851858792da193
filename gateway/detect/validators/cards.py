"""Payment card numbers (ISO/IEC 7812): issuer range and length by brand, Luhn check digit."""

from dataclasses import dataclass

from stdnum import luhn


@dataclass(frozen=True, slots=True)
class Brand:
    """Issuer ranges, first to last, and the lengths that numbers of these have."""

    name: str
    ranges: tuple[tuple[str, str], ...]
    lengths: frozenset[int]


BRANDS = (
    Brand("visa", (("4", "4"),), frozenset({13, 16, 19})),
    Brand("mastercard", (("51", "55"), ("2221", "2720")), frozenset({16})),
    Brand("american express", (("34", "34"), ("37", "37")), frozenset({15})),
    Brand("discover", (("6011", "6011"), ("644", "649"), ("65", "65")), frozenset({16, 19})),
    Brand("diners club", (("300", "305"), ("3095", "3095"), ("36", "36"), ("38", "39")), frozenset({14, 16, 19})),
    Brand("jcb", (("3528", "3589"),), frozenset({16, 19})),
    Brand("unionpay", (("62", "62"), ("81", "81")), frozenset({16, 17, 18, 19})),
    Brand("dankort", (("5019", "5019"),), frozenset({16})),
    Brand("maestro", (("5018", "5018"), ("5020", "5020"), ("5038", "5038"), ("5893", "5893"), ("6304", "6304"),
                      ("6759", "6759"), ("6761", "6763")), frozenset({12, 13, 14, 15, 16, 17, 18, 19})),
)  # fmt: skip


def card(value: str) -> bool:
    """Digits, spaces and dashes of a number that a card could have."""
    digits = "".join(filter(str.isdigit, value))
    return len(set(digits)) > 1 and brand_of(digits) is not None and luhn.is_valid(digits)


def brand_of(digits: str) -> str | None:
    """Name of the brand whose range and length this is."""
    for brand in BRANDS:
        if len(digits) in brand.lengths and any(low <= digits[: len(low)] <= high for low, high in brand.ranges):
            return brand.name
    return None
