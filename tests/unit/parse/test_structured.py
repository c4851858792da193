"""Content-Type and its parameters."""

import pytest

from gateway.parse.structured import read_structured

VALUES = [
    (b" text/plain", "text/plain", {}),
    (b" Text/HTML; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
    (b' a/b; name="x; y\\"z"', "a/b", {"name": 'x; y"z'}),
    (b" a/b (c (d) e); x=1 (f)", "a/b", {"x": "1"}),
    (b" a/b;; x = 1 ;y=2;", "a/b", {"x": "1", "y": "2"}),
    (b" a/b; x=----=_N/a?b", "a/b", {"x": "----=_N/a?b"}),
    (b" a/b; name*=utf-8'en'%e2%82%ac; name=plain", "a/b", {"name": "€"}),
    (b" a/b; n*1=b; n*0=a; n*2*=%20c", "a/b", {"n": "ab c"}),
    (b" a/b; n*0*=iso-8859-1''%e9; n*1=x", "a/b", {"n": "éx"}),
    (b" a/b; nonsense; x=1", "a/b", {"x": "1"}),
    (b" ; x=1", "", {"x": "1"}),
    (b"", "", {}),
]


@pytest.mark.parametrize(("octets", "value", "parameters"), VALUES)
def test_values_and_parameters_are_read(octets: bytes, value: str, parameters: dict[str, str]) -> None:
    """Quoted strings, comments, RFC 2231 forms and untidy separators."""
    found = read_structured(octets)

    assert (found.value, dict(found.parameters)) == (value, parameters)


ODD = [
    b"a/b; x=1; x=2",
    b'a/b; x="1',
    b'a/b; x="1\\2"',
    b"a/b; x=1 2",
    b'a/b; x="1" 2',
    b"a/b; x*=utf-8''1; x=2",
    b"a/b; x*0=1; x*0=2",
]


@pytest.mark.parametrize("octets", ODD)
def test_parameters_that_programs_read_differently_are_odd(octets: bytes) -> None:
    """Contradictions and broken quoting are named."""
    assert read_structured(octets).odd == {"x"}
