"""gateway.domains"""

import pytest

from gateway.domains import domain_of, is_host_name


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


@pytest.mark.parametrize(
    ("domain", "is_name"),
    [
        ("clinic.example", True),
        ("xn--strae-oqa.example", True),
        ("3com.example", True),
        ("localhost", True),
        ("127.0.0.1", False),
        ("[127.0.0.1]", False),
        ("clinic.example:8443", False),
        ("clinic.example/admin?", False),
        ("clinic..example", False),
        ("-clinic.example", False),
        (f"{'a' * 64}.example", False),
        ("", False),
    ],
)
def test_what_can_be_the_name_of_a_host(domain: str, is_name: bool) -> None:
    """Addresses of pages are made of it: a port or a path would be asked for."""
    assert is_host_name(domain) is is_name
