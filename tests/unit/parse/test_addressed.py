"""The envelope that a stored message had, by its header."""

from datetime import UTC, datetime

import pytest

from gateway.parse.addressed import Addressed, addressed

NOBODY = Addressed("", (), None)


def test_the_header_names_the_envelope() -> None:
    """The first address of From; To, Cc and Bcc in this order, each once; encoded words and folded lines too."""
    raw = (
        b"To: =?utf-8?q?M=C3=BCller?= <a@home.example>,\r\n\tb@home.example\r\n"
        b"Cc: b@home.example, c@home.example\r\nBcc: d@home.example\r\n"
        b"From: One <one@clinic.example>, two@clinic.example\r\nDate: Mon, 16 Mar 2026 08:41:55 -0400\r\n\r\nx\r\n"
    )

    said = addressed(raw)

    assert said.sender == "one@clinic.example"
    assert said.recipients == ("a@home.example", "b@home.example", "c@home.example", "d@home.example")
    assert said.day == datetime(2026, 3, 16, 12, 41, 55, tzinfo=UTC)


def test_an_empty_field_spoils_no_other() -> None:
    """A draft has an empty Cc."""
    assert addressed(b"To: a@home.example\r\nCc: \r\n\r\n").recipients == ("a@home.example",)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"no header at all", b"To: undisclosed-recipients:;\r\n\r\n", b"From: \xff\xfe\r\nTo: @\r\n"]
)
def test_a_message_may_name_nobody(raw: bytes) -> None:
    """Bad input is no fault."""
    assert addressed(raw) in (NOBODY, Addressed("", ("@",), None))
