"""Vehicles, devices and addresses of machines."""

import ipaddress

from stdnum import luhn as stdnum_luhn

_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_DIGITS = 3  # the last ones of a North American vehicle are its serial


def us_vin(value: str) -> bool:
    """17 letters and digits without I, O and Q; the ninth is the weighted sum modulo 11 (49 CFR 565.15)."""
    number = value.upper()
    if len(number) != len(_VIN_WEIGHTS) or len(set(number)) < _VIN_DIGITS:
        return False
    values = [int(c) if c.isdigit() else _VIN_VALUES.get(c, -1) for c in number]
    if min(values) < 0 or not number[-_VIN_DIGITS:].isdigit():
        return False
    check = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return number[8] == ("X" if check == 10 else str(check))


def luhn(value: str) -> bool:
    """Luhn check digit over the digits (ISO/IEC 7812, 3GPP TS 23.003 for an IMEI)."""
    digits = "".join(filter(str.isdigit, value))
    return len(set(digits)) > 1 and bool(stdnum_luhn.is_valid(digits))


def ip_address(value: str) -> bool:
    """An address of version 4 or 6, with or without the length of its network or a zone (RFC 791, RFC 4291)."""
    address, _, network = value.partition("/")
    if network and not int(network) <= (32 if "." in address and ":" not in address else 128):
        return False
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True
