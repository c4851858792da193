"""Packets of OpenPGP, and what only begins like one."""

import pytest

from gateway.extract.openpgp import is_readable, packets


@pytest.mark.parametrize("text", ["£\r\n100-00-0000", "£ 12.50 for the visit", "¢\n"])
def test_a_sign_of_money_in_latin_1_begins_no_packet(text: str) -> None:
    """The octet of the pound sign is that of a packed packet, and the way of packing behind it has to be one."""
    assert not is_readable(text.encode("latin-1"))


@pytest.mark.parametrize("way", [0, 1, 2, 3])
def test_packed_packets_of_every_way_are_some(way: int) -> None:
    octets = bytes([0xA3, way]) + b"anything"
    assert packets(octets) == [(8, octets[1:])]
    assert is_readable(octets)
