"""Addresses out of From values."""

import pytest

from gateway.parse.addresses import addr_spec

VALUES = [
    ("ann@clinic.example", "ann@clinic.example"),
    ("Ann Lee <ann@clinic.example>", "ann@clinic.example"),
    ('"eve@other.example" <ann@clinic.example>', "ann@clinic.example"),
    ('"<eve@other.example>" <ann@clinic.example>', "ann@clinic.example"),
    ("Ann (eve@other.example) <ann@clinic.example>", "ann@clinic.example"),
    ("<@a.example,@b.example:ann@clinic.example>", "ann@clinic.example"),
    ('"ann lee"@clinic.example', '"ann lee"@clinic.example'),
    ("ann@[192.0.2.1]", "ann@[192.0.2.1]"),
    ("Team: ann@clinic.example, bob@clinic.example;", "ann@clinic.example"),
    ("josé@clínica.example", "josé@clínica.example"),
    ("undisclosed", ""),
    ("", ""),
]


@pytest.mark.parametrize(("value", "address"), VALUES)
def test_first_address_is_found(value: str, address: str) -> None:
    """Display names, comments, routes and groups are not addresses."""
    assert addr_spec(value) == address
