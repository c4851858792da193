"""Messages for the tests of parsing."""

from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from gateway.core.message import Message
from gateway.parse import parse

Read = Callable[..., Message]


@pytest.fixture
def read() -> Read:
    """Parse lines joined by CRLF, within limits."""

    def join_and_parse(*lines: str | bytes, limits: Limits | None = None) -> Message:
        octets = [line.encode() if isinstance(line, str) else line for line in lines]
        return parse(b"\r\n".join(octets), limits or Limits())

    return join_and_parse
