"""Addresses of crypto-currencies: base58check (Bitcoin) and bech32 or bech32m (BIP-173, BIP-350)."""

import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_ENDS = frozenset({1, 0x2BC830A3})  # what a checksum comes to: bech32, bech32m
_OCTETS = 25  # version, twenty of a hash, four of a checksum


def wallet(value: str) -> bool:
    """Whether the checksum of an address holds."""
    lower = value.lower()
    return _bech32(lower) if lower.startswith("bc1") else _base58(value)


def _base58(value: str) -> bool:
    number = 0
    for character in value:
        digit = _BASE58.find(character)
        if digit < 0:
            return False
        number = number * len(_BASE58) + digit
    if number.bit_length() > 8 * _OCTETS:
        return False
    octets = number.to_bytes(_OCTETS, "big")
    check = hashlib.sha256(hashlib.sha256(octets[:-4]).digest()).digest()
    return check[:4] == octets[-4:]


def _bech32(value: str) -> bool:
    prefix, _, data = value.rpartition("1")
    if not prefix or any(character not in _BECH32 for character in data):
        return False
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + [_BECH32.index(c) for c in data]
    check = 1
    for number in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ number
        for bit, generator in enumerate(_GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check in _ENDS
