"""gateway.milter.paths"""

import pytest

from gateway.milter.paths import addr_spec


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("<>", ""),
        ("<bo@x.example>", "bo@x.example"),
        ("bo@x.example", "bo@x.example"),
        ("<postmaster>", "postmaster"),
        ("<Bo.Lee+tag@X.Example>", "Bo.Lee+tag@X.Example"),
        ("<bo@x.example.>", "bo@x.example."),
        ('<"bo lee"@x.example>', '"bo lee"@x.example'),
        ('<"a\\"b@c"@x.example>', '"a\\"b@c"@x.example'),
        ("<bo@[192.0.2.1]>", "bo@[192.0.2.1]"),
        ("<bo@[IPv6:2001:db8::1]>", "bo@[IPv6:2001:db8::1]"),
        ("<jörg@bücher.example>", "jörg@bücher.example"),
        ("<bo%x.example@y.example>", "bo%x.example@y.example"),
        ("<x.example!bo@y.example>", "x.example!bo@y.example"),
        ("<a..b@x.example>", "a..b@x.example"),
    ],
)
def test_a_path_with_one_reading_is_taken(path: str, address: str) -> None:
    """The address is as written, to the letter: Postfix knows it by that."""
    assert addr_spec(path) == address


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ('<"bo"@x.example>', "bo@x.example"),
        ('<"b\\o"@x.example>', "bo@x.example"),
        ('<"bo.lee"@x.example>', "bo.lee@x.example"),
        ('<"j\u00f6rg"@x.example>', "j\u00f6rg@x.example"),
        ('<"bo"@[192.0.2.1]>', "bo@[192.0.2.1]"),
        ('<"bo">', "bo"),
        ('<"bo\\ lee"@x.example>', '"bo lee"@x.example'),
        ('<"\\a\\"\\\\"@x.example>', '"a\\"\\\\"@x.example'),
        ('<"bo."@x.example>', '"bo."@x.example'),
        ('<"b..o"@x.example>', '"b..o"@x.example'),
        ('<"a@b"@x.example>', '"a@b"@x.example'),
        ('<""@x.example>', '""@x.example'),
    ],
)
def test_quotes_that_are_not_needed_make_no_other_recipient(path: str, address: str) -> None:
    """For Postfix it is the same mailbox: a rule about it holds, and nobody is taken off in the place of another."""
    assert addr_spec(path) == address


@pytest.mark.parametrize(
    "path",
    [
        "",
        "<@relay.example:bo@x.example>",
        "bo@x.example>",
        "<bo@x.example",
        "<<bo@x.example>>",
        "<bo@(comment)x.example>",
        "<bo@x.example(comment)>",
        '<bo@"x.example">',
        "<bo@x.exam\\ple>",
        "<bo lee@x.example>",
        "<a:bo@x.example>",
        "<bo@x.example,al@y.example>",
        "<bo@x.example> al@y.example",
        "<bo@>",
        "<@x.example>",
        "<bo@x..example>",
        "<bo@@x.example>",
        "<bo\udce9@x.example>",
        "<bo@x.example\n>",
        "<bo\x00@x.example>",
        "<" + "a" * 400 + "@x.example>",
    ],
)
def test_a_path_that_programs_could_read_differently_is_not(path: str) -> None:
    """Comments, routes, doubled or missing brackets, quotes in the domain, octets that are no UTF-8."""
    assert addr_spec(path) is None
