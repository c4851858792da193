"""gateway.parse.ends"""

import pytest

from gateway.parse.ends import LARGE, Ends, line_ends

LINES = b"To whom it may concern\r\n"
MANY = LINES * (LARGE // len(LINES) + 2)

UNUSUAL = {
    "CRLF alone": (b"", Ends(bare_cr=False, crlf=True, mixed=False)),
    "a bare CR": (b"a\rb", Ends(bare_cr=True, crlf=True, mixed=False)),
    "a bare LF": (b"a\nb", Ends(bare_cr=False, crlf=True, mixed=True)),
    "both": (b"a\rb\nc", Ends(bare_cr=True, crlf=True, mixed=True)),
    "two CR": (b"\r\r\n", Ends(bare_cr=True, crlf=True, mixed=False)),
    "two LF": (b"\r\n\n", Ends(bare_cr=False, crlf=True, mixed=True)),
    "an empty line": (b"\r\n\r\n", Ends(bare_cr=False, crlf=True, mixed=False)),
}


@pytest.mark.parametrize("lines", [LINES, MANY], ids=["short", "long"])
@pytest.mark.parametrize(("odd", "ends"), UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_line_ends_are_seen_in_messages_of_any_length(lines: bytes, odd: bytes, ends: Ends) -> None:
    """At the front, in the middle and at the end."""
    assert line_ends(odd + lines) == line_ends(lines + odd + lines) == line_ends(lines + odd) == ends


@pytest.mark.parametrize("count", [1, LARGE])
def test_lines_without_cr_are_neither_mixed_nor_crlf(count: int) -> None:
    """As Unix writes them."""
    assert line_ends(b"line\n" * count) == Ends(bare_cr=False, crlf=False, mixed=False)
    assert line_ends(b"x" * LARGE) == Ends(bare_cr=False, crlf=False, mixed=False)


@pytest.mark.parametrize("lines", [LINES, MANY], ids=["short", "long"])
def test_a_sign_at_the_very_edge_counts(lines: bytes) -> None:
    """Nothing stands beside it."""
    assert line_ends(b"\n" + lines) == Ends(bare_cr=False, crlf=True, mixed=True)
    assert line_ends(lines + b"\r") == Ends(bare_cr=True, crlf=True, mixed=False)
