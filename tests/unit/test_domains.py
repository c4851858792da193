"""gateway.domains"""

import pytest

from gateway.domains import domain_of


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@Clinic.Example", "clinic.example"),
        ("a@clinic.example.", "clinic.example"),
        ("a", ""),
        ("a@b@clinic.example", "clinic.example"),
        ("a@bücher.example", "xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("a@straße.example", "xn--strae-oqa.example"),
    ],
)
def test_domains_are_compared_in_one_form(address: str, domain: str) -> None:
    """Case, final dot and spelling in Unicode make no difference."""
    assert domain_of(address) == domain


@pytest.mark.parametrize("address", ["a@part\u200dner.example", "a@\ud800.example", "a@\u2024.example"])
def test_a_domain_that_cannot_be_converted_is_none(address: str) -> None:
    """A look-alike with an invisible joiner is on no list."""
    assert domain_of(address) == ""
