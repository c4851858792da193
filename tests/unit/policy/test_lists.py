"""Lists of people and places."""

import pytest

from gateway.core.errors import Fault
from gateway.policy.listfile import read_list
from gateway.policy.lists import address_list, sort_of


@pytest.mark.parametrize(
    ("entry", "sort"),
    [
        ("anna@clinic.example", "address"),
        ("clinic.example", "domain"),
        ("bücher.example", "domain"),
        ("*.clinic.example", "below"),
        ("jdoe", "user"),
        ("*", None),
        ("*@clinic.example", None),
        ("a@", None),
        ("@clinic.example", None),
        ("a%b@clinic.example", None),
        ("http://clinic.example", None),
        ("<a@clinic.example>", None),
        ("*.*.example", None),
    ],
)
def test_sort_of(entry: str, sort: str | None) -> None:
    """An address, a domain, all below a domain, a user; nothing else."""
    assert sort_of(entry) == sort


def test_a_list_file_has_comments_blank_lines_and_dates() -> None:
    """What is read is what stands before the comment."""
    faults: list[Fault] = []
    text = (
        "# partners\n\na@x.example # because\n  *.y.example until 2030-01-01\nz.example\tuntil 2030-01-01# no comment\n"
    )

    entries = read_list("lists/p.txt", text, "p.txt", faults)

    assert [fault.line for fault in faults] == [5]
    assert entries.covers("A@X.example")
    assert entries.covers("b@c.y.example")
    assert not entries.covers("b@y.example")


def test_international_domains_are_compared_as_a_labels() -> None:
    """The list may say it in letters and the envelope in A-labels, or the other way round."""
    entries = address_list("x", ["bücher.example", "*.münchen.example", "anna@xn--caf-dma.example"])

    assert entries.covers("a@xn--bcher-kva.example")
    assert entries.covers("a@BÜCHER.example")
    assert entries.covers("a@x.xn--mnchen-3ya.example")
    assert entries.covers("anna@café.example")


def test_users_are_found_by_name_or_address() -> None:
    """A login may be either."""
    entries = address_list("x", ["jdoe", "clinic.example"])

    assert entries.names_user("JDoe")
    assert entries.names_user("anna@clinic.example")
    assert not entries.names_user("anna")
